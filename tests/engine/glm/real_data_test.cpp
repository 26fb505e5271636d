// Real data: our own designs, compared with published or otherwise known results.
#include <gtest/gtest.h>

#include "engine/design/design_matrix.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/design_tables.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::masked;

/// Position of the voxel with the largest value among those at least `apart_mm` from `not_near`.
Eigen::Vector3d peak(const Mask& mask, const Eigen::VectorXd& map, const Eigen::Vector3d& not_near,
                     double apart_mm) {
  Eigen::Index best = -1;
  for (Eigen::Index v = 0; v < map.size(); ++v) {
    if ((mask.grid.world(mask.voxels[size_t(v)]) - not_near).norm() < apart_mm) continue;
    if (best < 0 || map[v] > map[best]) best = v;
  }
  return mask.grid.world(mask.voxels[size_t(best)]);
}

TEST(AuditoryData, OurOwnDesignAndAr1FindSpmsPeaksAndMap) {
  SOCIOMETER_NEEDS_DATA(path, "moae_spm12_3mm");
  Warnings warnings;
  DesignOptions options;
  options.start_time_s = 3.5;  // mid-scan, as sampled by SPM
  const DesignMatrix design = make_design(
      read_events(read_table(path + "/events.tsv"), {}, warnings), std::nullopt, 7, 84, options);
  Mask mask = read_mask(path + "/spm/mask.nii");
  const Eigen::MatrixXd row = Eigen::MatrixXd::Identity(1, design.n_columns());
  ASSERT_EQ(design.names[0], "listening");
  const auto fit =
      testing::fit_series(design.values, masked(path + "/swfM00223_4d.nii.gz", mask).transpose(),
                          parse_noise_model("ar1"), {row}, Scaling::none, {}, 2);
  ResolvedContrast contrast;
  contrast.rows = {row};
  contrast.why_not = {""};
  const ContrastMaps maps =
      combine_runs(contrast, {&fit.values[0]}, {fit.estimates.dof}, FixedEffects::precision, 2);
  const Eigen::VectorXd theirs = masked(path + "/spm/spmT_0001.nii", mask);
  EXPECT_GT(testing::correlation(maps.statistic, theirs), 0.98);
  const Eigen::Vector3d right(57, -22, 11), left(-63, -28, 11);
  const Eigen::VectorXd z = maps.z.array().isNaN().select(-99.0, maps.z);
  // Within one voxel (3 mm) along each axis.
  EXPECT_LE((peak(mask, z, left, 60) - right).cwiseAbs().maxCoeff(), 3.001);
  EXPECT_LE((peak(mask, z, right, 60) - left).cwiseAbs().maxCoeff(), 3.001);
}

TEST(HaxbyData, TwelveRunsOfHouseOverFaceReachThePeakThatWasFoundBefore) {
  SOCIOMETER_NEEDS_DATA(path, "haxby_pymvpa");
  const Mask mask = read_mask(path + "/mask.nii.gz");
  ResolvedContrast contrast;
  std::vector<testing::SeriesFit> fits;
  std::vector<const ContrastValues*> values;
  std::vector<double> dof;
  for (int r = 1; r <= 12; ++r) {
    const std::string run = path + "/haxby2001/sub001/BOLD/task001_run" + (r < 10 ? "00" : "0") +
                            std::to_string(r) + "/";
    Warnings warnings;
    const Events events = read_events(read_table(run + "bold_events.tsv"), {}, warnings);
    const NamedColumns motion =
        read_confounds(read_confounds_table(run + "bold_moest.txt"), {}, {}, warnings);
    DesignOptions options;
    options.start_time_s = 1.25;  // mid-scan
    const DesignMatrix design = make_design(events, motion, 2.5, 121, options);
    Eigen::MatrixXd row = Eigen::MatrixXd::Zero(1, design.n_columns());
    row(0, design.find("house")) = 1;
    row(0, design.find("face")) = -1;
    fits.push_back(testing::fit_series(design.values,
                                       masked(run + "bold_1slice.nii.gz", mask).transpose(),
                                       parse_noise_model("ar1"), {row}));
    contrast.rows.push_back(row);
    contrast.why_not.emplace_back();
  }
  for (const auto& fit : fits) {
    values.push_back(&fit.values[0]);
    dof.push_back(fit.estimates.dof);
  }
  const ContrastMaps maps = combine_runs(contrast, values, dof, FixedEffects::precision, 1);
  const Eigen::ArrayXd z = maps.z.array().isNaN().select(0.0, maps.z);
  // SOURCE.txt: -5.2 .. 10.8, 24 of 530 voxels above 5, obtained with a different AR(1) estimate.
  EXPECT_TRUE(testing::close_number(z.maxCoeff(), 10.8, 0.025)) << z.maxCoeff();
  EXPECT_TRUE(testing::close_number(z.minCoeff(), -5.2, 0.025)) << z.minCoeff();
  EXPECT_EQ((z > 5).count(), 24);
}

}  // namespace
}  // namespace sociometer
