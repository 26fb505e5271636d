#include "engine/glm/lagged_basis.hpp"

#include <algorithm>

namespace sociometer {
namespace {

/// Z over all scans, zero in censored ones, then the indicators.
Eigen::MatrixXd whole_basis(const Eigen::MatrixXd& kept_basis,
                            const std::vector<Eigen::Index>& scans,
                            const std::vector<Eigen::Index>& censored) {
  const Eigen::Index rank = kept_basis.cols(), n_spikes = Eigen::Index(censored.size());
  Eigen::MatrixXd z = Eigen::MatrixXd::Zero(Eigen::Index(scans.size()) + n_spikes, rank + n_spikes);
  for (size_t i = 0; i < scans.size(); ++i)
    z.row(scans[i]).head(rank) = kept_basis.row(Eigen::Index(i));
  for (size_t i = 0; i < censored.size(); ++i) z(censored[i], rank + Eigen::Index(i)) = 1;
  return z;
}

}  // namespace

LaggedBasis::LaggedBasis(const RunDesign& design, Eigen::Index order)
    : order_(order),
      n_scans_(design.n_scans()),
      rank_(design.rank()),
      dof_(design.dof),
      scans_(list_kept_scans(design)) {
  for (Eigen::Index t = 0; t < n_scans_; ++t)
    if (!design.kept[size_t(t)]) censored_.push_back(t);
  const Eigen::MatrixXd& kept_basis = design.space.basis();
  by_scan_ = kept_basis.transpose();
  minus_basis_ = -kept_basis;
  const Eigen::MatrixXd z = whole_basis(kept_basis, scans_, censored_);
  for (Eigen::Index d = 1; d <= order_; ++d) {
    const Eigen::MatrixXd product =
        z.topRows(n_scans_ - d).transpose() * z.bottomRows(n_scans_ - d);
    lag_products_.emplace_back(product + product.transpose());
  }
  head_ = z.topRows(order_);
  tail_ = z.bottomRows(order_).colwise().reverse();
  const Eigen::Index n_rows = rank_ * order_;
  for (Eigen::Index first = 0; first < n_rows; first += kernels::kRowBlock) {
    const Eigen::Index here = std::min<Eigen::Index>(kernels::kRowBlock, n_rows - first);
    Eigen::MatrixXd panel = Eigen::MatrixXd::Zero(here, n_scans_);
    for (Eigen::Index r = 0; r < here; ++r) {
      const auto column = z.col((first + r) / order_);
      const Eigen::Index d = (first + r) % order_ + 1;
      panel.row(r).tail(n_scans_ - d) += column.head(n_scans_ - d).transpose();
      panel.row(r).head(n_scans_ - d) += column.tail(n_scans_ - d).transpose();
    }
    lagged_.push_back(std::move(panel));
  }
}

void LaggedBasis::products(const kernels::KernelSet& kernels, const double* tile,
                           ResidualProducts& out) const {
  using Tile = Eigen::Map<const TileArray>;
  const Eigen::Index n_kept = Eigen::Index(scans_.size());
  out.coordinates.setZero(Eigen::NoChange, rank_);
  kernels.accumulate_products(by_scan_.data(), long(rank_), int(n_kept), int(rank_), tile,
                              out.coordinates.data());
  out.residuals.setZero(Eigen::NoChange, n_scans_ + 2 * order_);
  double* e = out.residuals.col(order_).data();
  const auto subtract_fit = [&](double* residuals) {
    kernels.accumulate_products(minus_basis_.data(), long(n_kept), int(rank_), int(n_kept),
                                out.coordinates.data(), residuals);
  };
  const Tile y(tile, Eigen::NoChange, n_kept);
  if (censored_.empty()) {
    out.residuals.middleCols(order_, n_scans_) = y;
    subtract_fit(e);
  } else {
    TileArray kept = y;
    subtract_fit(kept.data());
    for (Eigen::Index i = 0; i < n_kept; ++i)
      out.residuals.col(order_ + scans_[size_t(i)]) = kept.col(i);
  }
  out.lags.setZero(Eigen::NoChange, order_ + 1);
  kernels.accumulate_lags(e, int(n_scans_), int(order_), out.lags.data());
  out.on_columns.setZero(Eigen::NoChange, n_columns() * order_);
  Eigen::Index row = 0;
  for (const auto& panel : lagged_) {
    kernels.accumulate_products(panel.data(), long(panel.rows()), int(n_scans_), int(panel.rows()),
                                e, out.on_columns.col(row).data());
    row += panel.rows();
  }
  for (const Eigen::Index scan : censored_)
    for (Eigen::Index d = 1; d <= order_; ++d)
      out.on_columns.col(row++) =
          out.residuals.col(order_ + scan - d) + out.residuals.col(order_ + scan + d);
  out.ends.resize(Eigen::NoChange, 2 * order_);
  out.ends.leftCols(order_) = out.residuals.middleCols(order_, order_);
  out.ends.rightCols(order_) = out.residuals.middleCols(n_scans_, order_).rowwise().reverse();
}

Eigen::MatrixXd LaggedBasis::normal_matrix(const Eigen::VectorXd& weights,
                                           const Eigen::MatrixXd& corner) const {
  Eigen::MatrixXd m = weights[0] * Eigen::MatrixXd::Identity(n_columns(), n_columns());
  for (Eigen::Index d = 1; d <= order_; ++d) m += weights[d] * lag_products_[size_t(d - 1)];
  m -= head_.transpose() * corner * head_ + tail_.transpose() * corner * tail_;
  return m;
}

}  // namespace sociometer
