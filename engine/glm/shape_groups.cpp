#include "engine/glm/shape_groups.hpp"

#include <algorithm>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

Eigen::MatrixXd columns_of(const Eigen::MatrixXd& all, const std::vector<Eigen::Index>& voxels) {
  return all.size() == 0 ? Eigen::MatrixXd() : Eigen::MatrixXd(all(Eigen::all, voxels));
}

/// What is reported of a run's fit, for some of its voxels.
RunEstimates estimates_of(const RunEstimates& all, const std::vector<Eigen::Index>& voxels) {
  RunEstimates out;
  out.residual_variance = all.residual_variance(voxels);
  out.r_squared = all.r_squared(voxels);
  out.mean = all.mean(voxels);
  for (const Eigen::Index v : voxels) out.status.push_back(all.status[size_t(v)]);
  out.dof = all.dof;
  out.grand_mean = all.grand_mean;
  return out;
}

FirstLevelFit fit_of(const FirstLevelFit& all, const std::vector<Eigen::Index>& voxels) {
  FirstLevelFit out;
  for (const RunEstimates& e : all.estimates) out.estimates.push_back(estimates_of(e, voxels));
  for (const TrialResults& t : all.trials)
    out.trials.push_back({columns_of(t.amplitude, voxels), columns_of(t.variance, voxels)});
  return out;
}

std::vector<Eigen::Index> positions(Eigen::Index n) {
  std::vector<Eigen::Index> out;
  for (Eigen::Index v = 0; v < n; ++v) out.push_back(v);
  return out;
}

RunEstimates empty_estimates(Eigen::Index n_voxels) {
  RunEstimates e;
  for (Eigen::VectorXd* map : {&e.residual_variance, &e.r_squared, &e.mean})
    map->setConstant(n_voxels, kNaN);
  e.status.assign(size_t(n_voxels), VoxelStatus::ok);
  return e;
}

void put_estimates(const RunEstimates& from, const std::vector<Eigen::Index>& voxels, bool first,
                   RunEstimates& to) {
  to.residual_variance(voxels) = from.residual_variance;
  to.r_squared(voxels) = from.r_squared;
  to.mean(voxels) = from.mean;
  for (size_t i = 0; i < voxels.size(); ++i) to.status[size_t(voxels[i])] = from.status[i];
  to.dof = first ? from.dof : std::min(to.dof, from.dof);
  to.grand_mean = from.grand_mean;
}

/// NaN in voxels without a response.
void put_trials(const Eigen::MatrixXd& from, const std::vector<Eigen::Index>& voxels, double factor,
                const std::vector<uint8_t>& number, Eigen::MatrixXd& to) {
  if (from.size() == 0) return;
  if (to.size() == 0) to.setConstant(from.rows(), Eigen::Index(number.size()), kNaN);
  for (size_t i = 0; i < voxels.size(); ++i)
    if (number[size_t(voxels[i])] > 0) to.col(voxels[i]) = factor * from.col(Eigen::Index(i));
}

}  // namespace

std::vector<ShapeGroup> group_by_shape(const std::vector<uint8_t>& number, const Mask& mask) {
  require(number.size() == mask.voxels.size(), "every voxel of the mask has a number");
  std::map<int, std::vector<Eigen::Index>> used;
  for (const uint8_t n : number)
    if (n > 0) used[n];
  if (used.empty()) used[1];
  for (size_t v = 0; v < number.size(); ++v)
    (number[v] > 0 ? used[number[v]] : used.begin()->second).push_back(Eigen::Index(v));
  std::vector<ShapeGroup> groups;
  for (auto& [n, voxels] : used) {
    ShapeGroup group{n, std::move(voxels), {mask.grid, {}}};
    for (const Eigen::Index v : group.voxels) group.mask.voxels.push_back(mask.voxels[size_t(v)]);
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<FirstLevelFit> fit_shape_groups(const std::vector<ShapeGroup>& groups,
                                            const OpenRun& open, const Mask& mask,
                                            Journal* journal) {
  std::vector<FirstLevelFit> fits;
  if (couples_voxels(groups.at(0).first.plan)) {
    for (const ShapeGroup& group : groups)
      fits.push_back(fit_of(fit_first_level(group.first, open, mask, journal), group.voxels));
    return fits;
  }
  std::vector<VoxelGroup> parts;
  for (const ShapeGroup& group : groups) parts.push_back({&group.first, &group.mask});
  for (FirstLevelFit& fit : fit_first_level(parts, open, journal)) {
    const Eigen::Index n_voxels = fit.estimates.at(0).mean.size();
    fits.push_back(fit_of(fit, positions(n_voxels)));
    fit = {};
  }
  return fits;
}

FirstLevelFit join_shape_groups(const std::vector<ShapeGroup>& groups,
                                const std::vector<FirstLevelFit>& fits,
                                const std::vector<uint8_t>& number) {
  const size_t n_runs = fits.at(0).estimates.size();
  FirstLevelFit out;
  out.trials.resize(n_runs);
  for (size_t r = 0; r < n_runs; ++r) {
    out.estimates.push_back(empty_estimates(Eigen::Index(number.size())));
    for (size_t g = 0; g < groups.size(); ++g) {
      const auto& voxels = groups[g].voxels;
      const double height = groups[g].heights.at(r);
      const TrialResults& trials = fits[g].trials[r];
      put_estimates(fits[g].estimates[r], voxels, g == 0, out.estimates[r]);
      put_trials(trials.amplitude, voxels, height, number, out.trials[r].amplitude);
      put_trials(trials.variance, voxels, height * height, number, out.trials[r].variance);
    }
  }
  return out;
}

JointFacts joint_facts(const std::vector<ShapeGroup>& groups, size_t run) {
  JointFacts out;
  for (const ShapeGroup& group : groups) {
    const std::vector<TrialFacts>& facts = group.first.runs[run].trials->facts;
    if (out.facts.empty()) {
      out.facts = facts;
      out.lost.resize(facts.size());
    }
    for (size_t t = 0; t < facts.size(); ++t) {
      if (facts[t].status != TrialStatus::ok) {
        if (out.facts[t].status == TrialStatus::ok) out.facts[t] = facts[t];
        out.lost[t].push_back(group.number);
      } else if (out.facts[t].status == TrialStatus::ok) {
        out.facts[t].vif = std::max(out.facts[t].vif, facts[t].vif);
      }
    }
  }
  return out;
}

void put_shaped(const ShapeGroup& group, const std::vector<uint8_t>& number,
                const Eigen::VectorXd& of_group, Eigen::VectorXd& all) {
  require(of_group.size() == Eigen::Index(group.voxels.size()), "a value per voxel of the group");
  for (size_t i = 0; i < group.voxels.size(); ++i)
    if (const auto v = group.voxels[i]; number[size_t(v)] > 0) all[v] = of_group[Eigen::Index(i)];
}

std::vector<long> voxels_per_shape(const std::vector<uint8_t>& number, int n_shapes) {
  std::vector<long> counts(size_t(n_shapes) + 1, 0);
  for (const uint8_t n : number) {
    require(n <= n_shapes, "numbers up to that of shapes");
    ++counts[n];
  }
  return counts;
}

}  // namespace sociometer
