#include "cli/jobs/group/group_participants.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/stats/finite_values.hpp"

namespace sociometer::jobs {
namespace {

/// How missing values of a column are handled.
MissingCovariates missing_mode(const ParticipantsRequest& a, const std::string& column) {
  MissingCovariates mode = a.missing;
  for (const auto& [name, of_column] : a.missing_in)
    if (name == column) mode = of_column;
  return mode;
}

/// A source column of the design, in the order of the observations.
struct SourceColumn {
  std::string name, option;
  std::vector<std::string> cells;
};

/// Participants with a missing value; refused unless an option says how to handle it.
std::vector<std::string> missing_in(const ParticipantsRequest& a, const SourceColumn& source,
                                    const std::vector<Observation>& observations) {
  std::vector<std::string> who;
  for (size_t i = 0; i < observations.size(); ++i)
    if (is_missing(source.cells[i]) &&
        std::find(who.begin(), who.end(), observations[i].participant) == who.end())
      who.push_back(observations[i].participant);
  const MissingCovariates mode = missing_mode(a, source.name);
  if (!who.empty() && mode == MissingCovariates::refuse)
    fail(ErrorCode::bad_input,
         "{} of {} participants have no value of {} in {} ({}); give --missing-covariates listwise "
         "(leaves them out){}",
         who.size(), observations.size(), source.name, a.table, fmt::join(who, ", "),
         source.option == "--covariates" ? " or mean (takes the mean of the others)" : "");
  if (!who.empty() && mode == MissingCovariates::mean && source.option == "--factor")
    fail(ErrorCode::usage,
         "--missing-covariates mean: factor {} has no mean ({} lack it); give {}=listwise",
         source.name, fmt::join(who, ", "), source.name);
  return who;
}

double number_of_row(const Table& table, size_t row, const std::string& name) {
  try {
    return number_in(table, row, table.find(name));
  } catch (const Error& error) {
    fail(ErrorCode::bad_input, "{}; give words as --factor {}", error.what(), name);
  }
}

/// The list, which is there from now on.
template <class T>
std::vector<T>& listed(std::optional<std::vector<T>>& list) {
  return list ? *list : list.emplace();
}

DesignColumns covariate_columns(const ParticipantsRequest& a, const Table& table,
                                const std::vector<size_t>& rows, const std::string& name,
                                GroupDesignRecord& record, Journal& journal) {
  Eigen::VectorXd values(Eigen::Index(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i)
    values[Eigen::Index(i)] = number_of_row(table, rows[i], name);
  if (all_missing(values))
    fail(ErrorCode::bad_input, "{}: no participant with maps has a value of {}", a.table, name);
  const Covariate column = covariate(values, a.center);
  GroupCovariateRecord one{name, column.mean, a.center == CovariateCentering::mean, {}};
  if (column.n_missing > 0) {
    one.missing_set_to_mean = column.n_missing;
    journal.warn(fmt::format("{} missing values of {} are taken to be the mean of the others, {}",
                             column.n_missing, name, column.mean));
  }
  listed(record.covariates).push_back(std::move(one));
  if (column.constant)
    fail(ErrorCode::bad_input,
         "{}: {} is {} for everybody who has maps; leave it out of --covariates", a.table, name,
         *column.constant);
  return {{name}, column.values};
}

/// Listwise deletion: drops observations with a missing value in a column handled that way.
void drop_listwise(const ParticipantsRequest& a, const std::vector<SourceColumn>& sources,
                   std::vector<Observation>& observations, GroupDesignRecord& record,
                   Journal& journal) {
  std::set<std::string> left_out;
  for (const SourceColumn& source : sources)
    for (const std::string& who : missing_in(a, source, observations))
      if (missing_mode(a, source.name) == MissingCovariates::listwise) left_out.insert(who);
  if (left_out.empty()) return;
  journal.warn(fmt::format("left out, without a value of a covariate or factor: {}",
                           fmt::join(left_out, ", ")));
  record.left_out.emplace(left_out.begin(), left_out.end());
  std::erase_if(observations,
                [&](const Observation& one) { return left_out.count(one.participant) > 0; });
  if (observations.empty())
    fail(ErrorCode::bad_input, "nobody has values of all covariates and factors in {}", a.table);
}

/// Builds the columns of a design in turn.
class ParticipantsDesign {
 public:
  ParticipantsDesign(const ParticipantsRequest& a, const ParticipantsTable& participants,
                     const WithinFactor& within, std::vector<Observation>& observations,
                     GroupDesignRecord& record, Journal& journal)
      : a_(a),
        participants_(participants),
        within_(within),
        observations_(observations),
        record_(record),
        journal_(journal),
        covariates_(listed_columns(a.covariates, participants.table())),
        coding_(a.coding) {
    for (const auto& text : listed_columns(a.factors, participants.table()))
      factors_.push_back(parse_factor(text));
    check_missing_columns();
  }

  GroupDesign make(bool intercept) {
    choose_people();
    if (!within_.name.empty())
      add_within();
    else if (intercept)
      parts_.push_back(
          {{"intercept"}, Eigen::MatrixXd::Ones(Eigen::Index(observations_.size()), 1)});
    add_covariates();
    for (Factor factor : factors_) {
      factor.labels = source(factor.name, "--factor").cells;
      add_factor(factor);
    }
    for (const std::string& word : a_.interactions)
      for (const std::string& text : split_list(word)) add_interaction(unpadded(text));
    if (!unused_.empty())
      fail(ErrorCode::usage,
           "{} does not change within a participant, so the effects of the participants take it "
           "up; give --interactions {}:{}, or a --difference of two levels with it as a covariate",
           *unused_.begin(), within_.name, *unused_.begin());
    const DesignColumns all = joined_columns(parts_);
    if (all.names.empty())
      fail(ErrorCode::usage, "--no-intercept leaves the design without columns; give --covariates");
    GroupDesign design{all.names, all.values};
    design.factors = columns_of_factors_;
    return design;
  }

 private:
  void check_missing_columns() const {
    for (const auto& [name, mode] : a_.missing_in) {
      const std::string& column = name;
      const auto is_it = [&](const Factor& factor) { return factor.name == column; };
      if (std::ranges::find(covariates_, column) == covariates_.end() &&
          std::ranges::none_of(factors_, is_it))
        fail(ErrorCode::usage,
             "--missing-covariates {}={}: {} is neither in --covariates nor in --factor", column,
             name_of(mode), column);
    }
  }

  /// "group:patient" is column group with reference patient, unless a column has that full name.
  Factor parse_factor(const std::string& text) const {
    const size_t colon = text.find(':');
    if (colon == std::string::npos || participants_.table().find(text) >= 0) return {text, {}, ""};
    return {text.substr(0, colon), {}, text.substr(colon + 1)};
  }

  SourceColumn source(const std::string& name, const char* option) const {
    SourceColumn out{name, option, {}};
    const int column = participants_.column(name, option);
    for (const size_t row : rows_)
      out.cells.push_back(participants_.table().rows[row][size_t(column)]);
    return out;
  }

  /// Selects the participants with maps and with all required values.
  void choose_people() {
    rows_ = participants_.rows_of(observations_);
    const size_t n = participants_.table().rows.size(),
                 unused = n - std::set<size_t>(rows_.begin(), rows_.end()).size();
    if (unused > 0)
      journal_.info(
          fmt::format("{} of {} rows of {} have no maps and are left out", unused, n, a_.table));
    record_.participants_table = a_.table;
    record_.rows_without_maps = unused;
    std::vector<SourceColumn> sources;
    for (const auto& name : covariates_) sources.push_back(source(name, "--covariates"));
    for (const auto& factor : factors_) sources.push_back(source(factor.name, "--factor"));
    drop_listwise(a_, sources, observations_, record_, journal_);
    rows_ = participants_.rows_of(observations_);
  }

  void add_within() {
    Factor factor{within_.name, {}, within_.reference};
    for (const auto& one : observations_) factor.labels.push_back(one.level);
    parts_.push_back(terms_[within_.name] = noted_factor(factor, coding_, record_, journal_));
    columns_of_factors_[within_.name] = parts_.back().names;
  }

  /// A term that is constant within participants enters interactions only.
  void add_term(const std::string& name, DesignColumns columns) {
    if (!terms_.emplace(name, columns).second)
      fail(ErrorCode::usage, "{} is given twice; give each covariate or factor once", name);
    if (within_.name.empty())
      parts_.push_back(std::move(columns));
    else
      unused_.insert(name);
  }

  void add_covariates() {
    for (const auto& name : covariates_)
      add_term(name, covariate_columns(a_, participants_.table(), rows_, name, record_, journal_));
    if (!covariates_.empty())
      journal_.info(fmt::format("covariates {}: {}", fmt::join(covariates_, ", "),
                                a_.center == CovariateCentering::mean
                                    ? "centred at the mean of the participants in the model"
                                    : "not centred"));
  }

  void add_factor(const Factor& factor) {
    add_term(factor.name, noted_factor(factor, coding_, record_, journal_));
    if (within_.name.empty()) columns_of_factors_[factor.name] = terms_[factor.name].names;
  }

  void add_interaction(const std::string& text) {
    std::vector<DesignColumns> of;
    for (const std::string& word : split_list(text, ':')) {
      const auto term = terms_.find(unpadded(word));
      if (term == terms_.end())
        fail(ErrorCode::usage,
             "--interactions {}: '{}' is none of --covariates, --factor or --within", text, word);
      of.push_back(term->second);
      if (terms_.count(within_.name)) unused_.erase(unpadded(word));
    }
    DesignColumns product = of[0];
    for (size_t i = 1; i < of.size(); ++i) product = interaction_columns(product, of[i]);
    parts_.push_back(product);
    columns_of_factors_[text] = product.names;
    listed(record_.interactions).push_back(text);
  }

  const ParticipantsRequest& a_;
  const ParticipantsTable& participants_;
  const WithinFactor& within_;
  std::vector<Observation>& observations_;
  GroupDesignRecord& record_;
  Journal& journal_;
  std::vector<std::string> covariates_;
  std::vector<Factor> factors_;
  FactorCoding coding_;
  std::vector<size_t> rows_;
  std::map<std::string, DesignColumns> terms_;
  std::map<std::string, std::vector<std::string>> columns_of_factors_;
  std::vector<DesignColumns> parts_;
  std::set<std::string> unused_;
};

}  // namespace

DesignColumns noted_factor(const Factor& factor, FactorCoding coding, GroupDesignRecord& record,
                           Journal& journal) {
  const std::string reference = reference_level(factor, coding);
  listed(record.factors)
      .push_back({factor.name, factor_levels(factor.labels), reference, name_of(coding)});
  journal.info(
      coding == FactorCoding::sum
          ? fmt::format("factor {}: sum coding, {} is -1 in its columns", factor.name, reference)
          : fmt::format("factor {}: treatment coding, each column is the difference from {}",
                        factor.name, reference));
  return factor_columns(factor, coding);
}

GroupDesign participants_design(const ParticipantsRequest& a, const ParticipantsTable& participants,
                                const WithinFactor& within, bool intercept,
                                std::vector<Observation>& observations, GroupDesignRecord& record,
                                Journal& journal) {
  return ParticipantsDesign(a, participants, within, observations, record, journal).make(intercept);
}

}  // namespace sociometer::jobs
