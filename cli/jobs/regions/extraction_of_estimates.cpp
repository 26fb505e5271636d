#include "cli/jobs/first_level/stored_fit.hpp"
#include "cli/jobs/regions/extraction.hpp"
#include "engine/core/error.hpp"
#include "engine/roi/percent_signal.hpp"
#include "engine/roi/voxel_overlap.hpp"

namespace sociometer::jobs {
namespace {

double tr_of(const ExtractRequest& a, const StoredFit& fit) {
  if (a.tr_s) return *a.tr_s;
  const Eigen::VectorXd& times = fit.runs[0].design.frame_times_s;
  return times.size() > 1 ? times[1] - times[0] : 0.0;
}

void add_psc(const ExtractRequest& a, const StoredFit& fit, const RegionGather& gather,
             const VoxelOverlap& overlap, Extracted& e) {
  std::vector<const RunEstimates*> runs;
  for (const auto& run : fit.runs) runs.push_back(&run.estimates);
  const SignalLevel signal = signal_level(runs);
  e.height = height_for(a, tr_of(a, fit));
  const auto level = baselines(gather, e.values, overlap.spread(signal.mean));
  for (size_t r = 0; r < level.size(); ++r)
    e.psc.push_back(percent_signal_change(e.summaries[r].mean, e.height, level[r],
                                          fit.runs[0].scaling, signal.grand_mean));
}

std::vector<RunColumns> columns_of(const StoredFit& fit,
                                   const std::vector<ResolvedContrast>& contrasts) {
  std::vector<RunColumns> runs;
  for (size_t r = 0; r < fit.runs.size(); ++r) {
    RunColumns run{fit.designs[r]->design, {}, fit.runs[r].design.trial_sd};
    for (const auto& contrast : contrasts)
      run.contrasts.push_back(contrast.usable_in(r)
                                  ? Eigen::VectorXd(contrast.rows[r].row(0).transpose())
                                  : Eigen::VectorXd());
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace

Outcome from_estimates(const Extraction& x, const std::vector<std::string>& paths,
                       const Unit& unit) {
  Outcome out;
  StoredFit fit = read_stored_fit(paths);
  require_same_grid(x.rule.grid, x.rule.name, fit.mask.grid, paths[0]);
  out.inputs = fit.inputs;
  out.warning = fit.doubt;
  const VoxelOverlap overlap = overlap_of(x.gather.voxels(), fit.mask.voxels);
  // What is pooled is pooled over the voxels of the mask, as in maps.
  std::vector<Eigen::VectorXd> pooled;
  if (x.request.fixed_effects == FixedEffects::pooled)
    for (const auto& spec : x.contrasts) {
      const ResolvedContrast contrast = resolve_in(fit, spec);
      if (contrast.usable())
        pooled.push_back(maps_of(contrast, fit, x.request.fixed_effects, 1)
                             .effect.row(0)
                             .transpose()(overlap.positions));
    }
  keep_voxels(fit, overlap.positions);
  std::vector<ResolvedContrast> contrasts;
  for (const auto& spec : x.contrasts) {
    contrasts.push_back(resolve_in(fit, spec));
    if (!contrasts.back().usable())
      fail(ErrorCode::bad_input, "contrast {} is refused: {}", spec.name,
           contrasts.back().why_not[0]);
    Extracted e;
    e.unit = unit;
    e.unit.contrast = spec.name;
    e.source = paths[0];
    Eigen::VectorXd effect(0);
    if (!pooled.empty())
      effect = pooled[contrasts.size() - 1];
    else if (!overlap.positions.empty())
      effect = maps_of(contrasts.back(), fit, x.request.fixed_effects, 1).effect.row(0).transpose();
    e.values = overlap.spread(effect);
    e.summaries = x.gather.summarise(e.values, x.parts());
    if (x.request.wants(RegionStatistic::psc)) add_psc(x.request, fit, x.gather, overlap, e);
    if (!x.request.wants(RegionStatistic::eigenvariate))
      std::vector<double>().swap(e.values);  // frees the memory
    out.extracted.push_back(std::move(e));
  }
  add_collinearity(out.extracted, columns_of(fit, contrasts));
  return out;
}

}  // namespace sociometer::jobs
