#pragma once
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/mixed/mediation.hpp"
#include "engine/mixed/mixed_design.hpp"
#include "engine/mixed/mixed_fit.hpp"

namespace sociometer::jobs {

/// Columns that are made of others before a model is fitted.
struct MadeColumnsRequest {
  std::vector<std::string> lags, leads;  ///< COLUMN or COLUMN:N
  std::vector<std::string> stays;        ///< whether the next trial has the same value
  std::vector<std::string> centred;      ///< within and between participants
  std::vector<std::string> standardised;
  std::vector<std::string> within;  ///< none: the participant, and run_number or run
  std::string order;
  bool consecutive = false;

  bool follow_trials() const { return !lags.empty() || !leads.empty() || !stays.empty(); }
};
SOCIOMETER_FIELDS(MadeColumnsRequest) {
  visit("lags", self.lags);
  visit("leads", self.leads);
  visit("stays", self.stays);
  visit("centred", self.centred);
  visit("standardised", self.standardised);
  visit("within", self.within);
  visit("order", self.order);
  visit("consecutive", self.consecutive);
}

/// A mixed model of the rows of tables: one row per trial.
struct MixedRequest {
  std::vector<std::string> tables;
  std::string formula;  ///< may be empty with a mediation
  MixedFamily family = MixedFamily::linear;
  MixedCriterion criterion = MixedCriterion::reml;
  CategoryCoding coding = CategoryCoding::treatment;
  std::vector<std::string> categories, references;
  std::vector<std::string> where;          ///< COLUMN=VALUE: rows that are kept, all must hold
  std::vector<std::string> join, join_by;  ///< join_by none: participant, run and trial
  std::string participant = MediationPlan{}.participant;
  MadeColumnsRequest columns;
  std::vector<std::string> mediation;  ///< x, m, y; none: no mediation
  int bootstraps = MediationPlan{}.bootstraps;
  uint64_t seed = MediationPlan{}.seed;
  double level = MediationPlan{}.level;
  double alpha = 0.05;
  std::string output, prefix;
};
SOCIOMETER_FIELDS(MixedRequest) {
  visit("tables", self.tables);
  visit("formula", self.formula);
  visit("family", self.family);
  visit("criterion", self.criterion);
  visit("coding", self.coding);
  visit("categories", self.categories);
  visit("references", self.references);
  visit("where", self.where);
  visit("join", self.join);
  visit("join_by", self.join_by);
  visit("participant", self.participant);
  visit("columns", self.columns);
  visit("mediation", self.mediation);
  visit("bootstraps", self.bootstraps);
  visit("seed", self.seed);
  visit("level", self.level);
  visit("alpha", self.alpha);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const MixedRequest& request);

/// A column and a number of trials: "value:2"; 1 without a number.
struct ShiftedColumn {
  std::string column;
  int trials = 1;
};
/// @throws Error{usage} for a number that is not 1 or more.
ShiftedColumn shifted_column(const std::string& text, const std::string& option);

}  // namespace sociometer::jobs
