#include "engine/learning/study_analysis.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/learning/stay_switch_regression.hpp"
#include "tests/support/game.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

std::vector<Participant> hybrids(int n) {
  std::vector<Participant> out;
  for (int i = 0; i < n; ++i)
    out.push_back(
        game_participant(std::to_string(i), "hybrid", {0.3 + 0.05 * i, 4}, uint64_t(40 + i)));
  return out;
}

TEST(StudyAnalysis, ComparesByTheEvidencesOfItsFits) {
  auto people = hybrids(4);
  for (auto& trial : people[2].trials) trial.chosen = -1;
  const StudyAnalysis a = analyse_study({"hybrid", "random"}, {}, people, GroupPriors::none, {}, 2);
  EXPECT_EQ(a.study.usable_participants(), (std::vector<size_t>{0, 1, 3}));
  EXPECT_FALSE(a.hierarchical);
  EXPECT_TRUE(same_bits(a.selection.expected_frequency,
                        select_models(log_evidences(a.study)).expected_frequency));
  const auto totals = model_totals(a.study);
  ASSERT_EQ(totals.size(), 2u);
  EXPECT_EQ(totals[0].n_best + totals[1].n_best, 3);
  EXPECT_EQ(totals[0].n_best, 3);
  for (size_t m = 0; m < 2; ++m) {
    double evidence = 0, bic = 0;
    for (size_t i : a.study.usable_participants()) {
      evidence += a.study.fits[i][m].log_evidence;
      bic += a.study.fits[i][m].bic;
    }
    EXPECT_TRUE(close_number(totals[m].log_evidence, evidence, 1e-12));
    EXPECT_TRUE(close_number(totals[m].bic, bic, 1e-12));
  }
  // Chance explains nothing; the model that made the choices more than that.
  EXPECT_NEAR(pseudo_r2(a.study.fits[0][1], people[0]), 0, 1e-12);
  EXPECT_GT(pseudo_r2(a.study.fits[0][0], people[0]), 0.1);
}

TEST(StudyAnalysis, HasNoComparisonWithoutAnybody) {
  auto people = hybrids(1);
  for (auto& trial : people[0].trials) trial.chosen = -1;
  const StudyAnalysis a = analyse_study({"hybrid"}, {}, people, GroupPriors::none, {}, 1);
  EXPECT_FALSE(a.study.usable(0));
  EXPECT_EQ(a.selection.alpha.size(), 0);
}

TEST(StudyAnalysis, TakesGroupPriorsAsAskedFor) {
  FitOptions options;
  options.evidence = Evidence::laplace;
  options.n_starts = 2;
  const auto people = hybrids(4);
  const StudyAnalysis eb = analyse_study({"hybrid"}, {}, people, GroupPriors::eb, options, 2);
  EXPECT_EQ(eb.study.learners[0]->parameters()[0].prior.family, PriorFamily::normal_transformed);
  EXPECT_FALSE(eb.hierarchical);
  const StudyAnalysis hbi =
      analyse_study({"hybrid", "random"}, {}, people, GroupPriors::hbi, options, 2);
  ASSERT_TRUE(hbi.hierarchical);
  EXPECT_TRUE(same_bits(hbi.selection.alpha, hbi.hierarchical->alpha));
  EXPECT_TRUE(same_bits(hbi.selection.expected_frequency, hbi.hierarchical->frequency));
  EXPECT_TRUE(same_bits(hbi.selection.responsibilities, hbi.hierarchical->responsibilities));
}

TEST(StudyAnalysis, SimulatedPeopleAreFittedInTheSpaceOfTheGroup) {
  FitOptions options;
  options.evidence_space = DensitySpace::parameter;
  EXPECT_EQ(options_for_simulated(GroupPriors::none, options).space, DensitySpace::parameter);
  for (GroupPriors priors : {GroupPriors::eb, GroupPriors::hbi}) {
    const FitOptions o = options_for_simulated(priors, options);
    EXPECT_EQ(o.space, DensitySpace::transformed);
    EXPECT_EQ(o.evidence_space, DensitySpace::transformed);
  }
}

TEST(StudyAnalysis, CountsTheFitsToLookAt) {
  StudyFit study;
  study.failures = {"", "left out", ""};
  LearnerFit unconverged, fallback, uncertain;
  unconverged.converged = false;
  fallback.method = EvidenceMethod::laplace_transformed;
  uncertain.method = EvidenceMethod::importance;
  uncertain.evidence_error = 2 * kLargeEvidenceError;
  study.fits = {{unconverged, fallback}, {unconverged}, {uncertain, LearnerFit{}}};
  const DoubtfulFits doubtful = doubtful_fits(study, {});
  EXPECT_EQ(doubtful.unconverged, 1);
  EXPECT_EQ(doubtful.fallbacks, 1);
  EXPECT_EQ(doubtful.uncertain, 1);
}

TEST(GroupMean, IsNotTestedByFewerThanThreeFollowers) {
  const auto learner = make_learner("hybrid", {});  // w: logit, beta: log
  GroupPosterior group;
  group.mean = Eigen::Vector2d(0.5, 1.2);
  group.sigma = Eigen::Vector2d(0.4, 0.9);
  group.beta = 1 + 6.5;
  group.nu = 0.5 + 6.5 / 2;
  const GroupMean w = group_mean(group, *learner, 0), beta = group_mean(group, *learner, 1);
  EXPECT_EQ(w.followers, 6.5);
  EXPECT_EQ(w.test_value, 0.5);
  EXPECT_EQ(beta.test_value, 1);
  EXPECT_TRUE(close_number(w.error, std::sqrt(0.4 / (group.nu * group.beta)), 1e-14));
  EXPECT_TRUE(close_number(beta.sd, std::sqrt(0.9 / group.nu), 1e-14));
  EXPECT_TRUE(close_number(w.test.t, 0.5 / w.error, 1e-14));
  EXPECT_EQ(w.test.dof, 2 * group.nu);
  group.beta = 1 + 2.9;
  const GroupMean few = group_mean(group, *learner, 0);
  EXPECT_TRUE(std::isnan(few.test.t) && std::isnan(few.test.p));
  EXPECT_EQ(few.test.dof, 2 * group.nu);
}

TEST(StaySwitchRegression, IsThatOfTheParticipantsWithAnOccasion) {
  auto people = hybrids(6);
  people[1].trials.resize(1);  // never offered again
  const std::vector<size_t> usable{0, 1, 2, 4, 5};
  const auto r = regress_stay_switch(people, usable, {}, Standardise::none, true);
  EXPECT_EQ(r.participants, (std::vector<size_t>{0, 2, 4, 5}));
  EXPECT_EQ(r.terms, (std::vector<std::string>{"intercept", "previous_rank", "previous_outcome"}));
  EXPECT_EQ(r.fit.deviations.rows(), 4);
  std::vector<StayTrial> trials;
  for (size_t i : usable)
    for (const auto& t : stay_trials(people[i], int(i), {}, true)) trials.push_back(t);
  EXPECT_EQ(r.n_occasions, Eigen::Index(trials.size()));
  EXPECT_TRUE(same_bits(r.fit.effects,
                        fit_mixed_logistic(stay_switch_data(trials, Standardise::none)).effects));
  EXPECT_EQ(regress_stay_switch(people, usable, {}, Standardise::none, false).terms.size(), 2u);
  EXPECT_THROW(regress_stay_switch(people, {0, 2}, {}, Standardise::none, true), Error);
}

TEST(OddsRatio, HasAnIntervalThatIsSymmetricInLogOdds) {
  const OddsRatio r = odds_ratio(std::log(2), 0.25);
  EXPECT_TRUE(close_number(r.ratio, 2, 1e-14));
  EXPECT_TRUE(close_number(r.low * r.high, 4, 1e-14));
  // qnorm(0.975) of R.
  EXPECT_TRUE(close_number(std::log(r.high / 2), 0.25 * 1.959963984540054, 1e-14));
}

}  // namespace
}  // namespace sociometer::testing
