// Tests of other people and other conditions at once: the level where both are random, the variance
// over studies, and the formula on tables where it is exact.
#include "engine/rsa/two_factor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/roi/mean_figures.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace two_factor_test_names {

/// Normal numbers, one after another.
class Normals {
 public:
  Normals(uint64_t seed, uint64_t stream) : random_(seed, stream) {}
  Eigen::MatrixXd matrix(Eigen::Index rows, Eigen::Index columns) {
    Eigen::MatrixXd out(rows, columns);
    for (double& value : out.reshaped()) value = random_.normal(at_++);
    return out;
  }

 private:
  CounterRandom random_;
  uint64_t at_ = 0;
};

/// People and conditions, both drawn from many: patterns that all people share, that are each
/// person's own, and noise; ratings of the conditions, which have nothing to do with the patterns
/// unless voxels follow them.
struct TwoFactorStudy {
  Eigen::Index n_conditions = 10, n_voxels = 15;
  int n_people = 12;
  double shared = 1, own = 0, rated = 0;
};

struct TwoFactorData {
  std::vector<ParticipantRsa> persons;
  std::vector<Eigen::VectorXd> rdms;
  std::vector<PersonRdm> people() const {
    std::vector<PersonRdm> out;
    for (size_t p = 0; p < rdms.size(); ++p) out.push_back({&persons[p], &rdms[p]});
    return out;
  }
};

TwoFactorData two_factor_data(const TwoFactorStudy& s, uint64_t study) {
  Normals common(17, study);
  const Eigen::MatrixXd patterns = common.matrix(s.n_conditions, s.n_voxels);
  const Eigen::VectorXd ratings = common.matrix(s.n_conditions, 1);
  std::vector<PatternTrial> trials;
  for (Eigen::Index c = 0; c < s.n_conditions; ++c)
    trials.push_back({int(c) + 1, 1, std::string(1, char('a' + c)), 0});
  TwoFactorData out;
  for (int p = 0; p < s.n_people; ++p) {
    Normals own(18, study * 1000 + uint64_t(p));
    const Eigen::MatrixXd amplitudes =
        s.shared * patterns + s.own * own.matrix(s.n_conditions, s.n_voxels) +
        s.rated * ratings * own.matrix(1, s.n_voxels) + own.matrix(s.n_conditions, s.n_voxels);
    ParticipantRsa person{make_items(trials, PatternUnit::condition), {}, {}};
    person.rdms.models = difference_rdm(ratings);
    person.rdms.nuisance.resize(n_pairs_of(s.n_conditions), 0);
    person.rdms.used = chosen_pairs(person.items, PairChoice::all);
    out.rdms.push_back(region_rdm(person, {Dissimilarity::euclidean}, amplitudes, {}).rdm);
    out.persons.push_back(std::move(person));
  }
  return out;
}

constexpr RsaOptions kTwoFactorOptions{Dissimilarity::euclidean};

/// Share of 200 studies with p <= .05 by the test of both and by the t test over participants.
std::pair<double, double> two_factor_rates(const TwoFactorStudy& s, uint64_t first) {
  constexpr int kStudies = 200;
  double both = 0, people = 0;
  for (uint64_t study = first; study < first + kStudies; ++study) {
    const TwoFactorData data = two_factor_data(s, study);
    both += two_factor_test(data.people(), 0, kTwoFactorOptions, 100).p <= 0.05;
    Eigen::VectorXd values(s.n_people);
    for (int p = 0; p < s.n_people; ++p)
      values[p] =
          model_values(data.persons[size_t(p)], kTwoFactorOptions, data.rdms[size_t(p)])[0].value;
    people += mean_figures(values, {}).p <= 0.05;
  }
  return {both / kStudies, people / kStudies};
}

TEST(TwoFactorTest, KeepsItsLevelWherePeopleAndConditionsAreRandom) {
  const double error = std::sqrt(0.05 * 0.95 / 200);
  struct World {
    const char* name;
    TwoFactorStudy study;
  };
  const World worlds[] = {{"shared patterns", {.shared = 2}},
                          {"shared and own patterns", {.shared = 1, .own = 1}},
                          {"noise only", {.shared = 0}},
                          {"few conditions", {.n_conditions = 8, .n_people = 20, .shared = 2}},
                          {"many conditions", {.n_conditions = 20, .n_people = 10, .shared = 2}}};
  uint64_t first = 0;
  for (const World& world : worlds) {
    const auto [both, people] = two_factor_rates(world.study, first += 1000);
    std::printf("%s: both %.3f, participants %.3f\n", world.name, both, people);
    EXPECT_LE(both, 0.05 + 3 * error) << world.name;
    if (world.study.shared == 2) {  // other conditions are not what it asks about
      EXPECT_GT(people, 0.3) << world.name;
    }
    if (world.study.shared == 0) {
      EXPECT_NEAR(people, 0.05, 3 * error) << world.name;
    }
  }
}

TEST(TwoFactorTest, FindsModelsThatPatternsFollow) {
  double found = 0;
  for (uint64_t study = 0; study < 20; ++study)
    found += two_factor_test(two_factor_data({.shared = 1, .rated = 1.5}, study).people(), 0,
                             kTwoFactorOptions, 200)
                 .p <= 0.05;
  EXPECT_GE(found, 18);
}

/// The variance that it estimates, against that of the means of many studies: not smaller, and too
/// large where patterns and ratings are unrelated, as the noise of pairs counts more than once when
/// their conditions are drawn.
TEST(TwoFactorTest, DoesNotUnderestimateTheVarianceOverStudies) {
  for (const TwoFactorStudy& s :
       {TwoFactorStudy{.n_conditions = 16, .n_people = 12, .shared = 2},
        TwoFactorStudy{.n_conditions = 16, .n_people = 6, .shared = 0.7, .own = 1},
        TwoFactorStudy{.n_conditions = 12, .n_people = 10, .shared = 1, .rated = 1}}) {
    constexpr Eigen::Index kStudies = 150;
    Eigen::VectorXd means(kStudies), variances(kStudies), people(kStudies);
    for (Eigen::Index study = 0; study < kStudies; ++study) {
      const TwoFactorTest t = two_factor_test(two_factor_data(s, 7000 + uint64_t(study)).people(),
                                              0, kTwoFactorOptions, 100);
      means[study] = t.mean, variances[study] = t.variance, people[study] = t.of_people;
    }
    const double over_studies = (means.array() - means.mean()).square().sum() / (kStudies - 1);
    std::printf("variance over studies %.5f, estimated %.5f, over participants alone %.5f\n",
                over_studies, variances.mean(), people.mean());
    EXPECT_GT(variances.mean() / over_studies, 0.75);
    EXPECT_LT(variances.mean() / over_studies, 2);
    EXPECT_LT(people.mean(), 0.8 * over_studies);
  }
}

/// Means over rows and columns of a table, where all three bootstraps have closed forms.
TEST(TwoFactorVariance, IsThatOfATableOfPeopleAndConditions) {
  constexpr Eigen::Index n = 6, k = 5;
  constexpr int kTables = 4000;
  const double a = 2, b = 1, c = 3;  // standard deviations
  double estimated = 0;
  for (int table = 0; table < kTables; ++table) {
    Normals normal(19, uint64_t(table));
    const Eigen::VectorXd people = a * normal.matrix(n, 1), conditions = b * normal.matrix(k, 1);
    Eigen::MatrixXd x = c * normal.matrix(n, k);
    x.colwise() += people;
    x.rowwise() += conditions.transpose();
    const auto spread = [](const Eigen::VectorXd& v) {
      return (v.array() - v.mean()).square().mean();
    };
    const double v_people = spread(x.rowwise().mean()) / n,
                 v_conditions = spread(x.colwise().mean().transpose()) / k;
    // Both are drawn: E w_i w_i' of the numbers of drawings is 1 - 1/n, and 2 - 1/n for i = i'.
    double v_both = -std::pow(x.mean(), 2);
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < k; ++j)
        for (Eigen::Index l = 0; l < n; ++l)
          for (Eigen::Index m = 0; m < k; ++m)
            v_both += x(i, j) * x(l, m) * (1.0 - 1.0 / n + (i == l)) * (1.0 - 1.0 / k + (j == m)) /
                      double(n * n * k * k);
    const double s = double(n) / (n - 1) * v_people, t = double(k) / (k - 1) * v_conditions;
    const double plain =
        s + t - double(n * k) / ((n - 1) * (k - 1)) * (v_both - v_people - v_conditions);
    EXPECT_NEAR(two_factor_variance(v_people, v_conditions, v_both, n, k),
                std::clamp(plain, std::max(s, t), s + t), 1e-12);
    estimated += plain / kTables;
  }
  const double expected = a * a / n + b * b / k + c * c / double(n * k);
  EXPECT_NEAR(estimated, expected, 0.03 * expected);
  EXPECT_TRUE(std::isnan(two_factor_variance(std::nan(""), 1, 1, 5, 5)));
}

/// People who are drawn one by one, as anybody would write it.
TEST(TwoFactorTest, DrawsPeopleExactly) {
  const TwoFactorData data = two_factor_data({.shared = 1, .own = 1}, 5);
  const std::vector<PersonRdm> people = data.people();
  const TwoFactorTest exact = two_factor_test(people, 0, kTwoFactorOptions, 400);
  EXPECT_EQ(exact.n_draws, 400u);
  EXPECT_EQ(exact.n_conditions, 10);
  EXPECT_EQ(exact.dof, 9);
  EXPECT_NEAR(exact.t, exact.mean / std::sqrt(exact.variance), 1e-12);
  Eigen::VectorXd values(Eigen::Index(people.size()));
  for (size_t p = 0; p < people.size(); ++p)
    values[Eigen::Index(p)] =
        model_values(data.persons[p], kTwoFactorOptions, data.rdms[p])[0].value;
  EXPECT_NEAR(exact.mean, values.mean(), 1e-12);
  const MeanFigures f = mean_figures(values, {});
  EXPECT_NEAR(exact.of_people, std::pow(f.mean / f.t, 2), 1e-12);
  const CounterRandom random(3, 1);
  uint64_t at = 0;
  Eigen::VectorXd means(20000);
  for (double& mean : means) {
    mean = 0;
    for (size_t i = 0; i < people.size(); ++i)
      mean += values[Eigen::Index(random.uniform(at++) * double(people.size()))] /
              double(people.size());
  }
  EXPECT_NEAR((means.array() - means.mean()).square().mean() * 12 / 11, exact.of_people,
              0.05 * exact.of_people);
}

/// The value of a person over pairs of conditions, in which a pair may occur more than once.
double value_over_pairs(const TwoFactorData& data, size_t person,
                        const std::vector<Eigen::Index>& pairs) {
  const ModelRdms& all = data.persons[person].rdms;
  const ModelRdms listed{all.models(pairs, Eigen::all),
                         Eigen::MatrixXd(Eigen::Index(pairs.size()), 0),
                         std::vector<uint8_t>(pairs.size(), 1),
                         {}};
  return ModelComparison(listed, 0, RdmComparison::spearman)
      .value(Eigen::VectorXd(data.rdms[person](pairs)));
}

/// People and conditions drawn one by one, as anybody would write it: what the drawings of
/// conditions alone give is the variance of drawings of both.
TEST(TwoFactorTest, DrawsOfBothHaveTheVarianceOfDrawsOfBoth) {
  const TwoFactorData data = two_factor_data({.n_people = 5, .shared = 1, .own = 1}, 5);
  const size_t n_people = data.rdms.size();
  RsaOptions options = kTwoFactorOptions;
  options.comparison = RdmComparison::spearman;
  const TwoFactorTest exact = two_factor_test(data.people(), 0, options, 4000);
  const CounterRandom random(4, 1);
  uint64_t at = 0;
  const auto drawn = [&](size_t n) {
    std::vector<size_t> out(n);
    for (size_t& one : out) one = size_t(random.uniform(at++) * double(n));
    return out;
  };
  std::vector<double> means;
  while (means.size() < 8000) {
    const auto conditions = drawn(10);
    std::vector<Eigen::Index> pairs;
    for (size_t i = 0; i < 10; ++i)
      for (size_t j = i + 1; j < 10; ++j)
        if (conditions[i] != conditions[j])
          pairs.push_back(pair_index(Eigen::Index(conditions[i]), Eigen::Index(conditions[j]), 10));
    double sum = 0;
    for (const size_t person : drawn(n_people)) sum += value_over_pairs(data, person, pairs);
    if (std::isfinite(sum)) means.push_back(sum / double(n_people));
  }
  const Eigen::Map<const Eigen::VectorXd> m(means.data(), Eigen::Index(means.size()));
  const double drawn_variance = (m.array() - m.mean()).square().mean();
  EXPECT_NEAR(exact.of_drawings, drawn_variance, 0.06 * drawn_variance);
  // Neither of the parts is it.
  EXPECT_GT(drawn_variance, 1.1 * exact.of_conditions * 9 / 10);
  EXPECT_GT(drawn_variance, 1.1 * exact.of_people * 4 / 5);
}

TEST(TwoFactorTest, NeedsTheSameConditionsAndDifferentPairs) {
  TwoFactorData data = two_factor_data({.n_conditions = 5, .n_people = 6}, 2);
  const TwoFactorTest plain = two_factor_test(data.people(), 0, kTwoFactorOptions, 400);
  EXPECT_TRUE(std::isfinite(plain.p));
  // With a nuisance RDM, three different pairs would give 1 or -1: such drawings do not count.
  TwoFactorData held = data;
  for (auto& person : held.persons) {
    person.rdms.nuisance.resize(n_pairs_of(5), 1);
    for (Eigen::Index pair = 0; pair < n_pairs_of(5); ++pair)
      person.rdms.nuisance(pair, 0) = double(pair * pair % 7);
  }
  const TwoFactorTest partial = two_factor_test(held.people(), 0, kTwoFactorOptions, 400);
  EXPECT_LT(partial.n_draws, plain.n_draws);
  const TwoFactorData few = two_factor_data({.n_conditions = 3, .n_people = 6}, 2);
  EXPECT_TRUE(std::isnan(two_factor_test(few.people(), 0, kTwoFactorOptions, 400).p));
  data.persons[3].items.items[1].label = "another";
  EXPECT_TRUE(std::isnan(two_factor_test(data.people(), 0, kTwoFactorOptions, 400).p));
}

TEST(TwoFactorTest, IsNotThereWithoutWhatItNeeds) {
  TwoFactorData data = two_factor_data({}, 1);
  const auto p = [&](const std::vector<PersonRdm>& people,
                     const RsaOptions& options = kTwoFactorOptions) {
    return two_factor_test(people, 0, options, 100).p;
  };
  EXPECT_TRUE(std::isfinite(p(data.people())));
  EXPECT_TRUE(std::isnan(p({data.people()[0]})));
  RsaOptions cosine = kTwoFactorOptions;
  cosine.comparison = RdmComparison::cosine;
  EXPECT_TRUE(std::isnan(p(data.people(), cosine)));
  // Over the conditions that all have.
  for (Eigen::Index other = 1; other < 10; ++other)
    data.persons[2].rdms.used[size_t(pair_index(0, other, 10))] = 0;
  EXPECT_EQ(two_factor_test(data.people(), 0, kTwoFactorOptions, 100).n_conditions, 9);
  data.rdms[1].setConstant(std::nan(""));
  EXPECT_TRUE(std::isnan(p(data.people())));
  data.rdms[1].resize(0);
  EXPECT_TRUE(std::isnan(p(data.people())));
}

TEST(TwoFactorTest, ErrorsAreRootsOfItsVariances) {
  TwoFactorTest test;
  test.of_people = 4;
  test.of_conditions = 9;
  test.variance = 0.25;
  EXPECT_EQ(test.error_of_people(), 2);
  EXPECT_EQ(test.error_of_conditions(), 3);
  EXPECT_EQ(test.error_of_both(), 0.5);
}

}  // namespace two_factor_test_names
}  // namespace sociometer
