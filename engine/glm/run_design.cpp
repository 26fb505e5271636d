#include "engine/glm/run_design.hpp"

#include <algorithm>

#include <Eigen/Eigenvalues>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

std::vector<Eigen::Index> rows_where(const std::vector<uint8_t>& flags, uint8_t value) {
  std::vector<Eigen::Index> rows;
  for (size_t i = 0; i < flags.size(); ++i)
    if (flags[i] == value) rows.push_back(Eigen::Index(i));
  return rows;
}

Eigen::MatrixXd kept_rows(const Eigen::MatrixXd& design, const std::vector<uint8_t>& kept) {
  if (design.rows() != Eigen::Index(kept.size()))
    fail(ErrorCode::shape_mismatch, "the design has {} rows, the run has {} scans", design.rows(),
         kept.size());
  return design(rows_where(kept, 1), Eigen::all);
}

/// sum_t x_t x_{t-lag}' + transpose.
Eigen::MatrixXd products_at_lag(const Eigen::MatrixXd& columns, Eigen::Index lag) {
  const Eigen::Index n = columns.rows() - lag;
  const Eigen::MatrixXd product = columns.bottomRows(n).transpose() * columns.topRows(n);
  return product + product.transpose();
}

/// The basis over all scans, zero where they are censored.
Eigen::MatrixXd with_gaps(const Eigen::MatrixXd& basis, Eigen::Index n_scans,
                          const std::vector<Eigen::Index>& kept) {
  Eigen::MatrixXd columns = Eigen::MatrixXd::Zero(n_scans, basis.cols());
  columns(kept, Eigen::all) = basis;
  return columns;
}

}  // namespace

RunDesign::RunDesign(const Eigen::MatrixXd& all_rows, const std::vector<uint8_t>& kept_scans,
                     int ar_order, const Eigen::MatrixXd& extras)
    : kept(kept_scans), order(ar_order), design(kept_rows(all_rows, kept_scans)), space(design) {
  const auto kept_index = rows_where(kept, 1), censored = rows_where(kept, 0);
  n_kept = Eigen::Index(kept_index.size());
  n_spikes = order > 0 ? Eigen::Index(censored.size()) : 0;
  n_extras = extras.cols();
  dof = double(n_kept - rank());
  if (dof <= 0)
    fail(ErrorCode::bad_input,
         "{} scans are left for {} independent regressors: no degrees of freedom; use fewer "
         "regressors "
         "or censor fewer scans",
         n_kept, rank());
  if (n_scans() < 2 * order + 1)
    fail(ErrorCode::bad_input, "{} scans are too few for an autoregressive model of order {}",
         n_scans(), order);

  if (order > 0 && rank() > 0)
    space.rotate(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(
                     products_at_lag(with_gaps(space.basis(), n_scans(), kept_index), 1))
                     .eigenvectors());
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(n_kept);
  const Eigen::VectorXd on_basis = space.projection(ones);
  const Eigen::VectorXd rest = ones - space.basis() * on_basis;
  has_constant = rest.norm() <= 1e-10 * ones.norm();
  const Eigen::Index modelled = n_fitted() + (has_constant ? 0 : 1), q = modelled + n_extras;
  columns = Eigen::MatrixXd::Zero(n_scans(), q);
  columns.leftCols(rank()) = with_gaps(space.basis(), n_scans(), kept_index);
  for (Eigen::Index s = 0; s < n_spikes; ++s) columns(censored[size_t(s)], rank() + s) = 1;
  constant_on_working = Eigen::VectorXd::Zero(q);
  constant_on_working.head(rank()) = on_basis;
  if (!has_constant) {
    columns(kept_index, modelled - 1) = rest / rest.norm();
    constant_on_working[modelled - 1] = rest.norm();
  }
  if (n_extras > 0)
    columns.rightCols(n_extras) = with_gaps(kept_rows(extras, kept), n_scans(), kept_index);

  stream_weights.setZero(n_scans(), (order + 1) * q);
  stream_weights.leftCols(q) = columns;
  lag_products.push_back(columns.transpose() * columns);
  n_pairs.push_back(double(n_kept));
  for (int d = 1; d <= order; ++d) {
    const Eigen::Index n = n_scans() - d;
    auto weights = stream_weights.middleCols(d * q, q);
    weights.topRows(n) += columns.bottomRows(n);
    weights.bottomRows(n) += columns.topRows(n);
    lag_products.push_back(products_at_lag(columns, d));
    double pairs = 0;
    for (Eigen::Index t = 0; t < n; ++t) pairs += kept[size_t(t)] && kept[size_t(t + d)];
    n_pairs.push_back(pairs);
    if (pairs == 0)
      fail(ErrorCode::bad_input,
           "no two kept scans are {} apart: the autocorrelation cannot be estimated; use "
           "the noise model ols",
           d);
  }
  head = columns.topRows(order);
  tail = columns.bottomRows(order).colwise().reverse();
}

void RunDesign::set_roles(const std::vector<ColumnRole>& roles) {
  if (std::find(roles.begin(), roles.end(), ColumnRole::given) != roles.end()) return;
  drift_columns.clear();
  interest_columns.clear();
  for (ColumnRole role : roles) {
    drift_columns.push_back(role == ColumnRole::drift);
    interest_columns.push_back(role != ColumnRole::drift && role != ColumnRole::constant);
  }
}

std::vector<Eigen::Index> list_kept_scans(const RunDesign& design) {
  std::vector<Eigen::Index> scans;
  for (size_t t = 0; t < design.kept.size(); ++t)
    if (design.kept[t]) scans.push_back(Eigen::Index(t));
  return scans;
}

std::vector<Eigen::MatrixXd> on_coordinates(const RunDesign& design,
                                            const std::vector<Eigen::MatrixXd>& contrasts) {
  std::vector<Eigen::MatrixXd> out;
  for (const auto& c : contrasts) out.push_back(c * design.space.betas_from_coordinates());
  return out;
}

}  // namespace sociometer
