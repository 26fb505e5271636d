#include "engine/group/grouped_tile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kTile = shuffle_kernels::kTile;

}  // namespace

GroupedTile::GroupedTile(const shuffle_kernels::KernelSet& kernels, const WelchModel& model)
    : kernels_(kernels), model_(model), work_(model.workspace()) {
  const Eigen::Index n = model.basis().rows(), r = model.rank(), n_groups = model.n_groups();
  basis_ = model.basis().transpose().cast<float>();
  sign_.resize(size_t(n));
  group_.resize(size_t(n));
  for (size_t g = 0; g < size_t(n_groups); ++g) {
    for (const Eigen::Index i : model.members()[g]) group_[size_t(i)] = int32_t(g);
    n_members_.push_back(double(model.members()[g].size()));
    const Eigen::MatrixXd& products = model.products()[g];
    products_.insert(products_.end(), products.data(), products.data() + products.size());
  }
  coordinates_.resize(kTile, r);
  squares_.resize(kTile, n_groups);
  space_.resize(size_t(shuffle_kernels::kMixedLanes * r * (r + 1)));
}

void GroupedTile::compute(const float* data, const Shuffle& shuffle) {
  const auto n_groups = int(model_.n_groups());
  std::ranges::copy(shuffle.sign, sign_.begin());
  kernels_.fit_variance_groups(
      {int(sign_.size()), int(model_.rank()), n_groups, shuffle.from.data(), sign_.data(),
       basis_.data(), group_.data(), std::numeric_limits<float>::epsilon()},
      data, coordinates_.data(), squares_.data());
  if (model_.is_t())
    kernels_.welch_of_groups(
        {int(model_.rank()), n_groups, products_.data(), model_.freedom().data(), n_members_.data(),
         model_.effect_rows().data()},
        coordinates_.data(), squares_.data(), space_.data(), statistic_.data(), dof_.data());
  else
    for (Eigen::Index k = 0; k < kTile; ++k) compute_voxel(k);
}

void GroupedTile::write_z(const WelchTails* tails, Eigen::Index n_voxels, float* out) {
  const bool by_kernel = tails && model_.is_t();
  if (by_kernel)
    kernels_.tails_between_nodes(tails->for_kernels(), statistic_.data(), dof_.data(), z_.data());
  for (size_t k = 0; k < size_t(n_voxels); ++k) {
    const bool found = by_kernel && !std::isnan(z_[k]);
    out[k] = float(found ? z_[k] : z_of(tails, statistic_[k], dof_[k]));
  }
}

void GroupedTile::compute_voxel(Eigen::Index k) {
  const Eigen::VectorXd coordinates = coordinates_.row(k).transpose().cast<double>(),
                        squares = squares_.row(k).transpose().cast<double>();
  const auto [statistic, dof] = model_({coordinates.data(), size_t(coordinates.size())},
                                       {squares.data(), size_t(squares.size())}, work_);
  statistic_[size_t(k)] = statistic;
  dof_[size_t(k)] = dof;
}

double GroupedTile::z_of(const WelchTails* tails, double statistic, double dof) const {
  if (tails) return tails->z(statistic, dof);
  return model_.is_t() ? z_from_t(statistic, dof)
                       : z_from_f(statistic, double(model_.n_rows()), dof);
}

}  // namespace sociometer
