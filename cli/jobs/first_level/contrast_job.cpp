#include "cli/jobs/first_level/contrast_job.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/first_level/stored_fit.hpp"
#include "cli/jobs/given.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bytes/path_glob.hpp"
#include "io/records/first_level_records.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {
namespace {

Eigen::Index failed_voxels(const StoredFit& store) {
  Eigen::Index n = 0;
  for (size_t v = 0; v < store.mask.voxels.size(); ++v)
    n += std::any_of(store.runs.begin(), store.runs.end(), [&](const StoredRun& run) {
      return run.estimates.status[v] != VoxelStatus::ok;
    });
  return n;
}

/// Shared by all participants.
struct ContrastPlan {
  std::vector<ContrastSpec> specs;
  FixedEffects fixed_effects;
  std::optional<FixedEffects> within;
  std::vector<double> weights;
  ScalarType type;
};

/// The estimates of one participant: runs and sessions are combined, participants are not.
struct ParticipantEstimates {
  std::string label;  ///< "sub-01", empty when the names have no label
  std::vector<std::string> paths;
};

std::vector<ParticipantEstimates> by_participant(const std::vector<std::string>& paths) {
  std::vector<ParticipantEstimates> people;
  for (const auto& path : paths) {
    const std::string label = participant_in(path);
    const auto known =
        std::find_if(people.begin(), people.end(), [&](const auto& p) { return p.label == label; });
    if (known == people.end())
      people.push_back({label, {path}});
    else
      known->paths.push_back(path);
  }
  if (people.size() > 1)
    for (const auto& p : people)
      if (p.label.empty())
        fail(ErrorCode::bad_input,
             "{} does not say whose it is, others are of {}; name each file or folder sub-<label>",
             p.paths[0], people[p.label == people[0].label ? 1 : 0].label);
  return people;
}

CombinedFits combined_record(const StoredFit& store, const ContrastPlan& plan) {
  CombinedFits record;
  for (const auto& run : store.runs)
    record.runs.push_back({run.source, to_string(run.noise_model), double(run.estimates.dof)});
  record.choices = {to_string(store.runs[0].scaling), to_string(plan.fixed_effects)};
  if (plan.within) record.within_files = to_string(*plan.within);
  if (!plan.weights.empty()) record.weights = plan.weights;
  record.estimates = store.inputs;
  return record;
}

ContrastMaps maps_in(const ResolvedContrast& contrast, const StoredFit& store,
                     const ContrastPlan& plan, int n_threads) {
  if (!plan.within || contrast.spec.kind != ContrastKind::t)
    return maps_of(contrast, store, plan.fixed_effects, n_threads);
  return maps_of(contrast, store,
                 RunSets{store.file_of, *plan.within, plan.fixed_effects, plan.weights}, n_threads);
}

/// What is reported for a participant once its files are in place.
struct ReportedContrasts {
  Summary summary;
  std::string prefix;
};

/// Maps of one participant. @return refusals and other lines to report.
/// @throws Error when no contrast can be computed.
std::vector<std::string> contrasts_of(const ParticipantEstimates& person, const ContrastPlan& plan,
                                      const std::string& prefix, const Session& session,
                                      OutputSet& outputs,
                                      std::vector<ReportedContrasts>& reported) {
  const StoredFit store = read_stored_fit(person.paths);
  note_read(session, store.inputs);
  if (!store.doubt.empty()) session.journal.warn(store.doubt);
  // Runs of several fits may have several noise models.
  std::vector<double> dof;
  const StoredRun* averaged = nullptr;
  for (const auto& run : store.runs) {
    const bool averages = run.noise_model.averages;
    if (averages && !averaged) averaged = &run;
    dof.push_back(averages ? run.estimates.dof : std::numeric_limits<double>::infinity());
  }
  if (averaged)
    for (const auto& w :
         uncertain_weights(averaged->noise_model, plan.within.value_or(plan.fixed_effects), dof))
      session.journal.warn(w);
  MapWriter writer(outputs, prefix, store.mask, plan.type, session.provenance, RecordKind::map);
  MapRecord common;
  common.combined = combined_record(store, plan);
  std::vector<std::string> refused;
  Summary summary(fmt::format("{} voxels, {} run(s)", store.mask.n_voxels(), store.runs.size()));
  for (const auto& spec : plan.specs) {
    const ResolvedContrast contrast = resolve_in(store, spec);
    if (contrast.usable()) {
      ContrastMaps maps = maps_in(contrast, store, plan, session.threads);
      summary.add(spec.name, peak_text(maps.z, store.mask, spec.kind == ContrastKind::t));
      MapRecord own = common;
      if (spec.kind == ContrastKind::F &&
          std::exchange(own.combined->within_files, std::nullopt).has_value())
        session.journal.warn(fmt::format(
            "F contrast {} combines all runs alike, not file by file as t contrasts", spec.name));
      writer.add_contrast(contrast, std::move(maps), store.names, own);
    } else {
      refused.push_back(fmt::format("contrast {} is refused: {}", spec.name, contrast.why_not[0]));
    }
  }
  if (refused.size() == plan.specs.size()) fail(ErrorCode::bad_input, "{}", refused.front());
  writer.flush(session.threads);
  reported.push_back({std::move(summary), prefix});
  if (const Eigen::Index failed = failed_voxels(store); failed > 0)
    session.journal.warn(
        fmt::format("voxels without statistics in some run (NaN in the maps): {}", failed));
  return refused;
}

/// The prefix of a participant's files: the given one, with the participant's label appended when
/// there are several, or the common part of the estimates' names.
std::string prefix_for(const ContrastRequest& a, const ParticipantEstimates& person,
                       size_t n_people) {
  if (a.prefix.empty()) {
    const std::string derived = derived_prefix(person.paths);
    return derived.empty() && n_people > 1 ? person.label + "/" + person.label : derived;
  }
  return n_people > 1 ? person.label + "/" + person.label + "_" + a.prefix : a.prefix;
}

/// Identifies the run in its folder: contrasts with other names are another run.
std::string policy_name(const ContrastRequest& a, const std::vector<ParticipantEstimates>& people) {
  std::string name = people.size() == 1 ? prefix_for(a, people[0], 1) : a.prefix;
  for (const auto& spec : contrast_specs(a.contrasts, a.f_contrasts))
    name += (name.empty() ? "" : "_") + spec.name;
  return name.substr(0, 200);
}

}  // namespace

void check(const ContrastRequest& a) {
  require_given(!a.estimates.empty(), "estimates.h5");
  if (a.contrasts.empty() && a.f_contrasts.empty())
    fail(ErrorCode::usage, "give at least one --contrast or --f-contrast");
  if (a.weights.empty()) return;
  if (!a.within || a.weights.size() != a.estimates.size())
    fail(ErrorCode::usage, "{} weights for {} files of estimates; each needs one, with `within`",
         a.weights.size(), a.estimates.size());
  if (!a.f_contrasts.empty())
    fail(ErrorCode::usage, "a difference of sessions is a t contrast; F contrasts have no weights");
}

JobSummary contrast(const ContrastRequest& a, const Session& session) {
  check(a);
  const ContrastPlan plan{contrast_specs(a.contrasts, a.f_contrasts), a.fixed_effects, a.within,
                          a.weights, scalar_type(a.map_type)};
  const auto people = by_participant(expand_globs(a.estimates));
  if (people.size() > 1)
    session.journal.info(
        fmt::format("estimates of {} participants: each has contrasts of its own", people.size()));
  OutputSet outputs(a.output, session.policy("contrast", policy_name(a, people)));
  for (const auto& person : people)
    for (const auto& spec : plan.specs)
      outputs.check_name(name_prefix(prefix_for(a, person, people.size())) +
                         longest_map_name(spec));
  std::vector<std::string> failures;
  std::vector<ReportedContrasts> reported;
  size_t n_done = 0;
  for (const auto& person : people) {
    const std::string who = people.size() > 1 ? person.label + ": " : "";
    try {
      for (const auto& line : contrasts_of(person, plan, prefix_for(a, person, people.size()),
                                           session, outputs, reported))
        failures.push_back(who + line);
      ++n_done;
    } catch (const Error& error) {
      if (people.size() == 1) throw;
      failures.push_back(who + error.what());
    }
  }
  if (n_done == 0) fail(ErrorCode::bad_input, "{}", failures.front());
  write_dataset_description(outputs);
  session.provenance.write_configuration(outputs, policy_name(a, people));
  outputs.commit();
  for (const auto& one : reported) one.summary.report(session.journal, a.output, one.prefix);
  for (const auto& line : failures) session.journal.warn(line);
  return {failures};
}

}  // namespace sociometer::jobs
