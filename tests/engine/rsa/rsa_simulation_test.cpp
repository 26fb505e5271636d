// RSA of simulated participants: unbiased under the null, geometry that was planted is found, and
// noise that is autocorrelated makes no effect between runs.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/roi/mean_figures.hpp"
#include "engine/rsa/rsa_analysis.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace rsa_simulation_test {

/// Normal numbers, one after another.
class Normals {
 public:
  Normals(uint64_t seed, uint64_t stream) : random_(seed, stream) {}
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

/// Runs of trials with a belief that walks through both, and patterns of noise.
struct Walk {
  double autocorrelation = 0;  ///< of the noise of one trial on the next, within a run
  double planted = 0;          ///< voxels' slopes on the belief, standard deviation
  Eigen::Index n_per_run = 20, n_voxels = 20;
  Eigen::Index n_runs = 2;
  double drift = 0;  ///< of voxels from trial to trial, through all runs, standard deviation
};

struct Simulated {
  std::vector<PatternTrial> trials;
  Eigen::VectorXd belief;
  Eigen::MatrixXd amplitudes;
};

Simulated simulated(const Walk& walk, uint64_t stream) {
  Normals normal(11, stream);
  const Eigen::Index n = walk.n_runs * walk.n_per_run;
  Simulated out{{}, Eigen::VectorXd(n), Eigen::MatrixXd(n, walk.n_voxels)};
  const double keep = walk.autocorrelation, fresh = std::sqrt(1 - keep * keep);
  for (Eigen::Index t = 0; t < n; ++t) {
    const bool starts = t % walk.n_per_run == 0;
    out.trials.push_back({int(t) + 1, starts ? int(t / walk.n_per_run) + 1 : out.trials.back().run,
                          "", 8.0 * double(t % walk.n_per_run)});
    out.belief[t] = (t == 0 ? 0 : out.belief[t - 1]) + normal();
    const Eigen::RowVectorXd noise = normal.matrix(1, walk.n_voxels);
    out.amplitudes.row(t) =
        starts ? noise : Eigen::RowVectorXd(keep * out.amplitudes.row(t - 1) + fresh * noise);
  }
  if (walk.drift > 0) {
    Eigen::RowVectorXd at = Eigen::RowVectorXd::Zero(walk.n_voxels);
    for (Eigen::Index t = 0; t < n; ++t)
      out.amplitudes.row(t) += at += walk.drift * normal.matrix(1, walk.n_voxels);
  }
  out.amplitudes += walk.planted * out.belief * normal.matrix(1, walk.n_voxels);
  return out;
}

/// Spearman's correlation of the RDM with the belief's.
RsaValue value_of(const Simulated& data, PairChoice pairs, Dissimilarity dissimilarity,
                  uint64_t permutations = 0, RdmComparison comparison = RdmComparison::spearman,
                  bool time = false) {
  ParticipantRsa person{make_items(data.trials, PatternUnit::trial), {}, {}};
  person.rdms.models = difference_rdm(mean_values(person.items, data.belief));
  person.rdms.nuisance.resize(person.rdms.models.rows(), 0);
  if (time) person.rdms.nuisance = time_rdm(person.items, data.trials);
  person.rdms.used = chosen_pairs(person.items, pairs);
  RsaOptions options{dissimilarity, NoiseNormalisation::none, comparison};
  options.permutations = permutations;
  return model_values(person, options, region_rdm(person, options, data.amplitudes, {}).rdm)[0];
}

Eigen::VectorXd values_of(const Walk& walk, PairChoice pairs, Dissimilarity dissimilarity,
                          uint64_t n_people, uint64_t first = 0) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(n_people));
  for (uint64_t p = 0; p < n_people; ++p)
    values[Eigen::Index(p)] = value_of(simulated(walk, first + p), pairs, dissimilarity).value;
  return values;
}

TEST(RsaOfSimulatedPeople, FindsPlantedGeometry) {
  for (const auto dissimilarity : {Dissimilarity::correlation, Dissimilarity::euclidean}) {
    const auto values = values_of({0, 0.3}, PairChoice::between_runs, dissimilarity, 20);
    const MeanFigures figures = mean_figures(values, {});
    EXPECT_GT(figures.mean, 0.1);
    EXPECT_LT(figures.p, 1e-4);
  }
}

TEST(RsaOfSimulatedPeople, TakesNeighboursInTimeForAnEffectOnlyWithinRuns) {
  const Walk walk{0.8, 0};
  const auto within = values_of(walk, PairChoice::all, Dissimilarity::correlation, 60);
  EXPECT_GT(mean_figures(within, {}).t, 5);
  const auto between = values_of(walk, PairChoice::between_runs, Dissimilarity::correlation, 400);
  EXPECT_LT(std::abs(mean_figures(between, {}).t), 3);
}

TEST(TimeRdm, LaysRunsEndToEnd) {
  const std::vector<PatternTrial> trials{
      {1, 1, "", 4}, {2, 1, "", 14}, {3, 2, "", 2}, {4, 2, "", 8}, {5, 3, "", 0}};
  // On one axis: 0, 10, 20, 26, 32.
  Eigen::VectorXd expected(10);
  expected << 10, 20, 26, 32, 10, 16, 22, 6, 12, 6;
  const auto items = make_items(trials, PatternUnit::trial);
  EXPECT_TRUE(time_rdm(items, trials).isApprox(expected, 1e-14));
}

/// Part of participants' studies of 12 with p < .05, and the mean value.
std::pair<double, double> found_of_drift(Eigen::Index n_runs, bool time) {
  constexpr int kStudies = 150, kPeople = 12;
  int found = 0;
  double mean = 0;
  for (int s = 0; s < kStudies; ++s) {
    Eigen::VectorXd values(kPeople);
    for (int p = 0; p < kPeople; ++p)
      values[p] = value_of(simulated({0, 0, 10, 20, n_runs, 0.1}, uint64_t(300000 + s * 100 + p)),
                           PairChoice::between_runs, Dissimilarity::correlation, 0,
                           RdmComparison::regression, time)
                      .value;
    found += mean_figures(values, {}).p < 0.05;
    mean += values.mean() / kStudies;
  }
  return {double(found) / kStudies, mean};
}

TEST(RsaOfSimulatedPeople, TakesDriftThroughRunsForAnEffectUnlessTimeIsTakenOut) {
  for (const Eigen::Index n_runs : {3, 4}) {
    const auto [plain, mean] = found_of_drift(n_runs, false);
    const auto [adjusted, adjusted_mean] = found_of_drift(n_runs, true);
    RecordProperty("runs", int(n_runs));
    std::printf("%d runs: plain %.3f (mean %.4f), time taken out %.3f (mean %.4f)\n", int(n_runs),
                plain, mean, adjusted, adjusted_mean);
    EXPECT_GT(plain, 0.08);
    EXPECT_LT(adjusted, plain);
    EXPECT_LT(std::abs(adjusted_mean), mean / 2);
  }
}

TEST(RsaOfSimulatedPeople, HasItsNominalFalsePositives) {
  constexpr int kStudies = 500, kPeople = 12;
  int found = 0;
  for (int s = 0; s < kStudies; ++s) {
    const auto values = values_of({0.6, 0, 10, 10}, PairChoice::between_runs,
                                  Dissimilarity::correlation, kPeople, uint64_t(1000 + s * 100));
    found += mean_figures(values, {}).p < 0.05;
  }
  const double sd = std::sqrt(0.05 * 0.95 / kStudies);
  EXPECT_NEAR(double(found) / kStudies, 0.05, 3 * sd) << found;
}

TEST(PatternPermutations, HaveTheirNominalFalsePositives) {
  constexpr int kPeople = 500;
  int found = 0;
  for (int p = 0; p < kPeople; ++p)
    found += value_of(simulated({0, 0, 8, 10}, uint64_t(90000 + p)), PairChoice::between_runs,
                      Dissimilarity::euclidean, 99)
                 .p <= 0.05;
  const double sd = std::sqrt(0.05 * 0.95 / kPeople);
  EXPECT_NEAR(double(found) / kPeople, 0.05, 3 * sd) << found;
  const auto planted =
      value_of(simulated({0, 1, 8, 10}, 5), PairChoice::between_runs, Dissimilarity::euclidean, 99);
  EXPECT_DOUBLE_EQ(planted.p, 0.01);
}

TEST(PatternPermutations, OfCosinesAreAboutTheirMean) {
  // A model close to constant has cosines in a narrow range far above 0.
  constexpr int kPeople = 300;
  int found = 0, low = 0;
  for (int p = 0; p < kPeople; ++p) {
    const auto value =
        value_of(simulated({0, 0, 8, 10}, uint64_t(70000 + p)), PairChoice::between_runs,
                 Dissimilarity::euclidean, 99, RdmComparison::cosine);
    EXPECT_GT(value.value, 0.3);
    found += value.p <= 0.05;
    low += value.p <= 0.5;
  }
  EXPECT_NEAR(double(found) / kPeople, 0.05, 3 * std::sqrt(0.05 * 0.95 / kPeople)) << found;
  EXPECT_NEAR(double(low) / kPeople, 0.5, 3 * std::sqrt(0.25 / kPeople)) << low;
}

TEST(PatternPermutations, CountValuesBelowTheMiddleToo) {
  // The first is the lowest of cosines: as far from their mean as the highest.
  EXPECT_DOUBLE_EQ(permutation_p({0.5, 0.7, 0.7, 0.7, 0.9}, false), 0.4);
  EXPECT_DOUBLE_EQ(permutation_p({-0.5, 0.7, 0.1, 0.1}, true), 0.5);
  const double nothing = std::nan("");
  EXPECT_DOUBLE_EQ(permutation_p({0.5, nothing, 0.1}, true), 0.5);
}

/// Conditions in runs; the first `n_different` have patterns of their own.
Eigen::VectorXd crossnobis_of(int n_different, bool unbalanced, uint64_t stream, bool cross) {
  Normals normal(12, stream);
  constexpr int kConditions = 5, kRuns = 3, kVoxels = 12;
  const Eigen::MatrixXd means = normal.matrix(kConditions, kVoxels);
  std::vector<PatternTrial> trials;
  for (int run = 1; run <= kRuns; ++run)
    for (int c = 0; c < kConditions; ++c)
      for (int repeat = 0; repeat < 2; ++repeat)
        if (!unbalanced || run != c % kRuns + 1 || repeat == 1 || c == 4)
          trials.push_back({int(trials.size()) + 1, run, std::to_string(c), 0});
  Eigen::MatrixXd amplitudes = normal.matrix(Eigen::Index(trials.size()), kVoxels);
  for (size_t t = 0; t < trials.size(); ++t)
    if (const int c = trials[t].condition[0] - '0'; c < n_different)
      amplitudes.row(Eigen::Index(t)) += means.row(c);
  const ParticipantRsa person{make_items(trials, PatternUnit::condition),
                              make_items(trials, PatternUnit::condition_run),
                              {}};
  const auto deviations = trial_deviations(person.run_items, amplitudes);
  return region_rdm(person,
                    {cross ? Dissimilarity::crossnobis : Dissimilarity::mahalanobis,
                     NoiseNormalisation::multivariate},
                    amplitudes, {deviations.values, deviations.dof})
      .rdm;
}

TEST(Crossnobis, IsZeroOnAverageWithoutDifferences) {
  for (const bool unbalanced : {false, true}) {
    constexpr int kPeople = 600;
    Eigen::VectorXd crossed(kPeople), plain(kPeople);
    for (int p = 0; p < kPeople; ++p) {
      crossed[p] = crossnobis_of(0, unbalanced, uint64_t(p), true).mean();
      plain[p] = crossnobis_of(0, unbalanced, uint64_t(p), false).mean();
    }
    EXPECT_LT(std::abs(mean_figures(crossed, {}).t), 3.5);
    EXPECT_GT(mean_figures(plain, {}).t, 50);  // noise is distance without cross-validation
  }
}

/// Eight conditions with 2 to 46 trials in two runs, no differences; ratings go with the numbers.
double value_of_counts(uint64_t stream, Dissimilarity dissimilarity, bool adjusted) {
  Normals normal(13, stream);
  std::vector<PatternTrial> trials;
  Eigen::VectorXd ratings(8);
  for (int c = 0; c < 8; ++c) {
    ratings[c] = c + 0.3 * normal();
    for (int t = 0; t < 2 + c * 6 + (c > 0) * 2; ++t)
      trials.push_back({int(trials.size()) + 1, t % 2 + 1, std::to_string(c), 0});
  }
  const Eigen::MatrixXd amplitudes = normal.matrix(Eigen::Index(trials.size()), 60);
  ParticipantRsa person{make_items(trials, PatternUnit::condition),
                        make_items(trials, PatternUnit::condition_run),
                        {}};
  person.rdms.models = difference_rdm(ratings);
  person.rdms.nuisance.resize(28, adjusted ? 1 : 0);
  if (adjusted) person.rdms.nuisance = trial_count_rdm(person.items);
  person.rdms.used = chosen_pairs(person.items, PairChoice::all);
  const RsaOptions options{dissimilarity, NoiseNormalisation::none, RdmComparison::pearson};
  return model_values(person, options, region_rdm(person, options, amplitudes, {}).rdm)[0].value;
}

TEST(PairWeights, AreInverseVariancesOfDistancesOfNoise) {
  // Three runs; condition 3 is absent from run 2. Trials per condition and run:
  const int counts[3][4] = {{1, 2, 4, 8}, {3, 3, 1, 0}, {6, 1, 2, 5}};
  std::vector<PatternTrial> trials;
  for (int run = 0; run < 3; ++run)
    for (int c = 0; c < 4; ++c)
      for (int t = 0; t < counts[run][c]; ++t)
        trials.push_back({int(trials.size()) + 1, run + 1, std::to_string(c), 0});
  const ParticipantRsa person{make_items(trials, PatternUnit::condition),
                              make_items(trials, PatternUnit::condition_run),
                              {}};
  for (const bool crossed : {false, true}) {
    const auto dissimilarity = crossed ? Dissimilarity::crossnobis : Dissimilarity::euclidean;
    const Eigen::VectorXd weights =
        pair_weights(person.items, crossed ? &person.run_items : nullptr);
    constexpr int kPeople = 4000;
    Eigen::MatrixXd rdms(6, kPeople);
    for (int p = 0; p < kPeople; ++p) {
      Normals normal(16, uint64_t(p));
      rdms.col(p) =
          region_rdm(person, {dissimilarity}, normal.matrix(Eigen::Index(trials.size()), 10), {})
              .rdm;
    }
    const Eigen::VectorXd mean = rdms.rowwise().mean();
    const Eigen::VectorXd variance =
        (rdms.colwise() - mean).rowwise().squaredNorm() / double(kPeople - 1);
    // 2 s^4 / 10 voxels, the same for all pairs.
    for (Eigen::Index k = 0; k < 6; ++k) EXPECT_NEAR(variance[k] * weights[k], 0.2, 0.02) << k;
  }
}

TEST(NumbersOfTrials, AreAnEffectOfNoiseUnlessCrossValidatedOrTakenOut) {
  constexpr int kPeople = 200;
  Eigen::VectorXd plain(40), crossed(kPeople), adjusted(kPeople);
  for (int p = 0; p < kPeople; ++p) {
    if (p < 40) plain[p] = value_of_counts(uint64_t(p), Dissimilarity::euclidean, false);
    crossed[p] = value_of_counts(uint64_t(p), Dissimilarity::crossnobis, false);
    adjusted[p] = value_of_counts(uint64_t(p), Dissimilarity::euclidean, true);
  }
  EXPECT_GT(mean_figures(plain, {}).t, 10);
  EXPECT_LT(std::abs(mean_figures(crossed, {}).t), 3);
  EXPECT_LT(std::abs(mean_figures(adjusted, {}).t), 3);
}

/// Seven conditions that all people share, with or without a geometry that follows their ratings.
double p_over_conditions(uint64_t study, double shared, double rated, bool one_lacks = false) {
  constexpr Eigen::Index kConditions = 7, kVoxels = 15;
  constexpr int kPeople = 8;
  Normals common(14, study);
  const Eigen::MatrixXd patterns = common.matrix(kConditions, kVoxels);
  const Eigen::VectorXd ratings = common.matrix(kConditions, 1);
  std::vector<PatternTrial> trials;
  for (Eigen::Index c = 0; c < kConditions; ++c)
    trials.push_back({int(c) + 1, 1, std::to_string(c), 0});
  std::vector<ParticipantRsa> persons;
  std::vector<Eigen::VectorXd> rdms;
  RsaOptions options{Dissimilarity::euclidean};
  options.permutations = 99;
  for (int p = 0; p < kPeople; ++p) {
    Normals own(15, study * 100 + uint64_t(p));
    const Eigen::MatrixXd amplitudes = shared * patterns +
                                       rated * ratings * own.matrix(1, kVoxels) +
                                       own.matrix(kConditions, kVoxels);
    ParticipantRsa person{make_items(trials, PatternUnit::condition), {}, {}};
    person.rdms.models = difference_rdm(ratings);
    person.rdms.nuisance.resize(21, 0);
    person.rdms.used = chosen_pairs(person.items, PairChoice::all);
    if (one_lacks && p == 2)
      for (Eigen::Index other = 0; other < 6; ++other)
        person.rdms.used[size_t(pair_index(6, other, 7))] = 0;
    rdms.push_back(region_rdm(person, options, amplitudes, {}).rdm);
    persons.push_back(std::move(person));
  }
  std::vector<PersonRdm> people;
  for (size_t p = 0; p < rdms.size(); ++p) people.push_back({&persons[p], &rdms[p]});
  return conditions_p(people, 0, options);
}

TEST(PermutedConditions, HaveNominalFalsePositivesWherePeopleShareAGeometry) {
  // All people have the same patterns, which have nothing to do with the ratings: a t test over
  // participants rejects far too often for a claim about other conditions.
  constexpr int kStudies = 300;
  int found = 0;
  for (uint64_t s = 0; s < kStudies; ++s) found += p_over_conditions(s, 2, 0) <= 0.05;
  EXPECT_NEAR(double(found) / kStudies, 0.05, 3 * std::sqrt(0.05 * 0.95 / kStudies)) << found;
  EXPECT_LE(p_over_conditions(1, 0, 2), 0.02);
  EXPECT_LE(p_over_conditions(1, 0, 2, true), 0.02);  // over the conditions that all have
}

TEST(Crossnobis, IsLargerForConditionsThatDiffer) {
  Eigen::VectorXd same(100), different(100);
  for (int p = 0; p < 100; ++p) {
    const Eigen::VectorXd rdm = crossnobis_of(2, true, uint64_t(p), true);
    different[p] = rdm[pair_index(0, 1, 5)];
    same[p] = rdm[pair_index(2, 3, 5)];
  }
  EXPECT_GT(mean_figures(different, {}).t, 10);
  EXPECT_LT(std::abs(mean_figures(same, {}).t), 3.5);
}

}  // namespace rsa_simulation_test
}  // namespace sociometer
