#include "engine/learning/predictive.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/learning/mixed_logistic.hpp"
#include "engine/learning/stay_switch.hpp"

namespace sociometer {
namespace {

constexpr uint64_t kPredictedParameters = uint64_t{5} << 40, kPredictedFeedback = uint64_t{6} << 40,
                   kPredictedChoices = uint64_t{7} << 40;

/// Quality of each partner: means of all it showed in the study.
struct Partners {
  std::vector<std::string> names;
  std::vector<double> outcome, rank;  ///< missing if there is none
};

Partners partners_of(const std::vector<Participant>& people) {
  Partners out;
  out.names = people.front().options;  // the same for all, see aligned()
  std::vector<std::array<double, 4>> sums(out.names.size(), {0, 0, 0, 0});
  for (const auto& p : people)
    for (const auto& trial : p.trials) {
      if (trial.chosen < 0) continue;
      for_each_feedback(trial, true, [&](int option, const Feedback& shown) {
        auto& s = sums[size_t(option)];
        if (!std::isnan(shown.outcome)) s[0] += shown.outcome, s[1] += 1;
        if (!std::isnan(shown.rank)) s[2] += shown.rank, s[3] += 1;
      });
    }
  for (const auto& s : sums) {
    out.outcome.push_back(s[1] > 0 ? s[0] / s[1] : kMissing);
    out.rank.push_back(s[3] > 0 ? s[2] / s[3] : kMissing);
  }
  return out;
}

/// Options renumbered to be the same for all participants, as in StudyRounds.
std::vector<Participant> aligned(const std::vector<Participant>& people,
                                 const std::vector<std::string>& names) {
  std::vector<Participant> out = people;
  for (auto& p : out) {
    std::vector<int> place;
    for (const auto& name : p.options)
      place.push_back(int(std::find(names.begin(), names.end(), name) - names.begin()));
    for (auto& trial : p.trials) {
      for (int& option : trial.options) option = place[size_t(option)];
      if (trial.chosen >= 0) trial.chosen = place[size_t(trial.chosen)];
    }
    p.options = names;
  }
  return out;
}

/// All statistics of a study, in a fixed order.
class Statistics {
 public:
  Statistics(const Partners& partners, const LearningSettings& settings, bool with_rank,
             int n_blocks)
      : partners_(partners), settings_(settings), with_rank_(with_rank), n_blocks_(n_blocks) {}

  std::vector<PredictiveCheck> names() const {
    std::vector<PredictiveCheck> out;
    for (const auto& name : partners_.names) out.push_back({"choice_share", name});
    for (const char* curve : curves())
      for (int b = 0; b < n_blocks_; ++b)
        out.push_back({std::string("learning_curve_") + curve, std::to_string(b + 1)});
    out.push_back({"stay_switch", "intercept"});
    if (with_rank_) out.push_back({"stay_switch", "previous_rank"});
    out.push_back({"stay_switch", "previous_outcome"});
    return out;
  }

  Eigen::VectorXd of(const std::vector<Participant>& people) const {
    std::vector<double> values = choice_shares(people);
    for (double v : learning_curve(people, partners_.outcome, 1)) values.push_back(v);
    if (with_rank_)
      for (double v : learning_curve(people, partners_.rank, -1)) values.push_back(v);
    std::vector<StayTrial> occasions;
    for (size_t i = 0; i < people.size(); ++i)
      for (const auto& t : stay_trials(people[i], int(i), settings_, with_rank_))
        occasions.push_back(t);
    const auto data = stay_switch_data(occasions, Standardise::none, with_rank_);
    const Eigen::Index n_terms = with_rank_ ? 3 : 2;
    const Eigen::VectorXd slopes = data.response.size() > n_terms
                                       ? logistic_slopes(data)
                                       : Eigen::VectorXd::Constant(n_terms, kMissing);
    for (double v : slopes) values.push_back(v);
    return Eigen::Map<Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
  }

 private:
  std::vector<const char*> curves() const {
    if (with_rank_) return {"outcome", "rank"};
    return {"outcome"};
  }

  std::vector<double> choice_shares(const std::vector<Participant>& people) const {
    std::vector<double> offered(partners_.names.size(), 0), chosen = offered;
    for (const auto& p : people)
      for (const auto& trial : p.trials) {
        if (trial.chosen < 0) continue;
        for (int option : trial.options) ++offered[size_t(option)];
        ++chosen[size_t(trial.chosen)];
      }
    for (size_t i = 0; i < chosen.size(); ++i)
      chosen[i] = offered[i] > 0 ? chosen[i] / offered[i] : kMissing;
    return chosen;
  }

  /// @param sign  1 if higher is better, -1 if lower is.
  std::vector<double> learning_curve(const std::vector<Participant>& people,
                                     const std::vector<double>& quality, double sign) const {
    std::vector<double> rounds(static_cast<size_t>(n_blocks_), 0), better = rounds;
    for (const auto& p : people)
      for (size_t t = 0; t < p.trials.size(); ++t) {
        const Trial& trial = p.trials[t];
        if (trial.chosen < 0 || trial.options.size() != 2) continue;
        const int other = trial.options[0] == trial.chosen ? trial.options[1] : trial.options[0];
        const double gain = sign * (quality[size_t(trial.chosen)] - quality[size_t(other)]);
        if (std::isnan(gain) || std::abs(gain) < 1e-12) continue;
        const size_t block = t * size_t(n_blocks_) / p.trials.size();
        ++rounds[block];
        better[block] += gain > 0;
      }
    for (size_t b = 0; b < better.size(); ++b)
      better[b] = rounds[b] > 0 ? better[b] / rounds[b] : kMissing;
    return better;
  }

  const Partners& partners_;
  const LearningSettings& settings_;
  bool with_rank_;
  int n_blocks_;
};

/// Parameters drawn from the normal approximation of a participant's posterior.
std::vector<double> posterior_draw(const LearnerFit& fit, const Learner& learner,
                                   const CounterRandom& random) {
  const auto n = Eigen::Index(fit.estimate.size());
  const auto& from =
      fit.posterior_covariance.empty() ? fit.transformed_covariance : fit.posterior_covariance;
  if (from.empty()) return fit.estimate;
  const Eigen::LLT<Eigen::MatrixXd> factor(Eigen::Map<const Eigen::MatrixXd>(from.data(), n, n));
  if (factor.info() != Eigen::Success) return fit.estimate;
  Eigen::VectorXd z(n);
  for (Eigen::Index k = 0; k < n; ++k) z[k] = random.normal(uint64_t(k));
  const Eigen::VectorXd deviation = factor.matrixL() * z;
  std::vector<double> out;
  for (size_t k = 0; k < fit.estimate.size(); ++k) {
    const Transform t = learner.parameters()[k].transform;
    const double centre =
        fit.posterior_covariance.empty() ? transformed(t, fit.estimate[k]) : fit.posterior_mean[k];
    out.push_back(parameter_of(t, centre + deviation[Eigen::Index(k)]));
  }
  return out;
}

/// Mean, interval and tail probability for one row of simulated values.
void hold_against(PredictiveCheck& check, std::vector<double> simulated) {
  std::erase_if(simulated, [](double v) { return std::isnan(v); });
  if (simulated.empty()) return;
  std::sort(simulated.begin(), simulated.end());
  const auto n = double(simulated.size());
  const auto quantile = [&](double p) {
    const double at = p * (n - 1);
    const auto below = size_t(at);
    const size_t above = std::min(below + 1, simulated.size() - 1);
    return simulated[below] + (at - double(below)) * (simulated[above] - simulated[below]);
  };
  check.mean = 0;
  for (double v : simulated) check.mean += v / n;
  check.low = quantile(0.025);
  check.high = quantile(0.975);
  if (std::isnan(check.data)) return;
  double below = 1, above = 1;  // the data count as one simulation
  for (double v : simulated) {
    below += v <= check.data;
    above += v >= check.data;
  }
  check.p = std::min(1.0, 2 * std::min(below, above) / (n + 1));
}

}  // namespace

PredictiveChecks check_predictions(const StudyFit& study, size_t learner,
                                   const LearningSettings& settings,
                                   const std::vector<Participant>& participants, bool with_rank,
                                   const PredictiveOptions& options, int n_threads) {
  const auto usable = study.usable_participants();
  std::vector<Participant> people;
  for (size_t i : usable) people.push_back(participants[i]);
  if (people.empty()) fail(ErrorCode::bad_input, "no participant can be simulated");
  // Rounds without a response teach nothing and are not counted.
  for (auto& p : people) std::erase_if(p.trials, [](const Trial& t) { return t.chosen < 0; });
  const StudyRounds rounds(people);
  people = aligned(people, rounds.options());
  const Partners partners = partners_of(people);
  const Statistics statistics(partners, settings, with_rank, options.n_blocks);
  const Learner& model = *study.learners[learner];

  PredictiveChecks out{model.name(), options.n_simulated, statistics.names()};
  Eigen::MatrixXd simulated(Eigen::Index(out.checks.size()), options.n_simulated);
  parallel_for(options.n_simulated, n_threads, [&](Eigen::Index s) {
    std::vector<Participant> group = people;
    for (size_t i = 0; i < group.size(); ++i) {
      const uint64_t own = uint64_t(s) * 100000 + i;
      const auto p = posterior_draw(study.fits[usable[i]][learner], model,
                                    CounterRandom(options.seed, kPredictedParameters + own));
      group[i].trials = rounds.simulate(model, settings, p, i, options.feedback,
                                        CounterRandom(options.seed, kPredictedFeedback + own),
                                        CounterRandom(options.seed, kPredictedChoices + own));
    }
    simulated.col(s) = statistics.of(group);
  });
  const Eigen::VectorXd data = statistics.of(people);
  for (size_t c = 0; c < out.checks.size(); ++c) {
    out.checks[c].data = data[Eigen::Index(c)];
    const Eigen::VectorXd row = simulated.row(Eigen::Index(c));
    hold_against(out.checks[c], {row.data(), row.data() + row.size()});
  }
  std::sort(out.checks.begin(), out.checks.begin() + rounds.n_options(),
            [](const auto& a, const auto& b) { return a.level < b.level; });
  return out;
}

}  // namespace sociometer
