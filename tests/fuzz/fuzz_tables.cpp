// Text tables and the readers built on them; the first byte chooses the reader.
#include <functional>

#include "io/models/run_tables.hpp"
#include "io/records/region_values.hpp"
#include "io/tables/afni_tables.hpp"
#include "io/tables/censoring.hpp"
#include "io/tables/design_tables.hpp"
#include "io/tables/fsl_designs.hpp"
#include "io/tables/label_table.hpp"
#include "io/tables/participant_table.hpp"
#include "io/tables/ratings_table.hpp"
#include "io/tables/toml_values.hpp"
#include "io/tables/trial_table.hpp"
#include "tests/fuzz/fuzz_file.hpp"

using namespace sociometer;

namespace {

using Reader = std::function<void(const std::string& path)>;

void read_choices(const std::string& path) {
  Participant person;
  Warnings warnings;
  const TrialTable run = read_trials(path, {}, 8, 1, person, warnings);
  if (names_with_signals(run.table).size() <= run.table.names.size()) __builtin_trap();
}

const std::vector<Reader>& readers() {
  static const std::vector<Reader> all{
      [](const std::string& path) { read_table(path); },
      [](const std::string& path) { read_table(path, RowNames::as_r_writes_them); },
      [](const std::string& path) { read_design(path); },
      [](const std::string& path) {
        Warnings warnings;
        ModelNotes notes;
        read_events(read_table(path), {"modulation"}, warnings);
        read_event_table(read_table(path), notes);
      },
      [](const std::string& path) {
        Warnings notes;
        read_confounds(read_confounds_table(path), {"trans_*", "*"}, {}, notes);
      },
      [](const std::string& path) { read_confound_columns(read_confounds_table(path)); },
      [](const std::string& path) { participant_columns(read_people_table(path)); },
      [](const std::string& path) { read_label_table(path); },
      [](const std::string& path) { read_fsl_design(read_text_file(path)); },
      [](const std::string& path) { read_fsl_groups(path); },
      [](const std::string& path) { read_fsl_events(read_table(path), "a"); },
      [](const std::string& path) { read_afni_design(read_text_file(path)); },
      [](const std::string& path) { read_region_values(path); },
      [](const std::string& path) { ParticipantTable(path).numbers("age", {"01"}); },
      [](const std::string& path) {
        Warnings warnings;
        read_ratings(read_table(path), {"01", "02"}, warnings);
      },
      read_choices,
      [](const std::string& path) { parse_toml(read_text(path), path); },
      [](const std::string& path) { parse_censor_rules(read_text(path)); },
      [](const std::string& path) { parse_censor_list(read_text(path), 100); }};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string path = fuzzing::file_of("table.tsv", data + 1, size - 1);
  fuzzing::refused_or_read([&] { readers()[data[0] % readers().size()](path); });
  return 0;
}
