// Single voxels against statsmodels 0.13.5
// (tests/golden/statsmodels/single_voxels/single_voxel.json).
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/design/contrast.hpp"
#include "engine/glm/tile_solver.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/design_tables.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::golden;

Eigen::VectorXd numbers(const nlohmann::json& list) {
  const auto values = list.get<std::vector<double>>();
  return Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

struct SingleVoxels : ::testing::Test {
  SingleVoxels() : design(read_design(golden("nilearn/first_level/spm_cosine_ar1/design.tsv"))) {
    std::ifstream(golden("statsmodels/single_voxels/single_voxel.json")) >> reference;
    image = read_nifti(golden("nilearn/data/run-1_bold.nii.gz"));
    for (const auto& [name, expression] :
         {std::pair{"a", "a"}, {"a-b", "a - b"}, {"a_mod", "a_mod"}})
      contrasts[name] =
          contrast_weights(expression, design.names, design.names, design.names).weights;
  }
  Eigen::VectorXd series(const nlohmann::json& voxel) const {
    const auto ijk = voxel["ijk"].get<std::vector<Eigen::Index>>();
    return image.values.row(image.header.grid.index(ijk[0], ijk[1], ijk[2])).transpose();
  }
  /// Generalised least squares with a given coefficient, from the lag sums.
  void expect_t(const nlohmann::json& voxel, const nlohmann::json& expected,
                const NoiseModel& model, double rho) const {
    const RunDesign run(design.values, std::vector<uint8_t>(120, 1), model.order);
    SeriesSource source(series(voxel));
    const Mask mask = source.all_voxels();
    const LagSums sums = sum_run(source, run, mask, kernels::best_kernels(), {});
    std::vector<Eigen::MatrixXd> rows;
    for (const auto& [name, weights] : contrasts)
      rows.push_back(run.space.coordinates(weights).transpose());
    const GlsSystem system(run, model, rows);
    TileSolver solver(system, kernels::best_kernels());
    solver.set_noise(0, ArCoefficients::Constant(model.order, rho));
    solver.solve(sums.tile(0));
    Eigen::VectorXd gamma(run.rank());
    for (Eigen::Index i = 0; i < gamma.size(); ++i)
      gamma[i] = solver.coordinates()[i * TileSolver::kWidth];
    const Eigen::VectorXd betas = run.space.betas_from_coordinates() * gamma;
    EXPECT_TRUE(testing::close_relative(betas, numbers(expected["params"]), 1e-8, 1));
    Eigen::Index pair = 0;
    for (const auto& [name, weights] : contrasts) {
      const double variance = solver.covariance(pair++)[0] * solver.residual_squares()[0] / run.dof;
      EXPECT_TRUE(close_number(weights.dot(betas) / std::sqrt(variance), expected["t"][name], 1e-8))
          << name;
    }
  }
  DesignMatrix design;
  Image image;
  nlohmann::json reference;
  std::map<std::string, Eigen::VectorXd> contrasts;
};

TEST_F(SingleVoxels, OlsEqualsStatsmodels) {
  ASSERT_EQ(reference.size(), 5u);
  for (const auto& voxel : reference) expect_t(voxel, voxel["ols"], parse_noise_model("ols"), 0);
}

TEST_F(SingleVoxels, ExactGlsWithTheFirstScanRescaledEqualsStatsmodels) {
  for (const auto& voxel : reference)
    expect_t(voxel, voxel["exact_gls_first_sample_scaled"], parse_noise_model("ar1"),
             voxel["nilearn_rho"]);
}

TEST_F(SingleVoxels, NilearnsWhiteningEqualsStatsmodelsOnTheWhitenedSeries) {
  for (const auto& voxel : reference)
    expect_t(voxel, voxel["ols_on_nilearn_whitened"], parse_noise_model("ar1-nilearn"),
             voxel["nilearn_rho"]);
}

TEST_F(SingleVoxels, AutocorrelationEqualsStatsmodelsAdjustedYuleWalker) {
  for (const auto& voxel : reference) {
    const auto fit = testing::fit_series(design.values, series(voxel), {NoiseModel::Kind::ar, 1});
    EXPECT_TRUE(
        close_number(fit.estimates.noise(0, 0), voxel["yule_walker_adjusted_rho"], 1e-9, 1));
  }
}

TEST_F(SingleVoxels, OfZeroAutocorrelationEqualOls) {
  for (const auto& voxel : reference) expect_t(voxel, voxel["ols"], parse_noise_model("ar1"), 0);
}

}  // namespace
}  // namespace sociometer
