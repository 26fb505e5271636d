#include "tests/cli/study.hpp"

#include "io/tables/table.hpp"

namespace sociometer::testing {
namespace {

/// Approximately normal: sum of twelve uniform numbers.
double noise(uint32_t& state) {
  double sum = -6;
  for (int i = 0; i < 12; ++i)
    sum += double((state = state * 1664525u + 1013904223u) >> 8) / double(1 << 24);
  return sum;
}

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

std::vector<double> study_values(uint32_t seed, int n_scans) {
  std::vector<double> values;
  for (int i = 0; i < kStudyVoxels * n_scans; ++i) values.push_back(1000 + 10 * noise(seed));
  return values;
}

std::string study_events(bool with_b) {
  std::string text = "onset\tduration\ttrial_type\trank\n";
  for (int i = 0; i < 11; ++i) {
    const bool a = i % 2 == 0;
    if (a || with_b)
      text += std::to_string(4 + 10 * i) + "\t2\t" + (a ? "a" : "b") + "\t" +
              std::to_string((i * 7) % 5) + "\n";
  }
  return text;
}

std::string ready_design(const Words& names, int n_scans, uint32_t seed) {
  Words header = names;
  header.push_back("constant");
  std::vector<Words> rows;
  for (int t = 0; t < n_scans; ++t) {
    Words row;
    for (size_t c = 0; c < names.size(); ++c) row.push_back(format_number(noise(seed)));
    row.push_back("1");
    rows.push_back(row);
  }
  return to_tsv(header, rows);
}

Study::Study() {
  for (int run : {1, 2}) {
    const std::string stem = folder / ("run-" + std::to_string(run));
    bold.push_back(stem + "_bold.nii.gz");
    events.push_back(stem + "_events.tsv");
    write_text(bold.back(), gzipped(raw_series(kStudySize, study_values(uint32_t(run))).file()));
    write_text(events.back(), study_events());
  }
  mask = folder / "mask.nii";
  RawNifti ones = raw_series({4, 3, 2, 1}, std::vector<double>(kStudyVoxels, 1));
  ones.dim[0] = 3;
  ones.datatype = 2;
  write_text(mask, ones.file());
}

void Study::only_one_run() {
  bold.resize(1);
  events.resize(1);
}

Words Study::arguments(const Words& more, const std::string& out) const {
  Words words{"fit", "--log-level", "error", "--bold"};
  append(words, bold);
  if (!events.empty()) words.push_back("--events");
  append(words, events);
  append(words, {"--mask", mask, "-o", folder / out});
  append(words, more);
  return words;
}

CommandResult Study::fit(const Words& more, const std::string& out) const {
  return run_program(arguments(more, out));
}

Words golden_fit(const std::vector<int>& runs, const Words& more, const std::string& out) {
  Words words{"fit", "--log-level", "error", "--bold"};
  const auto file = [](int run, const char* what) {
    return golden("nilearn/data/run-" + std::to_string(run) + what);
  };
  for (int run : runs) words.push_back(file(run, "_bold.nii.gz"));
  words.push_back("--events");
  for (int run : runs) words.push_back(file(run, "_events.tsv"));
  append(words, {"--mask", golden("nilearn/data/mask.nii.gz"), "-o", out});
  append(words, more);
  return words;
}

}  // namespace sociometer::testing
