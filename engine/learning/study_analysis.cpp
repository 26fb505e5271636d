#include "engine/learning/study_analysis.hpp"

#include <memory>

namespace sociometer {
namespace {

constexpr double kFewestFollowers = 3;

std::vector<std::shared_ptr<const Learner>> learners_of(const std::vector<std::string>& models,
                                                        const LearningSettings& settings) {
  std::vector<std::shared_ptr<const Learner>> learners;
  for (const auto& model : models) learners.push_back(make_learner(model, settings));
  return learners;
}

}  // namespace

StudyAnalysis analyse_study(const std::vector<std::string>& models,
                            const LearningSettings& settings,
                            const std::vector<Participant>& participants, GroupPriors priors,
                            const FitOptions& options, int n_threads) {
  StudyAnalysis out;
  if (priors == GroupPriors::hbi) {
    out.hierarchical = fit_hierarchical(models, settings, participants, options, {}, n_threads);
    out.study = out.hierarchical->study;
    out.selection = selection_of(*out.hierarchical);
    return out;
  }
  out.study =
      priors == GroupPriors::eb
          ? fit_study_with_group_priors(models, settings, participants, options, {}, n_threads)
          : fit_study(learners_of(models, settings), settings, participants, options, n_threads);
  if (!out.study.usable_participants().empty())
    out.selection = select_models(log_evidences(out.study));
  return out;
}

ModelSelection selection_of(const HierarchicalFit& fit) {
  ModelSelection s;
  s.alpha = fit.alpha;
  s.expected_frequency = fit.frequency;
  s.exceedance = fit.exceedance;
  s.protected_exceedance = fit.protected_exceedance;
  s.omnibus_risk = fit.omnibus_risk;
  s.responsibilities = fit.responsibilities;
  return s;
}

FitOptions options_for_simulated(GroupPriors priors, FitOptions options) {
  if (priors != GroupPriors::none)
    options.space = options.evidence_space = DensitySpace::transformed;
  return options;
}

std::vector<ModelTotals> model_totals(const StudyFit& fit) {
  const Eigen::MatrixXd evidence = log_evidences(fit);
  std::vector<ModelTotals> totals(fit.learners.size());
  for (Eigen::Index i = 0; i < evidence.rows(); ++i) {
    Eigen::Index best;
    evidence.row(i).maxCoeff(&best);
    ++totals[size_t(best)].n_best;
  }
  for (size_t m = 0; m < totals.size(); ++m) {
    totals[m].log_evidence = evidence.col(Eigen::Index(m)).sum();
    for (size_t i : fit.usable_participants()) totals[m].bic += fit.fits[i][m].bic;
  }
  return totals;
}

double pseudo_r2(const LearnerFit& fit, const Participant& participant) {
  return 1 - fit.log_likelihood / chance_log_likelihood(participant);
}

DoubtfulFits doubtful_fits(const StudyFit& fit, const FitOptions& options) {
  DoubtfulFits out;
  for (size_t i : fit.usable_participants())
    for (const auto& f : fit.fits[i]) {
      out.unconverged += !f.converged;
      out.fallbacks += is_fallback(f.method, options);
      out.uncertain +=
          f.method == EvidenceMethod::importance && f.evidence_error > kLargeEvidenceError;
    }
  return out;
}

GroupMean group_mean(const GroupPosterior& group, const Learner& learner, size_t parameter) {
  const auto i = Eigen::Index(parameter);
  GroupMean out;
  out.followers = group.beta - HierarchicalOptions{}.mean_weight;
  out.mean = group.mean[i];
  out.sd = group.sd()[i];
  out.error = group.mean_error()[i];
  out.test_value = parameter_of(learner.parameters()[parameter].transform, 0.0);
  out.test = test_group_mean(group, i, 0);
  if (out.followers < kFewestFollowers) out.test.t = out.test.p = kMissing;
  return out;
}

}  // namespace sociometer
