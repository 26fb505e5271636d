#include <algorithm>
#include <cmath>
#include <mutex>

#include "cli/jobs/first_level/stored_fit.hpp"
#include "cli/jobs/regions/extraction.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/roi/percent_signal.hpp"

namespace sociometer::jobs {
namespace {

double tr_of(const ExtractRequest& a, const StoredFit& fit) {
  if (a.tr_s) return *a.tr_s;
  const Eigen::VectorXd& times = fit.runs[0].design.frame_times_s;
  return times.size() > 1 ? times[1] - times[0] : 0.0;
}

/// Where the requested voxels are in the fit's mask: positions there, and indices in the request.
std::pair<std::vector<Eigen::Index>, std::vector<size_t>> common_voxels(
    const std::vector<uint32_t>& wanted, const std::vector<uint32_t>& mask) {
  std::pair<std::vector<Eigen::Index>, std::vector<size_t>> out;
  size_t m = 0;
  for (size_t w = 0; w < wanted.size(); ++w) {
    while (m < mask.size() && mask[m] < wanted[w]) ++m;
    if (m == mask.size()) break;
    if (mask[m] != wanted[w]) continue;
    out.first.push_back(Eigen::Index(m));
    out.second.push_back(w);
  }
  return out;
}

std::vector<double> spread(const Eigen::VectorXd& inside, const std::vector<size_t>& places,
                           size_t n) {
  std::vector<double> out(n, kNaN);
  for (size_t i = 0; i < places.size(); ++i) out[places[i]] = inside[Eigen::Index(i)];
  return out;
}

void add_psc(const ExtractRequest& a, const StoredFit& fit, const RegionGather& gather,
             const std::vector<size_t>& places, Extracted& e) {
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(Eigen::Index(places.size()));
  double grand_mean = 0;
  for (const auto& run : fit.runs) {
    mean += run.estimates.mean / double(fit.runs.size());
    grand_mean += run.estimates.grand_mean / double(fit.runs.size());
  }
  e.height = height_for(a, tr_of(a, fit));
  const auto level = baselines(gather, e.values, spread(mean, places, gather.voxels().size()));
  for (size_t r = 0; r < level.size(); ++r)
    e.psc.push_back(percent_signal_change(e.summaries[r].mean, e.height, level[r],
                                          fit.runs[0].scaling, grand_mean));
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
  StoredFit fit = [&] {
    // The HDF5 library must not be called from several threads at a time.
    static std::mutex one_reader;
    const std::lock_guard lock(one_reader);
    return read_stored_fit(paths);
  }();
  require_same_grid(x.rule.grid, x.rule.name, fit.mask.grid, paths[0]);
  out.input = fit.inputs;
  const auto [positions, places] = common_voxels(x.gather.voxels(), fit.mask.voxels);
  keep_voxels(fit, positions);
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
    if (!positions.empty())
      effect = maps_of(contrasts.back(), fit, x.request.fixed_effects, 1).effect.row(0).transpose();
    e.values = spread(effect, places, x.gather.voxels().size());
    e.summaries = x.gather.summarise(e.values, x.parts());
    if (x.request.wants(RegionStatistic::psc)) add_psc(x.request, fit, x.gather, places, e);
    if (!x.request.wants(RegionStatistic::eigenvariate))
      std::vector<double>().swap(e.values);  // frees the memory
    out.extracted.push_back(std::move(e));
  }
  add_collinearity(out.extracted, columns_of(fit, contrasts));
  return out;
}

}  // namespace sociometer::jobs
