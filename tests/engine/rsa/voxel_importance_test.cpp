// Importance of voxels for models and its overlap: figures of numpy, slow obvious twins, and
// simulated people without and with an overlap.
#include "engine/rsa/voxel_importance.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "engine/roi/mean_figures.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace voxel_importance_test {

using testing::close_number;
using testing::close_relative;

Eigen::MatrixXd figures(const std::string& name) {
  return testing::number_table(testing::golden("numpy/rsa/" + name));
}

/// The trials of the golden as items, their value and condition as models, time as nuisance.
struct GoldenCase {
  ParticipantRsa person;
  Eigen::MatrixXd amplitudes = figures("amplitudes.tsv");
  explicit GoldenCase(bool time = false) {
    const Eigen::MatrixXd table = figures("trials.tsv");
    std::vector<PatternTrial> trials;
    std::vector<std::string> conditions;
    for (Eigen::Index t = 0; t < table.rows(); ++t) {
      conditions.push_back(std::to_string(int(table(t, 1))));
      trials.push_back({int(t) + 1, int(table(t, 0)), conditions.back(), table(t, 2)});
    }
    person.items = make_items(trials, PatternUnit::trial);
    person.run_items = make_items(trials, PatternUnit::condition_run);
    const Eigen::VectorXd value = difference_rdm(mean_values(person.items, table.col(3)));
    person.rdms.models.resize(value.size(), 2);
    person.rdms.models << value, category_rdm(common_texts(person.items, conditions));
    person.rdms.nuisance.resize(value.size(), time ? 1 : 0);
    if (time) person.rdms.nuisance = time_rdm(person.items, trials);
    person.rdms.used = chosen_pairs(person.items, PairChoice::between_runs);
    person.rdms.weights.resize(value.size());
    for (Eigen::Index p = 0; p < value.size(); ++p)
      person.rdms.weights[p] = 1 / (1 + double(p % 5));
  }
  Eigen::MatrixXd importances(Dissimilarity dissimilarity, RdmComparison comparison,
                              ImportanceMethod method) const {
    const RsaOptions options{dissimilarity, NoiseNormalisation::none, comparison};
    return voxel_importances(RdmParts(person, dissimilarity, amplitudes),
                             ImportanceModels(person, options, 0), {method})
        .values;
  }
};

TEST(VoxelImportance, IsThatOfNumpy) {
  using enum Dissimilarity;
  using enum RdmComparison;
  using enum ImportanceMethod;
  const GoldenCase plain, time(true);
  const Eigen::MatrixXd expected = figures("importance.tsv");
  const auto column = [&](const GoldenCase& data, Dissimilarity d, RdmComparison c,
                          ImportanceMethod m) -> Eigen::VectorXd {
    return data.importances(d, c, m).col(0);
  };
  Eigen::MatrixXd found(expected.rows(), expected.cols());
  found << column(time, euclidean, pearson, contribution),
      column(plain, euclidean, weighted_regression, contribution),
      column(plain, correlation, pearson, contribution),
      column(time, euclidean, pearson, jackknife), column(time, correlation, spearman, jackknife),
      column(plain, euclidean, weighted_regression, jackknife),
      column(plain, correlation, regression, jackknife);
  EXPECT_TRUE(close_relative(found, expected, 1e-9, 1e-2));
}

TEST(VoxelImportance, AddsUpToTheValue) {
  const GoldenCase data(true);
  const GoldenCase plain;
  for (const auto dissimilarity : {Dissimilarity::correlation, Dissimilarity::euclidean})
    for (const auto& [comparison, word] : names_of(std::type_identity<RdmComparison>{})) {
      if (!has_contributions(comparison)) continue;
      SCOPED_TRACE(name_of(dissimilarity) + " " + word);
      const GoldenCase& one = takes_nuisance(comparison) ? data : plain;
      const RsaOptions options{dissimilarity, NoiseNormalisation::none, comparison};
      const auto values = model_values(one.person, options,
                                       region_rdm(one.person, options, one.amplitudes, {}).rdm);
      const Eigen::MatrixXd parts =
          one.importances(dissimilarity, comparison, ImportanceMethod::contribution);
      for (size_t m = 0; m < 2; ++m)
        EXPECT_TRUE(close_number(parts.col(Eigen::Index(m)).sum(), values[m].value, 1e-10, 1e-2));
    }
}

/// Normal numbers, one after another.
class Draws {
 public:
  Draws(uint64_t seed, uint64_t stream) : random_(seed, stream) {}
  double operator()() { return random_.normal(at_++); }
  Eigen::MatrixXd matrix(Eigen::Index rows, Eigen::Index columns) {
    Eigen::MatrixXd out(rows, columns);
    for (double& value : out.reshaped()) value = (*this)();
    return out;
  }

 private:
  CounterRandom random_;
  uint64_t at_ = 0;
};

/// Five conditions in three runs, one of which lacks one: crossnobis.
TEST(VoxelImportance, OfCrossnobisIsThatOfPatternsWithoutTheVoxel) {
  Draws draw(21, 1);
  std::vector<PatternTrial> trials;
  for (int run = 1; run <= 3; ++run)
    for (int c = 0; c < 5; ++c)
      for (int repeat = 0; repeat < 2; ++repeat)
        if (run != 2 || c != 4)
          trials.push_back({int(trials.size()) + 1, run, std::to_string(c), 0});
  const Eigen::MatrixXd amplitudes = draw.matrix(Eigen::Index(trials.size()), 7);
  ParticipantRsa person{make_items(trials, PatternUnit::condition),
                        make_items(trials, PatternUnit::condition_run),
                        {}};
  person.rdms.models.resize(10, 2);
  person.rdms.models << difference_rdm(draw.matrix(5, 1)), difference_rdm(draw.matrix(5, 1));
  person.rdms.nuisance.resize(10, 0);
  person.rdms.used = chosen_pairs(person.items, PairChoice::all);
  for (const auto comparison : {RdmComparison::spearman, RdmComparison::pearson,
                                RdmComparison::cosine, RdmComparison::regression}) {
    SCOPED_TRACE(name_of(comparison));
    const RsaOptions options{Dissimilarity::crossnobis, NoiseNormalisation::none, comparison};
    const auto value = [&](const Eigen::MatrixXd& of, Eigen::Index model) {
      return model_values(person, options, region_rdm(person, options, of, {}).rdm)[size_t(model)]
          .value;
    };
    const RdmParts parts(person, Dissimilarity::crossnobis,
                         item_patterns(person, Dissimilarity::crossnobis, amplitudes));
    const auto found = voxel_importances(parts, ImportanceModels(person, options, 0),
                                         {ImportanceMethod::jackknife});
    for (Eigen::Index v = 0; v < 7; ++v) {
      Eigen::MatrixXd fewer(amplitudes.rows(), 6);
      fewer << amplitudes.leftCols(v), amplitudes.rightCols(6 - v);
      for (Eigen::Index m = 0; m < 2; ++m)
        EXPECT_TRUE(
            close_number(found.values(v, m), value(amplitudes, m) - value(fewer, m), 1e-9, 1e-2));
    }
  }
}

TEST(VoxelImportance, HasNoValueWhereTheModelHasNone) {
  GoldenCase data;
  data.person.rdms.models.col(1).setConstant(2);
  const RsaOptions options{Dissimilarity::euclidean, NoiseNormalisation::none,
                           RdmComparison::pearson};
  const auto found =
      voxel_importances(RdmParts(data.person, Dissimilarity::euclidean, data.amplitudes),
                        ImportanceModels(data.person, options, 5), {});
  EXPECT_TRUE(found.values.col(0).allFinite());
  EXPECT_TRUE(found.values.col(1).array().isNaN().all());
  EXPECT_TRUE(std::isnan(found.overlaps[0].overlap));
  EXPECT_TRUE(std::isnan(found.overlaps[0].dice));
  // One voxel has nothing left without it.
  const Eigen::MatrixXd one = data.amplitudes.leftCols(1);
  EXPECT_TRUE(voxel_importances(RdmParts(data.person, Dissimilarity::euclidean, one),
                                ImportanceModels(data.person, options, 0),
                                {ImportanceMethod::jackknife})
                  .values.array()
                  .isNaN()
                  .all());
}

TEST(VoxelOverlap, OfAModelWithItselfIsOne) {
  GoldenCase data;
  data.person.rdms.models.col(1) = 3 * data.person.rdms.models.col(0);
  const RsaOptions options{Dissimilarity::euclidean, NoiseNormalisation::none,
                           RdmComparison::pearson};
  const auto found =
      voxel_importances(RdmParts(data.person, Dissimilarity::euclidean, data.amplitudes),
                        ImportanceModels(data.person, options, 20), {});
  EXPECT_TRUE(close_number(found.overlaps[0].overlap, 1, 1e-12));
  EXPECT_TRUE(close_number(found.overlaps[0].expected, 1, 1e-12));
  EXPECT_EQ(found.overlaps[0].dice, 1);
  EXPECT_TRUE(close_number(found.overlaps[0].model_correlation, 1, 1e-12));
}

TEST(Usage, OfVoxelImportance) {
  const GoldenCase data;
  const ParticipantRsa& person = data.person;
  const Eigen::MatrixXd& patterns = data.amplitudes;
  const RsaOptions options{Dissimilarity::euclidean, NoiseNormalisation::none,
                           RdmComparison::pearson};
  const RdmParts parts(person, options.dissimilarity, patterns);
  const ImportanceModels models(person, options, 200);
  const VoxelImportances found = voxel_importances(parts, models, {});
  found.overlaps[0].above();
  EXPECT_EQ(models.n_versions(), 201);
  EXPECT_TRUE(std::isfinite(found.overlaps[0].above()));
  EXPECT_GT(found.overlaps[0].p, 0);
}

/// Two runs of trials with two beliefs that go with each other, and voxels that follow both with
/// slopes that correlate over voxels.
struct World {
  double planted = 0;  ///< standard deviation of slopes
  double shared = 0;   ///< correlation over voxels of the slopes on both beliefs
  double belief_correlation = 0.6;
  double autocorrelation = 0;  ///< of noise from trial to trial
  bool walk = false;           ///< beliefs that move slowly, as learned ones do
};

struct TwoBeliefs {
  ParticipantRsa person;
  Eigen::MatrixXd amplitudes;
};

TwoBeliefs simulated(const World& world, uint64_t stream) {
  constexpr Eigen::Index kPerRun = 12, kVoxels = 60, kTrials = 2 * kPerRun;
  Draws draw(22, stream);
  std::vector<PatternTrial> trials;
  for (int t = 0; t < kTrials; ++t) trials.push_back({t + 1, t / int(kPerRun) + 1, "", 8.0 * t});
  Eigen::MatrixXd beliefs = draw.matrix(kTrials, 2);
  const double c = world.belief_correlation, s = world.shared, a = world.autocorrelation;
  beliefs.col(1) = c * beliefs.col(0) + std::sqrt(1 - c * c) * beliefs.col(1);
  for (Eigen::Index t = 1; world.walk && t < kTrials; ++t) beliefs.row(t) += beliefs.row(t - 1);
  Eigen::MatrixXd slopes = draw.matrix(2, kVoxels);
  slopes.row(1) = s * slopes.row(0) + std::sqrt(1 - s * s) * slopes.row(1);
  TwoBeliefs out;
  Eigen::MatrixXd noise = draw.matrix(kTrials, kVoxels);
  for (Eigen::Index t = 0; t < kTrials; ++t)
    if (t % kPerRun != 0) noise.row(t) = a * noise.row(t - 1) + std::sqrt(1 - a * a) * noise.row(t);
  // Voxels differ in their noise, as those of a brain do.
  for (Eigen::Index v = 0; v < kVoxels; ++v) noise.col(v) *= 1 + 0.5 * double(v % 4);
  out.amplitudes = noise + world.planted * beliefs * slopes;
  out.person.items = make_items(trials, PatternUnit::trial);
  out.person.rdms.models.resize(n_pairs_of(kTrials), 2);
  out.person.rdms.models << difference_rdm(beliefs.col(0)), difference_rdm(beliefs.col(1));
  out.person.rdms.nuisance.resize(n_pairs_of(kTrials), 0);
  out.person.rdms.used = chosen_pairs(out.person.items, PairChoice::between_runs);
  return out;
}

struct OverlapsOfPeople {
  Eigen::VectorXd overlap, above, dice_above;
  double found = 0;  ///< share with p <= .05
};

OverlapsOfPeople overlaps_of(const World& world, RdmComparison comparison, int n, uint64_t first) {
  OverlapsOfPeople out{Eigen::VectorXd(n), Eigen::VectorXd(n), Eigen::VectorXd(n)};
  const RsaOptions options{Dissimilarity::euclidean, NoiseNormalisation::none, comparison};
  const ImportanceMethod method =
      has_contributions(comparison) ? ImportanceMethod::contribution : ImportanceMethod::jackknife;
  for (int p = 0; p < n; ++p) {
    const TwoBeliefs data = simulated(world, first + uint64_t(p));
    const auto overlap =
        voxel_importances(RdmParts(data.person, options.dissimilarity, data.amplitudes),
                          ImportanceModels(data.person, options, 99), {method})
            .overlaps[0];
    out.overlap[p] = overlap.overlap;
    out.above[p] = overlap.above();
    out.dice_above[p] = overlap.dice - overlap.dice_expected;
    out.found += double(overlap.p <= 0.05) / n;
  }
  return out;
}

TEST(VoxelOverlap, InNoiseIsWhatPermutedModelsHave) {
  constexpr int kPeople = 300;
  for (const auto comparison : {RdmComparison::pearson, RdmComparison::spearman}) {
    SCOPED_TRACE(name_of(comparison));
    const auto found = overlaps_of({}, comparison, kPeople, 1000);
    std::printf("%s, noise: overlap %.3f, above permuted %.4f (t %.2f), p <= .05 in %.3f\n",
                name_of(comparison).c_str(), found.overlap.mean(), found.above.mean(),
                mean_figures(found.above, {}).t, found.found);
    EXPECT_GT(found.overlap.mean(), 0.2);  // the trap: beliefs that correlate share their noise
    EXPECT_LT(std::abs(mean_figures(found.above, {}).t), 3.3);
    EXPECT_LT(std::abs(mean_figures(found.dice_above, {}).t), 3.3);
    EXPECT_NEAR(found.found, 0.05, 3.3 * std::sqrt(0.05 * 0.95 / kPeople));
  }
}

TEST(VoxelOverlap, InRegressionsIsCloseToZeroInNoise) {
  const auto found = overlaps_of({}, RdmComparison::regression, 300, 2000);
  std::printf("regression, noise: overlap %.3f, above permuted %.4f (t %.2f)\n",
              found.overlap.mean(), found.above.mean(), mean_figures(found.above, {}).t);
  EXPECT_LT(std::abs(mean_figures(found.above, {}).t), 3.3);
}

TEST(VoxelOverlap, OfSlowBeliefsInAutocorrelatedNoise) {
  const auto found = overlaps_of({0, 0, 0.6, 0.6, true}, RdmComparison::regression, 300, 3000);
  std::printf("regression, slow: overlap %.3f, above permuted %.4f (t %.2f), p <= .05 in %.3f\n",
              found.overlap.mean(), found.above.mean(), mean_figures(found.above, {}).t,
              found.found);
  EXPECT_LT(std::abs(found.above.mean()), 0.1);
}

TEST(VoxelOverlap, IsLargerWhereTheSameVoxelsFollowBoth) {
  const auto apart = overlaps_of({0.8, 0}, RdmComparison::regression, 60, 4000);
  const auto shared = overlaps_of({0.8, 0.95}, RdmComparison::regression, 60, 4000);
  const auto unrelated = overlaps_of({0.8, 0, 0}, RdmComparison::regression, 60, 4000);
  std::printf(
      "regression, planted: above permuted %.3f apart, %.3f shared; apart and beliefs "
      "unrelated %.3f\n",
      apart.above.mean(), shared.above.mean(), unrelated.above.mean());
  EXPECT_GT(shared.above.mean(), apart.above.mean() + 0.2);
  EXPECT_GT(mean_figures(shared.above - apart.above, {}).t, 8);
}

}  // namespace voxel_importance_test
}  // namespace sociometer
