#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/learning/hierarchical.hpp"
#include "engine/learning/model_selection.hpp"
#include "engine/learning/study_fit.hpp"

namespace sociometer {

/// Where priors of the parameters come from.
enum class GroupPriors {
  none,  ///< the settings
  eb,    ///< empirical Bayes, each model by itself
  hbi    ///< hierarchical inference over models and parameters together
};
constexpr std::array<Name<GroupPriors>, 3> names_of(std::type_identity<GroupPriors>) {
  return {{{GroupPriors::none, "none"}, {GroupPriors::eb, "eb"}, {GroupPriors::hbi, "hbi"}}};
}

/// Fits of a study, the comparison of models that goes with them, and, with hierarchical inference,
/// the groups.
struct StudyAnalysis {
  StudyFit study;
  ModelSelection selection;  ///< empty when no participant could be fitted
  std::optional<HierarchicalFit> hierarchical;
};

/// Fits the models with priors as asked for, and compares them.
/// @throws Error as fit_study_with_group_priors and fit_hierarchical.
StudyAnalysis analyse_study(const std::vector<std::string>& models,
                            const LearningSettings& settings,
                            const std::vector<Participant>& participants, GroupPriors priors,
                            const FitOptions& options, int n_threads);

/// The results of hierarchical inference for the models, in the form of random-effects selection.
ModelSelection selection_of(const HierarchicalFit& fit);

/// Options for fits of simulated participants: group priors are densities of transformed
/// parameters, so that estimates and evidences are of that space.
FitOptions options_for_simulated(GroupPriors priors, FitOptions options);

/// One model over all usable participants: the fixed-effects comparison.
struct ModelTotals {
  double log_evidence = 0, bic = 0;
  int n_best = 0;  ///< participants for whom this model has the largest evidence
};
std::vector<ModelTotals> model_totals(const StudyFit& fit);

/// 1 - log likelihood / log likelihood of chance.
/// @source McFadden 1974, Conditional logit analysis of qualitative choice behavior.
double pseudo_r2(const LearnerFit& fit, const Participant& participant);

/// Standard error of a log evidence, nats, above which a warning names it.
inline constexpr double kLargeEvidenceError = 0.1;
/// How many fits of the usable participants a user should look at.
struct DoubtfulFits {
  int unconverged = 0;  ///< the gradient does not vanish
  int fallbacks = 0;    ///< the evidence is not by the method asked for
  int uncertain = 0;    ///< its error exceeds kLargeEvidenceError
};
DoubtfulFits doubtful_fits(const StudyFit& fit, const FitOptions& options);

/// A group mean of a transformed parameter by hierarchical inference.
struct GroupMean {
  double followers = 0;  ///< sum of the participants' probabilities of following the model
  double mean = 0, sd = 0, error = 0;
  double test_value = 0;  ///< 0 of the transformed parameter, transformed back
  /// t and p are missing below 3 followers, where they would say what the prior says.
  GroupMeanTest test;
};
GroupMean group_mean(const GroupPosterior& group, const Learner& learner, size_t parameter);

}  // namespace sociometer
