#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/learning/predictive.hpp"
#include "engine/learning/ratings.hpp"
#include "engine/learning/recovery.hpp"
#include "engine/learning/stay_switch_regression.hpp"
#include "engine/learning/study_analysis.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/behaviour_tables.hpp"
#include "io/records/learning_tables.hpp"
#include "io/records/model_check_tables.hpp"
#include "tests/engine/learning/random_participant.hpp"

namespace sociometer::testing {

/// A small analysis of choices, and its files as `learn` writes them.
struct LearningResults {
  std::vector<Participant> people;
  LearningRecord record;
  StudyAnalysis analysis;
  StaySwitchRegression stay_switch;
  RatingCells ratings;
  PredictiveChecks predictive;
  std::vector<ParameterRecovery> recoveries;
  ModelRecovery confusion;
  std::vector<std::string> left_out{"sub-09: no responses"};
};

inline LearningResults learning_results() {
  LearningResults r;
  for (int i = 0; i < 5; ++i) {
    r.people.push_back(random_participant(40, uint64_t(i + 1)));
    r.people.back().label = "0" + std::to_string(i + 1);
  }
  r.record.stem = "task-social_";
  r.record.columns.rank_visible = {};  // all ranks are shown
  r.record.options.importance.n_points = 64;
  r.record.options.importance.most_points = 64;
  r.record.options.n_starts = 2;
  const std::vector<std::string> models{"hybrid", "outcome"};
  r.analysis =
      analyse_study(models, r.record.settings, r.people, GroupPriors::none, r.record.options, 1);
  r.stay_switch =
      regress_stay_switch(r.people, {0, 1, 2, 3, 4}, r.record.settings, Standardise::none, true);
  r.ratings.cells = Eigen::MatrixXd::Random(5, 4);
  r.ratings.rank_split = 4.5;
  r.ratings.match_split = 0.6;
  r.predictive = {
      "hybrid",
      30,
      {{"choice_share", "A", 0.5, 0.45, 0.4, 0.6, 0.9},
       {"learning_curve_outcome", "1", 0.9, 0.5, 0.4, 0.6, 0.01},
       {"learning_curve_rank", "1", 0.5, 0.5, 0.4, 0.6, 1},
       {"stay_switch", "intercept", 0.1, 0, -1, 1, 0.8},
       {"stay_switch", "previous_rank", kMissing, kMissing, kMissing, kMissing, kMissing}}};
  ParameterRecovery one;
  one.model = "hybrid";
  one.names = {"w", "beta"};
  one.truth = Eigen::MatrixXd::Random(6, 2).cwiseAbs();
  one.estimate = Eigen::MatrixXd::Random(6, 2).cwiseAbs();
  one.correlation = Eigen::Vector2d(0.8, 0.9);
  one.log_correlation = Eigen::Vector2d(0.7, 0.95);
  one.rank_correlation = Eigen::Vector2d(0.6, kMissing);
  one.bias = Eigen::Vector2d(0.01, -0.02);
  r.recoveries = {one};
  r.confusion.models = models;
  r.confusion.best = (Eigen::Matrix2d() << 0.7, 0.3, 0.1, 0.9).finished();
  r.confusion.frequency = (Eigen::Matrix2d() << 0.6, 0.4, 0.2, 0.8).finished();
  r.confusion.protected_exceedance = (Eigen::Matrix2d() << 0.99, 0.01, 0, 1).finished();
  return r;
}

/// Writes all tables into a folder.
inline void write_learning_results(const LearningResults& r, const std::string& folder) {
  OutputSet outputs(folder);
  const auto& learners = r.analysis.study.learners;
  write_fit_tables(outputs, r.record, r.people, r.analysis.study, r.analysis.selection, 0,
                   r.left_out, std::vector<std::vector<InputFile>>(r.people.size()));
  write_group_parameters(outputs, r.record, r.analysis.study);
  write_stay_switch(outputs, r.record, r.people, r.stay_switch, Standardise::none);
  write_ratings(outputs, r.record, r.ratings, repeated_measures_anova(r.ratings.cells),
                {"ratings.tsv", "00"});
  write_predictive_checks(outputs, r.record, r.predictive, PredictiveOptions{.n_simulated = 30});
  write_parameter_recovery(outputs, r.record, r.recoveries, learners, RecoveryOptions{});
  write_model_recovery(outputs, r.record, r.confusion, learners, RecoveryOptions{});
  outputs.commit();
}

}  // namespace sociometer::testing
