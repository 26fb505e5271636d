#include "engine/learning/model_selection.hpp"

#include <fstream>
#include <sstream>

#include <boost/math/special_functions/beta.hpp>
#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

struct SpmResult {
  Eigen::VectorXd alpha, exp_r, xp, pxp;
  double bor = 0;
};

Eigen::VectorXd numbers(std::istringstream& words) {
  std::vector<double> values;
  for (double v; words >> v;) values.push_back(v);
  return Eigen::Map<Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

/// spm_BMS's results for one case of bms.txt: a line with its name, then
/// lines that start with a blank.
SpmResult spm_result(const std::string& name) {
  std::ifstream file(golden("spm/misc/bms.txt"));
  SpmResult result;
  bool here = false;
  for (std::string line; std::getline(file, line);) {
    if (line[0] != ' ') here = line == name;
    if (!here || line[0] != ' ') continue;
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "alpha") result.alpha = numbers(words);
    if (key == "exp_r") result.exp_r = numbers(words);
    if (key == "xp") result.xp = numbers(words);
    if (key == "pxp") result.pxp = numbers(words);
    if (key == "bor") words >> result.bor;
  }
  EXPECT_GT(result.alpha.size(), 0) << name;
  return result;
}

Eigen::MatrixXd evidences(const std::string& name) {
  const Eigen::MatrixXd l = number_table(golden("spm/misc/bms_lme3.tsv"));
  Eigen::MatrixXd out(l.rows(), name == "L4" ? 4 : 3);
  if (name == "L2_exact_beta") return l.leftCols(2);
  if (name == "L3_first6") return l.topRows(6);
  out.leftCols(3) = l;
  if (name == "nearly_equal") out << l.col(0), l.col(0).array() + 0.01, l.col(0).array() - 0.01;
  if (name == "L4") out.col(3) = l.col(1).array() - 3;
  return out;
}

class SpmBms : public ::testing::TestWithParam<std::string> {};

TEST_P(SpmBms, IsReproduced) {
  const SpmResult spm = spm_result(GetParam());
  // SPM stops when alpha changes by less than 1e-3.
  const ModelSelection s = select_models(evidences(GetParam()), 1e-3);
  EXPECT_TRUE(close_relative(s.alpha, spm.alpha, 1e-10));
  EXPECT_TRUE(close_relative(s.expected_frequency, spm.exp_r, 1e-10));
  EXPECT_TRUE(close_number(s.omnibus_risk, spm.bor, 1e-9));
  // Iterating to convergence changes little.
  const ModelSelection further = select_models(evidences(GetParam()));
  EXPECT_TRUE(close_relative(further.alpha, spm.alpha, 2e-3));
  EXPECT_TRUE(close_number(further.omnibus_risk, spm.bor, 1e-4));
  // Exceedance: SPM's come from a million samples, except for two models.
  const double tolerance = spm.alpha.size() == 2 ? 1e-9 : 2e-3;
  for (Eigen::Index k = 0; k < spm.alpha.size(); ++k) {
    EXPECT_NEAR(s.exceedance[k], spm.xp[k], tolerance);
    EXPECT_NEAR(s.protected_exceedance[k], spm.pxp[k], tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, SpmBms,
                         ::testing::Values("L3", "L2_exact_beta", "L3_first6", "nearly_equal",
                                           "L4"));

TEST(Exceedance, OfTwoModelsIsTheIncompleteBeta) {
  for (const auto& [a, b] : {std::pair{2.4, 11.6}, {1.0, 1.0}, {0.7, 60.0}, {400.0, 380.0}}) {
    const Eigen::VectorXd p = exceedance_probabilities(Eigen::Vector2d(a, b));
    EXPECT_TRUE(close_number(p[0], boost::math::ibetac(a, b, 0.5), 1e-9, 1e-3));
  }
}

TEST(Exceedance, AgreesWithSampling) {
  // Integer shapes: a gamma variable is a sum of exponentials.
  const int shapes[] = {2, 5, 4};
  const CounterRandom random(5, 1);
  constexpr int kSamples = 200000;
  Eigen::Vector3d wins = Eigen::Vector3d::Zero();
  uint64_t at = 0;
  for (int s = 0; s < kSamples; ++s) {
    Eigen::Vector3d x = Eigen::Vector3d::Zero();
    for (int k = 0; k < 3; ++k)
      for (int i = 0; i < shapes[k]; ++i) x[k] -= std::log(random.uniform(at++));
    Eigen::Index best;
    x.maxCoeff(&best);
    wins[best] += 1;
  }
  const Eigen::VectorXd p = exceedance_probabilities(Eigen::Vector3d(2, 5, 4));
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(p[k], wins[k] / kSamples, 5e-3);
}

TEST(ModelSelection, OrdersModelsAlikeUnderPermutation) {
  const Eigen::MatrixXd l = evidences("L3");
  Eigen::MatrixXd swapped(l.rows(), 3);
  swapped << l.col(2), l.col(0), l.col(1);
  const ModelSelection a = select_models(l), b = select_models(swapped);
  EXPECT_TRUE(close_number(a.alpha[2], b.alpha[0], 1e-8));
  EXPECT_TRUE(close_number(a.omnibus_risk, b.omnibus_risk, 1e-8));
}

TEST(ModelSelection, RefusesWhatItCannotUse) {
  EXPECT_THROW(select_models(Eigen::MatrixXd(0, 2)), Error);
  Eigen::MatrixXd l = evidences("L3");
  l(0, 0) = std::numeric_limits<double>::infinity();
  EXPECT_THROW(select_models(l), Error);
}

}  // namespace
}  // namespace sociometer::testing
