// Single trials against fits of each trial's own design: the slow, obvious way.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/core/series_source.hpp"
#include "engine/design/diagnostics.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "engine/glm/pooled_noise.hpp"
#include "engine/glm/tapered_noise.hpp"
#include "engine/glm/trial_fit.hpp"
#include "tests/support/dense_gls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kScans = 120;
constexpr double kTr = 2;

Event event(double onset, double duration, const std::string& type, double value) {
  return {onset, duration, type, 1, {{"value", value}}};
}

/// Two conditions of unequal timing, one of them modulated, and a single event of its own kind.
Events example_events() {
  const CounterRandom random(5, 1);
  Events events;
  double onset = 4;
  for (uint64_t i = 0; i < 18; ++i) {
    events.push_back(event(onset, 2, "feedback", 10 * random.uniform(2 * i)));
    events.push_back(
        event(onset + 4 + 2 * random.uniform(2 * i + 1), 0.5, "choice", double(i % 4)));
    onset += 12;
  }
  events.push_back(event(226, 1, "rest", 0));
  return events;
}

DesignOptions example_options(const std::string& hrf, bool modulated) {
  DesignOptions options;
  options.hrf = parse_hrf_model(hrf);
  options.modulator_policy.center = Centering::none;
  if (modulated) options.modulators = {parse_modulators("feedback:value")};
  return options;
}

/// Centred beforehand, so that leaving a trial out does not change the others' weights.
void center_values(Events& events) {
  double sum = 0, n = 0;
  for (const auto& e : events)
    if (e.type == "feedback") sum += e.values.at("value"), n += 1;
  for (auto& e : events) e.values["value"] -= sum / n;
}

MatrixXd example_series(const MatrixXd& x, Index n_voxels) {
  const CounterRandom noise(6, 1), weights(6, 2);
  MatrixXd y(kScans, n_voxels);
  uint64_t at = 0, w = 0;
  for (Index v = 0; v < n_voxels; ++v) {
    double e = 0;
    VectorXd beta(x.cols());
    for (double& b : beta) b = weights.normal(w++);
    const VectorXd signal = x * beta;
    for (Index t = 0; t < kScans; ++t) {
      e = (0.2 + 0.05 * double(v)) * e + noise.normal(at++);
      y(t, v) = 500 + 10 * double(v) + 20 * signal[t] + e;
    }
  }
  return y;
}

std::vector<uint8_t> all_but(std::initializer_list<size_t> scans) {
  std::vector<uint8_t> kept(size_t(kScans), 1);
  for (size_t scan : scans) kept[scan] = 0;
  return kept;
}

/// One analysis: events, options, censoring, noise.
struct Case {
  Events events = example_events();
  DesignOptions options = example_options("spm", false);
  TrialOptions trials{};
  std::vector<uint8_t> kept = all_but({});
  NoiseModel noise{};
  bool with_constant = true;
};

DesignMatrix without_constant(DesignMatrix design) {
  const Index last = design.n_columns() - 1;
  design.values.conservativeResize(Eigen::NoChange, last);
  design.names.pop_back();
  design.roles.pop_back();
  design.trial_sd.pop_back();
  return design;
}

DesignMatrix design_of(const Case& c, const Events& events) {
  DesignMatrix design = make_design(events, {}, kTr, kScans, c.options);
  return c.with_constant ? design : without_constant(std::move(design));
}

struct Fitted {
  SingleTrials trials;
  std::vector<TrialFacts> facts;
  RunResults results;
};

Fitted fit_trials(const Case& c, const MatrixXd& y, TrialBasis columns, int n_threads = 1) {
  Fitted out;
  out.trials = split_trials(c.events, design_of(c, c.events), kTr, c.options, c.trials);
  const TrialModel model(out.trials, c.kept, c.trials.amplitude, columns);
  out.facts = model.facts();
  const TrialPlan trials{&model, true, &out.trials};
  RunPlan plan;
  plan.noise_model = noise_model_of_run(c.noise, {kScans, kTr, {0}});
  plan.trials = &trials;
  plan.n_threads = n_threads;
  RunDesign design(out.trials.model.values, c.kept, plan.noise_model.order, model.own_columns());
  design.set_roles(out.trials.model.roles);
  SeriesSource source(y);
  const Mask mask = source.all_voxels();
  StreamOptions options;
  options.n_threads = n_threads;
  out.results = plan.noise_model.streams()
                    ? fit_run(design, sum_run(source, design, mask, *plan.kernels, options), plan)
                    : fit_run(design, read_series(source, kScans, mask, options), plan);
  return out;
}

Fitted fit_trials(const Case& c, const MatrixXd& y, int n_threads = 1) {
  return fit_trials(c, y, trial_basis_for(c.noise), n_threads);
}

/// The events in which one is a condition of its own (sorted last), the others unchanged.
Events with_one_apart(Events events, size_t one, TrialOthers others) {
  for (size_t i = 0; i < events.size(); ++i) {
    if (i == one)
      events[i].type = "~this";
    else if (others == TrialOthers::all)
      events[i].type = "others";
  }
  return events;
}

/// What one voxel's own fit of one design gives for a column.
struct Refit {
  double effect, variance;
};

MatrixXd inverse_root(const MatrixXd& v) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> e(v);
  return e.eigenvectors() * e.eigenvalues().cwiseSqrt().cwiseInverse().asDiagonal() *
         e.eigenvectors().transpose();
}

std::vector<Index> kept_scans(const Case& c) {
  std::vector<Index> scans;
  for (Index t = 0; t < kScans; ++t)
    if (c.kept[size_t(t)]) scans.push_back(t);
  return scans;
}

/// V^-1/2 over kept scans under known parameters, as a dense matrix.
MatrixXd dense_whitening(const Case& c, const VectorXd& noise) {
  const auto scans = kept_scans(c);
  const auto n = Index(scans.size());
  using Kind = NoiseModel::Kind;
  if (c.noise.kind == Kind::ols) return MatrixXd::Identity(n, n);
  if (c.noise.kind == Kind::ar)
    return MatrixXd(testing::ar_covariance(noise.head(c.noise.order), scans).llt().matrixL())
        .inverse();
  if (c.noise.kind == Kind::ar_nilearn) {
    MatrixXd w = MatrixXd::Identity(n, n);
    for (Index t = 1; t < n; ++t) w(t, t - 1) = -noise[0];
    return w;
  }
  if (c.noise.kind == Kind::arma11) {
    const ArmaParameters p{noise[0], noise[1]};
    MatrixXd v = MatrixXd::Identity(n, n);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < i; ++j)
        v(i, j) = v(j, i) =
            p.lambda() * std::pow(p.a, double(scans[size_t(i)] - scans[size_t(j)] - 1));
    return inverse_root(v);
  }
  const auto parts = ar_components(scans);  // spm-ar1
  MatrixXd v = parts[0] + noise[0] * parts[1];
  return inverse_root(v * (double(n) / v.trace()));
}

Refit refit(const Case& c, const DesignMatrix& design, const std::string& column, const VectorXd& y,
            const MatrixXd& w) {
  const auto scans = kept_scans(c);
  MatrixXd x = w * design.values(scans, Eigen::all);
  if (c.noise.kind == NoiseModel::Kind::spm_ar1)  // drift is projected out as it is
    for (Index j = 0; j < design.n_columns(); ++j)
      if (design.roles[size_t(j)] == ColumnRole::drift) x.col(j) = design.values.col(j)(scans);
  const Eigen::CompleteOrthogonalDecomposition<MatrixXd> solver(x);
  const VectorXd wy = w * VectorXd(y(scans));
  const VectorXd b = solver.solve(wy);
  const MatrixXd inverse = solver.pseudoInverse();
  const Index at = design.find(column);
  const double dof =
      double(Index(scans.size()) - EstimableSpace(design.values(scans, Eigen::all)).rank()) -
      c.noise.lost_dof();
  return {b[at], (wy - x * b).squaredNorm() / dof * inverse.row(at).squaredNorm()};
}

/// Every trial and voxel, against a refit of the trial's design with the noise of the fit that has
/// all trials.
void expect_refits(const Case& c, Index n_voxels = 3) {
  const DesignMatrix all = design_of(c, c.events);
  const MatrixXd y = example_series(all.values, n_voxels);
  const Fitted fitted = fit_trials(c, y);
  std::vector<MatrixXd> whitening;
  for (Index v = 0; v < n_voxels; ++v)
    whitening.push_back(dense_whitening(c, fitted.results.estimates.noise.col(v)));
  ASSERT_EQ(fitted.trials.n_trials(), c.events.size());
  for (size_t t = 0; t < c.events.size(); ++t) {
    ASSERT_EQ(fitted.facts[t].status, TrialStatus::ok) << t;
    const DesignMatrix own = design_of(c, with_one_apart(c.events, t, c.trials.others));
    for (Index v = 0; v < n_voxels; ++v) {
      const Refit twin = refit(c, own, "~this", y.col(v), whitening[size_t(v)]);
      EXPECT_TRUE(testing::close_number(fitted.results.trials.amplitude(Index(t), v), twin.effect,
                                        1e-8, 0.1))
          << "trial " << t << ", voxel " << v;
      EXPECT_TRUE(testing::close_number(fitted.results.trials.variance(Index(t), v), twin.variance,
                                        1e-8, 1e-3))
          << "trial " << t << ", voxel " << v;
    }
  }
}

TEST(SingleTrials, EqualRefitsUnderEveryNoiseModel) {
  for (const char* noise :
       {"ols", "ar1", "ar1-nilearn", "ar3", "ar4-averaged", "ar2-corrected", "arma11", "spm-ar1"}) {
    SCOPED_TRACE(noise);
    Case c;
    c.noise = parse_noise_model(noise);
    expect_refits(c);
  }
}

TEST(SingleTrials, EqualRefitsWithCensoredScans) {
  for (const char* noise : {"ols", "ar1", "ar3", "arma11"}) {
    SCOPED_TRACE(noise);
    Case c;
    c.noise = parse_noise_model(noise);
    c.kept = all_but({0, 1, 17, 18, 40, 77, 119});
    expect_refits(c);
  }
}

TEST(SingleTrials, EqualRefitsWithDerivatives) {
  for (const char* noise : {"ols", "ar2", "arma11", "spm-ar1"})
    for (const char* hrf : {"spm + derivative", "glover + derivative + dispersion"}) {
      SCOPED_TRACE(std::string(noise) + " " + hrf);
      Case c;
      c.noise = parse_noise_model(noise);
      c.options = example_options(hrf, false);
      expect_refits(c, 2);
    }
}

TEST(SingleTrials, EqualRefitsWithModulators) {
  for (const char* noise : {"ols", "ar2"}) {
    SCOPED_TRACE(noise);
    Case c;
    c.noise = parse_noise_model(noise);
    c.options = example_options("spm", true);
    center_values(c.events);
    expect_refits(c);
  }
}

TEST(SingleTrials, EqualRefitsWithAllOthersInOneColumn) {
  for (const char* noise : {"ols", "ar2"}) {
    SCOPED_TRACE(noise);
    Case c;
    c.noise = parse_noise_model(noise);
    c.trials.others = TrialOthers::all;
    expect_refits(c);
  }
}

TEST(SingleTrials, EqualRefitsOnTheGridOfSpm) {
  Case c;
  c.options = example_options("spm + derivative", true);
  c.options.grid = HrfGrid::spm;
  center_values(c.events);
  c.noise = parse_noise_model("ar1");
  expect_refits(c, 2);
}

TEST(SingleTrials, EqualRefitsWithoutAConstant) {
  for (const char* noise : {"ols", "ar1", "ar3"}) {
    SCOPED_TRACE(noise);
    Case c;
    c.noise = parse_noise_model(noise);
    c.options.drift = DriftModel::none;
    c.with_constant = false;
    expect_refits(c, 2);
  }
}

TEST(SingleTrials, OfTukeyEqualItsFilterOnTheirOwnDesigns) {
  Case c;
  c.noise = parse_noise_model("tukey");
  c.kept = all_but({3, 50, 51});
  const DesignMatrix all = design_of(c, c.events);
  const MatrixXd y = example_series(all.values, 2);
  const Fitted fitted = fit_trials(c, y);
  const auto scans = kept_scans(c);
  const ReadSeries read = [&](Index first, Index n, double* out) {
    Eigen::Map<MatrixXd>(out, Index(scans.size()), n) = y(scans, Eigen::seqN(first, n));
  };
  for (size_t t = 0; t < c.events.size(); t += 5) {
    const DesignMatrix own = design_of(c, with_one_apart(c.events, t, c.trials.others));
    const RunDesign design(own.values, c.kept, 0);
    const auto twin = TaperedModel(design, default_tukey_lags(kScans))
                          .fit(fitted.results.estimates.noise, read, {}, 1);
    const MatrixXd betas = design.space.betas_from_coordinates() * twin.coordinates;
    EXPECT_TRUE(testing::close_relative(fitted.results.trials.amplitude.row(Index(t)),
                                        betas.row(own.find("~this")), 1e-8, 0.1));
  }
}

TEST(SingleTrials, AreLeastSquaresOfTheTrialsColumnsInLsa) {
  Case c;
  c.trials.method = TrialMethod::lsa;
  c.options = example_options("spm + derivative", true);
  const SingleTrials trials =
      split_trials(c.events, design_of(c, c.events), kTr, c.options, c.trials);
  Events apart = c.events;
  for (size_t i = 0; i < apart.size(); ++i) apart[i].type = "t" + std::to_string(i);
  DesignOptions plain = c.options;
  plain.modulators.clear();
  const DesignMatrix own = make_design(apart, {}, kTr, kScans, plain);
  for (size_t i = 0; i < apart.size(); ++i)
    for (const char* function : {"", "_derivative"})
      EXPECT_TRUE(testing::close_relative(
          trials.model.values.col(trials.model.find("trial#" + std::to_string(i + 1) + function)),
          own.values.col(own.find(apart[i].type + function)), 1e-12, 1e-3));
  EXPECT_EQ(trials.model.n_columns(), own.n_columns());
}

/// Two trials of a condition at the same time, one after the run, one alone in its condition.
Case awkward_case() {
  Case c;
  c.events = {event(10, 2, "a", 0),  event(10, 2, "a", 1), event(60, 2, "a", 2),
              event(110, 2, "a", 3), event(85, 2, "b", 0), event(300, 2, "b", 0),
              event(150, 1, "c", 0)};
  return c;
}

TEST(SingleTrials, ThatCannotBeToldApartHaveNoAmplitudeAndAReason) {
  Case c = awkward_case();
  const MatrixXd y = example_series(design_of(c, c.events).values, 2);
  for (const char* noise : {"ols", "ar1", "arma11"}) {
    SCOPED_TRACE(noise);
    c.noise = parse_noise_model(noise);
    const Fitted fitted = fit_trials(c, y);
    const auto status = [&](size_t t) { return fitted.facts[t].status; };
    EXPECT_EQ(status(0), TrialStatus::not_separable);
    EXPECT_EQ(fitted.facts[0].twin, 1);
    EXPECT_TRUE(fitted.results.trials.amplitude.topRows(2).array().isNaN().all());
    EXPECT_EQ(status(5), TrialStatus::no_response);
    EXPECT_EQ(status(4), TrialStatus::ok);  // alone in its condition
    EXPECT_TRUE(fitted.results.trials.amplitude.row(5).array().isNaN().all());
    const Index b = fitted.trials.model.find("b");
    EXPECT_TRUE(testing::close_relative(fitted.results.trials.amplitude.row(4),
                                        fitted.results.estimates.betas.row(b), 1e-9));
  }
  c.trials.method = TrialMethod::lsa;
  const auto facts =
      lsa_facts(split_trials(c.events, design_of(c, c.events), kTr, c.options, c.trials), c.kept);
  EXPECT_EQ(facts[0].status, TrialStatus::not_separable);
  EXPECT_EQ(facts[0].twin, 1);
  EXPECT_EQ(facts[2].status, TrialStatus::ok);
  const auto label = [](Index t) { return "trial " + std::to_string(t + 1); };
  EXPECT_EQ(why_not(facts[0], label), "its response is that of trial 2 (r = 1.0000)");
  EXPECT_EQ(why_not(facts[2], label), "");
}

TEST(SingleTrials, OfAConditionOfTwinsAreNotSeparable) {
  Case c;
  c.events = {event(10, 2, "a", 0), event(10, 2, "a", 1), event(60, 2, "b", 2),
              event(110, 2, "b", 3)};
  const MatrixXd y = example_series(design_of(c, c.events).values, 2);
  const Fitted fitted = fit_trials(c, y);
  EXPECT_EQ(fitted.facts[0].status, TrialStatus::not_separable);
  EXPECT_EQ(fitted.facts[0].twin, 1);
  EXPECT_TRUE(fitted.results.trials.amplitude.topRows(2).array().isNaN().all());
  EXPECT_TRUE(fitted.results.trials.amplitude.bottomRows(2).allFinite());
}

TEST(SingleTrials, HaveTheVarianceInflationOfTheirOwnDesigns) {
  Case c;
  const Fitted fitted = fit_trials(c, example_series(design_of(c, c.events).values, 1));
  for (size_t t = 0; t < c.events.size(); t += 4) {
    const DesignMatrix own = design_of(c, with_one_apart(c.events, t, c.trials.others));
    EXPECT_TRUE(testing::close_number(fitted.facts[t].vif,
                                      diagnose(own.values).vif[own.find("~this")], 1e-8));
  }
}

TEST(SingleTrials, PeakIsTheSignedLengthOfTheCoefficients) {
  Case c;
  c.options = example_options("spm + derivative", false);
  c.trials.amplitude = TrialAmplitude::peak;
  c.noise = parse_noise_model("ar1");
  const MatrixXd y = example_series(design_of(c, c.events).values, 2);
  const Fitted fitted = fit_trials(c, y);
  for (size_t t = 0; t < c.events.size(); t += 3) {
    const DesignMatrix own = design_of(c, with_one_apart(c.events, t, c.trials.others));
    const Index at = own.find("~this"), more = own.find("~this_derivative");
    const double share = own.values.col(more).squaredNorm() / own.values.col(at).squaredNorm();
    for (Index v = 0; v < 2; ++v) {
      const MatrixXd w = dense_whitening(c, fitted.results.estimates.noise.col(v));
      const double b = refit(c, own, "~this", y.col(v), w).effect,
                   d = refit(c, own, "~this_derivative", y.col(v), w).effect;
      EXPECT_TRUE(testing::close_number(fitted.results.trials.amplitude(Index(t), v),
                                        std::copysign(std::sqrt(b * b + share * d * d), b), 1e-8,
                                        0.1));
    }
  }
}

TEST(SingleTrials, AreTheSameWithOrthonormalColumns) {
  for (const char* noise : {"ar1", "ar1-nilearn", "ar3", "ar4-averaged"})
    for (const char* hrf : {"spm", "glover + derivative + dispersion"}) {
      SCOPED_TRACE(std::string(noise) + " " + hrf);
      Case c;
      c.noise = parse_noise_model(noise);
      c.options = example_options(hrf, false);
      c.kept = all_but({0, 40, 118});
      // Hardly separable: the one keeps its responses, the other's are made orthogonal first.
      c.events.push_back(event(100.2, 2, "feedback", 1));
      c.events.push_back(event(148.001, 2, "feedback", 1));
      const MatrixXd y = example_series(design_of(c, c.events).values, 3);
      const Fitted usual = fit_trials(c, y), twin = fit_trials(c, y, TrialBasis::orthonormal);
      EXPECT_TRUE(testing::close_relative(usual.results.trials.amplitude,
                                          twin.results.trials.amplitude, 1e-9, 0.1));
      EXPECT_TRUE(testing::close_relative(usual.results.trials.variance,
                                          twin.results.trials.variance, 1e-9, 1e-3));
    }
}

TEST(SingleTrials, HaveColumnsThatAreZeroInMostScans) {
  Case c;
  const SingleTrials trials = split_trials(c.events, design_of(c, c.events), kTr, c.options, {});
  const auto zeros = [&](TrialBasis columns) {
    const TrialModel model(trials, c.kept, TrialAmplitude::response, columns);
    const MatrixXd& own = model.own_columns();
    return double((own.array() == 0).count()) / double(own.size());
  };
  EXPECT_EQ(zeros(TrialBasis::orthonormal), 0);
  EXPECT_GT(zeros(TrialBasis::responses), 0.8);
}

TEST(SingleTrials, DoNotChangeTheFit) {
  for (const char* noise : {"ols", "ar1", "ar4-averaged"}) {
    SCOPED_TRACE(noise);
    Case c;
    c.noise = parse_noise_model(noise);
    const MatrixXd x = design_of(c, c.events).values;
    const MatrixXd y = example_series(x, 3);
    const Fitted fitted = fit_trials(c, y);
    const auto plain = testing::fit_series(x, y, c.noise, {}, Scaling::none, c.kept);
    EXPECT_TRUE(testing::close_relative(fitted.results.estimates.residual_variance,
                                        plain.estimates.residual_variance, 1e-9));
    if (plain.estimates.noise.rows() == 0) continue;
    EXPECT_TRUE(
        testing::close_relative(fitted.results.estimates.noise, plain.estimates.noise, 1e-7, 0.1));
  }
}

TEST(SingleTrials, HaveTheSameBitsForAnyNumberOfThreads) {
  for (const char* noise : {"ols", "ar2", "arma11", "spm-ar1", "tukey"}) {
    SCOPED_TRACE(noise);
    Case c;
    c.noise = parse_noise_model(noise);
    const MatrixXd y = example_series(design_of(c, c.events).values, 200);
    const Fitted one = fit_trials(c, y, 1), seven = fit_trials(c, y, 7);
    EXPECT_TRUE(testing::same_bits(one.results.trials.amplitude, seven.results.trials.amplitude));
    EXPECT_TRUE(testing::same_bits(one.results.trials.variance, seven.results.trials.variance));
  }
}

TEST(SingleTrials, RefuseFiniteImpulseResponses) {
  Case c;
  c.options = example_options("fir", false);
  c.options.fine_grid.fir_delays = {0, 1, 2};
  EXPECT_THROW(split_trials(c.events, design_of(c, c.events), kTr, c.options, c.trials), Error);
}

/// The case of tests/golden/numpy/trials as a run that is split already.
struct NumpyCase {
  explicit NumpyCase(TrialOthers others = TrialOthers::condition, bool modulated = false)
      : series(testing::number_table(path("series.tsv"))) {
    split.columns = testing::number_table(path("trials.tsv"));
    const MatrixXd nuisance = testing::number_table(path("nuisance.tsv")),
                   conditions = testing::number_table(path("conditions.tsv"));
    const Index n_trials = split.columns.cols();
    const Index n_shared = (others == TrialOthers::all ? 1 : 2) + (modulated ? 1 : 0);
    split.model.values.setZero(split.columns.rows(), n_shared + nuisance.cols());
    split.model.values.rightCols(nuisance.cols()) = nuisance;
    for (Index t = 0; t < n_trials; ++t) {
      split.events.push_back(size_t(t));
      const bool second = conditions(t, 0) != 0;
      auto& shares = split.shares.emplace_back();
      shares.push_back({others == TrialOthers::all ? 0 : second ? 1 : 0, 1.0});
      if (modulated && !second) shares.push_back({2, conditions(t, 1)});
      for (const auto& share : shares)
        split.model.values.col(share.first_column) += share.weight * split.columns.col(t);
    }
    for (Index j = 0; j < split.model.values.cols(); ++j) {
      split.model.names.push_back("c" + std::to_string(j));
      split.model.roles.push_back(ColumnRole::task);
    }
  }
  static std::string path(const std::string& name) {
    return testing::golden("numpy/trials/" + name);
  }
  TrialResults fit(const NoiseModel& noise) const {
    const std::vector<uint8_t> kept(size_t(series.rows()), 1);
    const TrialModel model(split, kept, TrialAmplitude::response);
    const TrialPlan trials{&model, true, &split};
    RunPlan plan;
    plan.noise_model = noise;
    plan.trials = &trials;
    const RunDesign design(split.model.values, kept, 0, model.own_columns());
    SeriesSource source(series);
    const Mask mask = source.all_voxels();
    return noise.streams()
               ? fit_run(design, sum_run(source, design, mask, *plan.kernels, {}), plan).trials
               : fit_run(design, read_series(source, series.rows(), mask, {}), plan).trials;
  }
  SingleTrials split;
  MatrixXd series;
};

TEST(SingleTrials, AreThoseOfNumpy) {
  NoiseModel ar1 = parse_noise_model("arma11");
  ar1.arma.fixed = ArmaParameters{0.4, 0};
  for (const auto& [name, noise] : {std::pair{"ols", NoiseModel{}}, std::pair{"ar1", ar1}}) {
    SCOPED_TRACE(name);
    const std::string end = std::string(name) + ".tsv";
    const auto expected = [](const std::string& file) {
      return testing::number_table(NumpyCase::path(file));
    };
    const TrialResults plain = NumpyCase().fit(noise);
    EXPECT_TRUE(testing::close_relative(plain.amplitude, expected("lss_" + end), 1e-8, 0.1));
    EXPECT_TRUE(testing::close_relative(plain.variance.cwiseSqrt(),
                                        expected("lss_" + std::string(name) + "_error.tsv"), 1e-8));
    EXPECT_TRUE(
        testing::close_relative(NumpyCase(TrialOthers::condition, true).fit(noise).amplitude,
                                expected("lss_modulated_" + end), 1e-8, 0.1));
    EXPECT_TRUE(testing::close_relative(NumpyCase(TrialOthers::all).fit(noise).amplitude,
                                        expected("lss_together_" + end), 1e-8, 0.1));
  }
}

}  // namespace
}  // namespace sociometer
