#include "cli/jobs/report/read_behaviour.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/learning_settings.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

constexpr int kBlocks = 6;  // of curves, without predictive checks that have theirs
constexpr std::array kTables{RecordKind::learning_parameters,
                             RecordKind::learning_parameters_wide,
                             RecordKind::learning_fits,
                             RecordKind::learning_comparison,
                             RecordKind::learning_group,
                             RecordKind::stay_switch,
                             RecordKind::ratings,
                             RecordKind::predictive,
                             RecordKind::parameter_recovery,
                             RecordKind::parameter_recovery_summary,
                             RecordKind::model_recovery};

/// The records of one call of `learn`, and what its files are called.
struct LearnFolder {
  std::string folder, stem;  ///< "task-social_"
  std::map<RecordKind, std::string> records;
  std::vector<std::string> signals;  ///< records of tables of signals
  std::string task() const {
    return stem.starts_with("task-") ? stem.substr(5, stem.size() - 6) : std::string();
  }
};

/// "task-social_" of "task-social_fits.json"; a table of signals has desc-signals before its
/// suffix.
std::string stem_of(const std::string& path) {
  std::string name = fs::path(path).stem().string();
  name.resize(name.rfind('_') == std::string::npos ? 0 : name.rfind('_') + 1);
  const std::string described = "desc-signals_";
  if (name.ends_with(described)) name.resize(name.size() - described.size());
  return name;
}

std::vector<LearnFolder> learn_folders(const std::vector<FoundRecord>& records) {
  std::map<std::pair<std::string, std::string>, LearnFolder> by_name;
  for (const auto& found : records) {
    if (!found.header ||
        std::find(kTables.begin(), kTables.end(), found.header->kind) == kTables.end())
      continue;
    const std::string folder = fs::path(found.path).parent_path().string();
    LearnFolder& of = by_name[{folder, stem_of(found.path)}];
    of.folder = folder;
    of.stem = stem_of(found.path);
    of.records[found.header->kind] = found.path;
  }
  std::vector<LearnFolder> out;
  for (auto& [name, of] : by_name) out.push_back(std::move(of));
  return out;
}

/// Tables of signals in this folder and of this task.
void find_signals(const std::vector<FoundRecord>& records, LearnFolder& learn) {
  const std::string below = learn.folder.empty() ? "" : learn.folder + "/";
  for (const auto& found : records)
    if (found.header && found.header->kind == RecordKind::learning_signals &&
        found.path.starts_with(below) && bids_name(found.path).label("task") == learn.task())
      learn.signals.push_back(found.path);
  std::sort(learn.signals.begin(), learn.signals.end(), natural_less);
}

/// The rounds of people with their signals.
struct PeopleRounds {
  std::vector<Participant> people;
  std::vector<std::vector<TrialSignals>> signals;

  void add(const std::string& label, const Table& table, const TrialColumns& columns,
           double n_ranks) {
    auto at = std::find_if(people.begin(), people.end(),
                           [&](const Participant& p) { return p.label == label; });
    if (at == people.end()) {
      people.push_back({label, {}, {}});
      signals.emplace_back();
      at = people.end() - 1;
    }
    std::vector<TrialSignals>& of = signals[size_t(at - people.begin())];
    Warnings known;  // `learn` has told them
    const int run = at->trials.empty() ? 0 : at->trials.back().run + 1;
    const size_t first = at->trials.size();
    const TrialTable rounds = trials_of(table, columns, n_ranks, run, *at, known);
    for (const auto& signal : signals_of(rounds, first, at->trials.size())) of.push_back(signal);
  }
};

PeopleRounds read_rounds(const std::vector<std::string>& records) {
  PeopleRounds rounds;
  for (const auto& path : records) {
    const LearningFacts facts = read_record<LearningSignalsRecord>(path).learning;
    const TrialColumns columns = trial_columns_from_json(facts.columns);
    const double n_ranks = learning_settings_from_json(facts.settings).n_ranks;
    const Table table = read_table(table_beside(path));
    const std::string label = bids_name(path).label("sub");
    if (!label.empty()) {
      rounds.add(label, table, columns, n_ranks);
      continue;
    }
    for (const auto& person : people_of(table, columns, {}))
      for (const auto& run : person.runs) rounds.add(person.label, run, columns, n_ranks);
  }
  return rounds;
}

template <class Stored>
std::optional<Stored> read_table_of(const LearnFolder& learn, Warnings& warnings) {
  const auto found = learn.records.find(Stored::Facts::kKind);
  if (found == learn.records.end()) return std::nullopt;
  return attempt(warnings, [&] { return read_stored_table<Stored>(found->second); });
}

std::string signals_model(const LearnFolder& learn, Warnings& warnings) {
  const auto found = learn.records.find(RecordKind::learning_parameters_wide);
  if (found == learn.records.end()) return "";
  const auto facts =
      attempt(warnings, [&] { return read_record<SignalsModelFacts>(found->second); });
  return facts ? facts->model : "";
}

BehaviourFindings findings_of(const LearnFolder& learn, Warnings& warnings) {
  BehaviourFindings out;
  out.task = learn.task();
  out.signals_model = signals_model(learn, warnings);
  out.comparison = read_table_of<StoredComparison>(learn, warnings);
  out.parameters = read_table_of<StoredParameters>(learn, warnings);
  out.fits = read_table_of<StoredFits>(learn, warnings);
  out.group_parameters = read_table_of<StoredGroupParameters>(learn, warnings);
  out.stay_switch = read_table_of<StoredStaySwitch>(learn, warnings);
  out.ratings = read_table_of<StoredRatings>(learn, warnings);
  out.predictive = read_table_of<StoredPredictive>(learn, warnings);
  out.recovery = read_table_of<StoredRecovery>(learn, warnings);
  out.recovery_summary = read_table_of<StoredRecoverySummary>(learn, warnings);
  out.confusion = read_table_of<StoredConfusion>(learn, warnings);
  if (learn.signals.empty()) return out;
  const int n_blocks = out.predictive && out.predictive->facts.blocks > 0
                           ? int(out.predictive->facts.blocks)
                           : kBlocks;
  out.curves = attempt(warnings, [&] {
    const PeopleRounds rounds = read_rounds(learn.signals);
    return learning_curves(rounds.people, rounds.signals, n_blocks);
  });
  return out;
}

}  // namespace

std::optional<BehaviourFindings> read_behaviour(const std::vector<FoundRecord>& records,
                                                Warnings& warnings) {
  std::vector<LearnFolder> folders = learn_folders(records);
  if (folders.empty()) return std::nullopt;
  find_signals(records, folders.front());
  for (size_t k = 1; k < folders.size(); ++k)
    warnings.push_back(fmt::format(
        "choices: {}/{}* is shown; {}/{}* is another analysis, make a report of its folder",
        folders.front().folder, folders.front().stem, folders[k].folder, folders[k].stem));
  return findings_of(folders.front(), warnings);
}

std::optional<BehaviourFindings> read_behaviour(const std::string& folder, Warnings& warnings) {
  return read_behaviour(find_records(folder), warnings);
}

}  // namespace sociometer::jobs
