#include "engine/design/single_trials.hpp"

#include <set>

#include "engine/core/error.hpp"
#include "engine/design/split_design.hpp"

namespace sociometer {
namespace {

std::set<std::string> types_to_split(const Events& events, const TrialOptions& options) {
  std::set<std::string> known;
  for (const auto& event : events) known.insert(event.type);
  if (options.types.empty()) return known;
  std::set<std::string> split;
  for (const auto& type : options.types)
    if (known.contains(type)) split.insert(type);
  return split;
}

std::vector<std::string> modulator_columns(const std::string& type, const DesignOptions& options) {
  std::vector<std::string> columns;
  for (const auto& set : options.modulators)
    if (set.event_type == type)
      columns.insert(columns.end(), set.columns.begin(), set.columns.end());
  return columns;
}

/// The weights of a modulator relative to the trials' amplitudes.
std::vector<double> relative_weights(const Stimulus& modulator, const Stimulus& main) {
  std::vector<double> weights(main.weight.size(), 0.0);
  for (size_t i = 0; i < weights.size(); ++i)
    if (main.weight[i] != 0) weights[i] = modulator.weight[i] / main.weight[i];
  return weights;
}

SplitDesign list_trials(const Events& events, const DesignOptions& options,
                        const TrialOptions& trials, SingleTrials& out) {
  const std::set<std::string> types = types_to_split(events, trials);
  for (size_t i = 0; i < events.size(); ++i)
    if (types.contains(events[i].type)) {
      out.events.push_back(i);
      out.trials.push_back(events[i]);
    }
  SplitDesign split;
  for (const auto& type : types) {
    SplitCondition one;
    for (size_t t = 0; t < out.events.size(); ++t)
      if (out.trials[t].type == type) {
        one.positions.push_back(one.trials.size());
        one.trials.push_back(t);
      }
    const auto stimuli =
        stimuli_of_type(events, type, modulator_columns(type, options), options.modulator_policy);
    one.stimulus = stimuli[0];
    for (size_t s = 0; s < stimuli.size(); ++s)
      split.sums.push_back({function_names(stimuli[s].name, options.hrf), one.trials,
                            s == 0 ? std::vector<double>(one.trials.size(), 1.0)
                                   : relative_weights(stimuli[s], stimuli[0]),
                            s == 0 ? kNaN : stimuli[s].trial_sd, s == 0});
    split.conditions.push_back(std::move(one));
  }
  return split;
}

}  // namespace

SingleTrials split_trials(const Events& events, const DesignMatrix& design, double tr_s,
                          const DesignOptions& options, const TrialOptions& trials) {
  if (options.hrf.shape == HrfShape::fir)
    fail(ErrorCode::usage,
         "single trials need a response of one shape; the HRF fir has one column per delay: use "
         "spm or glover, with derivatives if the shape varies");
  SingleTrials out;
  const SplitDesign split = list_trials(events, options, trials, out);
  fill_columns(split, tr_s, design.frame_times_s, options, out);
  make_model(split, design, options.hrf, trials, out);
  return out;
}

}  // namespace sociometer
