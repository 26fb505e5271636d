#include "engine/group/group_model.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/stats/distributions.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {
namespace {

Tails normal_tails(double z) { return {z, std::exp(log_sf_normal(z))}; }

/// From here on Student's t equals the normal in double precision, and a table would not end.
constexpr double kInfiniteDof = 1e9;

/// z and p of a statistic whose degrees of freedom differ between voxels.
void fill_tails(GroupMaps& maps, const Eigen::VectorXd& dof) {
  const Eigen::Index rows = maps.effect.rows();
  const Eigen::Index n = maps.statistic.size();
  maps.z.setConstant(n, kNaN);
  maps.p = maps.z;
  std::map<double, std::vector<Eigen::Index>> voxels_of;
  for (Eigen::Index v = 0; v < n; ++v)
    if (std::isfinite(maps.statistic[v])) voxels_of[dof[v]].push_back(v);
  for (const auto& [value, voxels] : voxels_of) {
    const auto put = [&, &at = voxels](auto&& tails) {
      for (const Eigen::Index v : at) {
        const Tails both = tails(maps.statistic[v]);
        maps.z[v] = both.z;
        maps.p[v] = both.p;
      }
    };
    const double degrees = value;
    if (rows == 1 && degrees > kInfiniteDof)
      put(normal_tails);
    else if (voxels.size() > 1000)
      put(rows == 1 ? TailTable::of_t(degrees)
                    : TailTable::of_f(double(rows), std::min(degrees, kInfiniteDof)));
    else if (rows == 1)
      put([&](double t) { return tails_from_t(t, degrees); });
    else
      put([&](double f) { return tails_from_f(f, double(rows), std::min(degrees, kInfiniteDof)); });
  }
}

}  // namespace

GroupModelMaps::GroupModelMaps(Eigen::Index n_voxels, Eigen::Index n_columns,
                               const std::vector<Eigen::MatrixXd>& contrast_rows) {
  const Eigen::VectorXd missing = Eigen::VectorXd::Constant(n_voxels, kNaN);
  n = dof = missing;
  betas.setConstant(n_columns, n_voxels, kNaN);
  status.assign(size_t(n_voxels), GroupStatus::ok);
  for (const Eigen::MatrixXd& c : contrast_rows) {
    GroupMaps one;
    one.effect.setConstant(c.rows(), n_voxels, kNaN);
    one.variance = one.effect;
    one.statistic = missing;
    one.numerator_dof = c.rows() == 1 ? 0 : double(c.rows());
    contrasts.push_back(std::move(one));
  }
}

void GroupModelMaps::put(const GroupModelMaps& part, Eigen::Index first, Eigen::Index n_voxels) {
  contrasts.resize(part.contrasts.size());
  for (size_t c = 0; c < contrasts.size(); ++c)
    put_block(contrasts[c], part.contrasts[c], first, n_voxels);
  put_voxels(betas, part.betas, first, n_voxels);
  put_voxels(n, part.n, first, n_voxels);
  put_voxels(dof, part.dof, first, n_voxels);
  status.resize(size_t(n_voxels), GroupStatus::too_few);
  std::copy(part.status.begin(), part.status.end(), status.begin() + first);
}

void GroupModelMaps::finish() {
  for (GroupMaps& maps : contrasts) {
    fill_tails(maps, dof);
    maps.dof = dof;
    maps.status = status;
  }
}

void put_contrast(GroupMaps& maps, const Eigen::MatrixXd& contrast, Eigen::Index voxel,
                  const Eigen::VectorXd& beta, const Eigen::MatrixXd& factor, double inflation) {
  // Half = L^-1 C', so that C (X'WX)^-1 C' = Half' Half.
  const Eigen::MatrixXd half =
      factor.triangularView<Eigen::Lower>().solve(contrast.transpose().eval());
  const Eigen::VectorXd effect = contrast * beta;
  maps.effect.col(voxel) = effect;
  maps.variance.col(voxel) = half.colwise().squaredNorm().transpose() * inflation;
  if (contrast.rows() == 1) {
    maps.statistic[voxel] = effect[0] / std::sqrt(maps.variance(0, voxel));
    return;
  }
  const Eigen::MatrixXd covariance = half.transpose() * half * inflation;
  maps.statistic[voxel] = effect.dot(covariance.ldlt().solve(effect)) / double(contrast.rows());
}

void check_group_model(Eigen::Index n_participants, const Eigen::Ref<const Eigen::MatrixXd>& design,
                       const std::vector<Eigen::MatrixXd>& contrasts) {
  if (design.rows() != n_participants)
    fail(ErrorCode::shape_mismatch, "the design has {} rows for {} participants", design.rows(),
         n_participants);
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(design);
  if (qr.rank() < design.cols())
    fail(ErrorCode::bad_input, "the design has {} columns but rank {}; leave out what repeats",
         design.cols(), qr.rank());
  if (design.rows() <= design.cols())
    fail(ErrorCode::bad_input, "{} participants for {} regressors leave no degrees of freedom",
         design.rows(), design.cols());
  for (const Eigen::MatrixXd& c : contrasts)
    if (c.cols() != design.cols())
      fail(ErrorCode::shape_mismatch, "a contrast has {} weights for {} columns", c.cols(),
           design.cols());
}

}  // namespace sociometer
