#include "engine/group/residual_smoothness.hpp"

#include <algorithm>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Residuals of least squares; a voxel with missing data has none.
class LeastSquaresResiduals : public GroupData {
 public:
  LeastSquaresResiduals(const GroupData& data, const Eigen::MatrixXd& design, int n_threads)
      : data_(data),
        basis_(Eigen::HouseholderQR<Eigen::MatrixXd>(design).householderQ() *
               Eigen::MatrixXd::Identity(design.rows(), design.cols())),
        n_threads_(n_threads) {}
  Index n_participants() const override { return data_.n_participants(); }
  Index n_voxels() const override { return data_.n_voxels(); }
  /// Products are taken over whole blocks of kGroupBlock, wherever the requested block begins.
  GroupBlock block(Index first, Index n, Eigen::MatrixXd& space) const override {
    const Index from = first / kGroupBlock,
                to = (std::max(first + n, Index{1}) + kGroupBlock - 1) / kGroupBlock;
    space.resize(n_participants(), std::min(n_voxels(), to * kGroupBlock) - from * kGroupBlock);
    parallel_for(to - from, n_threads_, [&](Index b) {
      Eigen::MatrixXd own;
      const Index voxel = (from + b) * kGroupBlock;
      const GroupBlock y = data_.block(voxel, std::min(kGroupBlock, n_voxels() - voxel), own);
      auto residuals = space.middleCols(b * kGroupBlock, y.cols());
      residuals = y;
      residuals.noalias() -= basis_ * (basis_.transpose() * y).eval();
    });
    return {space.data() + (first - from * kGroupBlock) * n_participants(), n_participants(), n,
            Eigen::OuterStride<>(n_participants())};
  }

 private:
  const GroupData& data_;
  Eigen::MatrixXd basis_;
  int n_threads_;
};

}  // namespace

SmoothnessWork smoothness_work(const GroupMemory& memory, const Mask& mask,
                               Eigen::Index n_participants, int n_threads) {
  const double column = 8 * double(n_participants);
  // What a thread reads: at most two blocks more than requested.
  const double thread = 2 * column * double(kGroupBlock);
  const int threads = memory.threads(thread, n_threads);
  return {threads,
          memory.block_size(
              column, column * double(smoothness_reach(mask) + 2 * kGroupBlock) + thread * threads,
              "the smoothness of residuals, which tables of clusters need, takes")};
}

ResidualSmoothness residual_smoothness(const Mask& mask, const GroupData& data,
                                       const GroupDesign& design, SmoothnessEstimate estimate,
                                       const GroupMemory& memory, int n_threads) {
  ResidualSmoothness out;
  out.dof = double(design.values.rows() - design.values.cols());
  if (out.dof < kLeastSmoothnessDof) return out;
  const auto [threads, block] = smoothness_work(memory, mask, data.n_participants(), n_threads);
  const LeastSquaresResiduals residuals(data, design.values, threads);
  try {
    out.smoothness = estimate == SmoothnessEstimate::local
                         ? smoothness_of_residuals(mask, residuals, out.dof, block)
                         : smoothness_by_differences(mask, residuals, block);
  } catch (const Error& error) {
    out.reason = error.what();
  }
  return out;
}

}  // namespace sociometer
