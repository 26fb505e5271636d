#include "engine/group/robust.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
constexpr int kMaxRobustSteps = 500;
constexpr double kRobustSettled = 1e-10;
/// Median absolute value of a standard normal.
constexpr double kNormalMad = 0.6745;

double median_absolute(const Eigen::VectorXd& r, std::vector<double>& space) {
  space.resize(size_t(r.size()));
  for (Index i = 0; i < r.size(); ++i) space[size_t(i)] = std::abs(r[i]);
  const auto middle = space.begin() + long(space.size() / 2);
  std::nth_element(space.begin(), middle, space.end());
  if (space.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(space.begin(), middle));
}

struct RobustFit {
  Eigen::VectorXd beta, residual, weight;
  double scale = 0;
};

RobustFit reweight(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, double tuning) {
  RobustFit fit;
  fit.weight = Eigen::VectorXd::Ones(y.size());
  fit.beta = (x.transpose() * x).llt().solve(x.transpose() * y);
  fit.residual = y - x * fit.beta;
  // Rounding error of least squares: a voxel where all values agree has no scale.
  const double rounding = 1e-12 * y.cwiseAbs().maxCoeff();
  std::vector<double> space;
  for (int iteration = 0; iteration < kMaxRobustSteps; ++iteration) {
    fit.scale = median_absolute(fit.residual, space) / kNormalMad;
    if (!(fit.scale > rounding)) {
      fit.scale = 0;
      return fit;
    }
    for (Index i = 0; i < y.size(); ++i) {
      const double r = std::abs(fit.residual[i]);
      fit.weight[i] = r > tuning * fit.scale ? tuning * fit.scale / r : 1;
    }
    const Eigen::MatrixXd wx = fit.weight.asDiagonal() * x;
    fit.beta = (x.transpose() * wx).llt().solve(wx.transpose() * y);
    const Eigen::VectorXd residual = y - x * fit.beta;
    const double moved = (residual - fit.residual).norm();
    fit.residual = residual;
    if (moved <= kRobustSettled * fit.residual.norm()) break;
  }
  return fit;
}

/// The factor of (X'X)^-1 in the covariance.
double huber_variance(const RobustFit& fit, Index p, double tuning) {
  const Index n = fit.residual.size();
  const double squares = fit.residual.cwiseProduct(fit.weight).squaredNorm() / double(n - p);
  Eigen::ArrayXd slope(n);
  for (Index i = 0; i < n; ++i)
    slope[i] = std::abs(fit.residual[i]) <= tuning * fit.scale ? 1.0 : 0.0;
  const double mean = slope.mean();
  const double variance = (slope - mean).square().sum() / double(n - 1);
  const double correction = (1 + double(p) * variance / (double(n) * mean * mean)) / mean;
  return squares * correction * correction;
}

void fit_voxel(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, Index voxel,
               const std::vector<Eigen::MatrixXd>& contrasts, const RobustOptions& options,
               RobustMaps& maps) {
  const Index n = y.size(), p = x.cols();
  maps.n[voxel] = double(n);
  GroupStatus& status = maps.status[size_t(voxel)];
  if (n <= p || n < options.min_participants) {
    status = GroupStatus::too_few;
    return;
  }
  if (x.colPivHouseholderQr().rank() < p) {
    status = GroupStatus::not_estimable;
    return;
  }
  const RobustFit fit = reweight(x, y, options.tuning);
  if (fit.scale == 0) {
    status = GroupStatus::no_variance;
    return;
  }
  maps.dof[voxel] = double(n - p);
  maps.scale[voxel] = fit.scale;
  maps.least_weight[voxel] = fit.weight.minCoeff();
  maps.betas.col(voxel) = fit.beta;
  const double variance = huber_variance(fit, p, options.tuning);
  const Eigen::MatrixXd factor = (x.transpose() * x).llt().matrixL();
  for (size_t c = 0; c < contrasts.size(); ++c)
    put_contrast(maps.contrasts[c], contrasts[c], voxel, fit.beta, factor, variance);
}

}  // namespace

RobustMaps fit_robust(const Eigen::Ref<const Eigen::MatrixXd>& effects,
                      const Eigen::Ref<const Eigen::MatrixXd>& design,
                      const std::vector<Eigen::MatrixXd>& contrasts, const RobustOptions& options) {
  check_group_model(effects.rows(), design, contrasts);
  RobustMaps maps(effects.cols(), design.cols(), contrasts);
  maps.scale.setConstant(effects.cols(), std::numeric_limits<double>::quiet_NaN());
  maps.least_weight = maps.scale;
  constexpr Index kBlock = 256;
  parallel_for((effects.cols() + kBlock - 1) / kBlock, options.n_threads, [&](Index block) {
    std::vector<Index> rows;
    const Index last = std::min(effects.cols(), (block + 1) * kBlock);
    for (Index voxel = block * kBlock; voxel < last; ++voxel) {
      rows.clear();
      for (Index i = 0; i < effects.rows(); ++i)
        if (std::isfinite(effects(i, voxel))) rows.push_back(i);
      fit_voxel(design(rows, Eigen::all), effects.col(voxel)(rows), voxel, contrasts, options,
                maps);
    }
  });
  if (options.finish) maps.finish();
  return maps;
}

}  // namespace sociometer
