#include "cli/jobs/rsa/rsa_models.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer::jobs {
namespace {

constexpr const char* kTrialsNuisance = "trials";

struct MadeRdm {
  Eigen::VectorXd values;
  std::string kind;
};

MadeRdm column_rdm(const ModelColumn& column, const RsaRequest& a, const TrialSource& source,
                   const ModelSources& more, const PatternItems& items) {
  const std::vector<ModelCell> cells = model_cells(column.name, a, source, more.values);
  if (!column.category)
    return {difference_rdm(mean_values(items, numbers_of(cells))), "absolute difference"};
  std::vector<std::string> texts;
  for (const auto& cell : cells) texts.push_back(is_missing(cell.text) ? "" : cell.text);
  return {category_rdm(common_texts(items, texts)), "0 same, 1 different"};
}

/// Positions of conditions: their rows, or their columns. @param what  row or column, for errors.
std::map<std::string, size_t> positions(const Table& table, const std::vector<std::string>& names,
                                        const char* what) {
  std::map<std::string, size_t> out;
  for (size_t k = 0; k < names.size(); ++k)
    if (!out.emplace(names[k], k).second)
      fail(ErrorCode::bad_input, "{} has two {}s of condition '{}'", table.path, what, names[k]);
  return out;
}

size_t position_of(const Table& table, const std::map<std::string, size_t>& positions,
                   const std::string& condition) {
  if (const auto found = positions.find(condition); found != positions.end()) return found->second;
  fail(ErrorCode::bad_input,
       "{} lacks condition '{}': a model RDM has a row and a column for each, their names in the "
       "first column and line",
       table.path, condition);
}

/// The RDM of a table with a row and a column per condition; one half is enough.
Eigen::VectorXd table_rdm(const Table& table, const PatternItems& items) {
  std::vector<std::string> firsts;
  for (const auto& row : table.rows) firsts.push_back(row[0]);
  const auto rows = positions(table, firsts, "row");
  const auto columns = positions(table, {table.names.begin() + 1, table.names.end()}, "column");
  std::vector<std::string> labels;
  std::vector<size_t> row_of;
  std::vector<int> column_of;
  for (const auto& item : items.items) {
    labels.push_back(item.label);
    row_of.push_back(position_of(table, rows, item.label));
    column_of.push_back(int(position_of(table, columns, item.label)) + 1);
  }
  Eigen::MatrixXd matrix(items.size(), items.size());
  for (size_t i = 0; i < labels.size(); ++i)
    for (size_t j = 0; j < labels.size(); ++j)
      matrix(Eigen::Index(i), Eigen::Index(j)) = number_in(table, row_of[i], column_of[j]);
  return rdm_of_matrix(matrix, labels, table.path);
}

MadeRdm nuisance_rdm(const ModelColumn& column, const RsaRequest& a, const TrialSource& source,
                     const ModelSources& more, const PatternItems& items) {
  const std::string& name = column.name;
  if (name == "run") return {run_rdm(items), "0 same run, 1 different runs"};
  if (name == "time")
    return {time_rdm(items, source.trials), "s apart in the session, runs end to end"};
  if (name == kTrialsNuisance)
    return {trial_count_rdm(items), "1 / n_i + 1 / n_j, n: trials of a pattern"};
  return column_rdm(column, a, source, more, items);
}

/// Noise makes squared distances, and 1 - r, of means of few trials larger: a model that goes with
/// the numbers of trials would be found in noise.
void require_equal_noise(const RsaRequest& a, const TrialSource& source,
                         const PatternItems& items) {
  if (a.chosen_dissimilarity() == Dissimilarity::crossnobis ||
      std::find(a.nuisance.begin(), a.nuisance.end(), kTrialsNuisance) != a.nuisance.end())
    return;
  const auto fewer = [](const PatternItem& one, const PatternItem& other) {
    return one.trials.size() < other.trials.size();
  };
  const auto [least, most] = std::minmax_element(items.items.begin(), items.items.end(), fewer);
  if (least->trials.size() == most->trials.size()) return;
  fail(ErrorCode::bad_input,
       "{}: pattern '{}' is the mean of {} trials and '{}' of {}, and noise makes distances of "
       "means "
       "of few trials larger; give --dissimilarity crossnobis, or --nuisance trials (exact for "
       "euclidean with pearson or regression)",
       source.table.path, least->label, least->trials.size(), most->label, most->trials.size());
}

/// Crossnobis has a distance for conditions that share two runs.
void require_shared_runs(const RsaRequest& a, const TrialSource& source,
                         const ParticipantRsa& person) {
  if (a.chosen_dissimilarity() != Dissimilarity::crossnobis) return;
  const auto distances = VoxelDissimilarities::crossnobis(person.run_items);
  int pairs = 0;
  for (Eigen::Index p = 0; p < distances.n_pairs(); ++p) pairs += distances.has(p);
  if (pairs < 3)
    throw TooFewPairs(
        ErrorCode::bad_input,
        fmt::format("{}: {} pairs of conditions occur together in two runs or more, and crossnobis "
                    "needs 3 such pairs: more runs are needed",
                    source.table.path, pairs));
}

/// A constant takes nothing out, though the record would say that it was. Equal numbers of trials
/// are no fault.
void require_nuisance_varies(const RsaRequest& a, const TrialSource& source,
                             const ModelRdms& rdms) {
  for (Eigen::Index k = 0; k < rdms.nuisance.cols(); ++k) {
    const std::string name = model_column(a.nuisance[size_t(k)]).name;
    const ValueRange range = range_of_pairs(rdms.nuisance.col(k), rdms.used);
    if (range.varies() || name == kTrialsNuisance) continue;
    fail(ErrorCode::bad_input,
         "{}: --nuisance {} is {} for all pairs compared ({}), so it takes nothing out; leave it "
         "away{}",
         source.table.path, name, range.is_empty() ? "missing" : fmt::format("{:g}", range.low),
         name_of(a.chosen_pair_choice()),
         a.chosen_pair_choice() == PairChoice::all ? "" : ", or give --pairs all");
  }
}

}  // namespace

std::vector<InputFile> ModelSources::files() const {
  std::vector<InputFile> out;
  if (values) out.push_back(values->file());
  for (const auto& [name, table] : rdms) out.push_back(table.file());
  return out;
}

ModelSources read_model_sources(const RsaRequest& a, const std::vector<TrialSource>& people) {
  ModelSources out;
  if (!a.values.empty()) out.values = read_table(a.values);
  for (const auto& [name, file] : a.model_rdms) out.rdms.emplace_back(name, read_table(file));
  for (const auto& word : a.models)
    out.models.push_back(decided_column(word, a, people, out.values));
  for (const auto& word : a.nuisance)
    out.nuisance.push_back(is_built_in_nuisance(word)
                               ? ModelColumn{word, false}
                               : decided_column(word, a, people, out.values));
  return out;
}

std::vector<std::string> model_names(const RsaRequest& a) {
  std::vector<std::string> names;
  for (const auto& word : a.models) names.push_back(model_column(word).name);
  for (const auto& [name, file] : a.model_rdms) names.push_back(name);
  return names;
}

std::vector<std::string> nuisance_names(const RsaRequest& a) {
  std::vector<std::string> names;
  for (const auto& word : a.nuisance) names.push_back(model_column(word).name);
  return names;
}

ParticipantRsa prepare_participant(const RsaRequest& a, const TrialSource& source,
                                   const ModelSources& more, std::vector<std::string>& kinds) {
  ParticipantRsa person{make_items(source.trials, a.unit()),
                        make_items(source.trials, PatternUnit::condition_run),
                        {}};
  const PatternItems& items = person.items;
  if (items.size() < 3)
    fail(ErrorCode::bad_input, "{}: {} patterns{}; similarity needs 3 or more", source.table.path,
         items.size(), a.conditions.empty() ? "" : " of --conditions " + a.conditions);
  require_equal_noise(a, source, items);
  require_shared_runs(a, source, person);
  std::vector<std::string> made_kinds;
  std::vector<Eigen::VectorXd> models, nuisance;
  const auto add = [&](std::vector<Eigen::VectorXd>& to, MadeRdm made) {
    to.push_back(std::move(made.values));
    made_kinds.push_back(std::move(made.kind));
  };
  for (const auto& column : more.models) add(models, column_rdm(column, a, source, more, items));
  for (const auto& rdm : more.rdms) add(models, {table_rdm(rdm.second, items), rdm.second.path});
  for (const auto& column : more.nuisance)
    add(nuisance, nuisance_rdm(column, a, source, more, items));
  const auto joined = [&](const std::vector<Eigen::VectorXd>& columns) {
    Eigen::MatrixXd out(n_pairs_of(items.size()), Eigen::Index(columns.size()));
    for (size_t k = 0; k < columns.size(); ++k) out.col(Eigen::Index(k)) = columns[k];
    return out;
  };
  person.rdms = {
      joined(models), joined(nuisance), chosen_pairs(items, a.chosen_pair_choice()),
      pair_weights(items, a.chosen_dissimilarity() == Dissimilarity::crossnobis ? &person.run_items
                                                                                : nullptr)};
  const auto used = std::count(person.rdms.used.begin(), person.rdms.used.end(), 1);
  if (used < 3)
    throw TooFewPairs(
        ErrorCode::bad_input,
        fmt::format("{}: {} pairs of patterns are of different runs, and 3 are needed: more runs "
                    "are needed (--pairs all takes pairs within runs of everybody)",
                    source.table.path, used));
  require_nuisance_varies(a, source, person.rdms);
  kinds = std::move(made_kinds);
  return person;
}

}  // namespace sociometer::jobs
