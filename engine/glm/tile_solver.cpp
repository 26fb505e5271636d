#include "engine/glm/tile_solver.hpp"

#include "engine/glm/noise_strategy.hpp"

namespace sociometer {
namespace {

/// The lower triangle of a symmetric matrix by rows.
Eigen::VectorXd packed(const Eigen::MatrixXd& m) {
  Eigen::VectorXd out(m.rows() * (m.rows() + 1) / 2);
  for (Eigen::Index i = 0, at = 0; i < m.rows(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) out[at++] = m(i, j);
  return out;
}

/// The matrix multiplied by one corner coefficient: rows i and j of one end, symmetrised.
Eigen::MatrixXd corner_matrix(const Eigen::MatrixXd& end, Eigen::Index i, Eigen::Index j) {
  const Eigen::MatrixXd product = end.row(i).transpose() * end.row(j);
  return i == j ? product : Eigen::MatrixXd(product + product.transpose());
}

}  // namespace

std::vector<Eigen::MatrixXd> gls_terms(const RunDesign& design, bool head_corner) {
  std::vector<Eigen::MatrixXd> terms = design.lag_products;
  for (Eigen::Index j = 0; j < design.order; ++j)
    for (Eigen::Index i = 0; i <= j; ++i) {
      Eigen::MatrixXd corner = corner_matrix(design.tail, i, j);
      if (head_corner) corner += corner_matrix(design.head, i, j);
      terms.push_back(std::move(corner));
    }
  return terms;
}

GlsSystem::GlsSystem(const RunDesign& design, const NoiseModel& model,
                     const std::vector<Eigen::MatrixXd>& contrasts)
    : design_(design), averages_(model.averages) {
  const Eigen::Index n = design.n_fitted(), order = design.order;
  const Eigen::Index n_terms = order + 1 + order * (order + 1) / 2;
  for (Eigen::Index j = 0; j < n; ++j)
    working_of_.push_back(int(j < design.n_spikes ? design.rank() + j : j - design.n_spikes));
  system_.head_corner = streamed_noise(model).rescales_first_scans();

  matrices_.resize(n * (n + 1) / 2, n_terms);
  constant_terms_.resize(n, n_terms);
  constant_squares_.resize(n_terms);
  const auto terms = gls_terms(design, system_.head_corner);
  for (Eigen::Index t = 0; t < n_terms; ++t) add_term(terms[size_t(t)], t);
  head_ = design.head;
  tail_ = design.tail;
  if (order == 1 && design.n_spikes == 0)
    diagonal_ = design.lag_products[1].diagonal().head(design.rank());

  Eigen::Index n_rows = 0;
  for (const auto& c : contrasts) {
    pairs_at_.push_back(Eigen::Index(pairs_.size() / 2));
    n_rows_.push_back(c.rows());
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
  system_.n_modelled = int(design.n_modelled());
  system_.order = int(order);
  system_.n_terms = int(n_terms);
  system_.white = order == 0;
  system_.has_constant = design.has_constant;
  system_.working_of = working_of_.data();
  system_.diagonal = diagonal_.size() > 0 ? diagonal_.data() : nullptr;
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
      kappa_(kWidth, design_.n_modelled()),
      product_(kWidth, design_.n_modelled()),
      autocovariances_(kWidth, design_.order + 1),
      coefficients_(Eigen::ArrayXXd::Zero(kWidth, system.kernel().n_terms)),
      coordinates_(size_t(system.kernel().n * kWidth)),
      covariances_(size_t(system.kernel().n_pairs * kWidth)),
      work_(size_t(kernels::solver_work_size(system.kernel().n, system.kernel().n_working,
                                             system.kernel().n_contrasts))) {
  coefficients_.col(0) = 1;
  if (!system.averages()) return;
  const auto& k = system.kernel();
  changes_.resize(size_t(k.order) * size_t(k.n_terms * kWidth));
  contrast_weights_.resize(size_t(k.n_contrasts) * size_t(k.n * kWidth));
  forms_.resize(size_t(k.n_pairs) * size_t(k.n_terms * kWidth));
}

/// kappa with residuals = y - E kappa, y being the shifted series.
void TileSolver::set_residual_coefficients(const double* tile) {
  for (Eigen::Index i = 0; i < design_.n_modelled(); ++i) kappa_.col(i) = row(tile, i);
  kappa_.middleCols(design_.rank(), design_.n_spikes).setZero();
  // The design then explains only its part of the shift; the remainder is residual.
  const Eigen::Index last = design_.n_modelled() - 1;
  if (!design_.has_constant)
    kappa_.col(last) = -row(tile, rows_.shift_at) * design_.constant_on_working[last];
}

/// sum_t e_t e_{t-lag} of the residuals; leaves H_lag kappa in product_.
TileSolver::Row TileSolver::lag_sum(const double* tile, Eigen::Index lag) {
  const Eigen::Index q = design_.n_working(), modelled = design_.n_modelled();
  const auto& products = design_.lag_products[size_t(lag)];
  if (lag == 0) {
    product_ = kappa_;
  } else if (lag == 1 && design_.works_on_basis_only()) {
    product_ = kappa_.rowwise() * products.diagonal().head(modelled).transpose().array();
  } else {
    product_.setZero();
    kernels_.accumulate_products(products.data(), q, int(modelled), int(modelled), kappa_.data(),
                                 product_.data());
  }
  const double twice = lag == 0 ? 2.0 : 1.0;  // H_0 counts a pair once, H_d twice
  Row r = row(tile, rows_.lags_at + lag);
  for (Eigen::Index i = 0; i < modelled; ++i)
    r += twice * kappa_.col(i) * (0.5 * product_.col(i) - row(tile, lag * q + i));
  return r;
}

const Eigen::MatrixXd& TileSolver::residual_autocovariances(const double* tile) {
  set_residual_coefficients(tile);
  for (Eigen::Index d = 0; d <= design_.order; ++d)
    autocovariances_.col(d) = lag_sum(tile, d) / design_.n_pairs[size_t(d)];
  return autocovariances_;
}

void TileSolver::residual_lag_sums(const double* tile, ResidualLagSums& out) {
  const Eigen::Index n = design_.n_fitted(), order = design_.order;
  set_residual_coefficients(tile);
  out.lags.col(0) = lag_sum(tile, 0);
  for (Eigen::Index d = 1; d <= order; ++d) {
    out.lags.col(d) = lag_sum(tile, d);
    for (Eigen::Index i = 0; i < n; ++i)
      out.on_columns.col((d - 1) * n + i) =
          row(tile, d * design_.n_working() + i) - product_.col(i);
  }
  for (Eigen::Index i = 0; i < order; ++i) {
    out.head.col(i) = row(tile, rows_.head_at + i);
    out.tail.col(i) = row(tile, rows_.recent_at + order - 1 - i);
    for (Eigen::Index c = 0; c < design_.n_modelled(); ++c) {
      out.head.col(i) -= design_.head(i, c) * kappa_.col(c);
      out.tail.col(i) -= design_.tail(i, c) * kappa_.col(c);
    }
  }
}

TileSolver::Row TileSolver::residual_sums(const double* tile) {
  set_residual_coefficients(tile);
  Row sums = Row::Zero();
  for (Eigen::Index i = 0; i < design_.n_modelled(); ++i)
    sums += design_.constant_on_working[i] * (row(tile, i) - kappa_.col(i));
  return sums;
}

const Eigen::MatrixXd& TileSolver::residual_autocovariances(const double* tile, double mean) {
  const Row sums = residual_sums(tile);
  residual_autocovariances(tile);
  Row first = row(tile, rows_.head_at), last = row(tile, rows_.recent_at);
  for (Eigen::Index i = 0; i < design_.n_modelled(); ++i) {
    first -= design_.head(0, i) * kappa_.col(i);
    last -= design_.tail(0, i) * kappa_.col(i);
  }
  const double n = design_.n_pairs[0], pairs = design_.n_pairs[1];
  autocovariances_.col(0).array() += (n * mean * mean - 2 * mean * sums) / n;
  autocovariances_.col(1).array() +=
      (pairs * mean * mean - mean * (2 * sums - first - last)) / pairs;
  return autocovariances_;
}

namespace {

/// Coefficients of the normal matrix's terms, in order.
void write_terms(const ArCoefficients& phi, int order, double* out, Eigen::Index stride) {
  const ArPrecision p = ar_precision(phi);
  for (int d = 0; d <= order; ++d, out += stride) *out = d <= p.order ? p.w[size_t(d)] : 0.0;
  for (int j = 0; j < order; ++j)
    for (int i = 0; i <= j; ++i, out += stride) *out = -p.corner[size_t(i)][size_t(j)];
}

}  // namespace

void TileSolver::set_noise(Eigen::Index lane, const ArCoefficients& phi) {
  write_terms(phi, design_.order, coefficients_.data() + lane, kWidth);
}

void TileSolver::set_spread(const Eigen::ArrayXXd& phi, const Eigen::ArrayXXd& covariance) {
  kernels_.ar_spread(int(design_.order), phi.data(), covariance.data(), changes_.data());
}

void TileSolver::average_covariances() {
  const auto& s = system_.kernel();
  kernels_.contrast_forms(s, contrast_weights_.data(), forms_.data());
  const auto change_of = [&](Eigen::Index pair, int axis) {
    Row sum = Row::Zero();
    for (Eigen::Index t = 0; t < s.n_terms; ++t)
      sum -=
          changes(axis, t) * Eigen::Map<const Row>(forms_.data() + (pair * s.n_terms + t) * kWidth);
    return sum;
  };
  for (size_t c = 0; c < system_.n_contrasts(); ++c) {
    const Eigen::Index q = system_.n_rows(c), n_pairs = q * (q + 1) / 2, at = system_.pairs_at(c);
    if (q == 1) {
      Row sum = Row::Zero();
      for (int k = 0; k < s.order; ++k) sum += change_of(at, k).square();
      Eigen::Map<Row> v(covariances_.data() + at * kWidth);
      v += 0.5 * sum / v;
      continue;
    }
    Eigen::ArrayXXd change(kWidth, n_pairs * s.order);
    for (int k = 0; k < s.order; ++k)
      for (Eigen::Index p = 0; p < n_pairs; ++p) change.col(k * n_pairs + p) = change_of(at + p, k);
    const auto square = [q](const auto& lower) {
      Eigen::MatrixXd m(q, q);
      for (Eigen::Index i = 0, p = 0; i < q; ++i)
        for (Eigen::Index j = 0; j <= i; ++j, ++p) m(i, j) = m(j, i) = lower(p);
      return m;
    };
    for (Eigen::Index lane = 0; lane < kWidth; ++lane) {
      double* own = covariances_.data() + at * kWidth + lane;
      const Eigen::MatrixXd v = square([&](Eigen::Index p) { return own[p * kWidth]; });
      const Eigen::LLT<Eigen::MatrixXd> factor(v);
      Eigen::MatrixXd sum = v;
      for (int k = 0; k < s.order; ++k) {
        const Eigen::MatrixXd d =
            square([&](Eigen::Index p) { return change(lane, k * n_pairs + p); });
        sum += 0.5 * d * factor.solve(d);
      }
      for (Eigen::Index i = 0, p = 0; i < q; ++i)
        for (Eigen::Index j = 0; j <= i; ++j, ++p) own[p * kWidth] = sum(i, j);
    }
  }
}

void TileSolver::solve(const double* tile) {
  const kernels::TileRows at{int(rows_.lags_at), int(rows_.head_at), int(rows_.recent_at),
                             int(rows_.shift_at)};
  kernels_.solve_tile(system_.kernel(), at, tile, coefficients_.data(), work_.data(),
                      {coordinates_.data(), residual_.data(), total_.data(), covariances_.data(),
                       system_.averages() ? contrast_weights_.data() : nullptr});
  if (system_.averages()) average_covariances();
  if (!tile || !design_.has_constant) return;
  for (Eigen::Index i = 0; i < design_.rank(); ++i)
    Eigen::Map<Row>(coordinates_.data() + (design_.n_spikes + i) * kWidth) +=
        design_.constant_on_working[i] * row(tile, rows_.shift_at);
}

}  // namespace sociometer
