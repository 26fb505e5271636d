#include "engine/rsa/rdm_parts.hpp"

#include <cmath>
#include <utility>

#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// What is left of a constant pattern is rounding, this part of its sum of squares.
constexpr double kConstant = 1e-20;

}  // namespace

RdmParts::RdmParts(const ParticipantRsa& person, Dissimilarity dissimilarity,
                   Eigen::MatrixXd patterns)
    : correlation_(dissimilarity == Dissimilarity::correlation),
      patterns_(std::move(patterns)),
      distances_(sums_over_voxels(person, dissimilarity)),
      rdm_(rdm_of_patterns(person, dissimilarity, patterns_)) {
  if (!correlation_) return;
  // Correlations do not depend on the means; without them nothing cancels when a voxel is taken.
  patterns_.colwise() -= Eigen::VectorXd(patterns_.rowwise().mean());
  products_ = patterns_ * patterns_.transpose();
}

void RdmParts::share(Eigen::Index voxel, Eigen::Ref<Eigen::VectorXd> out) const {
  const auto n = double(n_voxels());
  if (!correlation_) {
    distances_.of_voxel(patterns_.col(voxel).data(), out.data());
    out /= n;
    return;
  }
  Eigen::Index at = 0;
  for (Eigen::Index i = 0; i < patterns_.rows(); ++i)
    for (Eigen::Index j = i + 1; j < patterns_.rows(); ++j)
      out[at++] = 1 / n - patterns_(i, voxel) * patterns_(j, voxel) /
                              std::sqrt(products_(i, i) * products_(j, j));
}

void RdmParts::without(Eigen::Index voxel, Eigen::Ref<Eigen::VectorXd> out) const {
  const auto n = double(n_voxels());
  if (n < 2) {
    out.setConstant(kNaN);
    return;
  }
  if (!correlation_) {
    distances_.of_voxel(patterns_.col(voxel).data(), out.data());
    out = (n * rdm_ - out) / (n - 1);
    return;
  }
  // Sums of products about the means of the other voxels, from those about the means of all.
  const Eigen::VectorXd x = patterns_.col(voxel);
  const double factor = 1 + 1 / (n - 1);
  Eigen::VectorXd length = products_.diagonal() - factor * x.cwiseAbs2();
  for (Eigen::Index i = 0; i < length.size(); ++i)
    length[i] = length[i] > kConstant * products_(i, i) ? std::sqrt(length[i]) : kNaN;
  Eigen::Index at = 0;
  for (Eigen::Index i = 0; i < x.size(); ++i)
    for (Eigen::Index j = i + 1; j < x.size(); ++j)
      out[at++] = 1 - (products_(i, j) - factor * x[i] * x[j]) / (length[i] * length[j]);
}

}  // namespace sociometer
