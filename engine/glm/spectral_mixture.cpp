#include "engine/glm/spectral_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kVoxelsAtATime = 64;
/// Less probable atoms of a voxel are dropped.
constexpr double kLeastProbability = 1e-4;

Eigen::VectorXd innovation_filter(const SpectralAtom& atom) {
  Eigen::VectorXd a(atom.phi.size() + 1);
  a << 1, -atom.phi;
  return a;
}

/// Part of the banded precision that is missing at either end (Gohberg & Semencul 1972).
Eigen::MatrixXd missing_corner(const Eigen::VectorXd& a) {
  const Eigen::Index order = a.size() - 1;
  Eigen::MatrixXd t = Eigen::MatrixXd::Zero(order, order);
  for (Eigen::Index m = 1; m <= order; ++m)
    for (Eigen::Index i = 0; i + m <= order; ++i) t(m - 1, i) = a[i + m];
  return t.transpose() * t;
}

double log_determinant(const Eigen::LLT<Eigen::MatrixXd>& factor) {
  return 2 * factor.matrixLLT().diagonal().array().log().sum();
}

double single(double x) { return double(float(x)); }

/// The mean of t distributions with common `dof` and random squared scales as one t.
/// @param mean, square  of the scales under their distribution.
/// @param factor  out: of the mean scale.
/// @source kurtosis 3 (dof - 2) / (dof - 4) of t; Johnson, Kotz & Balakrishnan, chapter 28.
double matched_dof(double dof, double mean, double square, double& factor) {
  factor = 1;
  if (!(dof > 4)) return dof;
  const double excess = 3 * (dof - 2) / (dof - 4) * square / (mean * mean) - 3;
  const double matched = 4 + 6 / excess;
  factor = dof / (dof - 2) * (matched - 2) / matched;
  return matched;
}

}  // namespace

AtomSystem::AtomSystem(const SpectralAtom& atom, const Eigen::MatrixXd& basis) {
  const Eigen::VectorXd a = innovation_filter(atom);
  const Eigen::Index order = atom.phi.size();
  weights_.resize(order + 1);
  for (Eigen::Index d = 0; d <= order; ++d)
    weights_[d] = a.head(order + 1 - d).dot(a.tail(order + 1 - d));
  corner_ = missing_corner(a);
  at_head_ = basis.topRows(order).transpose() * corner_;
  at_tail_ = basis.bottomRows(order).colwise().reverse().transpose() * corner_;
  normal_.compute(basis.transpose() * times_precision(atom, basis));
  log_determinants_ = atom.log_determinant + log_determinant(normal_);
}

AtomSystem::Fit AtomSystem::fit(const ResidualProducts& e) const {
  const Eigen::Index order = corner_.rows(), n = at_head_.rows();
  Fit out;
  out.half.noalias() = -(at_head_ * e.head);
  out.half.noalias() -= at_tail_ * e.tail;
  for (Eigen::Index d = 1; d <= order; ++d)
    out.half += weights_[d] * e.on_columns.middleRows((d - 1) * n, n);
  normal_.matrixL().solveInPlace(out.half);
  const Eigen::MatrixXd head = corner_ * e.head, tail = corner_ * e.tail;
  out.residual_squares = weights_[0] * e.lags.row(0).transpose().array();
  for (Eigen::Index d = 1; d <= order; ++d)
    out.residual_squares += 2 * weights_[d] * e.lags.row(d).transpose().array();
  out.residual_squares -= (e.head.array() * head.array()).colwise().sum().transpose() +
                          (e.tail.array() * tail.array()).colwise().sum().transpose() +
                          out.half.array().square().colwise().sum().transpose();
  return out;
}

Eigen::ArrayXd AtomSystem::log_likelihood(const Eigen::ArrayXd& residual_squares,
                                          double dof) const {
  return -0.5 * (dof * residual_squares.log() + log_determinants_);
}

Eigen::MatrixXd AtomSystem::change(const Eigen::MatrixXd& half) const {
  return normal_.matrixU().solve(half);
}

Eigen::VectorXd AtomSystem::covariance(const Eigen::MatrixXd& contrast) const {
  Eigen::MatrixXd padded = Eigen::MatrixXd::Zero(at_head_.rows(), contrast.rows());
  padded.topRows(contrast.cols()) = contrast.transpose();
  const Eigen::MatrixXd half = normal_.matrixL().solve(padded);
  Eigen::VectorXd lower(contrast.rows() * (contrast.rows() + 1) / 2);
  for (Eigen::Index i = 0, at = 0; i < half.cols(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) lower[at++] = half.col(i).dot(half.col(j));
  return lower;
}

SpectralMixture::SpectralMixture(const RunDesign& design, const std::vector<SpectralAtom>& atoms)
    : scans_(list_kept_scans(design)),
      n_scans_(design.n_scans()),
      rank_(design.rank()),
      order_(atoms.at(0).phi.size()),
      dof_(design.dof),
      kept_basis_(design.space.basis()) {
  if (n_scans_ <= 2 * order_)
    fail(ErrorCode::bad_input,
         "the noise model mixture needs more than {} scans at this TR, the run has {}; use ar1",
         2 * order_, n_scans_);
  const Eigen::Index n_spikes = n_scans_ - Eigen::Index(scans_.size());
  basis_ = Eigen::MatrixXd::Zero(n_scans_, rank_ + n_spikes);
  for (size_t i = 0; i < scans_.size(); ++i)
    basis_.row(scans_[i]).head(rank_) = kept_basis_.row(Eigen::Index(i));
  for (Eigen::Index t = 0, spike = 0; t < n_scans_; ++t)
    if (!design.kept[size_t(t)]) basis_(t, rank_ + spike++) = 1;
  for (const auto& atom : atoms) systems_.emplace_back(atom, basis_);
}

ResidualProducts SpectralMixture::products(Eigen::MatrixXd& y, Eigen::MatrixXd& coordinates) const {
  const Eigen::Index n = basis_.cols(), voxels = y.cols();
  coordinates.noalias() = kept_basis_.transpose() * y;
  y.noalias() -= kept_basis_ * coordinates;
  Eigen::MatrixXd e = Eigen::MatrixXd::Zero(n_scans_, voxels);
  for (size_t i = 0; i < scans_.size(); ++i) e.row(scans_[i]) = y.row(Eigen::Index(i));
  ResidualProducts out;
  out.lags.resize(order_ + 1, voxels);
  out.on_columns.resize(order_ * n, voxels);
  out.lags.row(0) = e.colwise().squaredNorm();
  for (Eigen::Index d = 1; d <= order_; ++d) {
    const auto early = e.topRows(n_scans_ - d), late = e.bottomRows(n_scans_ - d);
    out.lags.row(d) = early.cwiseProduct(late).colwise().sum();
    auto on = out.on_columns.middleRows((d - 1) * n, n);
    on.noalias() = basis_.topRows(n_scans_ - d).transpose() * late;
    on.noalias() += basis_.bottomRows(n_scans_ - d).transpose() * early;
  }
  out.head = e.topRows(order_);
  out.tail = e.bottomRows(order_).colwise().reverse();
  return out;
}

Eigen::MatrixXd SpectralMixture::log_likelihoods(const ResidualProducts& e) const {
  Eigen::MatrixXd out(n_atoms(), e.lags.cols());
  for (Eigen::Index g = 0; g < n_atoms(); ++g) {
    const auto& system = systems_[size_t(g)];
    out.row(g) = system.log_likelihood(system.fit(e).residual_squares, dof_).transpose();
  }
  return out;
}

SpectralMixture::Voxels SpectralMixture::fit(Eigen::MatrixXd y,
                                             const Eigen::VectorXd& log_weights) const {
  Voxels out;
  const ResidualProducts e = products(y, out.coordinates);
  out.residual_squares = e.lags.row(0).transpose();
  out.coordinates.conservativeResize(rank_, Eigen::NoChange);
  std::vector<AtomSystem::Fit> fits;
  Eigen::MatrixXd likelihoods(n_atoms(), y.cols());
  out.variances.resize(n_atoms(), y.cols());
  for (Eigen::Index g = 0; g < n_atoms(); ++g) {
    const auto& system = systems_[size_t(g)];
    fits.push_back(system.fit(e));
    const auto& squares = fits.back().residual_squares;
    likelihoods.row(g) = system.log_likelihood(squares, dof_).transpose();
    out.variances.row(g) = (squares / dof_).transpose();
  }
  out.probabilities = atom_posteriors(likelihoods, log_weights);
  // Rounded as they are stored, so that later contrasts are these to the last bit.
  out.probabilities =
      (out.probabilities.array() < kLeastProbability).select(0.0, out.probabilities);
  // A voxel that the design explains to the last digit keeps its least-squares coordinates.
  for (Eigen::Index v = 0; v < y.cols(); ++v)
    if (!likelihoods.col(v).allFinite()) out.probabilities.col(v).setZero();
  const Eigen::RowVectorXd sums = out.probabilities.colwise().sum().cwiseMax(0.5);
  out.probabilities = (out.probabilities * sums.cwiseInverse().asDiagonal()).unaryExpr(&single);
  out.variances = (out.probabilities.array() > 0).select(out.variances.unaryExpr(&single), 0.0);
  for (Eigen::Index g = 0; g < n_atoms(); ++g) {
    if (!(out.probabilities.row(g).array() > 0).any()) continue;
    const Eigen::MatrixXd change = systems_[size_t(g)].change(fits[size_t(g)].half);
    out.coordinates += change.topRows(rank_) * out.probabilities.row(g).asDiagonal();
  }
  return out;
}

SpectralMixture::Covariance SpectralMixture::covariance(const Eigen::MatrixXd& contrast,
                                                        const Eigen::MatrixXd& noise,
                                                        int n_threads) const {
  const Eigen::Index q = contrast.rows(), n_voxels = noise.cols();
  Eigen::MatrixXd units(q * (q + 1) / 2, n_atoms());
  for (Eigen::Index g = 0; g < n_atoms(); ++g)
    units.col(g) = systems_[size_t(g)].covariance(contrast);
  Covariance out{Eigen::MatrixXd::Constant(units.rows(), n_voxels, kNaN),
                 Eigen::VectorXd::Constant(n_voxels, kNaN)};
  const auto square_matrix = [q](const Eigen::VectorXd& lower) {
    Eigen::MatrixXd m(q, q);
    for (Eigen::Index i = 0, at = 0; i < q; ++i)
      for (Eigen::Index j = 0; j <= i; ++j) m(i, j) = m(j, i) = lower[at++];
    return m;
  };
  constexpr Eigen::Index kChunk = 1024;
  parallel_for((n_voxels + kChunk - 1) / kChunk, n_threads, [&](Eigen::Index chunk) {
    Eigen::VectorXd mean(units.rows());
    for (Eigen::Index v = chunk * kChunk; v < std::min(n_voxels, (chunk + 1) * kChunk); ++v) {
      if (!std::isfinite(noise(0, v))) continue;
      mean.setZero();
      for (Eigen::Index g = 0; g < n_atoms(); ++g)
        if (noise(g, v) > 0) mean += noise(g, v) * noise(n_atoms() + g, v) * units.col(g);
      // Of several rows: the covariance relative to its mean, averaged over directions.
      const Eigen::MatrixXd inverse = q == 1 ? Eigen::MatrixXd::Constant(1, 1, 1 / mean[0])
                                             : Eigen::MatrixXd(square_matrix(mean).inverse());
      double square = 0;
      for (Eigen::Index g = 0; g < n_atoms(); ++g) {
        if (!(noise(g, v) > 0)) continue;
        const double relative = noise(n_atoms() + g, v) *
                                inverse.cwiseProduct(square_matrix(units.col(g))).sum() / double(q);
        square += noise(g, v) * relative * relative;
      }
      double factor = 1;
      out.dof[v] = matched_dof(dof_, 1, std::max(square, 1.0), factor);
      out.lower.col(v) = factor * mean;
    }
  });
  return out;
}

Eigen::MatrixXd atom_posteriors(const Eigen::MatrixXd& log_likelihoods,
                                const Eigen::VectorXd& log_weights) {
  Eigen::MatrixXd out = log_likelihoods.colwise() + log_weights;
  for (Eigen::Index v = 0; v < out.cols(); ++v) {
    out.col(v) = (out.col(v).array() - out.col(v).maxCoeff()).exp();
    out.col(v) /= out.col(v).sum();
  }
  return out;
}

Eigen::VectorXd learn_weights(const Eigen::MatrixXd& log_likelihoods, Eigen::VectorXd weights,
                              int steps) {
  // Likelihoods relative to each voxel's best: weights do not depend on the factor.
  Eigen::MatrixXd l = log_likelihoods;
  for (Eigen::Index v = 0; v < l.cols(); ++v)
    l.col(v) = (l.col(v).array() - l.col(v).maxCoeff()).exp();
  for (int step = 0; step < steps; ++step) {
    const Eigen::VectorXd evidence = l.transpose() * weights;
    weights.array() *= (l * evidence.cwiseInverse()).array() / double(l.cols());
  }
  return weights / weights.sum();
}

LearnedAtoms learn_atoms(const RunDesign& design, const std::vector<SpectralAtom>& candidates,
                         const std::vector<Eigen::Index>& voxels, const ReadSeries& read,
                         int n_threads) {
  constexpr int kFirstSteps = 80, kLastSteps = 40;
  const auto n_atoms = Eigen::Index(candidates.size());
  Eigen::VectorXd weights = Eigen::VectorXd::Constant(n_atoms, 1.0 / double(n_atoms));
  Eigen::MatrixXd likelihoods(n_atoms, std::min(kLearningVoxels, Eigen::Index(voxels.size())));
  const auto n = likelihoods.cols();
  if (n > 0) {
    const SpectralMixture mixture(design, candidates);
    parallel_for((n + kVoxelsAtATime - 1) / kVoxelsAtATime, n_threads, [&](Eigen::Index task) {
      const Eigen::Index first = task * kVoxelsAtATime, here = std::min(kVoxelsAtATime, n - first);
      Eigen::MatrixXd y(Eigen::Index(design.n_kept), here), coordinates;
      for (Eigen::Index i = 0; i < here; ++i)  // evenly over the mask
        read(voxels[size_t((first + i) * Eigen::Index(voxels.size()) / n)], 1, y.col(i).data());
      likelihoods.middleCols(first, here) =
          mixture.log_likelihoods(mixture.products(y, coordinates));
    });
    // A voxel that the design explains to the last digit has no noise to learn from.
    std::vector<Eigen::Index> finite;
    for (Eigen::Index v = 0; v < n; ++v)
      if (likelihoods.col(v).allFinite()) finite.push_back(v);
    likelihoods = Eigen::MatrixXd(likelihoods(Eigen::all, finite));
  }
  const bool learns = likelihoods.cols() > 0;
  if (learns) weights = learn_weights(likelihoods, weights, kFirstSteps);
  std::vector<Eigen::Index> by_weight(static_cast<size_t>(n_atoms));
  std::iota(by_weight.begin(), by_weight.end(), 0);
  std::ranges::stable_sort(by_weight, std::greater{}, [&](Eigen::Index g) { return weights[g]; });
  by_weight.resize(size_t(std::min(kMixtureAtoms, n_atoms)));
  std::ranges::sort(by_weight);
  Eigen::VectorXd kept = weights(by_weight);
  kept /= kept.sum();
  if (learns) kept = learn_weights(likelihoods(by_weight, Eigen::all), kept, kLastSteps);
  LearnedAtoms out;
  for (Eigen::Index g : by_weight) out.atoms.push_back(candidates[size_t(g)]);
  out.log_weights = kept.cwiseMax(1e-300).array().log();
  return out;
}

}  // namespace sociometer
