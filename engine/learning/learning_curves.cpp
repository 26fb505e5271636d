#include "engine/learning/learning_curves.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// A share of what was counted; missing where nothing was.
struct Share {
  double part = 0, all = 0;
  double value() const { return all > 0 ? part / all : kMissing; }
};

using PersonBlocks = std::vector<std::vector<double>>;  ///< [block][person]

PersonBlocks empty_blocks(int n_blocks, size_t n_people) {
  return PersonBlocks(size_t(n_blocks), std::vector<double>(n_people, kMissing));
}

std::vector<MeanOverPeople> means_of(const PersonBlocks& blocks, double level) {
  std::vector<MeanOverPeople> out;
  for (const auto& people : blocks) out.push_back(mean_over_people(people, level));
  return out;
}

std::vector<std::string> partner_names(const std::vector<Participant>& people) {
  std::vector<std::string> names;
  for (const auto& person : people)
    for (const auto& name : person.options)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

/// What each partner showed to everybody.
struct Shown {
  std::vector<Share> rank, outcome;
};

Shown shown_by(const std::vector<Participant>& people, const std::vector<std::string>& names) {
  Shown out{std::vector<Share>(names.size()), std::vector<Share>(names.size())};
  const auto add = [](Share& share, double value) {
    if (std::isnan(value)) return;
    share.part += value;
    ++share.all;
  };
  for (const auto& person : people)
    for (const auto& trial : person.trials) {
      if (trial.chosen < 0) continue;
      for_each_feedback(trial, true, [&](int option, const Feedback& feedback) {
        const auto& name = person.options[size_t(option)];
        const auto k = size_t(std::find(names.begin(), names.end(), name) - names.begin());
        add(out.rank[k], feedback.rank);
        add(out.outcome[k], feedback.outcome);
      });
    }
  return out;
}

size_t block_of(size_t trial, size_t n_trials, int n_blocks) {
  return trial * size_t(n_blocks) / n_trials;
}

/// Adds one person's choices of a partner and beliefs about it.
void add_person(const Participant& person, const std::vector<TrialSignals>& signals, int option,
                size_t index, PersonBlocks& chosen, PersonBlocks& rank, PersonBlocks& outcome,
                std::vector<double>& shares) {
  const auto n_blocks = int(chosen.size());
  std::vector<Share> in_block(chosen.size());
  Share all;
  double rank_belief = kMissing, outcome_belief = kMissing;
  for (size_t t = 0; t < person.trials.size(); ++t) {
    const Trial& trial = person.trials[t];
    const size_t block = block_of(t, person.trials.size(), n_blocks);
    if (trial.chosen >= 0 && trial.offers(option)) {
      const double part = trial.chosen == option;
      all.part += part, ++all.all;
      in_block[block].part += part, ++in_block[block].all;
    }
    if (trial.chosen == option) {
      if (!std::isnan(signals[t].rank_mean_after)) rank_belief = signals[t].rank_mean_after;
      if (!std::isnan(signals[t].outcome_value_after))
        outcome_belief = signals[t].outcome_value_after;
    }
    rank[block][index] = rank_belief;
    outcome[block][index] = outcome_belief;
  }
  for (size_t b = 0; b < in_block.size(); ++b) chosen[b][index] = in_block[b].value();
  shares[index] = all.value();
}

PartnerCurves curves_of(const std::string& name, const std::vector<Participant>& people,
                        const std::vector<std::vector<TrialSignals>>& signals, int n_blocks,
                        double level) {
  PartnerCurves out;
  out.partner = name;
  auto chosen = empty_blocks(n_blocks, people.size()), rank = chosen, outcome = chosen;
  out.person_shares.assign(people.size(), kMissing);
  for (size_t i = 0; i < people.size(); ++i) {
    const auto& options = people[i].options;
    const auto found = std::find(options.begin(), options.end(), name);
    if (found != options.end())
      add_person(people[i], signals[i], int(found - options.begin()), i, chosen, rank, outcome,
                 out.person_shares);
  }
  out.choice_share = mean_over_people(out.person_shares, level);
  out.chosen = means_of(chosen, level);
  out.rank_belief = means_of(rank, level);
  out.outcome_belief = means_of(outcome, level);
  return out;
}

/// @param quality  per partner; @param sign  1 if more is better, -1 if less is.
std::vector<MeanOverPeople> better_curve(const std::vector<Participant>& people,
                                         const std::vector<std::string>& names,
                                         const std::vector<Share>& quality, double sign,
                                         int n_blocks, double level) {
  auto blocks = empty_blocks(n_blocks, people.size());
  for (size_t i = 0; i < people.size(); ++i) {
    std::vector<Share> better(static_cast<size_t>(n_blocks));
    const auto& person = people[i];
    const auto quality_of = [&](int option) {
      const auto& name = person.options[size_t(option)];
      return quality[size_t(std::find(names.begin(), names.end(), name) - names.begin())].value();
    };
    for (size_t t = 0; t < person.trials.size(); ++t) {
      const Trial& trial = person.trials[t];
      if (trial.chosen < 0 || trial.options.size() != 2) continue;
      const int other = trial.options[0] == trial.chosen ? trial.options[1] : trial.options[0];
      const double gain = sign * (quality_of(trial.chosen) - quality_of(other));
      if (std::isnan(gain) || std::abs(gain) < 1e-12) continue;
      Share& share = better[block_of(t, person.trials.size(), n_blocks)];
      share.part += gain > 0;
      ++share.all;
    }
    for (size_t b = 0; b < better.size(); ++b) blocks[b][i] = better[b].value();
  }
  return means_of(blocks, level);
}

}  // namespace

LearningCurves learning_curves(const std::vector<Participant>& people,
                               const std::vector<std::vector<TrialSignals>>& signals, int n_blocks,
                               double level) {
  if (people.empty() || n_blocks < 1)
    fail(ErrorCode::bad_input, "learning curves of {} people in {} blocks: at least one of each",
         people.size(), n_blocks);
  for (size_t i = 0; i < people.size(); ++i)
    if (i >= signals.size() || signals[i].size() != people[i].trials.size())
      fail(ErrorCode::shape_mismatch, "sub-{} has {} rounds and signals of {}", people[i].label,
           people[i].trials.size(), i < signals.size() ? signals[i].size() : 0);
  const auto names = partner_names(people);
  const Shown shown = shown_by(people, names);
  LearningCurves out;
  out.n_people = int(people.size());
  out.n_blocks = n_blocks;
  out.level = level;
  bool with_rank = false;
  for (size_t k = 0; k < names.size(); ++k) {
    out.partners.push_back(curves_of(names[k], people, signals, n_blocks, level));
    out.partners.back().mean_rank = shown.rank[k].value();
    out.partners.back().match_rate = shown.outcome[k].value();
    with_rank |= shown.rank[k].all > 0;
  }
  out.better_by_outcome = better_curve(people, names, shown.outcome, 1, n_blocks, level);
  if (with_rank) out.better_by_rank = better_curve(people, names, shown.rank, -1, n_blocks, level);
  return out;
}

}  // namespace sociometer
