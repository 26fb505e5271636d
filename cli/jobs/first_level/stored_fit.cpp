#include "cli/jobs/first_level/stored_fit.hpp"

#include <map>

#include <fmt/format.h>

#include "cli/jobs/first_level/run_checks.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/record_fields.hpp"

namespace sociometer::jobs {

StoredFit read_stored_fit(const std::vector<std::string>& paths) {
  StoredFit store;
  std::map<std::string, std::string> seen;
  for (size_t i = 0; i < paths.size(); ++i) {
    Mask mask;
    require_same_entities(paths[0], paths[i], {"sub", "space", "cohort", "den", "hemi"});
    InputFile file;
    auto runs = read_estimates(paths[i], mask, &file);
    if (i == 0) store.mask = mask;
    require_same_grid(store.mask.grid, paths[0], mask.grid, paths[i]);
    if (mask.voxels != store.mask.voxels)
      fail(ErrorCode::shape_mismatch,
           "{} has {} voxels in its mask, {} has {} or others; fit all runs with the same --mask",
           paths[0], store.mask.n_voxels(), paths[i], mask.n_voxels());
    if (const auto [other, fresh] = seen.emplace(file.checksum, paths[i]); !fresh)
      fail(ErrorCode::bad_input,
           "{} and {} have the same content: a run that counts twice makes t too large; give it "
           "once",
           other->second, paths[i]);
    store.inputs.push_back(file);
    for (auto& run : runs) {
      const std::string of_file = participant_in(paths[i]), of_run = participant_in(run.source);
      if (store.doubt.empty() && !of_file.empty() && !of_run.empty() && of_file != of_run)
        store.doubt = fmt::format(
            "{} is of {} by its name, and of {} by its run {}; give each participant's own file, "
            "or name it as its runs are",
            paths[i], of_file, of_run, run.source);
      store.runs.push_back(std::move(run));
      store.file_of.push_back(i);
    }
  }
  for (const auto& run : store.runs)
    if (const std::string first = to_string(store.runs[0].noise_model),
        other = to_string(run.noise_model);
        store.doubt.empty() && first != other)
      store.doubt = fmt::format(
          "{} and {} were fitted with different noise models ({}, {}), so their variances do not "
          "compare; fit all runs with one",
          store.runs[0].source, run.source, first, other);
  require_different_runs(store.runs);
  for (const auto& run : store.runs) {
    if (run.scaling != store.runs[0].scaling)
      fail(ErrorCode::bad_input,
           "{} was scaled '{}' and {} '{}': their effects have different units; fit them alike",
           store.runs[0].source, to_string(store.runs[0].scaling), run.source,
           to_string(run.scaling));
    store.designs.push_back(
        std::make_unique<RunDesign>(run.design.values, run.kept, run.noise_model.order));
    store.designs.back()->set_roles(run.design.roles);
    store.names.push_back(run.source);
  }
  return store;
}

ResolvedContrast resolve_in(const StoredFit& fit, const ContrastSpec& spec) {
  std::vector<std::vector<std::string>> columns;
  std::vector<EstimableSpace> spaces;
  for (size_t r = 0; r < fit.runs.size(); ++r) {
    columns.push_back(fit.runs[r].design.names);
    spaces.push_back(fit.designs[r]->space);
  }
  return resolve_contrast(spec, columns, spaces);
}

namespace {

/// The contrast in each run.
struct ValuesOfRuns {
  std::vector<ContrastValues> values;
  std::vector<const ContrastValues*> pointers;
  std::vector<double> dof;
};

ValuesOfRuns values_of(const ResolvedContrast& contrast, const StoredFit& store, int n_threads) {
  ValuesOfRuns out;
  out.values.resize(store.runs.size());
  for (size_t r = 0; r < store.runs.size(); ++r) {
    if (contrast.usable_in(r))
      out.values[r] = contrast_values(*store.designs[r], store.runs[r].estimates,
                                      {.noise_model = store.runs[r].noise_model,
                                       .contrasts = {contrast.rows[r]},
                                       .n_threads = n_threads})[0];
    out.pointers.push_back(&out.values[r]);
    out.dof.push_back(store.runs[r].estimates.dof);
  }
  return out;
}

}  // namespace

ContrastMaps maps_of(const ResolvedContrast& contrast, const StoredFit& store,
                     FixedEffects fixed_effects, int n_threads) {
  const ValuesOfRuns runs = values_of(contrast, store, n_threads);
  return combine_runs(contrast, runs.pointers, runs.dof, fixed_effects, n_threads);
}

ContrastMaps maps_of(const ResolvedContrast& contrast, const StoredFit& store, const RunSets& sets,
                     int n_threads) {
  const ValuesOfRuns runs = values_of(contrast, store, n_threads);
  return combine_sets(contrast, runs.pointers, runs.dof, sets, n_threads);
}

void keep_voxels(StoredFit& fit, const std::vector<Eigen::Index>& positions) {
  std::vector<uint32_t> voxels;
  for (Eigen::Index p : positions) voxels.push_back(fit.mask.voxels[size_t(p)]);
  fit.mask.voxels = std::move(voxels);
  for (auto& run : fit.runs) {
    RunEstimates& e = run.estimates;
    e.betas = Eigen::MatrixXd(e.betas(Eigen::all, positions));
    e.residual_variance = Eigen::VectorXd(e.residual_variance(positions));
    e.noise = Eigen::MatrixXd(e.noise(Eigen::all, positions));
    if (e.posterior.rows() > 0) e.posterior = Eigen::MatrixXf(e.posterior(Eigen::all, positions));
    e.r_squared = Eigen::VectorXd(e.r_squared(positions));
    e.mean = Eigen::VectorXd(e.mean(positions));
    std::vector<VoxelStatus> status;
    for (Eigen::Index p : positions) status.push_back(e.status[size_t(p)]);
    e.status = std::move(status);
  }
}

}  // namespace sociometer::jobs
