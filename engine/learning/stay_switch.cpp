#include "engine/learning/stay_switch.hpp"

#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// The round that repeats or abandons the choice of round `at`; -1 if there is none.
int next_occasion(const Participant& p, size_t at, Repetition repetition) {
  for (size_t i = at + 1; i < p.trials.size(); ++i) {
    const Trial& trial = p.trials[i];
    if (trial.chosen < 0) continue;
    if (trial.offers(p.trials[at].chosen)) return int(i);
    if (repetition == Repetition::previous_round) return -1;
  }
  return -1;
}

void standardise_column(Eigen::Ref<Eigen::VectorXd> x) {
  x.array() -= x.mean();
  const double sd = std::sqrt(x.squaredNorm() / double(x.size() - 1));
  if (sd > 0) x /= sd;
}

}  // namespace

std::vector<StayTrial> stay_trials(const Participant& participant, int index,
                                   const LearningSettings& settings, bool with_rank) {
  std::vector<StayTrial> out;
  for (size_t i = 0; i < participant.trials.size(); ++i) {
    const Trial& trial = participant.trials[i];
    if (trial.chosen < 0 || std::isnan(trial.outcome)) continue;
    if (with_rank && std::isnan(trial.rank)) continue;
    const int next = next_occasion(participant, i, settings.repetition);
    if (next < 0) continue;
    const Trial& then = participant.trials[size_t(next)];
    if (settings.restart_each_run && then.run != trial.run) continue;
    out.push_back({index, then.chosen == trial.chosen, (settings.n_ranks + 1) / 2 - trial.rank,
                   trial.outcome - 0.5});
  }
  return out;
}

MixedLogisticData stay_switch_data(const std::vector<StayTrial>& trials, Standardise standardise,
                                   bool with_rank) {
  MixedLogisticData data;
  data.design.resize(Eigen::Index(trials.size()), with_rank ? 3 : 2);
  data.response.resize(Eigen::Index(trials.size()));
  int last = -1;
  for (size_t t = 0; t < trials.size(); ++t) {
    const auto row = Eigen::Index(t);
    data.design(row, 0) = 1;
    if (with_rank) data.design(row, 1) = trials[t].rank;
    data.design(row, with_rank ? 2 : 1) = trials[t].outcome;
    data.response[row] = trials[t].stay;
    // Number groups consecutively, skipping participants without an opportunity.
    if (trials[t].participant != last) ++data.n_groups;
    last = trials[t].participant;
    data.group.push_back(data.n_groups - 1);
  }
  if (standardise == Standardise::overall && trials.size() > 1)
    for (Eigen::Index c = 1; c < data.design.cols(); ++c) standardise_column(data.design.col(c));
  return data;
}

}  // namespace sociometer
