// Time to find all runs of a BIDS study, without a database.
//
// Usage: bench_bids_index FOLDER [PARTICIPANTS RUNS]
// Makes a raw dataset and fMRIPrep derivatives of empty files in FOLDER (1000 participants with 4
// runs) unless it exists, checks that every run is found with its mask, confounds and events, and
// prints the median of 5 rounds. On a busy machine, the time of the
// processor is the one to look at.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fmt/format.h>

#include "engine/core/error.hpp"
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

struct Seconds {
  double index, find, processor;
};

Seconds time_once(const std::string& folder, const std::vector<std::string>& participants,
                  size_t n_expected) {
  const std::clock_t ticks = std::clock();
  const auto start = std::chrono::steady_clock::now();
  const auto study = index_study(folder + "/raw", {folder + "/fmriprep"}, participants);
  const auto indexed = std::chrono::steady_clock::now();
  BidsFilter filter;
  filter.add_space("MNI152NLin2009cAsym:res-2");
  const auto found = find_runs(study, filter);
  const auto done = std::chrono::steady_clock::now();
  const double processor = double(std::clock() - ticks) / CLOCKS_PER_SEC;
  const auto complete = std::count_if(found.runs.begin(), found.runs.end(), [](const auto& run) {
    return !run.mask.empty() && !run.confounds.empty() && !run.events.empty();
  });
  if (size_t(complete) != n_expected)
    fail(ErrorCode::bad_input, "{} complete runs instead of {}", complete, n_expected);
  const auto seconds = [](auto a, auto b) { return std::chrono::duration<double>(b - a).count(); };
  return {seconds(start, indexed), seconds(indexed, done), processor};
}

void report(const char* what, const std::string& folder,
            const std::vector<std::string>& participants, size_t n_expected) {
  std::vector<Seconds> rounds;
  for (int round = 0; round < 5; ++round)
    rounds.push_back(time_once(folder, participants, n_expected));
  std::sort(rounds.begin(), rounds.end(),
            [](const auto& a, const auto& b) { return a.index + a.find < b.index + b.find; });
  fmt::print("{}: {} runs, {:.3f} s to list, {:.3f} s to match\n", what, n_expected,
             rounds[2].index, rounds[2].find);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    fmt::print("usage: bench_bids_index FOLDER [PARTICIPANTS RUNS]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const int n_people = argc == 4 ? std::atoi(argv[2]) : 1000;
  const int n_runs = argc == 4 ? std::atoi(argv[3]) : 4;
  if (!fs::exists(folder + "/raw")) make_study(folder, n_people, n_runs);
  report("everyone", folder, {}, size_t(n_people) * size_t(n_runs));
  report("one participant", folder, {"0001"}, size_t(n_runs));
}
