#include "cli/jobs/study/plan_checks.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "io/bids/bids_finding.hpp"
#include "io/images/nifti.hpp"
#include "io/images/region_files.hpp"

namespace sociometer::jobs {
namespace {

constexpr size_t kLongestFileName = 255;  ///< bytes, of all common file systems

namespace fs = std::filesystem;

/// Runs whose images share a grid, and whose they are.
struct SharedGrid {
  const StudyRun* first;
  std::vector<std::string> people;
};

/// The grids of runs, the most frequent first, then in the order of the runs.
std::vector<SharedGrid> grids_of(const std::vector<const StudyRun*>& runs) {
  std::vector<SharedGrid> grids;
  for (const auto* run : runs) {
    if (!run->header) continue;
    auto at = std::find_if(grids.begin(), grids.end(), [&](const SharedGrid& other) {
      return same_grid(other.first->header->grid, run->header->grid);
    });
    if (at == grids.end()) at = grids.insert(at, {run, {}});
    const std::string person = "sub-" + run->files.label("sub");
    if (std::find(at->people.begin(), at->people.end(), person) == at->people.end())
      at->people.push_back(person);
  }
  std::stable_sort(grids.begin(), grids.end(),
                   [](const auto& a, const auto& b) { return a.people.size() > b.people.size(); });
  return grids;
}

}  // namespace

std::string file_in_word(const std::string& word) {
  std::error_code ignored;
  const size_t equals = word.find('=');
  return equals == std::string::npos || fs::exists(word, ignored) ? word : word.substr(equals + 1);
}

std::string in_words_of_models(const std::string& message) {
  std::string out;
  for (size_t i = 0; i < message.size();) {
    const bool option = message.compare(i, 2, "--") == 0 && i + 2 < message.size() &&
                        std::islower(static_cast<unsigned char>(message[i + 2])) != 0;
    if (!option) {
      out += message[i++];
      continue;
    }
    bool first = true;
    for (i += 2; i < message.size(); ++i) {
      const auto c = static_cast<unsigned char>(message[i]);
      const bool joins = c == '-' && i + 1 < message.size() &&
                         std::isalnum(static_cast<unsigned char>(message[i + 1])) != 0;
      if (joins) {
        first = true;
        continue;
      }
      if (std::isalnum(c) == 0) break;
      out += char(first ? std::toupper(c) : c);
      first = false;
    }
  }
  return out;
}

void require_possible_name(const StatsNode& node, const std::string& contrast,
                           const std::string& longest) {
  if (longest.size() <= kLongestFileName) return;
  fail(ErrorCode::bad_input,
       "{} ('{}'): a file of contrast '{}' would have a name of {} bytes; names of files have at "
       "most {}: give the contrast a shorter Name",
       node.place, node.name, contrast, longest.size(), kLongestFileName);
}

std::set<std::string> impossible_effects(const JobPlan& plan) {
  std::set<std::string> jobs, files;
  // Each job stands after those that it needs.
  for (const auto& job : plan.jobs)
    if (!job.problem.empty() || std::any_of(job.after.begin(), job.after.end(),
                                            [&](const auto& id) { return jobs.contains(id); }))
      jobs.insert(job.id);
  for (const auto& effect : plan.effects)
    if (jobs.contains(effect.job)) files.insert(effect.effect);
  return files;
}

void check_grids(const StatsNode& node, const std::vector<const StudyEffect*>& effects,
                 const StudyInputs& inputs, const std::string& mask) {
  std::vector<const StudyRun*> runs;
  for (const auto* effect : effects) runs.push_back(&inputs.runs[effect->run]);
  const std::vector<SharedGrid> grids = grids_of(runs);
  if (grids.empty()) return;
  const NiftiHeader& most = *grids.front().first->header;
  if (grids.size() > 1) {
    const SharedGrid& other = grids[1];
    fail(ErrorCode::shape_mismatch,
         "node '{}' needs images of one grid: that of {} ({}) is {}; that of {} ({}) is {}; choose "
         "a space and resolution that all share with --space, as {}:res-2, preprocess the "
         "images again, or leave participants out with --participant-label",
         node.name, first_few(other.people), other.first->files.bold,
         describe(other.first->header->grid), first_few(grids.front().people), most.path,
         describe(most.grid), grids.front().first->files.label("space"));
  }
  if (mask.empty()) return;
  const Grid grid = with_context(node.place + "/Model/Software/Sociometer/Mask",
                                 [&] { return read_nifti_header(mask).grid; });
  if (!same_grid(grid, most.grid))
    fail(ErrorCode::shape_mismatch,
         "{}/Model/Software/Sociometer/Mask: {} has the grid {}, the images have {} ({}); resample "
         "the mask to them",
         node.place, mask, describe(grid), describe(most.grid), most.path);
}

void check_files_of_settings(const StatsNode& node) {
  const EngineSettings& s = node.settings;
  const auto need = [&](const char* setting, const std::string& file) {
    std::error_code ignored;
    if (file.empty() || fs::exists(file, ignored)) return;
    fail(ErrorCode::bad_input,
         "{}/Model/Software/Sociometer/{}: node '{}' names {}, which does not exist{}; correct the "
         "path",
         node.place, setting, node.name, file,
         fs::path(file).is_relative() ? " in " + fs::current_path(ignored).string() : "");
  };
  for (const auto& file : s.mask.files) need("Mask", file);
  for (const auto& word : s.rois) {
    const std::string file = file_in_word(word);
    need("Rois", file);
    if (is_region_table(file))
      for (const auto& mask : files_in_region_table(file)) need("Rois", mask);
  }
  need("Atlas", s.atlas);
  need("AtlasLabelTable", s.atlas_label_table);
  need("Blocks", s.blocks);
  need("LearnSettings", s.learn_settings);
  need("Columns", s.columns);
}

void require_distinct_jobs(const std::vector<StudyJob>& jobs) {
  constexpr size_t kEnding = 5;  // .json
  std::set<std::string> ids;
  for (const auto& job : jobs) {
    if (!ids.insert(job.id).second)
      fail(ErrorCode::bad_input,
           "node '{}' combines two sets of runs whose files would have the same names ({}); put "
           "the entity that distinguishes them into its GroupBy",
           job.node, job.id);
    if (job.id.size() + kEnding > kLongestFileName)
      fail(ErrorCode::bad_input,
           "node '{}': its job {} would have a name of {} bytes; names of files have at most {}: "
           "give nodes and contrasts shorter names",
           job.node, job.id, job.id.size() + kEnding, kLongestFileName);
  }
}

}  // namespace sociometer::jobs
