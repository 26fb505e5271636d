#include "cli/jobs/trials/trial_runs.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/design/hrf_library.hpp"
#include "engine/design/model_trials.hpp"
#include "engine/glm/fractional_ridge.hpp"

namespace sociometer::jobs {
namespace {

void check_types(const TrialsRequest& a, const RunDesigns& designs) {
  std::set<std::string> known;
  for (const auto& events : designs.events)
    for (const auto& event : events) known.insert(event.type);
  for (const auto& type : a.types)
    if (!known.contains(type))
      fail(ErrorCode::bad_input, "--trial-types names '{}', which no event is; there are {}", type,
           fmt::join(known, ", "));
}

/// The columns of trials that these runs have, of those that the participants of a study have.
std::vector<std::string> types_of_these_runs(const TrialsRequest& a, const RunDesigns& designs,
                                             Journal& journal) {
  const auto& elsewhere = a.fit.design.stats_model.columns;
  std::vector<std::string> types;
  for (const auto& type : a.types) {
    const bool here = std::any_of(
        designs.event_columns.begin(), designs.event_columns.end(), [&](const auto& run) {
          return std::any_of(run.begin(), run.end(), [&](const EventColumn& column) {
            return is_trial_type(column.stimulus.name, type);
          });
        });
    if (here || std::find(elsewhere.begin(), elsewhere.end(), type) == elsewhere.end())
      types.push_back(type);
    else
      journal.warn(fmt::format("no run has '{}': it has no trials here", type));
  }
  if (types.empty() && !a.types.empty())
    fail(ErrorCode::bad_input, "no run has any of the columns of trials: {}",
         fmt::join(a.types, ", "));
  return types;
}

void require_derivatives(const std::string& run, const SingleTrials& trials,
                         const TrialOptions& o) {
  if (o.amplitude == TrialAmplitude::peak && trials.n_functions == 1 && trials.n_trials() > 0)
    fail(ErrorCode::bad_input,
         "{}: the peak combines the response with its derivatives, and the design has none of the "
         "columns of trials; Convolve with Derivative and name them in X",
         run);
}

/// With a response that designs can be made with.
FitRequest with_one_response(FitRequest a) {
  if (a.design.hrf && chooses_shape(*a.design.hrf)) a.design.hrf = library_hrf(kHrfLibrarySize / 2);
  return a;
}

}  // namespace

PreparedRun split_run(const TrialsRequest& a, const FitInputs& runs, size_t r,
                      const DesignMatrix& design, const DesignOptions& options) {
  const TrialOptions trial_options = a.options();
  const RunInput& input = runs.inputs[r];
  const auto trials = with_context(input.name, [&] {
    const RunDesigns& designs = runs.designs;
    return prepare_trials(
        designs.event_columns.empty()
            ? split_trials(designs.events[r], design, input.tr_s, options, trial_options)
            : split_trials(designs.event_columns[r], design, input.tr_s, options, trial_options),
        trial_options, designs.kept[r], a.variance, runs.first.plan.noise_model);
  });
  require_derivatives(input.name, trials->split, trial_options);
  return prepare_run({input.name, trials->split.model, runs.designs.kept[r],
                      runs.designs.run_starts[r], input.repetition_time_s(), trials},
                     runs.first.plan);
}

FitInputs prepare_trial_runs(const TrialsRequest& a, const FirstLevelPlan& plan, Journal& journal) {
  const FitRequest one_response = with_one_response(a.fit);
  FitInputs runs = prepare_runs(one_response.bold, one_response.design, plan, journal);
  // Warnings about designs are about those of conditions; what single trials lack is in the table.
  for (const auto& w : runs.warnings) journal.warn(w);
  TrialsRequest of_columns = a;
  if (runs.designs.event_columns.empty())
    check_types(a, runs.designs);
  else
    of_columns.types =
        trial_columns(runs.designs.event_columns, types_of_these_runs(a, runs.designs, journal));
  for (size_t r = 0; r < runs.inputs.size(); ++r)
    runs.first.runs[r] =
        split_run(of_columns, runs, r, runs.designs.designs[r], runs.designs.run_options[r]);
  if (a.fit.design.hrf) runs.designs.options.hrf = *a.fit.design.hrf;
  return runs;
}

std::vector<std::vector<std::string>> shrinkage_labels(const TrialsRequest& a,
                                                       const FitInputs& runs,
                                                       const std::vector<ListedTrial>& listed) {
  std::vector<std::vector<std::string>> labels(runs.inputs.size());
  if (!a.shrinkage.cross_validated()) return labels;
  const auto of_trials = values_of_trials(
      a.shrinkage_labels.empty() ? "trial_type" : a.shrinkage_labels, runs, listed);
  for (size_t t = 0; t < listed.size(); ++t) labels[listed[t].run].push_back(of_trials[t]);
  require_labels_over_runs(labels);
  return labels;
}

Eigen::VectorXd shrink_trials(const TrialsRequest& a, const FitInputs& runs,
                              const std::vector<PreparedRun>& prepared,
                              const std::vector<ListedTrial>& listed, int n_threads,
                              std::vector<TrialResults>& results) {
  if (!a.shrinkage.given()) return {};
  std::vector<FractionalRidge> ridges;
  for (size_t r = 0; r < results.size(); ++r) {
    const RunTrials& trials = *prepared[r].trials;
    ridges.emplace_back(trials.split, trials.facts, runs.designs.kept[r]);
  }
  Eigen::VectorXd fractions;
  if (!a.shrinkage.cross_validated()) {
    fractions.setConstant(results[0].amplitude.cols(), a.shrinkage.fraction);
  } else {
    const auto labels = shrinkage_labels(a, runs, listed);
    std::vector<ShrunkenRun> parts;
    for (size_t r = 0; r < results.size(); ++r)
      parts.push_back({&ridges[r], &results[r].amplitude, labels[r]});
    fractions = cross_validated_fractions(parts, default_fractions(), n_threads);
  }
  for (size_t r = 0; r < results.size(); ++r)
    results[r].amplitude = ridges[r].shrink(results[r].amplitude, fractions, n_threads);
  return fractions;
}

}  // namespace sociometer::jobs
