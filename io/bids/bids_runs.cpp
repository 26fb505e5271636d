#include "io/bids/bids_runs.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "io/bids/bids_derivatives.hpp"
#include "io/bids/bids_inheritance.hpp"
#include "io/bids/bids_selection.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

std::string counted(size_t n, const char* what) {
  return n == 1 ? fmt::format("1 {}", what) : fmt::format("{} {}s", n, what);
}

/// Finds the files of chosen images, and collects what is odd about them.
class RunCollector {
 public:
  explicit RunCollector(const BidsStudy& study) : study_(study) {}

  RunFiles files_of(const ChosenImage& image) {
    RunFiles run;
    run.dataset = image.dataset->root;
    run.name = image.file->name;
    run.bold = taken(image.file, run);
    add_derivatives(image, run);
    add_sidecars(image, run);
    const BidsName raw = add_raw(image, run);
    add_events(image, raw, run);
    note_missing(run);
    return run;
  }

  /// Raw images that were asked for, of people with derivatives, that nothing was made from.
  void compare_with_raw(const BidsFilter& filter) {
    if (study_.derivatives.empty()) return;
    for (const auto& person : study_.raw.people) {
      if (!has_derivatives(person.label)) continue;
      std::set<std::string> noted;
      for (const auto& file : person.files)
        if (is_functional_image(file) && !used_.contains(&file) && allows_raw(filter, file.name) &&
            noted.insert(run_key_of(file.name)).second)
          without_derivative_.push_back(run_label_of(file.name));
    }
  }

  BidsFindings findings() const {
    BidsFindings out;
    report(out, BidsOddity::run_without_derivative, without_derivative_, "run",
           "{} of the raw dataset without the derivative that was asked for: {}");
    report(out, BidsOddity::run_not_in_raw, not_in_raw_, "run",
           "{} without an image in the raw dataset: {}");
    if (!labels_differ_.empty())
      out.push_back({BidsOddity::run_labels_differ,
                     fmt::format("run labels are written differently in the raw dataset and its "
                                 "derivatives ({}), and are compared as numbers",
                                 example_of_labels_),
                     labels_differ_});
    report(out, BidsOddity::no_mask, no_mask_, "run",
           "{} without a brain mask of the image's space and resolution: {}");
    report(out, BidsOddity::no_confounds, no_confounds_, "run", "{} without confounds: {}");
    report(out, BidsOddity::old_confounds_name, old_confounds_, "confounds table",
           "{} with the name of an old draft or version: {}");
    for (const auto& [task, runs] : no_events_) {
      const std::string text = "{} of task-" + task + " without events: {}";
      report(out, BidsOddity::no_events, runs, "run", text.c_str());
    }
    report(out, BidsOddity::events_in_derivative, derivative_events_, "run",
           "{} with events in the derivatives only: {}");
    report(out, BidsOddity::several_sidecars, several_sidecars_, "sidecar",
           "{} at one level of which none is more specific, later ones replacing earlier ones: {}");
    for (const auto& [root, paths] : missing_)
      out.push_back(
          {BidsOddity::content_missing,
           fmt::format("the content of {} is not on this machine: {}; run: datalad get -d {} PATH",
                       counted(paths.size(), "file"), first_few({paths.begin(), paths.end()}, 1),
                       root),
           {paths.begin(), paths.end()}});
    return out;
  }

 private:
  static void report(BidsFindings& out, BidsOddity what, const std::vector<std::string>& where,
                     const char* noun, const char* message) {
    if (!where.empty())
      out.push_back(
          {what, fmt::format(fmt::runtime(message), counted(where.size(), noun), first_few(where)),
           where});
  }

  /// The path of a file; a link is followed to see whether it dangles.
  std::string taken(const BidsFile* file, RunFiles& run) {
    std::error_code ignored;
    if (file == nullptr) return "";
    if (file->is_link && !fs::exists(file->path, ignored))
      run.missing_content.push_back(file->path);
    return file->path;
  }

  /// Looks in the image's own dataset first, then in other derivatives.
  const BidsFile* find(const ChosenImage& image,
                       const BidsFile* (*look)(const BidsPerson&, const BidsName&)) const {
    if (const auto* found = look(*image.person, image.file->name)) return found;
    for (const auto& dataset : study_.derivatives) {
      const BidsPerson* person =
          &dataset == image.dataset ? nullptr : dataset.person(image.person->label);
      if (const auto* found = person ? look(*person, image.file->name) : nullptr) return found;
    }
    return nullptr;
  }

  void add_derivatives(const ChosenImage& image, RunFiles& run) {
    const BidsFile* mask = find(image, brain_mask_of);
    const BidsFile* confounds = find(image, confounds_of);
    run.mask = taken(mask, run);
    run.confounds = taken(confounds, run);
    if (mask == nullptr) no_mask_.push_back(run.run_label());
    if (confounds == nullptr)
      no_confounds_.push_back(run.run_label());
    else if (has_old_confounds_name(confounds->name))
      old_confounds_.push_back(confounds->path);
  }

  /// Sidecars of an image: its own alone of those in its folder, where others belong to its
  /// siblings (that of the native image has no entity that the one in MNI space lacks).
  std::vector<const BidsFile*> sidecars_of(const BidsDataset& dataset, const BidsName& name,
                                           const std::string& image_path) {
    auto files = applicable_files(dataset, name, "bold", ".json");
    const std::string own = image_path.substr(0, image_path.size() - std::min(name.extension.size(),
                                                                              image_path.size())) +
                            ".json";
    const bool has_own = std::any_of(files.begin(), files.end(),
                                     [&](const BidsFile* file) { return file->path == own; });
    if (has_own)
      std::erase_if(files, [&](const BidsFile* file) {
        return file->level == BidsLevel::data && file->path != own;
      });
    note_several(files);
    return files;
  }

  void note_several(const std::vector<const BidsFile*>& files) {
    for (size_t i = 1; i < files.size(); ++i) {
      if (files[i]->level != files[i - 1]->level) continue;
      const auto& less = files[i - 1]->name.entities;
      const auto& more = files[i]->name;
      if (std::all_of(less.begin(), less.end(), [&](const auto& entity) {
            return same_label(entity.first, entity.second, more.label(entity.first));
          }))
        continue;
      for (const auto* file : {files[i - 1], files[i]})
        if (noted_sidecars_.insert(file).second) several_sidecars_.push_back(file->path);
    }
  }

  void add_sidecars(const ChosenImage& image, RunFiles& run) {
    for (const auto* file : sidecars_of(*image.dataset, run.name, run.bold))
      run.sidecars.push_back(taken(file, run));
  }

  /// @return the run's name in the raw dataset.
  BidsName add_raw(const ChosenImage& image, RunFiles& run) {
    BidsName name = raw_name(run.name);
    if (image.dataset == &study_.raw) return name;
    const BidsPerson* person = study_.raw.person(image.person->label);
    const auto raw = person ? raw_images_of(*person, run.name) : std::vector<const BidsFile*>();
    for (const auto* file : raw) {
      run.raw_bold.push_back(file->path);
      used_.insert(file);
    }
    if (!raw.empty()) {
      name = raw[0]->name;
      compare_labels(name, run);
    } else if (person &&
               std::any_of(person->files.begin(), person->files.end(), is_functional_image)) {
      not_in_raw_.push_back(run.run_label());
    }
    for (const auto* file : sidecars_of(study_.raw, name, raw.empty() ? "" : raw[0]->path))
      run.raw_sidecars.push_back(taken(file, run));
    return name;
  }

  void compare_labels(const BidsName& raw, const RunFiles& run) {
    const std::string there = raw.label("run"), here = run.label("run");
    if (there == here) return;
    if (labels_differ_.empty()) example_of_labels_ = fmt::format("run-{}, run-{}", there, here);
    labels_differ_.push_back(run.run_label());
  }

  void add_events(const ChosenImage& image, const BidsName& raw, RunFiles& run) {
    const BidsDataset* dataset = &study_.raw;
    const BidsName* name = &raw;
    const BidsFile* events = applicable_table(*dataset, *name, "events");
    const auto look_in = [&](const BidsDataset& other) {
      if (events != nullptr || &other == &study_.raw) return;
      dataset = &other;
      name = &run.name;
      events = applicable_table(*dataset, *name, "events");
      if (events != nullptr) derivative_events_.push_back(run.run_label());
    };
    look_in(*image.dataset);
    for (const auto& other : study_.derivatives)
      if (&other != image.dataset) look_in(other);
    if (events == nullptr) {
      no_events_[run.label("task")].push_back(run.run_label());
      return;
    }
    run.events = taken(events, run);
    const auto sidecars = applicable_files(*dataset, *name, "events", ".json");
    note_several(sidecars);
    for (const auto* file : sidecars) run.events_sidecars.push_back(taken(file, run));
  }

  void note_missing(const RunFiles& run) {
    for (const auto& path : run.missing_content) {
      const bool raw =
          path.starts_with(study_.raw.root + "/") && !path.starts_with(run.dataset + "/");
      auto& paths = missing_[raw ? study_.raw.root : run.dataset];
      if (noted_missing_.insert(path).second) paths.push_back(path);
    }
  }

  bool has_derivatives(const std::string& label) const {
    return std::any_of(study_.derivatives.begin(), study_.derivatives.end(),
                       [&](const auto& dataset) { return dataset.person(label) != nullptr; });
  }

  static bool allows_raw(const BidsFilter& filter, const BidsName& name) {
    for (const char* key : {"sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "part"})
      if (!filter.allows(key, name)) return false;
    return true;
  }

  const BidsStudy& study_;
  std::set<const BidsFile*> used_, noted_sidecars_;
  std::set<std::string> noted_missing_;
  std::vector<std::string> no_mask_, no_confounds_, old_confounds_, derivative_events_, not_in_raw_,
      without_derivative_, labels_differ_, several_sidecars_;
  std::map<std::string, std::vector<std::string>> no_events_, missing_;  ///< by task, by dataset
  std::string example_of_labels_;
};

/// People who have another number of runs of a task than most.
void report_uneven(const std::vector<RunFiles>& runs, BidsFindings& findings) {
  std::map<std::string, std::map<std::string, size_t>> counts;  // by task and participant
  std::map<std::string, size_t> people;
  for (const auto& run : runs) people[run.label("sub")] = 0;
  for (const auto& run : runs) counts.try_emplace(run.label("task"), people);
  for (const auto& run : runs) ++counts[run.label("task")][run.label("sub")];
  for (const auto& [task, of_people] : counts) {
    std::map<size_t, size_t> frequency;
    for (const auto& [label, n] : of_people) ++frequency[n];
    const auto usual =
        std::max_element(frequency.begin(), frequency.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    std::vector<std::string> odd, where;
    for (const auto& [label, n] : of_people)
      if (n != usual->first) where.push_back("sub-" + label);
    if (where.empty()) continue;
    std::sort(where.begin(), where.end(), label_less);
    for (const auto& folder : where)
      odd.push_back(fmt::format("{} ({})", folder, of_people.at(folder.substr(4))));
    findings.push_back({BidsOddity::uneven_runs,
                        fmt::format("most participants have {} of task-{}; others: {}",
                                    counted(usual->first, "run"), task, first_few(odd)),
                        where});
  }
}

}  // namespace

std::string RunFiles::run_label() const { return run_label_of(name); }

RunSelection find_runs(const BidsStudy& study, const BidsFilter& filter) {
  RunSelection out;
  RunCollector collector(study);
  for (const auto& image : choose_images(study, filter, out.findings))
    out.runs.push_back(collector.files_of(image));
  collector.compare_with_raw(with_defaults(filter));
  for (auto& finding : collector.findings()) out.findings.push_back(std::move(finding));
  report_uneven(out.runs, out.findings);
  return out;
}

}  // namespace sociometer
