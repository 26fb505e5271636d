// The runs of a BIDS study, found without a database. Usage:
//   bench_bids_index make FOLDER PARTICIPANTS RUNS
//   bench_bids_index find FOLDER [PARTICIPANT]
// make: a raw dataset and fMRIPrep derivatives of empty files. find: prints image, mask, confounds
// and events of every run, relative to FOLDER, one run a line.
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "io/bids/bids_runs.hpp"

namespace fs = std::filesystem;
using namespace sociometer;

namespace {

void make_file(const std::string& path, const char* text = "") { std::ofstream(path) << text; }

void make_run(const std::string& raw, const std::string& out, const std::string& name, int run) {
  const std::string r = fmt::format("{}/{}_task-x_run-{:02}_", raw, name, run);
  const std::string d = fmt::format("{}/{}_task-x_run-{}_", out, name, run);
  for (const char* end : {"bold.nii.gz", "bold.json", "events.tsv"}) make_file(r + end);
  for (const std::string space : {"", "space-T1w_", "space-MNI152NLin2009cAsym_res-2_"}) {
    for (const char* end : {"desc-preproc_bold", "desc-brain_mask"}) {
      make_file(d + space + end + ".nii.gz");
      make_file(d + space + end + ".json", "{}");
    }
    make_file(d + space + "boldref.nii.gz");
  }
  for (const char* hemi : {"L", "R"})
    make_file(fmt::format("{}hemi-{}_space-fsaverage5_bold.func.gii", d, hemi));
  make_file(d + "desc-confounds_timeseries.tsv");
  make_file(d + "desc-confounds_timeseries.json");
  make_file(d + "from-scanner_to-T1w_mode-image_xfm.txt");
}

void make_study(const std::string& folder, int n_people, int n_runs) {
  for (int person = 1; person <= n_people; ++person) {
    const std::string name = fmt::format("sub-{:04}", person);
    const std::string raw = fmt::format("{}/raw/{}/func", folder, name),
                      out = fmt::format("{}/fmriprep/{}/func", folder, name);
    fs::create_directories(raw);
    fs::create_directories(out);
    for (int run = 1; run <= n_runs; ++run) make_run(raw, out, name, run);
  }
  for (const char* dataset : {"/raw", "/fmriprep"})
    make_file(folder + dataset + "/dataset_description.json", "{}");
  make_file(folder + "/raw/task-x_bold.json", "{\"RepetitionTime\": 2}");
}

void print_runs(const std::string& folder, const std::vector<std::string>& participants) {
  const BidsStudy study = index_study(folder + "/raw", {folder + "/fmriprep"}, participants);
  BidsFilter filter;
  filter.add_space("MNI152NLin2009cAsym:res-2");
  const auto relative = [&](const std::string& path) {
    return path.empty() ? "missing" : fs::path(path).lexically_relative(folder).string();
  };
  for (const RunFiles& run : find_runs(study, filter).runs)
    fmt::print("{}\t{}\t{}\t{}\n", relative(run.bold), relative(run.mask), relative(run.confounds),
               relative(run.events));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() == 4 && words[0] == "make")
      make_study(words[1], std::stoi(words[2]), std::stoi(words[3]));
    else if ((words.size() == 2 || words.size() == 3) && words[0] == "find")
      print_runs(words[1], {words.begin() + 2, words.end()});
    else {
      fmt::print(stderr,
                 "usage: bench_bids_index make FOLDER PARTICIPANTS RUNS\n"
                 "       bench_bids_index find FOLDER [PARTICIPANT]\n");
      return 2;
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_bids_index: {}\n", error.what());
    return 1;
  }
}
