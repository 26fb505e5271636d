// What users write on the command line: contrasts, noise models, globs.
#include "engine/design/contrast.hpp"
#include "engine/glm/noise_model.hpp"
#include "tests/fuzz/fuzz_file.hpp"

using namespace sociometer;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> names{"feedback", "feedback:match", "cue", "rot_x"};
  fuzzing::refused_or_read([&] { contrast_weights(text, names, names, names); });
  fuzzing::refused_or_read([&] { parse_noise_model(text); });
  return 0;
}
