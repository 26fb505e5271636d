#include "engine/glm/tile_solver.hpp"

namespace sociometer {
namespace {

/// The lower triangle of a symmetric matrix by rows.
Eigen::VectorXd packed(const Eigen::MatrixXd& m) {
  Eigen::VectorXd out(m.rows() * (m.rows() + 1) / 2);
  for (Eigen::Index i = 0, at = 0; i < m.rows(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) out[at++] = m(i, j);
  return out;
}

/// What one corner coefficient is multiplied with: rows i and j of one end, both ways round.
Eigen::MatrixXd corner_matrix(const Eigen::MatrixXd& end, Eigen::Index i, Eigen::Index j) {
  const Eigen::MatrixXd product = end.row(i).transpose() * end.row(j);
  return i == j ? product : Eigen::MatrixXd(product + product.transpose());
}

}  // namespace

GlsSystem::GlsSystem(const RunDesign& design, const NoiseModel& model,
                     const std::vector<Eigen::MatrixXd>& contrasts)
    : design_(design) {
  const Eigen::Index n = design.n_fitted(), order = design.order;
  const Eigen::Index n_terms = order + 1 + order * (order + 1) / 2;
  for (Eigen::Index j = 0; j < n; ++j)
    working_of_.push_back(int(j < design.n_spikes ? design.rank() + j : j - design.n_spikes));
  system_.head_corner = model.kind != NoiseModel::Kind::ar_nilearn;

  matrices_.resize(n * (n + 1) / 2, n_terms);
  constant_terms_.resize(n, n_terms);
  constant_squares_.resize(n_terms);
  for (Eigen::Index d = 0; d <= order; ++d) add_term(design.lag_products[size_t(d)], d);
  for (Eigen::Index j = 0, term = order + 1; j < order; ++j)
    for (Eigen::Index i = 0; i <= j; ++i, ++term) {
      Eigen::MatrixXd corner = corner_matrix(design.tail, i, j);
      if (system_.head_corner) corner += corner_matrix(design.head, i, j);
      add_term(corner, term);
    }
  head_ = design.head;
  tail_ = design.tail;

  Eigen::Index n_rows = 0;
  for (const auto& c : contrasts) {
    pairs_at_.push_back(Eigen::Index(pairs_.size() / 2));
    for (Eigen::Index i = 0; i < c.rows(); ++i)
      for (Eigen::Index k = 0; k <= i; ++k) {
        pairs_.push_back(int(n_rows + i));
        pairs_.push_back(int(n_rows + k));
      }
    n_rows += c.rows();
  }
  contrasts_.setZero(n_rows, n);
  n_rows = 0;
  for (const auto& c : contrasts) {
    contrasts_.block(n_rows, design.n_spikes, c.rows(), design.rank()) = c;
    n_rows += c.rows();
  }

  system_.n = int(n);
  system_.n_spikes = int(design.n_spikes);
  system_.n_working = int(design.n_working());
  system_.order = int(order);
  system_.n_terms = int(n_terms);
  system_.white = order == 0;
  system_.has_constant = design.has_constant;
  system_.working_of = working_of_.data();
  system_.matrices = matrices_.data();
  system_.head = head_.data();
  system_.tail = tail_.data();
  system_.constant = design.constant_on_working.data();
  system_.constant_terms = constant_terms_.data();
  system_.constant_squares = constant_squares_.data();
  system_.n_contrasts = int(contrasts_.rows());
  system_.contrasts = contrasts_.data();
  system_.n_pairs = int(pairs_.size() / 2);
  system_.pairs = pairs_.data();
}

void GlsSystem::add_term(const Eigen::MatrixXd& matrix, Eigen::Index term) {
  const Eigen::VectorXd on_constant = matrix * design_.constant_on_working;
  matrices_.col(term) = packed(matrix(working_of_, working_of_));
  constant_terms_.col(term) = on_constant(working_of_);
  constant_squares_[term] = design_.constant_on_working.dot(on_constant);
}

TileSolver::TileSolver(const GlsSystem& system, const kernels::KernelSet& kernels)
    : system_(system),
      design_(system.design()),
      kernels_(kernels),
      rows_(design_),
      kappa_(kWidth, design_.n_working()),
      product_(kWidth, design_.n_working()),
      autocovariances_(kWidth, design_.order + 1),
      coefficients_(Eigen::ArrayXXd::Zero(kWidth, system.kernel().n_terms)),
      coordinates_(size_t(system.kernel().n * kWidth)),
      covariances_(size_t(system.kernel().n_pairs * kWidth)),
      work_(size_t(kernels::solver_work_size(system.kernel().n, system.kernel().n_working,
                                             system.kernel().n_contrasts))) {
  coefficients_.col(0) = 1;
}

/// kappa with residuals = y - E kappa, y being the shifted series.
void TileSolver::set_residual_coefficients(const double* tile) {
  for (Eigen::Index i = 0; i < design_.n_working(); ++i) kappa_.col(i) = row(tile, i);
  kappa_.middleCols(design_.rank(), design_.n_spikes).setZero();
  // The design then explains only its part of the shift; the rest of it is residual.
  const Eigen::Index last = design_.n_working() - 1;
  if (!design_.has_constant)
    kappa_.col(last) = -row(tile, rows_.shift_at) * design_.constant_on_working[last];
}

const Eigen::MatrixXd& TileSolver::residual_autocovariances(const double* tile) {
  set_residual_coefficients(tile);
  const Eigen::Index q = design_.n_working();
  for (Eigen::Index d = 0; d <= design_.order; ++d) {
    const auto& products = design_.lag_products[size_t(d)];
    product_.setZero();
    kernels_.accumulate_products(products.data(), q, int(q), int(q), kappa_.data(),
                                 product_.data());
    const double twice = d == 0 ? 2.0 : 1.0;  // H_0 counts a pair once, H_d twice
    Row r = row(tile, rows_.lags_at + d);
    for (Eigen::Index i = 0; i < q; ++i)
      r += twice * kappa_.col(i) * (0.5 * product_.col(i) - row(tile, d * q + i));
    autocovariances_.col(d) = r / design_.n_pairs[size_t(d)];
  }
  return autocovariances_;
}

TileSolver::Row TileSolver::residual_sums(const double* tile) {
  set_residual_coefficients(tile);
  Row sums = Row::Zero();
  for (Eigen::Index i = 0; i < design_.n_working(); ++i)
    sums += design_.constant_on_working[i] * (row(tile, i) - kappa_.col(i));
  return sums;
}

const Eigen::MatrixXd& TileSolver::residual_autocovariances(const double* tile, double mean) {
  const Row sums = residual_sums(tile);
  residual_autocovariances(tile);
  Row first = row(tile, rows_.head_at), last = row(tile, rows_.recent_at);
  for (Eigen::Index i = 0; i < design_.n_working(); ++i) {
    first -= design_.head(0, i) * kappa_.col(i);
    last -= design_.tail(0, i) * kappa_.col(i);
  }
  const double n = design_.n_pairs[0], pairs = design_.n_pairs[1];
  autocovariances_.col(0).array() += (n * mean * mean - 2 * mean * sums) / n;
  autocovariances_.col(1).array() +=
      (pairs * mean * mean - mean * (2 * sums - first - last)) / pairs;
  return autocovariances_;
}

void TileSolver::set_noise(Eigen::Index lane, const ArCoefficients& phi) {
  const ArPrecision p = ar_precision(phi);
  Eigen::Index term = 0;
  for (int d = 0; d <= design_.order; ++d)
    coefficients_(lane, term++) = d <= p.order ? p.w[size_t(d)] : 0.0;
  for (int j = 0; j < design_.order; ++j)
    for (int i = 0; i <= j; ++i) coefficients_(lane, term++) = -p.corner[size_t(i)][size_t(j)];
}

void TileSolver::solve(const double* tile) {
  const kernels::TileRows at{int(rows_.lags_at), int(rows_.head_at), int(rows_.recent_at),
                             int(rows_.shift_at)};
  kernels_.solve_tile(system_.kernel(), at, tile, coefficients_.data(), work_.data(),
                      {coordinates_.data(), residual_.data(), total_.data(), covariances_.data()});
  if (!tile || !design_.has_constant) return;
  for (Eigen::Index i = 0; i < design_.rank(); ++i)
    Eigen::Map<Row>(coordinates_.data() + (design_.n_spikes + i) * kWidth) +=
        design_.constant_on_working[i] * row(tile, rows_.shift_at);
}

}  // namespace sociometer
