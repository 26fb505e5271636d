#include "engine/glm/spectral_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

/// Less probable atoms of a voxel are dropped.
constexpr double kLeastProbability = 1e-4;

Eigen::VectorXd innovation_filter(const SpectralAtom& atom) {
  Eigen::VectorXd a(atom.phi.size() + 1);
  a << 1, -atom.phi;
  return a;
}

/// T, T'T the part of the banded precision that is missing at either end (Gohberg & Semencul 1972).
Eigen::MatrixXd corner_root(const Eigen::VectorXd& a) {
  const Eigen::Index order = a.size() - 1;
  Eigen::MatrixXd t = Eigen::MatrixXd::Zero(order, order);
  for (Eigen::Index m = 1; m <= order; ++m)
    for (Eigen::Index i = 0; i + m <= order; ++i) t(m - 1, i) = a[i + m];
  return t;
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

/// Sizes of covariances of q rows relative to a mean one: of one row their ratios, of several the
/// ratio averaged over directions.
/// @param units  lower triangles by rows, one column per atom; `mean` likewise.
Eigen::VectorXd relative_sizes(const Eigen::MatrixXd& units, const Eigen::VectorXd& mean,
                               Eigen::Index q) {
  if (q == 1) return units.row(0).transpose() / mean[0];
  Eigen::MatrixXd square(q, q);
  for (Eigen::Index i = 0, at = 0; i < q; ++i)
    for (Eigen::Index j = 0; j <= i; ++j) square(i, j) = square(j, i) = mean[at++];
  const Eigen::MatrixXd inverse = square.inverse();
  Eigen::VectorXd weights(mean.size());
  for (Eigen::Index i = 0, at = 0; i < q; ++i)
    for (Eigen::Index j = 0; j <= i; ++j) weights[at++] = (i == j ? 1 : 2) * inverse(i, j);
  return units.transpose() * weights / double(q);
}

}  // namespace

AtomSystem::AtomSystem(const SpectralAtom& atom, const LaggedBasis& basis) {
  const Eigen::VectorXd a = innovation_filter(atom);
  const Eigen::Index order = atom.phi.size(), n = basis.n_columns();
  weights_.resize(order + 1);
  for (Eigen::Index d = 0; d <= order; ++d)
    weights_[d] = a.head(order + 1 - d).dot(a.tail(order + 1 - d));
  root_ = corner_root(a);
  const Eigen::MatrixXd corner = root_.transpose() * root_;
  const Eigen::LLT<Eigen::MatrixXd> normal(basis.normal_matrix(weights_, corner));
  inverse_ = normal.matrixL().solve(Eigen::MatrixXd::Identity(n, n));
  inverse_transposed_ = inverse_.transpose();
  Eigen::MatrixXd ends(n, 2 * order);
  ends << basis.head().transpose() * corner, basis.tail().transpose() * corner;
  of_ends_ = inverse_.triangularView<Eigen::Lower>() * (-ends);
  log_determinants_ = atom.log_determinant + log_determinant(normal);
}

void AtomSystem::solve(const kernels::KernelSet& kernels, const TileArray& combined,
                       const TileArray& ends, double* half, double* squares) const {
  const auto n = int(inverse_.rows()), order = int(root_.rows());
  std::fill_n(half, n * kWidth, 0.0);
  for (int first = 0; first < n; first += kernels::kRowBlock) {
    const int here = std::min(kernels::kRowBlock, n - first);
    kernels.accumulate_products(inverse_.data() + first, n, first + here, here, combined.data(),
                                half + first * kWidth);
  }
  kernels.accumulate_products(of_ends_.data(), n, 2 * order, n, ends.data(), half);
  thread_local TileArray rooted;
  rooted.setZero(Eigen::NoChange, Eigen::Index(2) * order);
  for (int end : {0, order})
    kernels.accumulate_products(root_.data(), order, order, order, ends.col(end).data(),
                                rooted.col(end).data());
  kernels.subtract_squares(2 * order, rooted.data(), squares);
  kernels.subtract_squares(n, half, squares);
}

void AtomSystem::add_change(const kernels::KernelSet& kernels, const double* half,
                            TileArray& coordinates) const {
  const auto n = int(inverse_.rows()), rank = int(coordinates.cols());
  for (int first = 0; first < rank; first += kernels::kRowBlock)
    kernels.accumulate_products(inverse_transposed_.data() + ptrdiff_t(first) * n + first, n,
                                n - first, std::min(kernels::kRowBlock, rank - first),
                                half + first * kWidth, coordinates.col(first).data());
}

Eigen::VectorXd AtomSystem::covariance(const Eigen::MatrixXd& contrast) const {
  const Eigen::MatrixXd half = inverse_.leftCols(contrast.cols()) * contrast.transpose();
  Eigen::VectorXd lower(contrast.rows() * (contrast.rows() + 1) / 2);
  for (Eigen::Index i = 0, at = 0; i < half.cols(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) lower[at++] = half.col(i).dot(half.col(j));
  return lower;
}

SpectralMixture::SpectralMixture(const LaggedBasis& basis, const std::vector<SpectralAtom>& atoms,
                                 const kernels::KernelSet& kernels)
    : basis_(basis), kernels_(kernels), own_weights_(atoms.size(), basis.order() + 1) {
  systems_.reserve(atoms.size());
  for (const auto& atom : atoms) systems_.emplace_back(atom, basis);
  for (Eigen::Index g = 0; g < n_atoms(); ++g)
    own_weights_.row(g) = systems_[size_t(g)].lag_weights().transpose();
  lag_weights_ = own_weights_.rightCols(basis.order());
  own_weights_.rightCols(basis.order()) *= 2;
}

void SpectralMixture::solve(const ResidualProducts& products, Solution& out) const {
  const auto atoms = int(n_atoms()), order = int(basis_.order());
  const Eigen::Index n = basis_.n_columns();
  out.squares.setZero(Eigen::NoChange, atoms);
  kernels_.accumulate_products(own_weights_.data(), atoms, order + 1, atoms, products.lags.data(),
                               out.squares.data());
  out.combined.setZero(Eigen::NoChange, n * atoms);
  for (Eigen::Index j = 0; j < n; ++j)
    kernels_.accumulate_products(lag_weights_.data(), atoms, order, atoms,
                                 products.on_columns.col(j * order).data(),
                                 out.combined.col(j * atoms).data());
  out.halves.resize(Eigen::NoChange, n * atoms);
  out.of_atom.resize(Eigen::NoChange, n);
  for (Eigen::Index g = 0; g < atoms; ++g) {
    for (Eigen::Index j = 0; j < n; ++j) out.of_atom.col(j) = out.combined.col(j * atoms + g);
    systems_[size_t(g)].solve(kernels_, out.of_atom, products.ends, out.halves.col(g * n).data(),
                              out.squares.col(g).data());
  }
}

Eigen::MatrixXd SpectralMixture::log_likelihoods(const Solution& solution) const {
  Eigen::MatrixXd out(n_atoms(), kWidth);
  for (Eigen::Index g = 0; g < n_atoms(); ++g)
    out.row(g) =
        (systems_[size_t(g)].log_factor() - 0.5 * basis_.dof() * solution.squares.col(g).log())
            .matrix()
            .transpose();
  return out;
}

void SpectralMixture::average(const ResidualProducts& products, const Eigen::VectorXd& log_weights,
                              Solution& solution, Voxels& out) const {
  const Eigen::Index n = basis_.n_columns(), atoms = n_atoms();
  Eigen::VectorXd log_factors = log_weights;
  for (Eigen::Index g = 0; g < atoms; ++g) log_factors[g] += systems_[size_t(g)].log_factor();
  out.probabilities.resize(Eigen::NoChange, atoms);
  kernels_.atom_posteriors(int(atoms), log_factors.data(), 0.5 * basis_.dof(), kLeastProbability,
                           solution.squares.data(), out.probabilities.data());
  // Rounded as they are stored, so that later contrasts are these to the last bit.
  out.probabilities = out.probabilities.unaryExpr(&single);
  out.variances =
      (out.probabilities > 0).select((solution.squares / basis_.dof()).unaryExpr(&single), 0.0);
  out.coordinates = products.coordinates;
  for (Eigen::Index g = 0; g < atoms; ++g) {
    const Row p = out.probabilities.col(g);
    if (!(p > 0).any()) continue;
    for (Eigen::Index j = 0; j < n; ++j) {
      auto half = solution.halves.col(g * n + j);
      half = (p > 0).select(half * p, 0.0);
    }
    systems_[size_t(g)].add_change(kernels_, solution.halves.col(g * n).data(), out.coordinates);
  }
}

SpectralMixture::Covariance SpectralMixture::covariance(const Eigen::MatrixXd& contrast,
                                                        const Eigen::MatrixXf& posterior,
                                                        int n_threads) const {
  const Eigen::Index q = contrast.rows(), n_voxels = posterior.cols(), atoms = n_atoms();
  Eigen::MatrixXd units(q * (q + 1) / 2, atoms);
  for (Eigen::Index g = 0; g < atoms; ++g) units.col(g) = systems_[size_t(g)].covariance(contrast);
  Covariance out{Eigen::MatrixXd::Constant(units.rows(), n_voxels, kNaN),
                 Eigen::VectorXd::Constant(n_voxels, kNaN)};
  constexpr Eigen::Index kChunk = 1024;
  parallel_for((n_voxels + kChunk - 1) / kChunk, n_threads, [&](Eigen::Index chunk) {
    Eigen::VectorXd mean(units.rows()), relative(atoms), probability(atoms), variance(atoms);
    for (Eigen::Index v = chunk * kChunk; v < std::min(n_voxels, (chunk + 1) * kChunk); ++v) {
      if (!std::isfinite(posterior(0, v))) continue;
      probability = posterior.col(v).head(atoms).cast<double>();
      variance = posterior.col(v).tail(atoms).cast<double>();
      mean.noalias() = units * probability.cwiseProduct(variance);
      relative = variance.cwiseProduct(relative_sizes(units, mean, q));
      const double square = relative.cwiseAbs2().dot(probability);
      double factor = 1;
      out.dof[v] = matched_dof(basis_.dof(), 1, std::max(square, 1.0), factor);
      out.lower.col(v) = factor * mean;
    }
  });
  return out;
}

Eigen::MatrixXd most_probable_atoms(const Eigen::MatrixXd& atoms,
                                    const Eigen::MatrixXf& posterior) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Constant(atoms.rows(), posterior.cols(), kNaN);
  for (Eigen::Index v = 0; v < posterior.cols(); ++v) {
    Eigen::Index best = 0;
    if (posterior.col(v).head(atoms.cols()).maxCoeff(&best) > 0) out.col(v) = atoms.col(best);
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

namespace {

/// Products of a sample of voxels, evenly over the mask.
std::vector<ResidualProducts> sample_products(const LaggedBasis& basis,
                                              const std::vector<Eigen::Index>& voxels,
                                              Eigen::Index n, const ReadSeries& read,
                                              const kernels::KernelSet& kernels, int n_threads) {
  std::vector<ResidualProducts> tiles(size_t((n + kWidth - 1) / kWidth));
  parallel_for(Eigen::Index(tiles.size()), n_threads, [&](Eigen::Index task) {
    const Eigen::Index first = task * kWidth;
    TileArray y = TileArray::Zero(kWidth, basis.n_kept());
    Eigen::ArrayXd one(basis.n_kept());
    for (Eigen::Index i = first; i < std::min(n, first + kWidth); ++i) {
      read(voxels[size_t(i * Eigen::Index(voxels.size()) / n)], 1, one.data());
      y.row(i - first) = one.transpose();
    }
    basis.products(kernels, y.data(), tiles[size_t(task)]);
    tiles[size_t(task)].residuals.resize(kWidth, 0);
  });
  return tiles;
}

/// (n_candidates, n).
Eigen::MatrixXd sample_likelihoods(const LaggedBasis& basis,
                                   const std::vector<SpectralAtom>& candidates,
                                   const std::vector<ResidualProducts>& tiles, Eigen::Index n,
                                   const kernels::KernelSet& kernels, int n_threads) {
  const auto n_atoms = Eigen::Index(candidates.size());
  Eigen::MatrixXd likelihoods(n_atoms, n);
  parallel_for((n_atoms + kAtomsAtATime - 1) / kAtomsAtATime, n_threads, [&](Eigen::Index task) {
    const Eigen::Index first = task * kAtomsAtATime;
    const Eigen::Index here = std::min(kAtomsAtATime, n_atoms - first);
    const SpectralMixture some(
        basis, {candidates.begin() + first, candidates.begin() + first + here}, kernels);
    SpectralMixture::Solution solution;
    for (Eigen::Index voxel = 0; voxel < n; voxel += kWidth) {
      some.solve(tiles[size_t(voxel / kWidth)], solution);
      const Eigen::Index lanes = std::min(kWidth, n - voxel);
      likelihoods.block(first, voxel, here, lanes) = some.log_likelihoods(solution).leftCols(lanes);
    }
  });
  return likelihoods;
}

}  // namespace

LearnedAtoms learn_atoms(const LaggedBasis& basis, const std::vector<SpectralAtom>& candidates,
                         const std::vector<Eigen::Index>& voxels, const ReadSeries& read,
                         const kernels::KernelSet& kernels, int n_threads) {
  constexpr int kFirstSteps = 80, kLastSteps = 40;
  const auto n_atoms = Eigen::Index(candidates.size());
  Eigen::VectorXd weights = Eigen::VectorXd::Constant(n_atoms, 1.0 / double(n_atoms));
  Eigen::MatrixXd likelihoods;
  const Eigen::Index n = std::min(kLearningVoxels, Eigen::Index(voxels.size()));
  if (n > 0) {
    likelihoods = sample_likelihoods(basis, candidates,
                                     sample_products(basis, voxels, n, read, kernels, n_threads), n,
                                     kernels, n_threads);
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
