// Mixed models against lme4, lmerTest and nlme on their data sets and on simulated trials.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/learning/mixed_logistic.hpp"
#include "engine/mixed/penalised_system.hpp"
#include "tests/engine/mixed/mixed_goldens.hpp"

namespace sociometer::testing {
namespace lme4_goldens {

struct Case {
  const char *name, *table, *formula;
  MixedCoding coding = {};
  MixedCriterion criterion = MixedCriterion::reml;
};

const std::vector<Case>& cases() {
  static const MixedCoding logistic{MixedFamily::logistic, CategoryCoding::treatment, {}, {}};
  static const MixedCoding herds{MixedFamily::logistic, CategoryCoding::treatment, {"period"}, {}};
  static const MixedCoding sum{MixedFamily::linear, CategoryCoding::sum, {}, {}};
  static const std::vector<Case> all{
      {"sleep_reml", "sleepstudy", "Reaction ~ Days + (1 + Days | Subject)"},
      {"sleep_ml", "sleepstudy", "Reaction ~ Days + (1 + Days | Subject)", {}, MixedCriterion::ml},
      {"sleep_uncorrelated", "sleepstudy", "Reaction ~ Days + (Days || Subject)"},
      {"penicillin", "penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"},
      {"dyestuff", "dyestuff", "Yield ~ 1 + (1 | Batch)"},
      {"dyestuff2", "dyestuff2", "Yield ~ 1 + (1 | Batch)"},
      {"trials_slopes", "trials", "beta ~ update * condition + value + (1 + update | participant)"},
      {"trials_sum", "trials", "beta ~ update * condition + value + (1 + update | participant)",
       sum},
      {"trials_nested", "trials",
       "beta ~ update + value + (1 + update || participant) + (1 | participant:run)"},
      {"trials_factor_slopes", "trials", "beta ~ update + condition + (condition | participant)"},
      {"cbpp", "cbpp", "ill ~ period + (1 | herd)", herds},
      {"choice_slopes", "trials", "choice ~ update + value + (1 + update | participant)", logistic},
      {"choice_crossed", "trials", "choice ~ update + (1 | participant) + (1 | condition)",
       logistic},
      {"choice_uncorrelated", "trials", "choice ~ update + condition + (update || participant)",
       logistic}};
  return all;
}

struct Fitted {
  MixedDesign design;
  MixedFit fit;
};

Fitted fitted(const Case& c) {
  const MixedTable table =
      c.table == std::string("cbpp") ? animals_of_cbpp() : mixed_golden(c.table);
  Fitted out;
  out.design = make_mixed_design(parse_mixed_formula(c.formula), table, c.coding);
  out.fit = fit_mixed(out.design, c.criterion);
  return out;
}

double number(const std::string& text) { return text == "n/a" ? NAN : std::stod(text); }

void expect_effects(const Case& c, const Fitted& f) {
  const auto rows = reference_rows("effects", c.name);
  ASSERT_EQ(rows.size(), f.design.effects.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    const auto k = Eigen::Index(i);
    const double se = number(row["se"]);
    // Estimates in their standard errors; those are known to four or five digits on both sides.
    EXPECT_NEAR(f.fit.effects[k], number(row["estimate"]), 2e-5 * se) << row["term"];
    EXPECT_NEAR(f.fit.standard_error[k], se, 1e-4 * se) << row["term"];
    EXPECT_NEAR(f.fit.p[k], number(row["p"]), 2e-5 + 1e-3 * number(row["p"])) << row["term"];
    if (f.design.family == MixedFamily::linear) {
      EXPECT_NEAR(f.fit.dof[k], number(row["dof"]), 1e-5 * number(row["dof"])) << row["term"];
      EXPECT_NEAR(f.fit.statistic[k], number(row["statistic"]), 1e-5 * (1 + 50)) << row["term"];
    }
  }
}

/// Names as R writes them.
std::string name_in_r(std::string name) {
  std::erase_if(name, [](char x) { return x == '[' || x == ']'; });
  return name == "intercept" ? "(Intercept)" : name;
}

/// lme4 numbers the blocks of one factor: participant, participant.1; (runs : our run).
std::string group_of_r(std::string group) {
  for (size_t at; (at = group.find("runs")) != std::string::npos;) group.erase(at + 3, 1);
  if (const size_t end = group.size(); end > 2 && group[end - 2] == '.') group.resize(end - 2);
  std::replace(group.begin(), group.end(), '.', ':');
  return group;
}

/// Every standard deviation and correlation of the reference, by its name.
void expect_variances(const Case& c, const Fitted& f) {
  size_t n_own = f.design.family == MixedFamily::linear ? 1 : 0;
  for (const auto& factor : f.design.random)
    for (int size : factor.blocks) n_own += size_t(size * (size + 1) / 2);
  const auto rows = reference_rows("variances", c.name);
  EXPECT_EQ(rows.size(), n_own);
  for (auto row : rows) {
    const double value = number(row["value"]), tolerance = 1e-4 * (1e-2 + std::abs(value));
    if (row["group"] == "Residual") {
      EXPECT_NEAR(f.fit.residual_sd, value, tolerance);
      continue;
    }
    bool found = false;
    for (size_t k = 0; k < f.design.random.size(); ++k) {
      const RandomFactor& factor = f.design.random[k];
      if (factor.name != group_of_r(row["group"])) continue;
      const auto place = [&](const std::string& name) {
        for (size_t j = 0; j < factor.columns.size(); ++j)
          if (name_in_r(factor.columns[j]) == name) return Eigen::Index(j);
        return Eigen::Index(-1);
      };
      const Eigen::MatrixXd& s = f.fit.random[k].covariance;
      const Eigen::Index i = place(row["first"]), j = place(row["second"]);
      if (i < 0 || (j < 0) != (row["second"] == "n/a")) continue;
      found = true;
      // At the edge, 0, the likelihood is flat in the deviation: the variance is what is known.
      const double own = j >= 0       ? s(i, j) / std::sqrt(s(i, i) * s(j, j))
                         : value == 0 ? s(i, i)
                                      : std::sqrt(s(i, i));
      EXPECT_NEAR(own, value, tolerance)
          << row["group"] << " " << row["first"] << " " << row["second"];
    }
    EXPECT_TRUE(found) << row["group"] << " " << row["first"] << " " << row["second"];
  }
}

void expect_modes(const Case& c, const Fitted& f) {
  const auto rows = reference_rows("modes", c.name);
  EXPECT_FALSE(rows.empty());
  size_t matched = 0;
  for (auto row : rows) {
    for (size_t k = 0; k < f.design.random.size(); ++k) {
      const RandomFactor& factor = f.design.random[k];
      if (factor.name != group_of_r(row["group"])) continue;
      for (Eigen::Index j = 0; j < factor.n_columns(); ++j) {
        if (name_in_r(factor.columns[size_t(j)]) != row["term"]) continue;
        const auto level =
            Eigen::Index(std::find(factor.levels.begin(), factor.levels.end(), row["level"]) -
                         factor.levels.begin());
        ASSERT_LT(level, factor.n_levels()) << row["level"];
        const double se = number(row["se"]);
        EXPECT_NEAR(f.fit.random[k].modes(level, j), number(row["mode"]), 1e-4 * (se + 0.01));
        EXPECT_NEAR(f.fit.random[k].mode_errors(level, j), se, 1e-4 * (se + 0.01));
        ++matched;
      }
    }
  }
  EXPECT_EQ(matched, rows.size());
}

TEST(MixedModels, EqualThoseOfLme4) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const Fitted f = fitted(c);
    auto figures = reference_rows("figures", c.name).at(0);
    EXPECT_NEAR(f.fit.log_likelihood, number(figures["log_likelihood"]), 1e-6);
    EXPECT_EQ(f.design.n(), Eigen::Index(number(figures["n"])));
    EXPECT_EQ(f.fit.singular, figures["singular"] == "TRUE");
    EXPECT_EQ(singular_words(f.design, f.fit).empty(), !f.fit.singular);
    EXPECT_TRUE(f.fit.converged) << f.fit.deviance_to_go;
    EXPECT_FALSE(f.fit.separated);
    EXPECT_FALSE(f.fit.flat);
    expect_effects(c, f);
    expect_variances(c, f);
    expect_modes(c, f);
  }
}

TEST(MixedModels, TestTermsAsLmerTestDoes) {
  const Fitted f = fitted(cases()[7]);
  const auto rows = reference_rows("tests", "trials_sum");
  ASSERT_EQ(rows.size(), f.fit.tests.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    const TermTest& test = f.fit.tests[i];
    EXPECT_EQ(test.term, row["term"]);
    EXPECT_NEAR(test.f, number(row["f"]), 1e-4 * number(row["f"]));
    EXPECT_EQ(test.dof1, number(row["dof1"]));
    EXPECT_NEAR(test.dof2, number(row["dof2"]), 1e-4 * number(row["dof2"]));
    EXPECT_NEAR(test.p, number(row["p"]), 1e-6 + 1e-3 * number(row["p"]));
  }
}

TEST(MixedModels, FindTheOptimumOfNlme) {
  for (size_t at : {0u, 1u}) {
    const Case& c = cases()[at];
    SCOPED_TRACE(c.name);
    const Fitted f = fitted(c);
    std::vector<double> own{f.fit.log_likelihood};
    for (Eigen::Index k : {0, 1}) own.push_back(std::sqrt(f.fit.random[0].covariance(k, k)));
    own.insert(own.end(), {f.fit.residual_sd, f.fit.effects[0], f.fit.effects[1]});
    const auto rows = reference_rows("nlme", c.name);
    ASSERT_EQ(rows.size(), own.size());
    for (size_t i = 0; i < own.size(); ++i)
      EXPECT_NEAR(own[i], number(rows[i].at("value")), 1e-5 * std::abs(own[i]));
  }
}

TEST(MixedModels, AgreeWithTheRegressionWhoseColumnsAreAllRandom) {
  const MixedTable table = mixed_golden("trials");
  const MixedDesign d =
      make_mixed_design(parse_mixed_formula("choice ~ update + (1 + update | participant)"), table,
                        {MixedFamily::logistic, CategoryCoding::treatment, {}, {}});
  const MixedFit fit = fit_logistic_mixed(d);
  const MixedLogisticFit other =
      fit_mixed_logistic({d.fixed, d.response, d.random[0].level, int(d.random[0].levels.size())});
  EXPECT_NEAR(fit.log_likelihood, other.log_likelihood, 1e-6);
  for (Eigen::Index k = 0; k < 2; ++k) {
    EXPECT_NEAR(fit.effects[k], other.effects[k], 1e-4 * other.standard_error[k]);
    EXPECT_NEAR(fit.standard_error[k], other.standard_error[k], 1e-4 * other.standard_error[k]);
  }
  EXPECT_LT((fit.random[0].covariance - other.covariance).cwiseAbs().maxCoeff(), 2e-4);
  EXPECT_LT((fit.random[0].modes - other.deviations).cwiseAbs().maxCoeff(), 2e-4);
}

TEST(MixedModels, DoNotDependOnUnits) {
  MixedTable table = mixed_golden("trials");
  std::vector<double> large = table.at("update").numbers;
  for (double& x : large) x = 5000 * x;
  table.add(column_of_numbers("large", large));
  const auto fit = [&](const char* formula, MixedFamily family) {
    return fit_mixed(make_mixed_design(parse_mixed_formula(formula), table,
                                       {family, CategoryCoding::treatment, {}, {}}),
                     MixedCriterion::reml);
  };
  const MixedFit a = fit("beta ~ update + (1 + update | participant)", MixedFamily::linear),
                 b = fit("beta ~ large + (1 + large | participant)", MixedFamily::linear);
  EXPECT_NEAR(a.statistic[1], b.statistic[1], 1e-5);
  EXPECT_NEAR(a.effects[1], 5000 * b.effects[1], 1e-6);
  const MixedFit c = fit("choice ~ update + (1 + update | participant)", MixedFamily::logistic),
                 e = fit("choice ~ large + (1 + large | participant)", MixedFamily::logistic);
  EXPECT_NEAR(c.statistic[1], e.statistic[1], 1e-3);
  EXPECT_NEAR(c.log_likelihood, e.log_likelihood, 1e-6);
}

/// V = s^2 (Z L L'Z' + I), written out.
TEST(MixedModels, HaveTheDensityOfTheFullCovariance) {
  const MixedTable table = mixed_golden("penicillin");
  const MixedDesign d = make_mixed_design(
      parse_mixed_formula("diameter ~ 1 + (1 | plate) + (1 | sample)"), table, {});
  const MixedFit fit = fit_linear_mixed(d, MixedCriterion::ml);
  const Eigen::Index n = d.n();
  Eigen::MatrixXd v = fit.residual_sd * fit.residual_sd * Eigen::MatrixXd::Identity(n, n);
  for (size_t f = 0; f < 2; ++f)
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j)
        if (d.random[f].level[size_t(i)] == d.random[f].level[size_t(j)])
          v(i, j) += fit.random[f].covariance(0, 0);
  const Eigen::LLT<Eigen::MatrixXd> llt(v);
  const Eigen::VectorXd rest = d.response - d.fixed * fit.effects;
  const double log_density = -0.5 * (double(n) * std::log(2 * M_PI) + rest.dot(llt.solve(rest))) -
                             llt.matrixLLT().diagonal().array().log().sum();
  EXPECT_NEAR(fit.log_likelihood, log_density, 1e-8);
  const Eigen::MatrixXd information = d.fixed.transpose() * llt.solve(d.fixed);
  EXPECT_NEAR(fit.standard_error[0], 1 / std::sqrt(information(0, 0)), 1e-10);
}

}  // namespace lme4_goldens
}  // namespace sociometer::testing
