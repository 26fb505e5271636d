#include "engine/glm/pooled_noise.hpp"

#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/voxel_limits.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

constexpr double kCoefficient = 0.2;

/// An orthonormal basis of the complement of the columns' space.
Eigen::MatrixXd complement(const Eigen::MatrixXd& design) {
  const EstimableSpace space(design);
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(space.basis());
  const Eigen::MatrixXd q = qr.householderQ();
  return q.rightCols(design.rows() - space.rank());
}

/// The design used in SPM's least squares: whitened columns, drift not whitened.
Eigen::MatrixXd whitened_design(const RunDesign& design, const Eigen::MatrixXd& whitening) {
  Eigen::MatrixXd x = whitening * design.design;
  for (Eigen::Index c = 0; c < x.cols(); ++c)
    if (!design.drift_columns.empty() && design.drift_columns[size_t(c)])
      x.col(c) = design.design.col(c);
  return x;
}

Eigen::MatrixXd inverse_square_root(Eigen::MatrixXd v) {
  v *= double(v.rows()) / v.trace();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(v);
  if (!(eigen.eigenvalues()[0] > 0))
    fail(ErrorCode::bad_input,
         "the pooled noise covariance is not positive definite; use another noise model");
  return eigen.operatorInverseSqrt();
}

}  // namespace

std::vector<Eigen::MatrixXd> ar_components(const std::vector<Eigen::Index>& scans) {
  const auto n = Eigen::Index(scans.size());
  Eigen::MatrixXd toeplitz(n, n), derivative(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) {
      const auto d = double(std::abs(scans[size_t(i)] - scans[size_t(j)]));
      toeplitz(i, j) = std::pow(kCoefficient, d);
      derivative(i, j) = d == 0 ? 0.0 : d * std::pow(kCoefficient, d - 1);
    }
  return {toeplitz, derivative};
}

std::vector<Eigen::MatrixXd> fast_components(const std::vector<Eigen::Index>& scans, double tr_s) {
  constexpr int kTimeConstants = 6, kPowers = 3;
  static_assert(kTimeConstants * kPowers == kFastComponents);
  const auto n = Eigen::Index(scans.size());
  std::vector<Eigen::MatrixXd> out;
  for (int i = 0; i < kTimeConstants; ++i)
    for (int j = 0; j < kPowers; ++j) {
      const double tau_s = std::exp2(std::floor(std::log2(tr_s / 4)) + i);
      Eigen::MatrixXd q(n, n);
      for (Eigen::Index r = 0; r < n; ++r)
        for (Eigen::Index c = 0; c < n; ++c) {
          const double t = tr_s * double(std::abs(scans[size_t(r)] - scans[size_t(c)]));
          q(r, c) = std::pow(t, j) * std::exp(-t / tau_s);
        }
      out.push_back(std::move(q));
    }
  return out;
}

Eigen::VectorXd restricted_maximum_likelihood(const Eigen::MatrixXd& pooled,
                                              const Eigen::MatrixXd& design,
                                              const std::vector<Eigen::MatrixXd>& components,
                                              const WeightPrior& prior) {
  // Series without their fitted part: their likelihood is the restricted one.
  const Eigen::MatrixXd a = complement(design);
  const Eigen::MatrixXd c = a.transpose() * pooled * a;
  const auto n = Eigen::Index(components.size());
  std::vector<Eigen::MatrixXd> q;
  for (const auto& component : components) q.push_back(a.transpose() * component * a);
  const auto covariance = [&](const Eigen::VectorXd& h) {
    Eigen::MatrixXd v = h[0] * q[0];
    for (Eigen::Index i = 1; i < n; ++i) v += h[i] * q[size_t(i)];
    return v;
  };
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(n);
  const auto likelihood = [&](const Eigen::VectorXd& h) {
    const Eigen::LLT<Eigen::MatrixXd> factor(covariance(h));
    if (factor.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
    return -factor.matrixLLT().diagonal().array().log().sum() - 0.5 * factor.solve(c).trace() -
           0.5 * prior.precision * (h - mean).squaredNorm();
  };
  Eigen::VectorXd h = Eigen::VectorXd::Zero(n);
  h[0] = c.trace() / q[0].trace();
  if (prior.about_first) mean = h;
  double best = likelihood(h);
  constexpr int kMostIterations = 100;
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    const Eigen::LLT<Eigen::MatrixXd> factor(covariance(h));
    std::vector<Eigen::MatrixXd> m;
    for (const auto& component : q) m.push_back(factor.solve(component));
    const Eigen::MatrixXd r = factor.solve(c);
    Eigen::VectorXd gradient(n);
    Eigen::MatrixXd information(n, n);
    for (Eigen::Index i = 0; i < n; ++i) {
      gradient[i] = 0.5 * (m[size_t(i)].cwiseProduct(r.transpose()).sum() - m[size_t(i)].trace()) -
                    prior.precision * (h[i] - mean[i]);
      for (Eigen::Index j = 0; j <= i; ++j)
        information(i, j) = information(j, i) =
            0.5 * m[size_t(i)].cwiseProduct(m[size_t(j)].transpose()).sum();
    }
    information.diagonal().array() += prior.precision;
    Eigen::VectorXd step = information.ldlt().solve(gradient);
    double next = likelihood(h + step);
    for (int halving = 0; halving < 40 && !(next >= best); ++halving)
      next = likelihood(h + (step *= 0.5));
    if (!(next >= best)) break;
    h += step;
    const double gain = next - best;
    best = next;
    if (step.norm() <= 1e-10 * h.norm() || gain <= 1e-13 * std::abs(best)) break;
  }
  if (!std::isfinite(best))
    fail(ErrorCode::bad_input, "no positive definite pooled noise covariance was found");
  return h;
}

Eigen::VectorXd positive_definite_weights(const Eigen::MatrixXd& pooled,
                                          const Eigen::MatrixXd& design,
                                          const std::vector<Eigen::MatrixXd>& components,
                                          double precision) {
  constexpr double kLeastEigenvalue = 1e-4;  // relative to the mean eigenvalue
  Eigen::VectorXd h = restricted_maximum_likelihood(pooled, design, components, {precision});
  precision = std::max(precision, 0.1);
  for (int tries = 0; tries < 12; ++tries) {
    Eigen::MatrixXd v = h[0] * components[0];
    for (size_t i = 1; i < components.size(); ++i) v += h[Eigen::Index(i)] * components[i];
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(v, Eigen::EigenvaluesOnly);
    if (eigen.eigenvalues()[0] > kLeastEigenvalue * eigen.eigenvalues().mean()) break;
    h = restricted_maximum_likelihood(pooled, design, components, {precision, true});
    precision *= 10;
  }
  return h;
}

Eigen::MatrixXd pooled_covariance(const Eigen::MatrixXd& design,
                                  const std::vector<uint8_t>& interest, Eigen::Index n_voxels,
                                  const ReadSeries& read, double p, int n_threads) {
  const Eigen::Index n = design.rows();
  std::vector<Eigen::Index> nuisance;
  for (Eigen::Index c = 0; c < design.cols(); ++c)
    if (!interest[size_t(c)]) nuisance.push_back(c);
  const EstimableSpace full(design);
  const EstimableSpace reduced(nuisance.empty() ? Eigen::MatrixXd(Eigen::MatrixXd::Zero(n, 1))
                                                : Eigen::MatrixXd(design(Eigen::all, nuisance)));
  const double effect_dof = double(full.rank() - reduced.rank());
  const double dof = double(n - full.rank());
  if (!(effect_dof > 0))
    fail(ErrorCode::bad_input, "pooling the noise needs columns of interest: there is no task");
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(n, n);
  Eigen::Index used = 0;
  constexpr Eigen::Index kChunk = 2048, kPanel = 64;
  Eigen::MatrixXd y(n, kChunk), passed(n, kChunk);
  for (Eigen::Index first = 0; first < n_voxels; first += kChunk) {
    const Eigen::Index here = std::min(kChunk, n_voxels - first);
    read(first, here, y.data());
    std::vector<double> scale(size_t(here), 0.0);
    parallel_for((here + kPanel - 1) / kPanel, n_threads, [&](Eigen::Index panel) {
      for (Eigen::Index v = panel * kPanel; v < std::min(here, (panel + 1) * kPanel); ++v) {
        const Eigen::VectorXd rest = y.col(v) - full.basis() * full.projection(y.col(v));
        const Eigen::VectorXd more = y.col(v) - reduced.basis() * reduced.projection(y.col(v));
        const double squares = rest.squaredNorm();
        if (!(squares > 0)) continue;
        const double f = (more.squaredNorm() - squares) / effect_dof / (squares / dof);
        if (p_from_f(f, effect_dof, dof) < p) scale[size_t(v)] = std::sqrt(dof / squares);
      }
    });
    Eigen::Index n_passed = 0;
    for (Eigen::Index v = 0; v < here; ++v)
      if (scale[size_t(v)] > 0) passed.col(n_passed++) = scale[size_t(v)] * y.col(v);
    used += n_passed;
    parallel_for((n + kPanel - 1) / kPanel, n_threads, [&](Eigen::Index panel) {
      const Eigen::Index row = panel * kPanel, rows = std::min(kPanel, n - row);
      sum.middleRows(row, rows).noalias() +=
          passed.block(row, 0, rows, n_passed) * passed.leftCols(n_passed).transpose();
    });
  }
  if (used == 0)
    fail(ErrorCode::bad_input,
         "no voxel responds to the task at p < {}: the noise cannot be pooled; use another "
         "noise model",
         p);
  return sum / double(used);
}

PooledWhitening::PooledWhitening(const RunDesign& design, const Eigen::MatrixXd& covariance)
    : whitening_(inverse_square_root(covariance)),
      space_(whitened_design(design, whitening_)),
      constant_(whitening_.rowwise().sum()) {}

PooledWhitening::Estimates PooledWhitening::fit(Eigen::Index n_voxels, const ReadSeries& read,
                                                const kernels::KernelSet& kernels,
                                                int n_threads) const {
  const Eigen::Index n = whitening_.rows(), rank = space_.rank();
  const Eigen::MatrixXd& b = space_.betas_from_coordinates();
  const Eigen::MatrixXd basis = space_.basis().transpose();  // (rank, n): a row of Z per column
  Estimates out;
  out.betas.resize(b.rows(), n_voxels);
  out.residual_squares.resize(n_voxels);
  out.total_squares.resize(n_voxels);
  parallel_for((n_voxels + kWidth - 1) / kWidth, n_threads, [&](Eigen::Index tile) {
    const Eigen::Index first = tile * kWidth, here = std::min(kWidth, n_voxels - first);
    Eigen::MatrixXd y(n, here);
    read(first, here, y.data());
    Eigen::ArrayXXd series = Eigen::ArrayXXd::Zero(kWidth, n), whitened = series;
    series.topRows(here) = y.transpose().array();
    Eigen::ArrayXXd coordinates = Eigen::ArrayXXd::Zero(kWidth, rank);
    kernels.accumulate_products(whitening_.data(), n, int(n), int(n), series.data(),
                                whitened.data());
    kernels.accumulate_products(basis.data(), rank, int(n), int(rank), whitened.data(),
                                coordinates.data());
    for (Eigen::Index v = 0; v < here; ++v) {
      const Eigen::VectorXd w = whitened.row(v), gamma = coordinates.row(v);
      const double on_constant = constant_.dot(w);
      out.betas.col(first + v) = b * gamma;
      out.residual_squares[first + v] = w.squaredNorm() - gamma.squaredNorm();
      out.total_squares[first + v] =
          w.squaredNorm() - on_constant * on_constant / constant_.squaredNorm();
    }
  });
  return out;
}

std::vector<Eigen::VectorXd> PooledWhitening::covariances(
    const std::vector<Eigen::MatrixXd>& contrasts) const {
  std::vector<Eigen::VectorXd> out;
  for (const auto& contrast : contrasts) {
    const Eigen::MatrixXd u = contrast * space_.betas_from_coordinates();
    const Eigen::MatrixXd covariance = u * u.transpose();
    Eigen::VectorXd packed(u.rows() * (u.rows() + 1) / 2);
    for (Eigen::Index i = 0, at = 0; i < u.rows(); ++i)
      for (Eigen::Index j = 0; j <= i; ++j) packed[at++] = covariance(i, j);
    out.push_back(std::move(packed));
  }
  return out;
}

}  // namespace sociometer
