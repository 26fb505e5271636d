#include "engine/group/group_fit.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/group/group_data.hpp"
#include "engine/group/welch.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {
namespace {

GroupMaps empty_maps(Eigen::Index n_voxels, const GroupContrast& contrast) {
  GroupMaps maps;
  maps.effect.setConstant(contrast.rows.rows(), n_voxels, kNaN);
  maps.variance = maps.effect;
  for (auto* map : {&maps.statistic, &maps.z, &maps.p, &maps.dof}) map->setConstant(n_voxels, kNaN);
  maps.numerator_dof = contrast.is_t() ? 0 : double(contrast.rows.rows());
  maps.status.assign(size_t(n_voxels), GroupStatus::too_few);
  return maps;
}

Eigen::MatrixXd gather(const GroupValues& values, const PresencePattern& pattern,
                       Eigen::Index first, Eigen::Index n) {
  Eigen::MatrixXd out(pattern.n(), n);
  for (Eigen::Index v = 0; v < n; ++v)
    for (Eigen::Index i = 0; i < pattern.n(); ++i)
      out(i, v) = values(pattern.participants[size_t(i)], pattern.voxels[size_t(first + v)]);
  return out;
}

/// Calls work(block of values, first voxel of the pattern) for all blocks of a pattern. Blocks end
/// at multiples of kGroupBlock, so that results are the same when only some voxels are fitted.
template <typename Work>
void for_blocks(const GroupValues& values, const PresencePattern& pattern, int n_threads,
                const Work& work) {
  const auto block_of = [&](size_t k) { return pattern.voxels[k] / kGroupBlock; };
  std::vector<Eigen::Index> ends;
  for (size_t k = 1; k <= pattern.voxels.size(); ++k)
    if (k == pattern.voxels.size() || block_of(k) != block_of(k - 1))
      ends.push_back(Eigen::Index(k));
  parallel_for(Eigen::Index(ends.size()), n_threads, [&](Eigen::Index b) {
    const Eigen::Index first = b == 0 ? 0 : ends[size_t(b - 1)];
    work(gather(values, pattern, first, ends[size_t(b)] - first), first);
  });
}

/// Marks a pattern's voxels and returns whether the contrast is estimable there.
bool usable(const TestedSpace& tested, const PresencePattern& pattern, GroupMaps& maps) {
  const GroupStatus status = tested.estimable ? GroupStatus::ok : GroupStatus::not_estimable;
  for (const uint32_t v : pattern.voxels) maps.status[v] = status;
  return tested.estimable;
}

void set_tails(GroupMaps& maps, Eigen::Index v, double statistic, const Tails& tails, double dof) {
  maps.statistic[v] = statistic;
  maps.z[v] = tails.z;
  maps.p[v] = tails.p;
  maps.dof[v] = dof;
}

/// B'C', the contrast's rows on an orthonormal basis of the design.
Eigen::MatrixXd coordinates_of(const EstimableSpace& space, const GroupContrast& contrast) {
  return space.betas_from_coordinates().transpose() * contrast.rows.transpose();
}

}  // namespace

void put_voxels(Eigen::MatrixXd& whole, const Eigen::MatrixXd& part, Eigen::Index first,
                Eigen::Index n_voxels) {
  if (whole.cols() != n_voxels) whole.resize(part.rows(), n_voxels);
  whole.middleCols(first, part.cols()) = part;
}

void put_voxels(Eigen::VectorXd& whole, const Eigen::VectorXd& part, Eigen::Index first,
                Eigen::Index n_voxels) {
  if (whole.size() != n_voxels) whole.resize(n_voxels);
  whole.segment(first, part.size()) = part;
}

void put_block(GroupMaps& whole, const GroupMaps& part, Eigen::Index first, Eigen::Index n_voxels) {
  put_voxels(whole.effect, part.effect, first, n_voxels);
  put_voxels(whole.variance, part.variance, first, n_voxels);
  for (const auto member : {&GroupMaps::statistic, &GroupMaps::z, &GroupMaps::p, &GroupMaps::dof})
    if ((part.*member).size() > 0) put_voxels(whole.*member, part.*member, first, n_voxels);
  whole.numerator_dof = part.numerator_dof;
  whole.status.resize(size_t(n_voxels), GroupStatus::too_few);
  std::copy(part.status.begin(), part.status.end(), whole.status.begin() + first);
}

GroupMaps fit_ols(const GroupValues& values, const std::vector<PresencePattern>& patterns,
                  const GroupDesign& design, const GroupContrast& contrast, int n_threads) {
  GroupMaps maps = empty_maps(values.cols(), contrast);
  TailTables tables;
  for (const auto& pattern : patterns) {
    const Eigen::MatrixXd M = chosen_rows(design.values, pattern.participants);
    const TestedSpace tested = tested_space(M, contrast);
    if (!usable(tested, pattern, maps)) continue;
    const EstimableSpace space(M);
    const Eigen::MatrixXd u = coordinates_of(space, contrast);
    const double q = double(contrast.rows.rows());
    const TailTable& table = *tables.of(contrast.is_t() ? 0 : q, tested.dof);
    for_blocks(values, pattern, n_threads, [&](const Eigen::MatrixXd& Y, Eigen::Index first) {
      const Eigen::MatrixXd gamma = space.basis().transpose() * Y;
      const Eigen::MatrixXd effect = u.transpose() * gamma;
      const Eigen::RowVectorXd rss = (Y - space.basis() * gamma).colwise().squaredNorm();
      const Eigen::MatrixXd explained = tested.tested.transpose() * Y;
      for (Eigen::Index k = 0; k < Y.cols(); ++k) {
        const auto v = Eigen::Index(pattern.voxels[size_t(first + k)]);
        const double s2 = rss[k] / tested.dof;
        maps.effect.col(v) = effect.col(k);
        if (!(rss[k] > kNoResidual * Y.col(k).squaredNorm())) {
          maps.status[size_t(v)] = GroupStatus::no_variance;
          continue;
        }
        maps.variance.col(v) = s2 * u.colwise().squaredNorm().transpose();
        const double statistic = contrast.is_t() ? effect(0, k) / std::sqrt(maps.variance(0, v))
                                                 : explained.col(k).squaredNorm() / q / s2;
        set_tails(maps, v, statistic, table(statistic), tested.dof);
      }
    });
  }
  return maps;
}

GroupMaps fit_variance_groups(const GroupValues& values,
                              const std::vector<PresencePattern>& patterns,
                              const GroupDesign& design, const GroupContrast& contrast,
                              const std::vector<int>& groups, int n_threads) {
  require(Eigen::Index(groups.size()) == design.n_participants(), "one variance group per map");
  GroupMaps maps = empty_maps(values.cols(), contrast);
  for (const auto& pattern : patterns) {
    const Eigen::MatrixXd M = chosen_rows(design.values, pattern.participants);
    const TestedSpace tested = tested_space(M, contrast);
    if (!usable(tested, pattern, maps)) continue;
    std::vector<int> of_those;
    for (const Eigen::Index i : pattern.participants) of_those.push_back(groups[size_t(i)]);
    const WelchModel model(M, contrast, of_those);
    for_blocks(values, pattern, n_threads, [&](const Eigen::MatrixXd& Y, Eigen::Index first) {
      const Eigen::MatrixXd gamma = model.basis().transpose() * Y;
      const Eigen::MatrixXd effect = model.effect_rows().transpose() * gamma;
      const Eigen::MatrixXd residual = Y - model.basis() * gamma;
      std::vector<double> squares(model.members().size());
      WelchModel::Workspace work = model.workspace();
      for (Eigen::Index k = 0; k < Y.cols(); ++k) {
        const auto v = Eigen::Index(pattern.voxels[size_t(first + k)]);
        maps.effect.col(v) = effect.col(k);
        bool varies = true;
        for (size_t g = 0; g < squares.size(); ++g) {
          squares[g] = 0;
          for (const Eigen::Index i : model.members()[g])
            squares[g] += residual(i, k) * residual(i, k);
          varies &= squares[g] > kNoResidual * Y.col(k).squaredNorm();
        }
        if (!varies) {
          maps.status[size_t(v)] = GroupStatus::no_variance;
          continue;
        }
        const auto [statistic, dof] =
            model.of_least_squares({gamma.col(k).data(), size_t(gamma.rows())}, squares, work);
        for (Eigen::Index c = 0; c < effect.rows(); ++c)
          maps.variance(c, v) = work.covariance[size_t(c * effect.rows() + c)];
        set_tails(maps, v, statistic,
                  contrast.is_t() ? tails_from_t(statistic, dof)
                                  : tails_from_f(statistic, maps.numerator_dof, dof),
                  dof);
      }
    });
  }
  return maps;
}

}  // namespace sociometer
