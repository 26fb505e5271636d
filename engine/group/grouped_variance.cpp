#include "engine/group/grouped_variance.hpp"

#include <cmath>

#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
constexpr double kGroupedSettled = 1e-10;
constexpr int kMaxGroupedSteps = 200;

/// The participants present at a voxel.
struct VoxelData {
  Eigen::VectorXd y, v;
  Eigen::MatrixXd x;
  std::vector<int> group;
};

VoxelData present_at(const Eigen::Ref<const Eigen::MatrixXd>& effects,
                     const Eigen::Ref<const Eigen::MatrixXd>& variances,
                     const Eigen::Ref<const Eigen::MatrixXd>& design, Index voxel,
                     const std::vector<int>& groups) {
  std::vector<Index> rows;
  for (Index i = 0; i < effects.rows(); ++i)
    if (std::isfinite(effects(i, voxel)) && std::isfinite(variances(i, voxel)) &&
        variances(i, voxel) > 0)
      rows.push_back(i);
  VoxelData data;
  data.y = effects.col(voxel)(rows);
  data.v = variances.col(voxel)(rows);
  data.x = design(rows, Eigen::all);
  for (const Index i : rows) data.group.push_back(groups[size_t(i)]);
  return data;
}

/// Generalised least squares at given between variances, and the gradient and information of the
/// restricted likelihood.
struct Place {
  double log_likelihood = 0;
  Eigen::VectorXd beta, slope;
  Eigen::MatrixXd factor, information;
  double weighted_squares = 0, trace_p = 0;
};

Place evaluate(const VoxelData& data, const Eigen::VectorXd& tau2) {
  const Index n = data.y.size();
  Eigen::VectorXd w(n);
  for (Index i = 0; i < n; ++i) w[i] = 1 / (data.v[i] + tau2[data.group[size_t(i)]]);
  Place place;
  const Eigen::MatrixXd wx = w.asDiagonal() * data.x;
  const Eigen::LLT<Eigen::MatrixXd> llt(data.x.transpose() * wx);
  place.factor = llt.matrixL();
  place.beta = llt.solve(wx.transpose() * data.y);
  const Eigen::VectorXd py = w.cwiseProduct(data.y - data.x * place.beta);
  Eigen::MatrixXd p = -wx * llt.solve(wx.transpose());
  p.diagonal() += w;
  place.trace_p = p.trace();
  place.weighted_squares = py.cwiseQuotient(w).dot(py);
  place.log_likelihood = 0.5 * w.array().log().sum() - place.factor.diagonal().array().log().sum() -
                         0.5 * place.weighted_squares;
  place.slope.setZero(tau2.size());
  place.information.setZero(tau2.size(), tau2.size());
  for (Index i = 0; i < n; ++i) {
    const int g = data.group[size_t(i)];
    place.slope[g] += py[i] * py[i] - p(i, i);
    for (Index j = 0; j < n; ++j) place.information(g, data.group[size_t(j)]) += p(i, j) * p(i, j);
  }
  return place;
}

/// Scoring step of the free variances: not of those at 0 with a negative slope.
Eigen::VectorXd scoring_step(const Place& place, const Eigen::VectorXd& tau2) {
  std::vector<Index> free;
  for (Index g = 0; g < tau2.size(); ++g)
    if (place.information(g, g) > 0 && (tau2[g] > 0 || place.slope[g] > 0)) free.push_back(g);
  Eigen::VectorXd step = Eigen::VectorXd::Zero(tau2.size());
  if (free.empty()) return step;
  const Eigen::MatrixXd information = place.information(free, free);
  const Eigen::VectorXd slope = place.slope(free);
  const Eigen::VectorXd moves = information.ldlt().solve(slope);
  step(free) = moves;
  return step;
}

Eigen::VectorXd maximise(const VoxelData& data, Eigen::VectorXd tau2, double typical) {
  Place place = evaluate(data, tau2);
  for (int iteration = 0; iteration < kMaxGroupedSteps; ++iteration) {
    Eigen::VectorXd step = scoring_step(place, tau2);
    Eigen::VectorXd next = (tau2 + step).cwiseMax(0.0);
    Place there = evaluate(data, next);
    for (int half = 0; half < 40 && there.log_likelihood < place.log_likelihood - 1e-12; ++half) {
      step *= 0.5;
      next = (tau2 + step).cwiseMax(0.0);
      there = evaluate(data, next);
    }
    const double change = (next - tau2).cwiseAbs().maxCoeff();
    tau2 = next;
    place = std::move(there);
    if (!(change > kGroupedSettled * (tau2.maxCoeff() + typical))) break;
  }
  return tau2;
}

void fit_voxel(const VoxelData& data, Index voxel, const std::vector<Eigen::MatrixXd>& contrasts,
               Index n_groups, const MixedOptions& options, MixedEffectsMaps& maps) {
  const Index n = data.y.size(), p = data.x.cols();
  maps.n[voxel] = double(n);
  if (n <= p || n < options.min_participants) {
    maps.status[size_t(voxel)] = GroupStatus::too_few;
    return;
  }
  if (data.x.colPivHouseholderQr().rank() < p) {
    maps.status[size_t(voxel)] = GroupStatus::not_estimable;
    return;
  }
  const double dof = double(n - p);
  const Place fixed = evaluate(data, Eigen::VectorXd::Zero(n_groups));
  const double typical = dof / fixed.trace_p;
  const double start = std::max(0.0, (fixed.weighted_squares - dof) / fixed.trace_p);
  // The likelihood can have several maxima, some of them with groups at 0.
  const double spread = (data.y.array() - data.y.mean()).square().sum() / double(n - 1);
  std::vector<Eigen::VectorXd> starts{Eigen::VectorXd::Constant(n_groups, start),
                                      Eigen::VectorXd::Constant(n_groups, spread)};
  for (Index g = 0; g < n_groups; ++g) {
    starts.emplace_back(Eigen::VectorXd::Zero(n_groups))[g] = spread;
    starts.emplace_back(Eigen::VectorXd::Constant(n_groups, spread))[g] = 0;
  }
  Eigen::VectorXd tau2 = Eigen::VectorXd::Zero(n_groups);
  Place place = fixed;
  for (const Eigen::VectorXd& from : starts) {
    const Eigen::VectorXd found = maximise(data, from, typical);
    Place there = evaluate(data, found);
    if (!(there.log_likelihood > place.log_likelihood)) continue;
    tau2 = found;
    place = std::move(there);
  }
  maps.dof[voxel] = dof;
  maps.q[voxel] = fixed.weighted_squares;
  maps.tau2.col(voxel) = tau2;
  // Groups without participants at this voxel: their variance is unknown.
  for (Index g = 0; g < n_groups; ++g)
    if (!(place.information(g, g) > 0)) maps.tau2(g, voxel) = kNaN;
  double total = 0;
  for (const int g : data.group) total += tau2[g] / double(n);
  maps.i2[voxel] = total / (total + typical);
  maps.betas.col(voxel) = place.beta;
  const double inflation = options.knapp_hartung ? place.weighted_squares / dof : 1;
  for (size_t c = 0; c < contrasts.size(); ++c)
    put_contrast(maps.contrasts[c], contrasts[c], voxel, place.beta, place.factor, inflation);
}

}  // namespace

MixedEffectsMaps fit_grouped_variances(const Eigen::Ref<const Eigen::MatrixXd>& effects,
                                       const Eigen::Ref<const Eigen::MatrixXd>& variances,
                                       const Eigen::Ref<const Eigen::MatrixXd>& design,
                                       const std::vector<Eigen::MatrixXd>& contrasts,
                                       Index n_groups, const MixedOptions& options) {
  MixedEffectsMaps maps(effects.cols(), design.cols(), n_groups, contrasts);
  parallel_for(effects.cols(), options.n_threads, [&](Index voxel) {
    fit_voxel(present_at(effects, variances, design, voxel, options.variance_groups), voxel,
              contrasts, n_groups, options, maps);
  });
  if (options.finish) maps.finish();
  return maps;
}

}  // namespace sociometer
