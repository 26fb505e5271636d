// The mixture of AR processes, held against dense covariance matrices.
#include "engine/glm/spectral_mixture.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/core/series_source.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::mixture_tests {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::close_relative;
using testing::same_bits;

constexpr Index kScans = 60;
constexpr int kOrder = 5;

/// Autocovariances of an AR process of innovation variance 1 at lags 0 .. n - 1, by its recursion
/// from the solution of the Yule-Walker equations in all of lags 0 .. q.
VectorXd autocovariances(const VectorXd& phi, Index n) {
  const Index q = phi.size();
  MatrixXd a = MatrixXd::Zero(q + 1, q + 1);
  for (Index k = 0; k <= q; ++k) {
    a(k, k) += 1;
    for (Index j = 1; j <= q; ++j) a(k, std::abs(k - j)) -= phi[j - 1];
  }
  VectorXd r = VectorXd::Zero(std::max(n, q + 1));
  r.head(q + 1) = a.partialPivLu().solve(VectorXd::Unit(q + 1, 0));
  for (Index k = q + 1; k < n; ++k)
    for (Index j = 1; j <= q; ++j) r[k] += phi[j - 1] * r[k - j];
  return r.head(n);
}

MatrixXd covariance(const SpectralAtom& atom, Index n) {
  const VectorXd r = autocovariances(atom.phi, n);
  MatrixXd v(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) v(i, j) = r[std::abs(i - j)];
  return v;
}

double log_determinant(const MatrixXd& m) {
  return 2 * m.llt().matrixLLT().diagonal().array().log().sum();
}

std::vector<SpectralAtom> three_atoms() {
  std::vector<SpectralAtom> atoms;
  for (double rho : {0.0, 0.4, 0.85}) {
    VectorXd r(kOrder + 1);
    for (Index k = 0; k <= kOrder; ++k)
      r[k] = (k == 0 ? 0.3 : 0) + 0.7 * std::pow(rho, double(k)) * std::cos(0.3 * double(k));
    atoms.push_back(atom_from_autocorrelations(r));
  }
  return atoms;
}

MatrixXd make_design(Index n = kScans) {
  MatrixXd x(n, 4);
  for (Index t = 0; t < n; ++t)
    x.row(t) << (t / 6 % 2 ? 1 : 0), std::sin(0.9 * double(t)), double(t) / double(n), 1;
  return x;
}

MatrixXd noise(Index n_scans, Index n_voxels, double rho, uint64_t stream) {
  const CounterRandom random(5, stream);
  MatrixXd y(n_scans, n_voxels);
  uint64_t at = 0;
  for (Index v = 0; v < n_voxels; ++v)
    for (Index t = 0; t < n_scans; ++t, ++at)
      y(t, v) = t == 0 ? random.normal(at) / std::sqrt(1 - rho * rho)
                       : rho * y(t - 1, v) + random.normal(at);
  return y;
}

/// Rows of the kept scans.
MatrixXd rows_of(const MatrixXd& m, const std::vector<uint8_t>& kept) {
  std::vector<Index> scans;
  for (size_t t = 0; t < kept.size(); ++t)
    if (kept[t]) scans.push_back(Index(t));
  return m(scans, Eigen::all);
}

/// Generalised least squares and restricted likelihood from the dense covariance of kept scans.
struct Dense {
  Dense(const SpectralAtom& atom, const MatrixXd& x, const MatrixXd& y,
        const std::vector<uint8_t>& kept) {
    const MatrixXd all = covariance(atom, Index(kept.size()));
    const MatrixXd columns = rows_of(all, kept).transpose();
    const MatrixXd v = rows_of(columns, kept);
    const MatrixXd inverse = v.inverse(), z = rows_of(x, kept), kept_y = rows_of(y, kept);
    normal = z.transpose() * inverse * z;
    betas = normal.ldlt().solve(z.transpose() * inverse * kept_y);
    const MatrixXd e = kept_y - z * betas;
    squares = (e.transpose() * inverse * e).diagonal();
    dof = double(z.rows() - z.cols());
    log_likelihood =
        -0.5 * (dof * squares.array().log() + log_determinant(v) + log_determinant(normal));
  }
  MatrixXd normal, betas;
  VectorXd squares, log_likelihood;
  double dof = 0;
};

/// A mixture and the products of up to kWidth series, one per column, over kept scans.
struct Solved {
  Solved(const RunDesign& design, const std::vector<SpectralAtom>& atoms, const MatrixXd& y,
         const char* kernels_name = nullptr)
      : kernels(kernels_name ? *kernels::find_kernels(kernels_name) : kernels::best_kernels()),
        basis(design, atoms.at(0).phi.size()),
        mixture(basis, atoms, kernels) {
    TileArray tile = TileArray::Zero(SpectralMixture::kWidth, y.rows());
    tile.topRows(y.cols()) = y.transpose();
    basis.products(kernels, tile.data(), products);
    mixture.solve(products, solution);
  }
  SpectralMixture::Voxels average(const VectorXd& log_weights) {
    SpectralMixture::Voxels out;
    mixture.average(products, log_weights, solution, out);
    return out;
  }
  const kernels::KernelSet& kernels;
  LaggedBasis basis;
  SpectralMixture mixture;
  ResidualProducts products;
  SpectralMixture::Solution solution;
};

/// A fit under one atom is generalised least squares.
void expect_least_squares(const SpectralMixture::Voxels& fit, const RunDesign& design,
                          const Dense& dense) {
  const Index n = dense.betas.cols();
  const MatrixXd betas =
      design.space.betas_from_coordinates() * fit.coordinates.topRows(n).matrix().transpose();
  EXPECT_LT((betas - dense.betas).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_TRUE(close_relative(VectorXd(fit.variances.col(0).head(n)),
                             VectorXd(dense.squares / dense.dof), 1e-7, 1.0));
}

std::vector<std::vector<uint8_t>> whole_and_censored() {
  std::vector<uint8_t> whole(size_t(kScans), 1), censored = whole;
  for (size_t t : {0, 17, 18, 40, 59}) censored[t] = 0;
  // Stretches longer than the lags, also at the ends.
  std::vector<uint8_t> head = whole, middle = whole, tail = whole;
  for (size_t t = 0; t < 8; ++t) head[t] = middle[25 + t] = tail[size_t(kScans) - 1 - t] = 0;
  return {whole, censored, head, middle, tail};
}

TEST(SpectralAtoms, PrecisionAndDeterminantAreThoseOfTheDenseCovariance) {
  for (const auto& atom : three_atoms()) {
    const MatrixXd v = covariance(atom, kScans);
    EXPECT_NEAR(atom.log_determinant, log_determinant(v), 1e-10);
    const MatrixXd product = times_precision(atom, v);
    EXPECT_LT((product - MatrixXd::Identity(kScans, kScans)).cwiseAbs().maxCoeff(), 1e-10);
  }
}

TEST(SpectralAtoms, KeepTheAutocorrelationsThatTheyAreMadeOf) {
  for (double tr_s : {0.5, 0.8, 2.0, 3.0, 7.0}) {
    const int order = mixture_order(tr_s, 200);
    const auto atoms = parametric_atoms(tr_s, order);
    EXPECT_GE(Index(atoms.size()), kMixtureAtoms);
    // The sixth smooth process: 10 % AR(1) with a time constant of 14 s, the rest white.
    const VectorXd r = autocovariances(atoms[6].phi, order + 1);
    for (Index k = 1; k <= order; ++k)
      EXPECT_NEAR(r[k] / r[0], 0.1 * std::exp(-double(k) * tr_s / 14), 1e-9) << tr_s << " " << k;
  }
}

TEST(SpectralMixture, LikelihoodsAreThoseOfDenseCovariances) {
  const MatrixXd x = make_design(), y = noise(kScans, 5, 0.5, 1);
  const auto atoms = three_atoms();
  for (const auto& kept : whole_and_censored()) {
    const RunDesign design(x, kept, 0);
    const Solved solved(design, atoms, rows_of(y, kept));
    const MatrixXd ours = solved.mixture.log_likelihoods(solved.solution);
    // A basis changes ln |Z'V^-1 Z| by a constant: differences between atoms are compared.
    std::vector<Dense> dense;
    for (const auto& atom : atoms) dense.emplace_back(atom, x, y, kept);
    for (size_t g = 1; g < atoms.size(); ++g)
      for (Index v = 0; v < y.cols(); ++v)
        EXPECT_NEAR(ours(Index(g), v) - ours(0, v),
                    dense[g].log_likelihood[v] - dense[0].log_likelihood[v], 1e-8)
            << g << " " << v;
  }
}

TEST(SpectralMixture, TakesRunsThatAreBarelyLongerThanTwiceItsLags) {
  constexpr Index kShort = 2 * kOrder + 1;
  const MatrixXd x = make_design(kShort).rightCols(2), y = noise(kShort, 3, 0.5, 9);
  for (const bool censors : {false, true}) {
    std::vector<uint8_t> kept(size_t(kShort), 1);
    if (censors) kept[4] = 0;
    const RunDesign design(x, kept, 0);
    for (const auto& atom : three_atoms()) {
      Solved solved(design, {atom}, rows_of(y, kept));
      const auto fit = solved.average(VectorXd::Zero(1));
      const Dense dense(atom, x, y, kept);
      expect_least_squares(fit, design, dense);
    }
  }
}

TEST(SpectralMixture, HasAsManyLagsAsTheRunAllows) {
  EXPECT_EQ(mixture_order(2, 200), 8);
  EXPECT_EQ(mixture_order(0.5, 200), 16);
  EXPECT_EQ(mixture_order(7, 200), 4);
  EXPECT_EQ(mixture_order(2, 17), 8);
  EXPECT_EQ(mixture_order(2, 16), 7);
  EXPECT_EQ(mixture_order(2, 4), 1);
  const NoiseModel model = parse_noise_model("mixture");
  EXPECT_EQ(noise_model_of_run(model, {.n_scans = 3, .tr_s = 2}).tr_s, 2);
  EXPECT_THROW(noise_model_of_run(model, {.n_scans = 2, .tr_s = 2}), Error);
  EXPECT_THROW(noise_model_of_run(model, {.n_scans = 200}), Error);
  EXPECT_THROW(noise_model_of_run(model, {.n_scans = 200, .tr_s = 2, .starts = {0, 100}}), Error);
}

/// Short repetition times, or wrong ones, do not multiply processes.
TEST(SpectralAtoms, AreBounded) {
  EXPECT_EQ(n_parametric_atoms(2), 515);
  EXPECT_EQ(n_parametric_atoms(0.5), 1595);
  EXPECT_EQ(n_parametric_atoms(0.002), n_parametric_atoms(0.1));
  EXPECT_LT(n_parametric_atoms(0.1), 2000);
  EXPECT_EQ(Index(parametric_atoms(0.8, 16).size()), n_parametric_atoms(0.8));
}

TEST(SpectralMixture, OfOneAtomIsGeneralisedLeastSquares) {
  const MatrixXd x = make_design(), y = noise(kScans, 5, 0.5, 2);
  const MatrixXd contrast = (MatrixXd(2, 4) << 1, -1, 0, 0, 0, 1, 0.5, 0).finished();
  for (const auto& kept : whole_and_censored())
    for (const auto& atom : three_atoms()) {
      const RunDesign design(x, kept, 0);
      Solved solved(design, {atom}, rows_of(y, kept));
      const auto fit = solved.average(VectorXd::Zero(1));
      const Dense dense(atom, x, y, kept);
      expect_least_squares(fit, design, dense);
      const VectorXd variance = dense.squares / dense.dof;
      Eigen::MatrixXf stored(2, y.cols());
      stored.row(0) = fit.probabilities.col(0).head(y.cols()).transpose().cast<float>();
      stored.row(1) = fit.variances.col(0).head(y.cols()).transpose().cast<float>();
      const auto found =
          solved.mixture.covariance(on_coordinates(design, {contrast})[0], stored, 2);
      const MatrixXd unit = contrast * dense.normal.inverse() * contrast.transpose();
      for (Index v = 0; v < y.cols(); ++v) {
        EXPECT_NEAR(found.dof[v], dense.dof, 1e-6);
        EXPECT_NEAR(found.lower(0, v), unit(0, 0) * variance[v], 1e-6 * variance[v]);
        EXPECT_NEAR(found.lower(1, v), unit(1, 0) * variance[v], 1e-6 * variance[v]);
        EXPECT_NEAR(found.lower(2, v), unit(1, 1) * variance[v], 1e-6 * variance[v]);
      }
    }
}

/// Averages over atoms against dense covariances, under each instruction set.
TEST(SpectralMixture, AveragesOverThePosteriorOfTheAtoms) {
  const MatrixXd x = make_design(), y = noise(kScans, 7, 0.6, 8);
  const auto atoms = three_atoms();
  const VectorXd log_weights = (VectorXd(3) << 0.5, 0.3, 0.2).finished().array().log();
  for (const auto& kept : whole_and_censored()) {
    const RunDesign design(x, kept, 0);
    const MatrixXd kept_y = rows_of(y, kept);
    std::vector<Dense> dense;
    for (const auto& atom : atoms) dense.emplace_back(atom, x, y, kept);
    for (const char* name : {"sse2", "avx2", "avx512"}) {
      if (!kernels::find_kernels(name)) continue;
      Solved solved(design, atoms, kept_y, name);
      const auto fit = solved.average(log_weights);
      for (Index v = 0; v < y.cols(); ++v) {
        VectorXd p(3);
        for (Index g = 0; g < 3; ++g) p[g] = log_weights[g] + dense[size_t(g)].log_likelihood[v];
        p = (p.array() - p.maxCoeff()).exp();
        p /= p.sum();
        VectorXd betas = VectorXd::Zero(4);
        for (Index g = 0; g < 3; ++g) {
          EXPECT_NEAR(fit.probabilities(v, g), p[g], 2e-4) << name;
          betas += fit.probabilities(v, g) * dense[size_t(g)].betas.col(v);
        }
        const VectorXd ours =
            design.space.betas_from_coordinates() * fit.coordinates.row(v).matrix().transpose();
        EXPECT_LT((ours - betas).cwiseAbs().maxCoeff(), 1e-6) << name;
      }
      // Lanes without a voxel.
      EXPECT_TRUE((fit.probabilities.bottomRows(SpectralMixture::kWidth - y.cols()) == 0).all());
      EXPECT_TRUE((fit.coordinates.bottomRows(SpectralMixture::kWidth - y.cols()) == 0).all());
    }
  }
}

/// The t that stands for a mixture has its second and fourth moments.
TEST(SpectralMixture, VarianceAndDofMatchTheMomentsOfTheMixtureOfT) {
  const MatrixXd x = make_design();
  const std::vector<uint8_t> kept(size_t(kScans), 1);
  const RunDesign design(x, kept, 0);
  const auto atoms = three_atoms();
  const LaggedBasis basis(design, kOrder);
  const SpectralMixture mixture(basis, atoms, kernels::best_kernels());
  const MatrixXd contrast = MatrixXd::Identity(1, 4);
  Eigen::MatrixXf stored(6, 1);
  stored << 0.5, 0.2, 0.3, 1, 1.2, 2.5;
  const auto found = mixture.covariance(on_coordinates(design, {contrast})[0], stored, 1);
  double second = 0, fourth = 0;
  const double n = design.dof;
  for (Index g = 0; g < 3; ++g) {
    const Dense dense(atoms[size_t(g)], x, noise(kScans, 1, 0, 1), kept);
    const double scale = double(stored(3 + g, 0)) * dense.normal.inverse()(0, 0);
    second += double(stored(g, 0)) * scale * n / (n - 2);
    fourth += double(stored(g, 0)) * scale * scale * 3 * n * n / ((n - 2) * (n - 4));
  }
  const double m = found.dof[0], s = found.lower(0, 0);
  EXPECT_NEAR(s * m / (m - 2), second, 1e-10 * second);
  EXPECT_NEAR(s * s * 3 * m * m / ((m - 2) * (m - 4)), fourth, 1e-8 * fourth);
  EXPECT_LT(m, n);
}

TEST(SpectralMixture, NamesTheMostProbableProcessOfAVoxel) {
  const MatrixXd atoms = (MatrixXd(2, 3) << 0.1, 0.2, 0.3, -0.1, -0.2, -0.3).finished();
  Eigen::MatrixXf posterior = Eigen::MatrixXf::Constant(6, 2, NAN);
  posterior.col(0) << 0.2F, 0.7F, 0.1F, 1, 9, 2;
  const MatrixXd found = most_probable_atoms(atoms, posterior);
  EXPECT_EQ(found.col(0), atoms.col(1));
  EXPECT_TRUE(found.col(1).array().isNaN().all());
}

TEST(LearnedWeights, AreTheSharesOfPlantedProcesses) {
  const MatrixXd x = make_design(240);
  const std::vector<uint8_t> kept(240, 1);
  std::vector<SpectralAtom> atoms;
  for (double rho : {0.0, 0.3, 0.6, 0.9}) {
    VectorXd r(kOrder + 1);
    for (Index k = 0; k <= kOrder; ++k) r[k] = std::pow(rho, double(k));
    atoms.push_back(atom_from_autocorrelations(r));
  }
  const RunDesign design(x, kept, 0);
  MatrixXd y(240, 400), likelihoods(4, 400);
  y << noise(240, 100, 0, 3), noise(240, 300, 0.6, 4);
  for (Index first = 0; first < 400; first += 50) {
    const Solved solved(design, atoms, y.middleCols(first, 50));
    likelihoods.middleCols(first, 50) =
        solved.mixture.log_likelihoods(solved.solution).leftCols(50);
  }
  const VectorXd weights = learn_weights(likelihoods, VectorXd::Constant(4, 0.25), 200);
  EXPECT_NEAR(weights.sum(), 1, 1e-12);
  EXPECT_NEAR(weights[0], 0.25, 0.03);
  EXPECT_NEAR(weights[2], 0.75, 0.03);
  EXPECT_LT(weights[3], 0.01);
  // EM cannot lower the likelihood.
  const auto likelihood = [&](const VectorXd& w) {
    double sum = 0;
    for (Index v = 0; v < likelihoods.cols(); ++v) {
      const double most = likelihoods.col(v).maxCoeff();
      sum += most + std::log(((likelihoods.col(v).array() - most).exp() * w.array()).sum());
    }
    return sum;
  };
  double before = likelihood(VectorXd::Constant(4, 0.25));
  for (int steps : {1, 2, 5, 20}) {
    const double after = likelihood(learn_weights(likelihoods, VectorXd::Constant(4, 0.25), steps));
    EXPECT_GE(after, before);
    before = after;
  }
}

class MixtureRun : public ::testing::Test {
 protected:
  MixtureRun() {
    y_ << noise(160, 70, 0.2, 6), noise(160, 70, 0.7, 7);
    y_.array() += 100;
    y_.col(3).setConstant(100);                      // nothing to fit
    y_.col(4) = (100 + x_.col(0).array()).matrix();  // explained to the last digit
    y_(7, 5) = std::numeric_limits<double>::quiet_NaN();
  }
  RunPlan plan(int n_threads) const {
    return {.noise_model =
                noise_model_of_run(parse_noise_model("mixture"), {.n_scans = 160, .tr_s = 2}),
            .contrasts = {MatrixXd::Identity(1, 4), MatrixXd::Identity(2, 4)},
            .n_threads = n_threads};
  }
  RunResults fit(int n_threads) const {
    SeriesSource source(y_);
    return fit_run(design_, read_series(source, 160, source.all_voxels(), {}), plan(n_threads));
  }
  MatrixXd x_ = make_design(160), y_{160, 140};
  RunDesign design_{x_, std::vector<uint8_t>(160, 1), 0};
};

TEST_F(MixtureRun, HasTheSameBitsForAnyThreadsAndFromStoredEstimates) {
  const RunResults one = fit(1), three = fit(3);
  const auto again = contrast_values(design_, one.estimates, plan(2));
  for (size_t c = 0; c < 2; ++c)
    for (const auto* other : {&three.values[c], &again[c]}) {
      EXPECT_TRUE(same_bits(one.values[c].effect, other->effect));
      EXPECT_TRUE(same_bits(one.values[c].unit_covariance, other->unit_covariance));
      EXPECT_TRUE(same_bits(one.values[c].dof, other->dof));
    }
}

TEST_F(MixtureRun, LearnsFromTheVoxelsThatItNames) {
  std::vector<Index> voxels;
  for (Index v = 0; v < y_.cols(); ++v)
    if (v != 3 && v != 5) voxels.push_back(v);
  const int order = mixture_order(2, 160);
  const LearnedAtoms plain = learn_atoms(
      LaggedBasis(design_, order), parametric_atoms(2, order), voxels,
      [&](Index first, Index n, double* out) {
        Eigen::Map<MatrixXd>(out, 160, n) = y_.middleCols(first, n);
      },
      kernels::best_kernels(), 1);
  const MatrixXd& atoms = fit(2).estimates.atoms;
  ASSERT_EQ(atoms.cols(), Index(plain.atoms.size()));
  for (Index g = 0; g < atoms.cols(); ++g)
    EXPECT_LT((atoms.col(g) - plain.atoms[size_t(g)].phi).cwiseAbs().maxCoeff(), 1e-9);
}

TEST_F(MixtureRun, JudgesVoxelsAsOtherModelsDo) {
  const RunResults results = fit(2);
  EXPECT_EQ(results.estimates.status[3], VoxelStatus::constant);
  EXPECT_EQ(results.estimates.status[4], VoxelStatus::no_residual);
  EXPECT_EQ(results.estimates.status[5], VoxelStatus::non_finite);
  EXPECT_NEAR(results.estimates.betas(0, 4), 1, 1e-9);
  for (Index v : {Index(3), Index(5)}) EXPECT_TRUE(std::isnan(results.estimates.betas(0, v)));
  for (Index v = 6; v < 140; ++v) {
    EXPECT_EQ(results.estimates.status[size_t(v)], VoxelStatus::ok);
    EXPECT_GT(results.values[0].dof[v], 4);
    EXPECT_LE(results.values[0].dof[v], design_.dof + 1e-9);
    EXPECT_NEAR(results.estimates.posterior.col(v).head(kMixtureAtoms).sum(), 1, 1e-6);
  }
}

TEST(CombinedRuns, HaveSatterthwaitesDegreesOfFreedomWhereVoxelsHaveTheirOwn) {
  ContrastValues first, second;
  for (ContrastValues* run : {&first, &second}) {
    run->effect = MatrixXd::Constant(1, 1, 2);
    run->residual_variance = VectorXd::Constant(1, 1);
  }
  first.unit_covariance = MatrixXd::Constant(1, 1, 1);
  second.unit_covariance = MatrixXd::Constant(1, 1, 3);
  first.dof = VectorXd::Constant(1, 40);
  second.dof = VectorXd::Constant(1, 90);
  ResolvedContrast contrast{ContrastSpec{"c", ContrastKind::t, {"a"}},
                            {MatrixXd::Ones(1, 1), MatrixXd::Ones(1, 1)},
                            {"", ""}};
  const auto precise =
      combine_runs(contrast, {&first, &second}, {100, 100}, FixedEffects::precision, 1);
  EXPECT_NEAR(precise.variance(0, 0), 0.75, 1e-14);
  EXPECT_NEAR(precise.own_dof[0], 1 / (0.75 * 0.75 / 40 + 0.25 * 0.25 / 90), 1e-9);
  EXPECT_NEAR(precise.z[0], z_from_t(2 / std::sqrt(0.75), precise.own_dof[0]), 1e-12);
  const auto equal = combine_runs(contrast, {&first, &second}, {100, 100}, FixedEffects::equal, 1);
  EXPECT_NEAR(equal.own_dof[0], 16.0 / (1.0 / 40 + 9.0 / 90), 1e-9);
  // A difference of two sets of one run each: variances of 1 and 3 add up.
  const auto difference = combine_sets(contrast, {&first, &second}, {100, 100},
                                       {.set_of = {0, 1}, .weights = {1, -1}}, 1);
  EXPECT_NEAR(difference.variance(0, 0), 4, 1e-14);
  EXPECT_NEAR(difference.own_dof[0], 16.0 / (1.0 / 40 + 9.0 / 90), 1e-9);
}

}  // namespace
}  // namespace sociometer::mixture_tests
