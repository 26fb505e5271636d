#include "io/bids/bids_index.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

struct FolderEntry {
  std::string name;
  bool may_be_folder = false, is_link = false;
};

/// What a folder holds, sorted by name.
/// @param failure  set if it cannot be listed (to the end).
std::vector<FolderEntry> entries_of(const std::string& folder, std::error_code& failure) {
  std::vector<FolderEntry> out;
  fs::directory_iterator at(folder, failure);
  for (; !failure && at != fs::directory_iterator(); at.increment(failure)) {
    std::error_code ignored;
    const bool link = at->is_symlink(ignored);
    const std::string& path = at->path().native();
    out.push_back({path.substr(path.rfind('/') + 1), link || at->is_directory(ignored), link});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

/// Follows a link, which may be broken or lead to itself.
bool is_folder(const std::string& parent, const FolderEntry& entry) {
  std::error_code ignored;
  return entry.may_be_folder &&
         (!entry.is_link || fs::is_directory(parent + "/" + entry.name, ignored));
}

/// "01" of "sub-01"; empty for names of other folders.
std::string folder_label(const std::string& name, const std::string& key) {
  if (!name.starts_with(key + "-")) return "";
  const std::string label = name.substr(key.size() + 1);
  const bool sound = std::all_of(label.begin(), label.end(),
                                 [](unsigned char c) { return std::isalnum(c) != 0 || c == '+'; });
  return sound ? label : "";
}

std::string suffix_of(const std::string& name) {
  const std::string stem = name.substr(0, name.find('.'));
  return stem.substr(stem.rfind('_') + 1);  // npos + 1 is 0
}

/// Whether a file may belong to a run; sidecars count for images and events only.
bool matters(const std::string& name, const std::string& suffix) {
  static constexpr std::array kSuffixes{"bold",       "events",     "mask",
                                        "timeseries", "regressors", "confounds"};
  const auto found = std::find(kSuffixes.begin(), kSuffixes.end(), suffix);
  return found != kSuffixes.end() && (found < kSuffixes.begin() + 2 || !name.ends_with(".json"));
}

/// Lists the folders of one participant into a BidsPerson.
class PersonListing {
 public:
  PersonListing(std::string folder, std::string label, BidsFindings& findings)
      : person_{std::move(label), std::move(folder), {}, {}, false}, findings_(findings) {}

  BidsPerson list() {
    const auto entries = list_folder(person_.folder);
    empty_ = entries.empty() && !unreadable_;
    add_files(person_.folder, entries, BidsLevel::participant, "");
    add_func(person_.folder, entries, "");
    for (const auto& entry : entries)
      if (const std::string label = folder_label(entry.name, "ses");
          !label.empty() && is_folder(person_.folder, entry))
        add_session(person_.folder + "/" + entry.name, label);
    std::sort(person_.sessions.begin(), person_.sessions.end(), label_less);
    return std::move(person_);
  }
  /// Nothing at all in the folder.
  bool empty() const { return empty_; }
  const std::vector<std::string>& misplaced() const { return misplaced_; }

 private:
  std::vector<FolderEntry> list_folder(const std::string& folder) {
    std::error_code failure;
    auto entries = entries_of(folder, failure);
    if (!failure) return entries;
    unreadable_ = true;
    findings_.push_back({BidsOddity::unreadable_folder,
                         fmt::format("{} cannot be listed: {}", folder, failure.message()),
                         {folder}});
    return entries;
  }

  void add_session(const std::string& folder, const std::string& label) {
    person_.sessions.push_back(label);
    const auto entries = list_folder(folder);
    add_files(folder, entries, BidsLevel::session, label);
    add_func(folder, entries, label);
  }

  void add_func(const std::string& parent, const std::vector<FolderEntry>& entries,
                const std::string& session) {
    for (const auto& entry : entries)
      if (entry.name == "func" && is_folder(parent, entry))
        add_files(parent + "/func", list_folder(parent + "/func"), BidsLevel::data, session);
  }

  void add_files(const std::string& folder, const std::vector<FolderEntry>& entries,
                 BidsLevel level, const std::string& session) {
    for (const auto& entry : entries) {
      const std::string suffix = suffix_of(entry.name);
      if (entry.name.starts_with('.') || entry.name.find('.') == std::string::npos) continue;
      if (suffix == "boldref") person_.has_references = true;
      if (matters(entry.name, suffix)) add_file(folder + "/" + entry.name, entry, level, session);
    }
  }

  /// A name's participant and session are those of its folders, which it may leave out.
  void add_file(std::string path, const FolderEntry& entry, BidsLevel level,
                const std::string& session) {
    BidsName name = bids_name(entry.name);
    const std::string sub = name.label("sub"), ses = name.label("ses");
    if ((!sub.empty() && sub != person_.label) ||
        (!ses.empty() && !session.empty() && ses != session)) {
      misplaced_.push_back(std::move(path));
      return;
    }
    if (sub.empty()) name.set("sub", person_.label);
    if (ses.empty() && !session.empty()) name.set("ses", session);
    person_.files.push_back({std::move(path), std::move(name), level, entry.is_link});
  }

  BidsPerson person_;
  BidsFindings& findings_;
  std::vector<std::string> misplaced_;
  bool empty_ = false, unreadable_ = false;
};

std::vector<FolderEntry> top_of(const std::string& root) {
  std::error_code failure;
  if (!fs::is_directory(root, failure))
    fail(ErrorCode::bad_input, "{} is not a folder{}", root,
         failure ? ": " + failure.message() : "");
  auto entries = entries_of(root, failure);
  if (failure) fail(ErrorCode::bad_input, "{} cannot be listed: {}", root, failure.message());
  return entries;
}

std::string without_prefix(const std::string& label) {
  return label.starts_with("sub-") ? label.substr(4) : label;
}

std::set<std::string> as_labels(const std::vector<std::string>& participants) {
  std::set<std::string> out;
  for (const auto& label : participants) out.insert(without_prefix(label));
  return out;
}

std::string without_slash(std::string root) {
  while (root.size() > 1 && root.ends_with('/')) root.pop_back();
  return root;
}

std::vector<std::string> as_folders(const std::vector<std::string>& labels) {
  std::vector<std::string> out;
  for (const auto& label : labels) out.push_back("sub-" + label);
  return out;
}

void report_people(const std::vector<std::string>& labels, BidsOddity what, const char* message,
                   BidsFindings& findings) {
  if (labels.empty()) return;
  const auto names = as_folders(labels);
  findings.push_back({what,
                      fmt::format(fmt::runtime(message),
                                  names.size() == 1 ? "1 participant"
                                                    : fmt::format("{} participants", names.size()),
                                  first_few(names)),
                      names});
}

void report_paths(const std::vector<std::string>& paths, BidsOddity what, const char* message,
                  BidsFindings& findings) {
  if (!paths.empty())
    findings.push_back({what, fmt::format(fmt::runtime(message), first_few(paths)), paths});
}

/// Refuses a dataset without participants, naming a folder in it that has some.
void require_people(const std::string& root) {
  for (const auto& entry : top_of(root)) {
    if (entry.name.starts_with('.') || !is_folder(root, entry)) continue;
    const std::string inner = root + "/" + entry.name;
    std::error_code ignored;
    for (const auto& deeper : entries_of(inner, ignored))
      if (!folder_label(deeper.name, "sub").empty() && is_folder(inner, deeper))
        fail(ErrorCode::bad_input, "{} has no sub-* folders; did you mean {}?", root, inner);
  }
  fail(ErrorCode::bad_input, "{} has no sub-* folders: it is no BIDS dataset", root);
}

/// The label that someone who asked for an unknown one may have meant.
std::string near_label(const std::string& label, const std::vector<std::string>& known) {
  for (const auto& other : known)
    if (!natural_less(label, other) && !natural_less(other, label)) return other;
  return nearest_word(label, known);
}

void require_known(const BidsStudy& study, const std::vector<std::string>& wanted) {
  const auto there = study.participants();
  for (const auto& label : as_labels(wanted)) {
    if (std::find(there.begin(), there.end(), label) != there.end()) continue;
    std::vector<std::string> known = bids_participants(study.raw.root);
    for (const auto& dataset : study.derivatives)
      for (auto& other : bids_participants(dataset.root)) known.push_back(std::move(other));
    const std::string near = near_label(label, known);
    fail(ErrorCode::bad_input, "there is no folder sub-{} in {}{}{}", label, study.raw.root,
         study.derivatives.empty() ? "" : " or its derivatives",
         near.empty() ? "" : fmt::format("; did you mean sub-{}?", near));
  }
}

/// People of one dataset who are in none of the others.
std::vector<std::string> only_in(const BidsDataset& dataset,
                                 const std::vector<const BidsDataset*>& others) {
  std::vector<std::string> out;
  for (const auto& person : dataset.people)
    if (std::none_of(others.begin(), others.end(),
                     [&](const auto* other) { return other->person(person.label) != nullptr; }))
      out.push_back(person.label);
  return out;
}

}  // namespace

const BidsPerson* BidsDataset::person(const std::string& label) const {
  const auto found = std::lower_bound(
      people.begin(), people.end(), label,
      [](const BidsPerson& a, const std::string& b) { return label_less(a.label, b); });
  return found != people.end() && found->label == label ? &*found : nullptr;
}

std::vector<std::string> bids_participants(const std::string& root) {
  std::vector<std::string> out;
  for (const auto& entry : top_of(root))
    if (std::string label = folder_label(entry.name, "sub");
        !label.empty() && is_folder(root, entry))
      out.push_back(std::move(label));
  std::sort(out.begin(), out.end(), label_less);
  return out;
}

BidsDataset index_dataset(const std::string& given, const std::vector<std::string>& participants,
                          BidsFindings& findings) {
  const std::string root = without_slash(given);
  const auto wanted = as_labels(participants);
  BidsDataset out{root, false, {}, {}};
  std::vector<std::string> empty, misplaced;
  for (const auto& entry : top_of(root)) {
    if (entry.name == "dataset_description.json") out.has_description = true;
    if (!entry.name.starts_with('.') && entry.name.find('.') != std::string::npos &&
        matters(entry.name, suffix_of(entry.name)))
      out.shared.push_back(
          {root + "/" + entry.name, bids_name(entry.name), BidsLevel::dataset, entry.is_link});
    const std::string label = folder_label(entry.name, "sub");
    if (label.empty() || (!wanted.empty() && !wanted.contains(label)) || !is_folder(root, entry))
      continue;
    PersonListing listing(root + "/" + entry.name, label, findings);
    out.people.push_back(listing.list());
    if (listing.empty()) empty.push_back(out.people.back().folder);
    misplaced.insert(misplaced.end(), listing.misplaced().begin(), listing.misplaced().end());
  }
  std::sort(out.people.begin(), out.people.end(),
            [](const auto& a, const auto& b) { return label_less(a.label, b.label); });
  report_paths(empty, BidsOddity::empty_folder,
               "empty folders: {}; if they are DataLad subdatasets, get them with: datalad get -n",
               findings);
  report_paths(misplaced, BidsOddity::misplaced_file,
               "left out, because their names belong to another participant or session than their "
               "folders: {}",
               findings);
  return out;
}

std::vector<std::string> BidsStudy::participants() const {
  std::vector<std::string> out;
  for (const auto& person : raw.people) out.push_back(person.label);
  for (const auto& dataset : derivatives)
    for (const auto& person : dataset.people) out.push_back(person.label);
  std::sort(out.begin(), out.end(), label_less);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

BidsStudy index_study(const std::string& raw, const std::vector<std::string>& derivatives,
                      const std::vector<std::string>& participants) {
  BidsStudy study;
  const auto index = [&](const std::string& root) {
    auto dataset = index_dataset(root, participants, study.findings);
    if (dataset.people.empty() && bids_participants(root).empty()) require_people(dataset.root);
    if (!dataset.has_description)
      study.findings.push_back({BidsOddity::no_dataset_description,
                                dataset.root + " has no dataset_description.json",
                                {dataset.root}});
    return dataset;
  };
  study.raw = index(raw);
  for (const auto& root : derivatives) study.derivatives.push_back(index(root));
  require_known(study, participants);
  if (study.derivatives.empty()) return study;
  std::vector<const BidsDataset*> all_derivatives;
  for (const auto& dataset : study.derivatives) all_derivatives.push_back(&dataset);
  report_people(only_in(study.raw, all_derivatives), BidsOddity::person_without_derivatives,
                "{} without derivatives: {}", study.findings);
  std::vector<std::string> not_raw;
  for (const auto* dataset : all_derivatives)
    for (auto& label : only_in(*dataset, {&study.raw})) not_raw.push_back(std::move(label));
  std::sort(not_raw.begin(), not_raw.end(), label_less);
  not_raw.erase(std::unique(not_raw.begin(), not_raw.end()), not_raw.end());
  report_people(not_raw, BidsOddity::person_not_in_raw,
                "{} with derivatives but without a folder in the raw dataset: {}", study.findings);
  return study;
}

std::string default_derivatives(const std::string& raw) {
  const std::string folder = without_slash(raw) + "/derivatives";
  std::error_code failure;
  std::vector<std::string> preferred, others;
  bool here = false;
  for (const auto& entry : entries_of(folder, failure)) {
    if (entry.name.starts_with('.') || !is_folder(folder, entry)) continue;
    const std::string path = folder + "/" + entry.name;
    if (!folder_label(entry.name, "sub").empty()) here = true;
    if (entry.name.starts_with("freesurfer") || bids_participants(path).empty()) continue;
    (entry.name.starts_with("fmriprep") ? preferred : others).push_back(path);
  }
  auto& found = preferred.empty() ? others : preferred;
  if (here && found.empty()) return folder;
  if (found.size() == 1) return found[0];
  if (found.empty())
    fail(ErrorCode::usage,
         "{} has no derivatives with sub-* folders; name their folder with --derivatives", folder);
  fail(ErrorCode::usage, "{} has several derivatives; choose with --derivatives: {}", folder,
       fmt::join(found, ", "));
}

}  // namespace sociometer
