// One covariance for all voxels, compared with SPM12 (tests/golden/spm/README.md).
#include "engine/glm/pooled_noise.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_relative;
using testing::golden;
using testing::masked;

const std::string kAr = "spm/first_level/D_T30_T015_orth0_ar1/",
                  kFast = "spm/first_level/F_canon_orth0_FAST/";
constexpr Eigen::Index kScans = 120;

struct SpmRun {
  explicit SpmRun(std::string from = kAr) : folder(std::move(from)) {}
  std::string folder;
  Mask mask = read_mask(golden(folder + "mask.nii.gz"));
  Eigen::MatrixXd x = testing::number_table(golden(folder + "X.tsv")),
                  drift = testing::number_table(golden(folder + "K_X0_sess1.tsv"));
  Eigen::MatrixXd series = masked(golden("spm/data/run1.nii.gz"), mask).transpose();
  Eigen::MatrixXd design() const {
    Eigen::MatrixXd all(kScans, x.cols() + drift.cols());
    all << x, drift;
    return all;
  }
  std::vector<uint8_t> drift_columns() const {
    std::vector<uint8_t> flags(size_t(x.cols()), 0);
    flags.resize(size_t(x.cols() + drift.cols()), 1);
    return flags;
  }
  ReadSeries reader() const {
    return [this](Eigen::Index first, Eigen::Index n, double* out) {
      std::copy_n(series.data() + first * kScans, n * kScans, out);
    };
  }
};

std::vector<Eigen::Index> scans() {
  std::vector<Eigen::Index> all;
  for (Eigen::Index t = 0; t < kScans; ++t) all.push_back(t);
  return all;
}

/// SPM's V: Toeplitz, omitting correlations below a cutoff.
Eigen::MatrixXd spms_covariance() {
  const Eigen::MatrixXd lags = testing::number_table(golden(kAr + "V_row1_lags.tsv"));
  Eigen::MatrixXd v = Eigen::MatrixXd::Zero(kScans, kScans);
  for (Eigen::Index i = 0; i < kScans; ++i)
    for (Eigen::Index j = 0; j < kScans; ++j)
      if (std::abs(i - j) < lags.cols()) v(i, j) = lags(0, std::abs(i - j));
  return v;
}

std::vector<Eigen::MatrixXd> contrast_rows(const SpmRun& run) {
  const Eigen::MatrixXd contrasts = testing::number_table(golden(run.folder + "contrasts.tsv"));
  std::vector<Eigen::MatrixXd> rows;
  for (Eigen::Index c = 0; c < 4; ++c) {
    rows.push_back(Eigen::MatrixXd::Zero(1, run.design().cols()));
    rows.back().leftCols(run.x.cols()) = contrasts.row(c);
  }
  return rows;
}

void expect_spms_t(const SpmRun& run, int contrast, const Eigen::VectorXd& t, double tolerance) {
  const std::string file = run.folder + "spmT_000" + std::to_string(contrast + 1) + ".nii.gz";
  const Eigen::VectorXd theirs = masked(golden(file), run.mask).col(0);
  EXPECT_TRUE(close_relative(t, theirs, tolerance, theirs.cwiseAbs().maxCoeff())) << contrast;
}

TEST(PooledNoise, LikelihoodFindsSpmsCovarianceFromSpmsPooledOne) {
  const SpmRun run;
  const auto components = ar_components(scans());
  const Eigen::VectorXd h = restricted_maximum_likelihood(
      testing::number_table(golden(kAr + "Cy.tsv")), run.design(), components);
  const Eigen::MatrixXd v = components[0] + h[1] / h[0] * components[1];
  // SPM's iterations stop early: its versions differ by as much.
  EXPECT_LT((v - spms_covariance()).cwiseAbs().maxCoeff(), 1e-3);
}

TEST(PooledNoise, StatisticsUnderSpmsCovarianceAreSpms) {
  const SpmRun run;
  RunDesign design(run.design(), std::vector<uint8_t>(size_t(kScans), 1), 0);
  design.drift_columns = run.drift_columns();
  const PooledWhitening whitening(design, spms_covariance());
  const auto fit = whitening.fit(run.mask.n_voxels(), run.reader(), kernels::best_kernels(), 2);
  const auto rows = contrast_rows(run);
  const auto covariances = whitening.covariances(rows);
  for (int c = 0; c < 4; ++c) {
    const Eigen::ArrayXd effect = (rows[size_t(c)] * fit.betas).transpose();
    const Eigen::ArrayXd variance =
        covariances[size_t(c)][0] * fit.residual_squares.array() / design.dof;
    expect_spms_t(run, c, effect / variance.sqrt(), 1e-5);
  }
}

TEST(PooledNoise, PoolsTheVoxelsThatRespond) {
  const SpmRun run;
  std::vector<uint8_t> interest(size_t(run.x.cols() - 1), 1);  // SPM's constant comes last
  interest.resize(size_t(run.design().cols()), 0);
  const auto pooled = [&](int n_threads) {
    return pooled_covariance(run.design(), interest, run.mask.n_voxels(), run.reader(), 0.001,
                             n_threads);
  };
  const Eigen::MatrixXd ours = pooled(1);
  EXPECT_TRUE(testing::same_bits(ours, pooled(2)));
  // SPM selects fewer voxels (about 160, ours 238), by a rule that its outputs do not reveal. Its
  // series are scaled to a grand mean, which dividing by the residual mean square cancels.
  const Eigen::MatrixXd theirs = testing::number_table(golden(kAr + "Cy.tsv"));
  EXPECT_LT((ours - theirs).cwiseAbs().maxCoeff(), 0.05 * theirs.cwiseAbs().maxCoeff());
}

TEST(PooledNoise, StatisticsFromTheDataAloneStayNearSpms) {
  const SpmRun run;
  const auto fit = testing::fit_series(run.design(), run.series, parse_noise_model("spm-ar1"),
                                       contrast_rows(run), Scaling::none, {}, 2,
                                       kernels::best_kernels(), run.drift_columns());
  for (int c = 0; c < 4; ++c) {
    const auto& v = fit.values[size_t(c)];
    const Eigen::VectorXd t =
        v.effect.row(0).transpose().array() /
        (v.unit_covariance.row(0).transpose().array() * v.residual_variance.array()).sqrt();
    expect_spms_t(run, c, t, 5e-3);  // the pooled voxels are not quite the same
  }
}

TEST(PooledNoise, LikelihoodFindsTheWeightsOfAnExactCovariance) {
  const SpmRun run;
  const auto components = ar_components(scans());
  const Eigen::MatrixXd exact = 2.5 * components[0] + 0.4 * components[1];
  const Eigen::VectorXd h = restricted_maximum_likelihood(exact, run.design(), components);
  EXPECT_NEAR(h[0], 2.5, 1e-7);
  EXPECT_NEAR(h[1], 0.4, 1e-7);
}

/// SPM's V by FAST, from the weights in scalars.txt.
Eigen::MatrixXd spms_fast_covariance() {
  std::ifstream file(golden(kFast + "scalars.txt"));
  std::string word;
  while (file >> word && word != "h") std::getline(file, word);
  Eigen::VectorXd lags = Eigen::VectorXd::Zero(kScans);
  for (double tau = 0.5; tau <= 16; tau *= 2)
    for (int power = 0; power < 3; ++power) {
      double h = 0;
      file >> h;
      for (Eigen::Index k = 0; k < kScans; ++k)
        lags[k] += h * std::pow(2.0 * double(k), power) * std::exp(-2.0 * double(k) / tau);
    }
  Eigen::MatrixXd v(kScans, kScans);
  for (Eigen::Index i = 0; i < kScans; ++i)
    for (Eigen::Index j = 0; j < kScans; ++j) v(i, j) = lags[std::abs(i - j)] / lags[0];
  return v;
}

TEST(PooledNoise, FastComponentsAreSpms) {
  std::vector<Eigen::Index> few;
  for (Eigen::Index t = 0; t < 12; ++t) few.push_back(t);
  const auto ours = fast_components(few, 2);
  ASSERT_EQ(ours.size(), size_t(kFastComponents));
  for (size_t i = 0; i < ours.size(); ++i) {
    const Eigen::MatrixXd theirs = testing::number_table(
        golden("spm/misc/Ce_fast_TR2_n12_Q" + std::to_string(i + 1) + ".tsv"));
    EXPECT_TRUE(close_relative(ours[i], theirs, 1e-10, theirs.maxCoeff())) << i;
  }
}

TEST(PooledNoise, StatisticsUnderSpmsFastCovarianceAreSpms) {
  const SpmRun run(kFast);
  const Eigen::MatrixXd v = spms_fast_covariance();
  const Eigen::MatrixXd lags = testing::number_table(golden(kFast + "V_row1_lags.tsv"));
  EXPECT_LT((v.row(0).head(20) - lags.row(0).head(20)).cwiseAbs().maxCoeff(), 1e-9);
  RunDesign design(run.design(), std::vector<uint8_t>(size_t(kScans), 1), 0);
  design.drift_columns = run.drift_columns();
  const PooledWhitening whitening(design, v);
  const auto fit = whitening.fit(run.mask.n_voxels(), run.reader(), kernels::best_kernels(), 2);
  const auto rows = contrast_rows(run);
  const auto covariances = whitening.covariances(rows);
  for (int c = 0; c < 4; ++c) {
    const Eigen::ArrayXd effect = (rows[size_t(c)] * fit.betas).transpose();
    const Eigen::ArrayXd variance =
        covariances[size_t(c)][0] * fit.residual_squares.array() / design.dof;
    expect_spms_t(run, c, effect / variance.sqrt(), 1e-5);
  }
}

double log_likelihood(const Eigen::MatrixXd& pooled, const Eigen::MatrixXd& design,
                      const Eigen::MatrixXd& v) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(design);
  const Eigen::MatrixXd q = qr.householderQ();
  const Eigen::MatrixXd a = q.rightCols(design.rows() - design.cols());
  const Eigen::MatrixXd inner = a.transpose() * v * a, c = a.transpose() * pooled * a;
  const double scale = inner.llt().solve(c).trace() / double(a.cols());  // the best for this V
  return -0.5 *
         (Eigen::MatrixXd(scale * inner).llt().matrixLLT().diagonal().array().log().sum() * 2 +
          double(a.cols()));
}

TEST(PooledNoise, FastCovarianceIsAsLikelyAsSpms) {
  const SpmRun run(kFast);
  const Eigen::MatrixXd pooled = testing::number_table(golden(kFast + "Cy.tsv"));
  const auto components = fast_components(scans(), 2);
  const auto covariance = [&](double precision) {
    const Eigen::VectorXd h =
        restricted_maximum_likelihood(pooled, run.design(), components, {precision});
    Eigen::MatrixXd v = Eigen::MatrixXd::Zero(kScans, kScans);
    for (size_t i = 0; i < components.size(); ++i) v += h[Eigen::Index(i)] * components[i];
    return Eigen::MatrixXd(v / v(0, 0));
  };
  const Eigen::MatrixXd ours = covariance(kFastPriorPrecision);
  const double theirs = log_likelihood(pooled, run.design(), spms_fast_covariance());
  EXPECT_NEAR(log_likelihood(pooled, run.design(), ours), theirs, 0.01);
  EXPECT_LT((ours - spms_fast_covariance()).cwiseAbs().maxCoeff(), 0.01);
  // With hardly any prior: slightly more likely, and very different at long lags.
  EXPECT_GT(log_likelihood(pooled, run.design(), covariance(1e-4)), theirs + 0.02);
}

/// Noise of 84 scans of 7 s whose spectrum is negative at periods above 166 s, where the drift of a
/// 128-s filter absorbs it: positive definite for the likelihood, but not as a covariance.
TEST(PooledNoise, FastCovarianceIsPositiveDefiniteWhereDriftHidesItsSign) {
  constexpr Eigen::Index n = 84;
  std::vector<Eigen::Index> all;
  Eigen::MatrixXd pooled(n, n), design(n, 11);
  for (Eigen::Index i = 0; i < n; ++i) {
    all.push_back(i);
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index lag = std::abs(i - j);
      pooled(i, j) = lag == 0 ? 1 : lag == 1 ? -0.25 : lag == 2 ? -0.3 : 0;
    }
    for (Eigen::Index k = 0; k < 10; ++k)
      design(i, k) = std::cos(std::acos(-1.0) * double(k) * (double(i) + 0.5) / double(n));
    design(i, 10) = (i / 6) % 2 == 0 ? 0 : 1;
  }
  const auto components = fast_components(all, 7);
  const auto covariance = [&](const Eigen::VectorXd& h) {
    Eigen::MatrixXd v = Eigen::MatrixXd::Zero(n, n);
    for (size_t i = 0; i < components.size(); ++i) v += h[Eigen::Index(i)] * components[i];
    return v;
  };
  const auto least = [](const Eigen::MatrixXd& v) {
    return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(v).eigenvalues()[0];
  };
  const Eigen::MatrixXd plain =
      covariance(restricted_maximum_likelihood(pooled, design, components, {kFastPriorPrecision}));
  ASSERT_LT(least(plain), 0);
  const Eigen::MatrixXd mended =
      covariance(positive_definite_weights(pooled, design, components, kFastPriorPrecision));
  EXPECT_GT(least(mended), 0);
  // It still says that neighbours are negatively correlated, and is likelier than white noise.
  EXPECT_LT(mended(0, 1), 0);
  EXPECT_GT(log_likelihood(pooled, design, mended),
            log_likelihood(pooled, design, Eigen::MatrixXd::Identity(n, n)) + 0.5);
}

TEST(PooledNoise, FastStatisticsFromTheDataAloneStayNearSpms) {
  const SpmRun run(kFast);
  NoiseModel model = parse_noise_model("spm-fast");
  model.tr_s = 2;
  const auto fit =
      testing::fit_series(run.design(), run.series, model, contrast_rows(run), Scaling::none, {}, 2,
                          kernels::best_kernels(), run.drift_columns());
  for (int c = 0; c < 4; ++c) {
    const auto& v = fit.values[size_t(c)];
    const Eigen::VectorXd t =
        v.effect.row(0).transpose().array() /
        (v.unit_covariance.row(0).transpose().array() * v.residual_variance.array()).sqrt();
    expect_spms_t(run, c, t, 2e-2);  // SPM's own versions differ by 9e-3
  }
}

/// Satterthwaite's dof trace(RV)^2 / trace(RVRV) of whitened residuals: the residual dof if V is
/// the covariance used for whitening.
TEST(PooledNoise, DegreesOfFreedomAreSatterthwaites) {
  for (const std::string& folder : {kAr, kFast}) {
    const SpmRun run(folder);
    const Eigen::MatrixXd v = folder == kAr ? spms_covariance() : spms_fast_covariance();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(v);
    const Eigen::MatrixXd w = eigen.operatorInverseSqrt();
    Eigen::MatrixXd x(kScans, run.x.cols() + run.drift.cols());
    x << w * run.x, run.drift;
    const EstimableSpace space(x);
    const Eigen::MatrixXd r =
        Eigen::MatrixXd::Identity(kScans, kScans) - space.basis() * space.basis().transpose();
    const Eigen::MatrixXd rv = r * w * v * w;
    const double dof = std::pow(rv.trace(), 2) / (rv * rv).trace();
    EXPECT_TRUE(testing::close_number(dof, double(kScans - space.rank()), 1e-9));
    std::ifstream file(golden(folder + "scalars.txt"));
    double erdf = 0;
    for (std::string key; file >> key; std::getline(file, key))
      if (key == "erdf") file >> erdf;
    EXPECT_TRUE(testing::close_number(dof, erdf, 1e-6));
  }
}

}  // namespace
}  // namespace sociometer
