// RSA against figures made with numpy from the published definitions, and slow obvious twins.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "engine/rsa/noise_ceiling.hpp"
#include "engine/rsa/rsa_analysis.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace rsa_golden_test {

using testing::close_number;
using testing::close_relative;

Eigen::MatrixXd figures(const std::string& name) {
  return testing::number_table(testing::golden("numpy/rsa/" + name));
}

struct SmallCase {
  std::vector<PatternTrial> trials;
  Eigen::MatrixXd amplitudes = figures("amplitudes.tsv");
  Eigen::VectorXd values;
  PatternNoise noise{figures("residuals.tsv"), 39};
  SmallCase() {
    const Eigen::MatrixXd table = figures("trials.tsv");
    values = table.col(3);
    for (Eigen::Index t = 0; t < table.rows(); ++t)
      trials.push_back(
          {int(t) + 1, int(table(t, 0)), std::to_string(int(table(t, 1))), table(t, 2)});
  }
  ParticipantRsa conditions() const {
    return {make_items(trials, PatternUnit::condition),
            make_items(trials, PatternUnit::condition_run),
            {}};
  }
};

TEST(RsaNoise, IsThatOfLedoitAndWolf) {
  const Eigen::MatrixXd residuals = figures("residuals.tsv"), few = residuals.topRows(6);
  const Eigen::MatrixXd shrinkage = figures("shrinkage.tsv");
  EXPECT_TRUE(close_number(ledoit_wolf_shrinkage(residuals), shrinkage(0, 0), 1e-10));
  EXPECT_TRUE(close_number(ledoit_wolf_shrinkage(few), shrinkage(1, 0), 1e-10));
  EXPECT_TRUE(
      close_relative(ledoit_wolf_covariance(residuals, 39), figures("covariance.tsv"), 1e-10, 1));
  EXPECT_TRUE(
      close_relative(ledoit_wolf_covariance(few, 5), figures("covariance_few.tsv"), 1e-10, 1));
}

TEST(RsaNoise, WhiteningIsTheInverseRootOfTheCovariance) {
  const Eigen::MatrixXd all = figures("residuals.tsv");
  for (const Eigen::Index n : {40, 6}) {
    const Eigen::MatrixXd residuals = all.topRows(n);
    const NoiseWhitening whitening(NoiseNormalisation::multivariate, residuals, double(n - 1));
    const Eigen::MatrixXd root = whitening.apply(Eigen::MatrixXd::Identity(9, 9));
    EXPECT_TRUE(close_relative(root, root.transpose(), 1e-10, 1));
    EXPECT_TRUE(close_relative(root * ledoit_wolf_covariance(residuals, double(n - 1)) * root,
                               Eigen::MatrixXd::Identity(9, 9), 1e-9, 1));
  }
}

TEST(RsaNoise, OfTrialsHasIndependentRows) {
  const SmallCase small;
  const auto deviations =
      trial_deviations(make_items(small.trials, PatternUnit::condition_run), small.amplitudes);
  const Eigen::MatrixXd expected = figures("deviations.tsv");
  EXPECT_EQ(deviations.values.rows(), Eigen::Index(deviations.dof));
  EXPECT_TRUE(close_relative(deviations.values.transpose() * deviations.values,
                             expected.bottomRows(9), 1e-10, 1));
  EXPECT_TRUE(close_number(ledoit_wolf_shrinkage(deviations.values), expected(0, 0), 1e-10));
}

TEST(RsaNoise, OfEqualVoxelsIsShrunkenEntirely) {
  Eigen::MatrixXd residuals(4, 2);
  residuals << 1, 1, -1, 1, 1, -1, -1, -1;  // S = I
  EXPECT_EQ(ledoit_wolf_shrinkage(residuals), 1);
}

TEST(Dissimilarities, AreThoseOfThePublishedDefinitions) {
  const SmallCase small;
  const ParticipantRsa person = small.conditions();
  const Eigen::MatrixXd expected = figures("rdms.tsv");
  Eigen::Index column = 0;
  for (const auto normalisation :
       {NoiseNormalisation::none, NoiseNormalisation::univariate, NoiseNormalisation::multivariate})
    for (const auto dissimilarity :
         {Dissimilarity::correlation, Dissimilarity::euclidean, Dissimilarity::crossnobis}) {
      SCOPED_TRACE(name_of(dissimilarity) + " " + name_of(normalisation));
      const RegionRdm found =
          region_rdm(person, {dissimilarity, normalisation}, small.amplitudes, small.noise);
      EXPECT_TRUE(close_relative(found.rdm, expected.col(column++), 1e-10, 1e-2));
    }
  const RegionRdm found =
      region_rdm(person, {Dissimilarity::mahalanobis, NoiseNormalisation::multivariate},
                 small.amplitudes, small.noise);
  EXPECT_TRUE(close_relative(found.rdm, expected.col(column), 1e-10, 1e-2));
}

/// The models of the golden: of a value, of another condition; run and time.
ParticipantRsa trials_as_items(const SmallCase& small, PairChoice choice) {
  ParticipantRsa person{make_items(small.trials, PatternUnit::trial), {}, {}};
  std::vector<std::string> conditions;
  for (const auto& trial : small.trials) conditions.push_back(trial.condition);
  const Eigen::VectorXd value = difference_rdm(mean_values(person.items, small.values));
  person.rdms.models.resize(value.size(), 2);
  person.rdms.models << value, category_rdm(common_texts(person.items, conditions));
  person.rdms.nuisance.resize(value.size(), 2);
  person.rdms.nuisance << run_rdm(person.items), time_rdm(person.items, small.trials);
  person.rdms.used = chosen_pairs(person.items, choice);
  person.rdms.weights.resize(value.size());
  for (Eigen::Index p = 0; p < value.size(); ++p) person.rdms.weights[p] = 1 / (1 + double(p % 5));
  return person;
}

TEST(Comparisons, AreThoseOfNumpy) {
  const SmallCase small;
  const Eigen::MatrixXd expected = figures("comparisons.tsv");
  for (const auto choice : {PairChoice::all, PairChoice::between_runs}) {
    SCOPED_TRACE(name_of(choice));
    const ParticipantRsa person = trials_as_items(small, choice);
    const Eigen::VectorXd rdm = region_rdm(person, {}, small.amplitudes, {}).rdm;
    ModelRdms plain = person.rdms;
    plain.nuisance.resize(rdm.size(), 0);
    const auto value = [&](const ModelRdms& rdms, Eigen::Index model, RdmComparison comparison) {
      return ModelComparison(rdms, model, comparison).value(rdm);
    };
    Eigen::VectorXd found(9);
    found << value(plain, 0, RdmComparison::spearman),
        value(person.rdms, 0, RdmComparison::spearman), value(plain, 0, RdmComparison::kendall),
        value(plain, 1, RdmComparison::kendall), value(plain, 0, RdmComparison::pearson),
        value(person.rdms, 0, RdmComparison::pearson), value(plain, 0, RdmComparison::cosine),
        value(plain, 0, RdmComparison::regression),
        value(plain, 0, RdmComparison::weighted_regression);
    EXPECT_TRUE(close_relative(found, expected.col(choice == PairChoice::all ? 0 : 1), 1e-10));
  }
}

TEST(Comparisons, OfOneModelByRegressionIsPearsonsR) {
  const SmallCase small;
  ParticipantRsa person = trials_as_items(small, PairChoice::all);
  const Eigen::VectorXd rdm = region_rdm(person, {}, small.amplitudes, {}).rdm;
  person.rdms.models.conservativeResize(rdm.size(), 1);
  person.rdms.nuisance.resize(rdm.size(), 0);
  EXPECT_TRUE(close_number(ModelComparison(person.rdms, 0, RdmComparison::regression).value(rdm),
                           ModelComparison(person.rdms, 0, RdmComparison::pearson).value(rdm),
                           1e-12));
}

TEST(Comparisons, WithAConstantOrExplainedModelHaveNoValue) {
  const Eigen::VectorXd rdm = (Eigen::VectorXd(6) << 3, 1, 2, 5, 4, 6).finished();
  ModelRdms rdms{Eigen::MatrixXd::Constant(6, 1, 2), Eigen::MatrixXd(6, 0),
                 std::vector<uint8_t>(6, 1), Eigen::VectorXd::Ones(6)};
  for (const auto& [comparison, word] : names_of(std::type_identity<RdmComparison>{}))
    EXPECT_EQ(std::isnan(ModelComparison(rdms, 0, comparison).value(rdm)),
              comparison != RdmComparison::cosine)
        << word;
  rdms.models = Eigen::VectorXd::LinSpaced(6, 1, 6);
  rdms.nuisance = 2 * rdms.models;
  for (const auto comparison : {RdmComparison::spearman, RdmComparison::regression})
    EXPECT_TRUE(std::isnan(ModelComparison(rdms, 0, comparison).value(rdm)));
}

TEST(KendallTau, IsTheCountOfPairs) {
  const CounterRandom random(7, 1);
  for (Eigen::Index n : {2, 3, 17, 64, 101}) {
    Eigen::VectorXd a(n), b(n);
    for (Eigen::Index i = 0; i < n; ++i) {  // with many ties
      a[i] = std::round(3 * random.normal(uint64_t(4 * i)));
      b[i] = std::round(2 * random.normal(uint64_t(4 * i + 1))) + std::round(a[i] / 2);
    }
    double sum = 0;
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = i + 1; j < n; ++j) {
        const double product = (a[i] - a[j]) * (b[i] - b[j]);
        sum += product > 0 ? 1 : product < 0 ? -1 : 0;
      }
    EXPECT_TRUE(close_number(kendall_tau_a(a, b), sum / double(n_pairs_of(n)), 1e-13, 1e-3));
  }
}

TEST(NoiseCeilings, AreThoseOfNumpy) {
  const Eigen::MatrixXd rdms = figures("five_rdms.tsv"), expected = figures("ceilings.tsv");
  Eigen::Index row = 0;
  for (const auto comparison : {RdmComparison::spearman, RdmComparison::kendall,
                                RdmComparison::pearson, RdmComparison::cosine}) {
    const NoiseCeiling found = noise_ceiling(rdms, comparison);
    EXPECT_TRUE(close_number(found.lower, expected(row, 0), 1e-10));
    EXPECT_TRUE(close_number(found.upper, expected(row++, 1), 1e-10));
    EXPECT_EQ(found.n_pairs, 10);
  }
}

TEST(Usage, OfRsa) {
  const SmallCase small;
  const auto& [trials, amplitudes, beliefs, noise] = small;
  ParticipantRsa person{make_items(trials, PatternUnit::condition),
                        make_items(trials, PatternUnit::condition_run),
                        {}};
  person.rdms.models = difference_rdm(mean_values(person.items, beliefs));
  person.rdms.used = chosen_pairs(person.items, PairChoice::all);
  const RsaOptions options{Dissimilarity::crossnobis, NoiseNormalisation::multivariate};
  const RegionRdm region = region_rdm(person, options, amplitudes, noise);
  const auto values = model_values(person, options, region.rdm);
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(values[0].n_pairs(), 6);
  EXPECT_LE(std::abs(values[0].value), 1);
}

TEST(PatternItems, OfAMissingConditionAreNotThere) {
  const SmallCase small;
  const PatternItems runs = make_items(small.trials, PatternUnit::condition_run);
  EXPECT_EQ(runs.size(), 11);
  const VoxelDissimilarities crossnobis = VoxelDissimilarities::crossnobis(runs);
  for (Eigen::Index p = 0; p < crossnobis.n_pairs(); ++p) EXPECT_TRUE(crossnobis.has(p));
  std::vector<PatternTrial> two_runs;
  for (const auto& trial : small.trials)
    if (trial.run < 3) two_runs.push_back(trial);
  const VoxelDissimilarities fewer =
      VoxelDissimilarities::crossnobis(make_items(two_runs, PatternUnit::condition_run));
  EXPECT_TRUE(fewer.has(pair_index(0, 1, 4)));
  EXPECT_FALSE(fewer.has(pair_index(0, 3, 4)));
}

TEST(PairIndex, FollowsTheOrderOfPairs) {
  const auto pairs = pairs_of(7);
  for (size_t p = 0; p < pairs.size(); ++p) {
    EXPECT_EQ(pair_index(pairs[p][0], pairs[p][1], 7), Eigen::Index(p));
    EXPECT_EQ(pair_index(pairs[p][1], pairs[p][0], 7), Eigen::Index(p));
  }
}

}  // namespace rsa_golden_test
}  // namespace sociometer
