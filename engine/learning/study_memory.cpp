#include "engine/learning/study_memory.hpp"

#include <algorithm>

#include "engine/core/memory.hpp"

namespace sociometer {
namespace {

/// A round with its options, feedback and texts, as read and as a table to be written.
constexpr double kRoundBytes = 1000;

}  // namespace

double study_memory(const std::vector<std::shared_ptr<const Learner>>& learners,
                    const std::vector<Participant>& participants, GroupPriors priors,
                    const FitOptions& options, int n_threads) {
  double rounds = 0, most = 0, all = 0;
  for (const auto& participant : participants) rounds += double(participant.trials.size());
  for (const auto& learner : learners) {
    // Points, and three densities at each; a second sample while the first is replaced.
    const double sample =
        2 * 8 * double(options.importance.n_points) * (double(learner->parameters().size()) + 3);
    most = std::max(most, sample);
    all += sample;
  }
  const auto n_people = double(participants.size());
  const double samples = priors == GroupPriors::none ? most * n_threads
                         : priors == GroupPriors::eb ? most * n_people
                                                     : all * n_people;
  return kProgramBytes + rounds * kRoundBytes * double(1 + learners.size()) + samples;
}

}  // namespace sociometer
