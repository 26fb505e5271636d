#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/learning/study_fit.hpp"

namespace sociometer {
namespace {

/// Normal densities of the transformed parameters over participants.
struct Normals {
  Eigen::VectorXd mean, sd;
};

/// A participant's posterior moments given the choices and the group: transformed parameters.
struct PersonMoments {
  Eigen::VectorXd mean, variance;
};

Eigen::VectorXd log_prior_at(const Eigen::MatrixXd& u, const Normals& group) {
  constexpr double kLogSqrtTwoPi = 0.91893853320467274178;
  const Eigen::ArrayXXd z = (u.colwise() - group.mean).array().colwise() / group.sd.array();
  return (-0.5 * z.square().colwise().sum()).transpose() -
         (group.sd.array().log().sum() + kLogSqrtTwoPi * double(u.rows()));
}

/// One learner and all participants who can be fitted by it.
class GroupFit {
 public:
  GroupFit(const std::string& model, const LearningSettings& settings,
           std::vector<const Participant*> people, const FitOptions& options,
           const GroupPriorOptions& group_options, int n_threads)
      : model_(model),
        settings_(settings),
        learner_(make_learner(model, settings)),
        people_(std::move(people)),
        options_(options),
        group_options_(group_options),
        n_threads_(n_threads),
        modes_(people_.size()),
        samples_(people_.size()) {}

  /// Settings with the group's priors.
  LearningSettings fitted() {
    if (learner_->parameters().empty()) return settings_;
    fit_everybody();
    maximise(moments());
    const bool reuse = options_.evidence == Evidence::importance;
    int samplings = reuse ? kMostSamplings : group_options_.n_iterations;
    for (int left = group_options_.n_iterations; left > 0 && samplings > 0; --samplings) {
      set_priors();
      const Normals before = group_;
      fit_everybody();
      do {
        --left;
        if (!maximise(moments())) break;
      } while (reuse && left > 0 && least_effective() > kFewEffective);
      if (change(before, group_) < group_options_.tolerance) break;
    }
    set_priors();
    return settings_;
  }

 private:
  /// Samples are redrawn when any participant's has fewer effective points than this.
  static constexpr double kFewEffective = 150;
  /// More would not help: the remaining changes are sampling noise.
  static constexpr int kMostSamplings = 20;

  void fit_everybody() {
    parallel_for(Eigen::Index(people_.size()), n_threads_, [&](Eigen::Index i) {
      const auto at = size_t(i);
      const Posterior posterior(*learner_, settings_, *people_[at], DensitySpace::transformed);
      modes_[at] = modes_[at].empty() ? find_modes(posterior, options_.n_starts)
                                      : modes_from(posterior, {modes_[at].front().u, group_.mean});
      if (options_.evidence != Evidence::importance) return;
      samples_[at] = sample_posterior(posterior, modes_[at], options_.seed,
                                      stream_of(people_[at]->label, model_), options_.importance);
    });
    fresh_ = true;
  }

  /// Of all participants under the current group.
  std::vector<std::optional<PersonMoments>> moments() {
    std::vector<std::optional<PersonMoments>> out(people_.size());
    parallel_for(Eigen::Index(people_.size()), n_threads_, [&](Eigen::Index i) {
      const auto at = size_t(i);
      if (options_.evidence == Evidence::importance) {
        ImportanceSample& sample = samples_[at];
        if (!fresh_) reweight(sample, log_prior_at(sample.u, group_));
        out[at] = {sample.mean, sample.covariance.diagonal()};
      } else if (modes_[at].front().positive_definite) {
        const Mode& mode = modes_[at].front();
        out[at] = {mode.u, mode.covariance().diagonal()};
      }
    });
    fresh_ = false;
    return out;
  }

  double least_effective() const {
    double least = HUGE_VAL;
    for (const auto& sample : samples_) least = std::min(least, sample.effective);
    return least;
  }

  /// @return whether the group is still changing.
  bool maximise(const std::vector<std::optional<PersonMoments>>& everybody) {
    std::vector<const PersonMoments*> known;
    for (const auto& m : everybody)
      if (m) known.push_back(&*m);
    const auto n = double(known.size());
    if (n < 3)
      fail(ErrorCode::bad_input,
           "group priors of model '{}' need at least 3 participants that can be fitted; there are "
           "{}",
           model_, n);
    const bool first = group_.mean.size() == 0;
    Normals next;
    next.mean = Eigen::VectorXd::Zero(Eigen::Index(learner_->parameters().size()));
    for (const auto* m : known) next.mean += m->mean / n;
    next.sd = next.mean;
    for (Eigen::Index k = 0; k < next.mean.size(); ++k) {
      double squares = 0, own_share = 0, own_squares = 0;
      for (const auto* m : known) {
        const double own =
            first ? 1 : std::clamp(1 - m->variance[k] / (group_.sd[k] * group_.sd[k]), 0.0, 1.0);
        squares += (m->mean[k] - next.mean[k]) * (m->mean[k] - next.mean[k]) + m->variance[k];
        own_share += own;
        own_squares += own * own;
      }
      const double variance = first ? squares / n : group_.sd[k] * group_.sd[k];
      if (own_share > 0) squares += own_squares * variance / own_share;
      next.sd[k] = std::max(std::sqrt(squares / n), group_options_.least_sd);
    }
    const bool moves = first || change(group_, next) >= 0.1 * group_options_.tolerance;
    group_ = next;
    return moves;
  }

  static double change(const Normals& before, const Normals& now) {
    return std::max(((now.mean - before.mean).array() / now.sd.array()).abs().maxCoeff(),
                    (now.sd.array() / before.sd.array()).log().abs().maxCoeff());
  }

  void set_priors() {
    const auto parameters = learner_->parameters();
    for (size_t k = 0; k < parameters.size(); ++k)
      settings_.priors[parameters[k].name] = {PriorFamily::normal_transformed,
                                              group_.mean[Eigen::Index(k)],
                                              group_.sd[Eigen::Index(k)]};
    learner_ = make_learner(model_, settings_);
  }

  std::string model_;
  LearningSettings settings_;
  std::shared_ptr<const Learner> learner_;
  std::vector<const Participant*> people_;
  const FitOptions& options_;
  const GroupPriorOptions& group_options_;
  int n_threads_;
  std::vector<std::vector<Mode>> modes_;
  std::vector<ImportanceSample> samples_;
  Normals group_;
  bool fresh_ = false;  ///< samples are weighted for the current group
};

std::vector<const Participant*> fittable(const Learner& learner,
                                         const std::vector<Participant>& participants) {
  std::vector<const Participant*> out;
  for (const auto& p : participants) try {
      check_trials(learner, p);
      out.push_back(&p);
    } catch (const Error&) {  // reported by the fits that follow
    }
  return out;
}

}  // namespace

StudyFit fit_study_with_group_priors(const std::vector<std::string>& models,
                                     const LearningSettings& settings,
                                     const std::vector<Participant>& participants,
                                     const FitOptions& options, const GroupPriorOptions& group,
                                     int n_threads) {
  FitOptions transformed_space = options;
  transformed_space.space = transformed_space.evidence_space = DensitySpace::transformed;
  StudyFit out;
  out.fits.resize(participants.size());
  out.failures.resize(participants.size());
  for (const auto& model : models) {
    const auto people = fittable(*make_learner(model, settings), participants);
    const LearningSettings now =
        GroupFit(model, settings, people, transformed_space, group, n_threads).fitted();
    StudyFit study =
        fit_study({make_learner(model, now)}, now, participants, transformed_space, n_threads);
    out.learners.push_back(study.learners[0]);
    for (size_t i = 0; i < participants.size(); ++i) {
      if (!study.usable(i))
        out.failures[i] = study.failures[i];
      else
        out.fits[i].push_back(std::move(study.fits[i][0]));
    }
  }
  for (size_t i = 0; i < participants.size(); ++i)
    if (!out.usable(i)) out.fits[i].clear();
  return out;
}

}  // namespace sociometer
