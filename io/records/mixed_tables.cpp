#include "io/records/mixed_tables.hpp"

#include <cmath>

#include <fmt/format.h>

#include "io/tables/table.hpp"

namespace sociometer {
namespace {

/// Infinite degrees of freedom are those of a normal distribution.
std::string dof_cell(double dof) { return std::isinf(dof) ? "inf" : format_number(dof); }

std::string estimation_of(const MixedRecord& r) {
  if (r.design.family != MixedFamily::linear)
    return "maximum likelihood, Laplace approximation of the integral over random effects";
  return r.criterion == MixedCriterion::reml ? "restricted maximum likelihood, profiled"
                                             : "maximum likelihood, profiled";
}

MixedModelFacts model_facts(const MixedRecord& r) {
  const bool linear = r.design.family == MixedFamily::linear;
  MixedModelFacts facts;
  facts.formula = to_string(r.design.formula);
  facts.family = name_of(r.design.family);
  if (!r.design.success.empty())
    facts.response = fmt::format("{} is {}", r.design.formula.response, r.design.success);
  facts.estimation = estimation_of(r);
  facts.tests = linear ? "t and F, Satterthwaite's degrees of freedom" : "Wald, z and chi-square";
  facts.rows = r.design.n();
  facts.rows_left_out = r.design.n_dropped;
  facts.missing_values = r.design.missing;
  if (!r.design.random.empty()) facts.levels.emplace();
  for (const auto& factor : r.design.random)
    facts.levels->emplace_back(factor.name, factor.levels.size());
  facts.log_likelihood = r.fit.log_likelihood;
  facts.log_likelihood_kind =
      linear && r.criterion == MixedCriterion::reml ? "restricted" : "unrestricted";
  facts.parameters = r.fit.n_parameters;
  facts.aic = r.fit.aic();
  facts.bic = r.fit.bic(r.design.n());
  facts.converged = r.fit.converged;
  facts.deviance_to_go = r.fit.deviance_to_go;
  facts.evaluations = r.fit.n_evaluations;
  facts.flat = r.fit.flat;
  facts.singular = r.fit.singular;
  facts.singular_because = singular_words(r.design, r.fit);
  if (!linear) facts.separated = r.fit.separated;
  facts.of_rows = r.of_rows;
  return facts;
}

void write_effects(OutputSet& outputs, const std::string& stem, const MixedRecord& r,
                   const MixedModelFacts& facts, const Provenance& provenance) {
  const bool linear = r.design.family == MixedFamily::linear;
  DescribedColumns columns{
      {"effect", "fixed effect"},
      {"estimate", linear ? "units of the response per unit of the column" : "log odds"},
      {"standard_error", linear ? "from the estimated variances"
                                : "from the Hessian of the deviance by all parameters"},
      {linear ? "t" : "z", "estimate / standard error"},
      {"dof", linear ? "Satterthwaite's" : "inf: normal"},
      {"p", "two-sided"},
      {"low", fmt::format("lower end of the {:g} % interval", 100 * r.level)},
      {"high", "upper end"},
      {"vif", "variance inflation factor over the rows; n/a for the intercept"}};
  if (!linear)
    columns.insert(columns.end(), {{"odds_ratio", "exp(estimate)"},
                                   {"odds_ratio_low", "exp(low)"},
                                   {"odds_ratio_high", "exp(high)"}});
  const Eigen::VectorXd vif = variance_inflation(r.design);
  TableRows rows;
  for (Eigen::Index i = 0; i < r.fit.effects.size(); ++i) {
    const EffectInterval interval = effect_interval(r.fit, i, r.level);
    rows.push_back({r.design.effects[size_t(i)], format_number(r.fit.effects[i]),
                    format_number(r.fit.standard_error[i]), format_number(r.fit.statistic[i]),
                    dof_cell(r.fit.dof[i]), format_number(r.fit.p[i]), format_number(interval.low),
                    format_number(interval.high), format_number(vif[i])});
    if (!linear)
      for (double x : {r.fit.effects[i], interval.low, interval.high})
        rows.back().push_back(format_number(std::exp(x)));
  }
  write_described_table(outputs, stem + "mixedEffects", columns, rows, MixedEffectsRecord{facts},
                        provenance);
}

void write_tests(OutputSet& outputs, const std::string& stem, const MixedRecord& r,
                 const MixedModelFacts& facts, const Provenance& provenance) {
  TableRows rows;
  for (const auto& test : r.fit.tests)
    rows.push_back({test.term, format_number(test.f), format_number(test.dof1), dof_cell(test.dof2),
                    format_number(test.p)});
  write_described_table(
      outputs, stem + "mixedTests",
      {{"term", "term of the formula: all its columns are 0"},
       {"F", "mean of the squared t of uncorrelated directions; chi-square / dof1 if logistic"},
       {"dof1", "columns of the term"},
       {"dof2", "Satterthwaite's, combined over directions; inf: chi-square"},
       {"p", "P(F > f)"}},
      rows, MixedTestsRecord{facts}, provenance);
}

void write_variances(OutputSet& outputs, const std::string& stem, const MixedRecord& r,
                     const MixedModelFacts& facts, const Provenance& provenance) {
  TableRows rows;
  for (size_t f = 0; f < r.design.random.size(); ++f) {
    const RandomFactor& factor = r.design.random[f];
    const Eigen::MatrixXd& s = r.fit.random[f].covariance;
    for (Eigen::Index c = 0; c < s.cols(); ++c)
      rows.push_back({factor.name, factor.columns[size_t(c)], "n/a", format_number(s(c, c)),
                      format_number(std::sqrt(s(c, c))), "n/a"});
    Eigen::Index first = 0;
    for (int size : factor.blocks) {
      for (Eigen::Index c = first; c < first + size; ++c)
        for (Eigen::Index b = first; b < c; ++b)
          rows.push_back({factor.name, factor.columns[size_t(b)], factor.columns[size_t(c)],
                          format_number(s(c, b)), "n/a",
                          format_number(s(c, b) / std::sqrt(s(c, c) * s(b, b)))});
      first += size;
    }
  }
  const double sd = r.fit.residual_sd;
  if (r.design.family == MixedFamily::linear)
    rows.push_back({"residual", "n/a", "n/a", format_number(sd * sd), format_number(sd), "n/a"});
  write_described_table(outputs, stem + "mixedVariances",
                        {{"group", "grouping factor, or residual"},
                         {"effect", "random effect"},
                         {"other_effect", "n/a: a variance; else a covariance"},
                         {"covariance", "variance or covariance of the effects over the group"},
                         {"sd", "standard deviation"},
                         {"correlation", "n/a for variances, and without variance"}},
                        rows, MixedVariancesRecord{facts}, provenance);
}

void write_modes(OutputSet& outputs, const std::string& stem, const MixedRecord& r,
                 const MixedModelFacts& facts, const Provenance& provenance) {
  TableRows rows;
  for (size_t f = 0; f < r.design.random.size(); ++f) {
    const RandomFactor& factor = r.design.random[f];
    const FittedFactor& own = r.fit.random[f];
    for (Eigen::Index l = 0; l < factor.n_levels(); ++l)
      for (Eigen::Index c = 0; c < factor.n_columns(); ++c)
        rows.push_back({factor.name, factor.levels[size_t(l)], factor.columns[size_t(c)],
                        format_number(own.modes(l, c)), format_number(own.mode_errors(l, c))});
  }
  write_described_table(outputs, stem + "mixedModes",
                        {{"group", "grouping factor"},
                         {"level", "its level"},
                         {"effect", "random effect"},
                         {"mode", "conditional mode: the level's deviation from the fixed effects"},
                         {"standard_error", "given fixed effects and variances"}},
                        rows, MixedModesRecord{facts}, provenance);
}

MediationRecord mediation_record(const Mediation& m, const MediationPlan& plan,
                                 const MixedRowsFacts& facts) {
  MediationRecord record;
  record.mediation = fmt::format("{} -> {} -> {}", plan.x, plan.m, plan.y);
  record.estimation = "least squares within each participant; means over participants";
  record.interval = fmt::format("expanded percentile, participants drawn with replacement {} times",
                                plan.bootstraps);
  record.level = plan.level;
  record.seed = plan.seed;
  record.product_of_means = m.product_of_means;
  record.covariance = m.covariance;
  record.participants = m.participants.size();
  record.rows = m.n_rows;
  record.rows_left_out = m.n_dropped;
  record.response_is_binary = m.y_is_binary;
  record.left_out = m.left_out;
  record.of_rows = facts;
  return record;
}

}  // namespace

void write_mixed(OutputSet& outputs, const std::string& stem, const MixedRecord& record,
                 const Provenance& provenance) {
  const MixedModelFacts facts = model_facts(record);
  write_effects(outputs, stem, record, facts, provenance);
  write_tests(outputs, stem, record, facts, provenance);
  write_variances(outputs, stem, record, facts, provenance);
  write_modes(outputs, stem, record, facts, provenance);
}

void write_mixed_rows(OutputSet& outputs, const std::string& stem, const MixedTable& table,
                      const MixedDesign& design, const MixedRowsFacts& facts,
                      const Provenance& provenance) {
  DescribedColumns columns{{"row", "row of the stacked tables, from 1"}};
  const std::vector<std::string> names = variables_of(design.formula);
  for (const auto& name : names) columns.emplace_back(name, "column of the formula");
  TableRows rows;
  for (size_t row : design.rows) {
    rows.push_back({std::to_string(row + 1)});
    for (const auto& name : names) rows.back().push_back(table.at(name).words[row]);
  }
  write_described_table(outputs, stem + "mixedRows", columns, rows, MixedRowsRecord{facts},
                        provenance);
}

void write_mediation(OutputSet& outputs, const std::string& stem, const Mediation& m,
                     const MediationPlan& plan, const MixedRowsFacts& facts,
                     const Provenance& provenance) {
  const MediationRecord record = mediation_record(m, plan, facts);
  TableRows rows;
  for (const auto& f : m.paths)
    rows.push_back({name_of(f.path), format_number(f.mean), format_number(f.sd),
                    format_number(f.low), format_number(f.high), format_number(f.t),
                    format_number(f.dof), format_number(f.p)});
  write_described_table(
      outputs, stem + "mediation",
      {{"path",
        "a: m on x; b: y on m beside x; direct: y on x beside m; total: y on x; indirect: "
        "a b, total less direct"},
       {"mean", "of the participants' slopes"},
       {"sd", "of the participants' slopes"},
       {"low", "lower end of the percentile interval of the mean"},
       {"high", "upper end"},
       {"t", "of the mean; n/a for the indirect path, whose slopes are not normal"},
       {"dof", "participants less 1"},
       {"p", "two-sided, of t"}},
      rows, record, provenance);
  TableRows slopes;
  for (size_t i = 0; i < m.participants.size(); ++i) {
    slopes.push_back({m.participants[i]});
    for (Eigen::Index k = 0; k < m.slopes.cols(); ++k)
      slopes.back().push_back(format_number(m.slopes(Eigen::Index(i), k)));
  }
  DescribedColumns columns{{plan.participant, "participant"}};
  for (const auto& f : m.paths) columns.emplace_back(name_of(f.path), "slope of the participant");
  write_described_table(outputs, stem + "mediationSlopes", columns, slopes, record, provenance);
}

}  // namespace sociometer
