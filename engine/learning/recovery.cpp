#include "engine/learning/recovery.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Random number streams, kept disjoint between participants and uses.
constexpr uint64_t kOrder = uint64_t{1} << 40, kWithin = uint64_t{2} << 40,
                   kRounds = uint64_t{3} << 40, kChoices = uint64_t{4} << 40;

double correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  const Eigen::VectorXd x = a.array() - a.mean(), y = b.array() - b.mean();
  return x.dot(y) / (x.norm() * y.norm());
}

/// Ranks, with ties sharing their mean.
Eigen::VectorXd ranks_of(const Eigen::VectorXd& x) {
  Eigen::VectorXd ranks(x.size());
  for (Eigen::Index i = 0; i < x.size(); ++i)
    ranks[i] = double((x.array() < x[i]).count()) + 0.5 * double((x.array() == x[i]).count() + 1);
  return ranks;
}

/// Parameters of n participants: each parameter takes the n-quantiles of its prior, jittered within
/// each stratum, in its own random order.
Eigen::MatrixXd drawn_parameters(const Learner& learner, int n, uint64_t seed, uint64_t stream) {
  const auto& parameters = learner.parameters();
  Eigen::MatrixXd out(n, Eigen::Index(parameters.size()));
  for (size_t k = 0; k < parameters.size(); ++k) {
    const CounterRandom order(seed, kOrder + 100 * stream + k);
    const CounterRandom within(seed, kWithin + 100 * stream + k);
    std::vector<int> at(static_cast<size_t>(n));
    std::iota(at.begin(), at.end(), 0);
    for (int i = n - 1; i > 0; --i)
      std::swap(at[size_t(i)], at[size_t((i + 1) * order.uniform(uint64_t(i)))]);
    for (int i = 0; i < n; ++i)
      out(i, Eigen::Index(k)) =
          prior_quantile(parameters[k], (at[size_t(i)] + within.uniform(uint64_t(i))) / double(n));
  }
  return out;
}

/// Estimates of the study's participants for one learner, cycling through the participants.
Eigen::MatrixXd fitted_parameters(const Learner& learner, const StudyFit& fitted, int n) {
  const auto usable = fitted.usable_participants();
  size_t at = 0;
  while (at < fitted.learners.size() && fitted.learners[at]->name() != learner.name()) ++at;
  if (at == fitted.learners.size() || usable.empty())
    throw std::logic_error("recovery at fitted values without fits of " + learner.name());
  Eigen::MatrixXd out(n, Eigen::Index(learner.parameters().size()));
  for (int i = 0; i < n; ++i) {
    const auto& estimate = fitted.fits[usable[size_t(i) % usable.size()]][at].estimate;
    for (size_t k = 0; k < estimate.size(); ++k) out(i, Eigen::Index(k)) = estimate[k];
  }
  return out;
}

Eigen::MatrixXd true_parameters(const Learner& learner, const RecoveryOptions& options,
                                const StudyFit* fitted, uint64_t stream) {
  if (options.at == RecoverAt::prior)
    return drawn_parameters(learner, options.n_simulated, options.seed, stream);
  if (!fitted) throw std::logic_error("recovery at fitted values without fits");
  return fitted_parameters(learner, *fitted, options.n_simulated);
}

std::vector<Participant> simulated_group(const Learner& learner, const LearningSettings& settings,
                                         const StudyRounds& rounds, const Eigen::MatrixXd& truth,
                                         const RecoveryOptions& options, uint64_t stream) {
  std::vector<Participant> group;
  for (Eigen::Index i = 0; i < truth.rows(); ++i) {
    const Eigen::VectorXd row = truth.row(i);
    const std::span<const double> p(row.data(), size_t(row.size()));
    const uint64_t own = stream * 100000 + uint64_t(i);
    group.push_back({fmt::format("simulated{}", i + 1), rounds.options(), {}});
    group.back().trials = rounds.simulate(learner, settings, p, size_t(i), options.feedback,
                                          CounterRandom(options.seed, kRounds + own),
                                          CounterRandom(options.seed, kChoices + own));
  }
  return group;
}

void require_fitted(const StudyFit& study) {
  for (const auto& failure : study.failures)
    if (!failure.empty()) fail(ErrorCode::bad_input, "recovery: {}", failure);
}

}  // namespace

StudyRounds::StudyRounds(const std::vector<Participant>& participants) {
  bool any = false;
  for (const auto& p : participants) {
    std::vector<int> place;  // index of this participant's options among all
    for (const auto& name : p.options) {
      const auto found = std::find(options_.begin(), options_.end(), name);
      place.push_back(int(found - options_.begin()));
      if (found == options_.end()) options_.push_back(name);
    }
    shown_.resize(options_.size());
    std::vector<Round> rounds;
    std::vector<std::vector<Feedback>> own(options_.size());
    for (const auto& trial : p.trials) {
      rounds.push_back({trial.run, {}, {}, !trial.unchosen.empty()});
      for (int option : trial.options) rounds.back().options.push_back(place[size_t(option)]);
      most_offered_ = std::max(most_offered_, trial.options.size());
      if (trial.chosen < 0) continue;
      for_each_feedback(trial, true, [&](int option, const Feedback& feedback) {
        if (std::isnan(feedback.outcome)) return;
        shown_[size_t(place[size_t(option)])].push_back(feedback);
        own[size_t(place[size_t(option)])].push_back(feedback);
        any = true;
      });
    }
    if (rounds.empty()) continue;
    rounds_.push_back(std::move(rounds));
    own_.push_back(std::move(own));
  }
  if (!any)
    fail(ErrorCode::bad_input,
         "recovery needs rounds with a response and an outcome; there are none");
}

std::vector<Round> StudyRounds::draw(size_t index, const CounterRandom& random) const {
  std::vector<Round> rounds = rounds_[index % rounds_.size()];
  const auto feedback = [&](int option, uint64_t position) {
    const auto& pool = shown_[size_t(option)];
    if (pool.empty()) return Feedback{};
    return pool[size_t(double(pool.size()) * random.uniform(position))];
  };
  for (size_t i = 0; i < rounds.size(); ++i)
    for (size_t k = 0; k < rounds[i].options.size(); ++k)
      rounds[i].feedback.push_back(feedback(rounds[i].options[k], most_offered_ * i + k));
  return rounds;
}

std::vector<Trial> StudyRounds::simulate(const Learner& learner, const LearningSettings& settings,
                                         std::span<const double> p, size_t index,
                                         FeedbackOrder order, const CounterRandom& feedback,
                                         const CounterRandom& choices) const {
  if (order == FeedbackOrder::drawn)
    return simulate_choices(learner, settings, n_options(), draw(index, feedback), p, choices);
  const auto& rounds = rounds_[index % rounds_.size()];
  const auto& own = own_[index % own_.size()];
  std::vector<size_t> times(options_.size(), 0);
  const auto show = [&](size_t round, size_t place) {
    const auto option = size_t(rounds[round].options[place]);
    const bool mine = option < own.size() && !own[option].empty();
    const auto& sequence = mine ? own[option] : shown_[option];
    return sequence.empty() ? Feedback{} : sequence[times[option]++ % sequence.size()];
  };
  return simulate_choices(learner, settings, n_options(), rounds, show, p, choices);
}

double prior_quantile(const Parameter& parameter, double u) {
  return parameter_of(parameter.transform, transformed_prior_quantile(parameter, u));
}

ParameterRecovery recover_parameters(const Learner& learner, const LearningSettings& settings,
                                     const StudyRounds& rounds, const RecoveryOptions& options,
                                     int n_threads, const StudyFit* fitted) {
  ParameterRecovery out;
  out.model = learner.name();
  out.truth = true_parameters(learner, options, fitted, 0);
  const auto group = simulated_group(learner, settings, rounds, out.truth, options, 0);
  // A non-owning pointer: the learner outlives the fit.
  const StudyFit study =
      fit_study({std::shared_ptr<const Learner>(std::shared_ptr<void>(), &learner)}, settings,
                group, options.fit, n_threads);
  require_fitted(study);
  const auto n = out.truth.cols();
  out.estimate.resize(out.truth.rows(), n);
  for (Eigen::Index i = 0; i < out.truth.rows(); ++i)
    for (Eigen::Index k = 0; k < n; ++k)
      out.estimate(i, k) = study.fits[size_t(i)][0].estimate[size_t(k)];
  out.correlation.resize(n);
  out.log_correlation.resize(n);
  out.rank_correlation.resize(n);
  out.bias = (out.estimate - out.truth).colwise().mean();
  for (Eigen::Index k = 0; k < n; ++k) {
    const Parameter& p = learner.parameters()[size_t(k)];
    out.names.push_back(p.name);
    const auto u = [&](double x) { return transformed(p.transform, x); };
    const Eigen::VectorXd a = out.truth.col(k), b = out.estimate.col(k);
    out.correlation[k] = correlation(a, b);
    out.log_correlation[k] = correlation(a.unaryExpr(u), b.unaryExpr(u));
    out.rank_correlation[k] = correlation(ranks_of(a), ranks_of(b));
  }
  return out;
}

ModelRecovery recover_models(const std::vector<std::shared_ptr<const Learner>>& learners,
                             const LearningSettings& settings, const StudyRounds& rounds,
                             const RecoveryOptions& options, int n_threads,
                             const StudyFit* fitted) {
  const auto n = Eigen::Index(learners.size());
  ModelRecovery out;
  out.best = out.frequency = out.protected_exceedance = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index m = 0; m < n; ++m) {
    const Learner& truth = *learners[size_t(m)];
    out.models.push_back(truth.name());
    const auto stream = uint64_t(m + 1);
    const auto parameters = true_parameters(truth, options, fitted, stream);
    const auto group = simulated_group(truth, settings, rounds, parameters, options, stream);
    const StudyFit study = fit_study(learners, settings, group, options.fit, n_threads);
    require_fitted(study);
    const Eigen::MatrixXd evidence = log_evidences(study);
    for (Eigen::Index i = 0; i < evidence.rows(); ++i) {
      Eigen::Index best;
      evidence.row(i).maxCoeff(&best);
      out.best(m, best) += 1.0 / double(evidence.rows());
    }
    const ModelSelection selection = select_models(evidence);
    out.frequency.row(m) = selection.expected_frequency;
    out.protected_exceedance.row(m) = selection.protected_exceedance;
  }
  return out;
}

}  // namespace sociometer
