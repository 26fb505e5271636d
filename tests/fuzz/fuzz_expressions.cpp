// What users write on the command line and in model files: contrasts, formulas, queries of rows,
// lists.
#include "engine/design/contrast.hpp"
#include "engine/design/modulators.hpp"
#include "engine/glm/noise_model.hpp"
#include "engine/mixed/formula.hpp"
#include "engine/stats_models/instruction.hpp"
#include "io/tables/censoring.hpp"
#include "tests/fuzz/fuzz_file.hpp"

using namespace sociometer;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> names{"feedback", "feedback:match", "cue", "rot_x"};
  fuzzing::refused_or_read([&] { contrast_weights(text, names, names, names); });
  fuzzing::refused_or_read([&] { parse_contrast(text, ContrastKind::F); });
  fuzzing::refused_or_read([&] { parse_noise_model(text); });
  fuzzing::refused_or_read([&] { parse_mixed_formula(text); });
  fuzzing::refused_or_read([&] { parse_row_query(text); });
  fuzzing::refused_or_read([&] { parse_modulators(text); });
  fuzzing::refused_or_read([&] { parse_censor_rules(text); });
  fuzzing::refused_or_read([&] { parse_censor_list(text, 100); });
  return 0;
}
