#include "engine/group/random_field.hpp"

#include <cmath>
#include <fstream>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/core/smoothing.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/smoothness.hpp"
#include "engine/stats/distributions.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using testing::close_number;
using testing::golden;
constexpr double kInf = std::numeric_limits<double>::infinity();

/// Words of each line that does not start with '#'.
std::vector<std::vector<std::string>> lines_of(const std::string& name) {
  std::ifstream file(golden("spm/group/" + name));
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::vector<std::string> row;
    for (std::string w; words >> w;)
      if (w != "|") row.push_back(w);
    lines.push_back(row);
  }
  return lines;
}

double number(const std::string& word) { return word == "Inf" ? kInf : std::stod(word); }

RandomField::Kind kind_of(const std::string& word) {
  return word == "Z"   ? RandomField::Kind::z
         : word == "T" ? RandomField::Kind::t
                       : RandomField::Kind::f;
}

// SPM's normal tail is 1 minus a distribution function: accurate to 1e-16 of 1, not of itself.
TEST(RandomField, EulerDensitiesEqualSpms) {
  const auto lines = lines_of("ec_density.tsv");
  ASSERT_EQ(lines.size(), 49u);
  for (const auto& line : lines) {
    RandomField field;
    field.kind = kind_of(line[0]);
    field.dof1 = number(line[2]);
    field.dof2 = number(line[3]);
    const auto density = euler_densities(field, number(line[1]));
    for (size_t d = 0; d < 4; ++d)
      EXPECT_TRUE(close_number(density[d], number(line[4 + d]), 1e-9, 1e-6))
          << line[0] << " u " << line[1] << " dimension " << d;
  }
}

TEST(RandomField, PeaksAndClustersEqualSpms) {
  // STAT df1 df2 n R0..R3 S uc uc_RF uc_Bonf, 3 x (u, P_RF, Ec, Ek, P), 6 x (k u P Pn)
  int used = 0;
  for (const auto& line : lines_of("rft.tsv")) {
    if (line[0] == "X") continue;
    ++used;
    RandomField field;
    field.kind = kind_of(line[0]);
    field.dof1 = number(line[1]);
    field.dof2 = number(line[2]);
    field.n_conjoined = std::stoi(line[3]);
    for (size_t d = 0; d < 4; ++d) field.resels[d] = number(line[4 + d]);
    const std::string what =
        line[0] + " " + line[1] + " " + line[2] + " n " + line[3] + " R3 " + line[7];
    RandomField bounded = field;
    bounded.n_voxels = number(line[8]);
    for (size_t k = 12; k < 27; k += 5) {
      const double u = number(line[k]);
      EXPECT_TRUE(close_number(expected_clusters(field, u), number(line[k + 2]), 1e-7, 1e-6))
          << what;
      EXPECT_TRUE(close_number(peak_p(field, u), number(line[k + 1]), 1e-7, 1e-6)) << what;
      EXPECT_TRUE(close_number(peak_p(bounded, u), number(line[k + 4]), 1e-7, 1e-6)) << what;
    }
    for (size_t k = 27; k < line.size(); k += 4) {
      const ClusterP p = cluster_p(field, number(line[k + 1]), number(line[k]));
      EXPECT_TRUE(close_number(p.corrected, number(line[k + 2]), 1e-6, 1e-9))
          << what << " k " << line[k];
      EXPECT_TRUE(close_number(p.uncorrected, number(line[k + 3]), 1e-6, 1e-9)) << what;
    }
    if (std::isfinite(number(line[9]))) {
      EXPECT_TRUE(close_number(peak_threshold(field, 0.05), number(line[10]), 2e-5)) << what;
      EXPECT_TRUE(close_number(peak_threshold(bounded, 0.05), number(line[9]), 2e-5)) << what;
    }
  }
  EXPECT_EQ(used, 60);
}

/// The numbers after a word in SPM's scalars.txt.
std::vector<double> scalars_after(const std::string& folder, const std::string& word) {
  const std::string text = testing::read_bytes(golden("spm/group/" + folder + "/scalars.txt"));
  std::istringstream words(text.substr(text.find(word + " ") + word.size()));
  std::vector<double> out;
  for (double x; words >> x;) out.push_back(x);
  return out;
}

TEST(Smoothness, ReselCountsEqualSpms) {
  const testing::GroupGolden group;
  for (const char* folder : {"onesample", "onesample_age"}) {
    const auto fwhm = scalars_after(folder, "FWHM_vox"), r = scalars_after(folder, "\nR");
    ASSERT_EQ(fwhm.size(), 3u);
    ASSERT_EQ(r.size(), 4u);
    Smoothness s;
    for (int d = 0; d < 3; ++d) s.fwhm_voxels[d] = fwhm[size_t(d)];
    const auto counts = resel_counts(group.mask, s);
    for (size_t d = 0; d < 4; ++d) EXPECT_TRUE(close_number(counts[d], r[d], 1e-10)) << d;
  }
}

Eigen::MatrixXd residuals_of(const Eigen::MatrixXd& y, const Eigen::MatrixXd& design) {
  return y - design * design.colPivHouseholderQr().solve(y);
}

TEST(Smoothness, FromResidualsEqualsSpmToATenthOfAPercent) {
  const testing::GroupGolden group;
  const Eigen::MatrixXd age = testing::fsl_matrix(golden("fsl/group/age16.mat"));
  for (const bool with_age : {false, true}) {
    const Eigen::MatrixXd design = with_age ? age : group.one_sample();
    const auto fwhm = scalars_after(with_age ? "onesample_age" : "onesample", "FWHM_vox");
    const Smoothness s = smoothness_of_residuals(group.mask, residuals_of(group.effects, design),
                                                 double(16 - design.cols()));
    for (int d = 0; d < 3; ++d)
      EXPECT_TRUE(close_number(s.fwhm_voxels[d], fwhm[size_t(d)], 2e-3)) << d;
    EXPECT_EQ(s.fwhm_mm[0], 2 * s.fwhm_voxels[0]);
  }
}

TEST(Smoothness, ReselsPerVoxelEqualSpmsMap) {
  // RPV is the local value being averaged: its mean over voxels equals ours to rounding.
  const testing::GroupGolden group;
  const Smoothness s =
      smoothness_of_residuals(group.mask, residuals_of(group.effects, group.one_sample()), 15);
  const Eigen::VectorXd rpv = group.map("spm/group/onesample/RPV.nii.gz");
  double sum = 0;
  Index voxels = 0;
  for (const double r : rpv)
    if (std::isfinite(r) && r != 0) {
      sum += r;
      ++voxels;
    }
  EXPECT_EQ(voxels, s.n_voxels);
  EXPECT_TRUE(close_number(1 / s.resel_voxels(), sum / double(voxels), 1e-6));
}

TEST(Smoothness, OfAMapIsNearFslSmoothest) {
  // smoothest prints FWHM in mm; it treats voxels at the edge of the mask differently.
  const testing::GroupGolden group;
  const Smoothness s =
      smoothness_of_map(group.mask, group.map("fsl/group/one_flame1/zstat1.nii.gz"));
  const double expected[] = {8.31128, 8.28626, 8.95974};
  for (int d = 0; d < 3; ++d) EXPECT_TRUE(close_number(s.fwhm_mm[d], expected[d], 0.015)) << d;
  EXPECT_TRUE(
      close_number(double(group.mask.n_voxels()) / s.resel_voxels(), 3640 / 77.1316, 0.015));
}

TEST(Smoothness, ByDifferencesEqualsAfnis3dFwhmx) {
  testing::GroupGolden reader;
  reader.mask = read_mask(golden("afni/group/in_mask.nii.gz"));
  const Eigen::MatrixXd images = reader.read("afni/group/in_subA%02d.nii.gz", 12);
  const Smoothness s = smoothness_by_differences(reader.mask, images);
  const double expected[] = {7.24951, 7.20313, 7.32875};
  for (int d = 0; d < 3; ++d) EXPECT_TRUE(close_number(s.fwhm_mm[d], expected[d], 2e-3)) << d;
}

TEST(Smoothness, OfSmoothedNoiseIsWhatItWasSmoothedWith) {
  // White noise smoothed to 3 voxels, 40 images of 30^3; differences of
  // neighbours underestimate slightly.
  Mask mask;
  mask.grid.size = {30, 30, 30};
  for (uint32_t v = 0; v < 27000; ++v) mask.voxels.push_back(v);
  Eigen::MatrixXd images(40, 27000);
  for (Index i = 0; i < 40; ++i) {
    const CounterRandom random(3, uint64_t(i));
    std::vector<double> volume(27000);
    for (size_t v = 0; v < volume.size(); ++v) volume[v] = random.normal(v);
    GaussianSmoother smoother(mask.grid, {3, 3, 3});
    smoother.smooth(volume);
    for (size_t v = 0; v < volume.size(); ++v) images(i, Index(v)) = volume[v];
  }
  const Smoothness s =
      smoothness_of_residuals(mask, residuals_of(images, Eigen::MatrixXd::Ones(40, 1)), 39);
  for (int d = 0; d < 3; ++d) EXPECT_NEAR(s.fwhm_voxels[d], 3.1, 0.2);
  const Smoothness by_differences = smoothness_by_differences(mask, images);
  for (int d = 0; d < 3; ++d) EXPECT_NEAR(by_differences.fwhm_voxels[d], 3.0, 0.2);
}

TEST(RandomField, RealFeatClusterPToThreeDigits) {
  SOCIOMETER_NEEDS_DATA(folder, "fsl_feat_doors_sub1240");
  const Eigen::MatrixXd table = testing::number_table(folder + "/cluster_zstat1.txt");
  // stats/smoothness: DLH and VOLUME; resels are volume * DLH / (4 ln 2)^1.5.
  RandomField field;
  field.kind = RandomField::Kind::z;
  field.resels = {0, 0, 0, 57550.0};
  const double dlh = 0.335766, resel_voxels = std::pow(4 * std::log(2.0), 1.5) / dlh;
  field.resels[3] = 57550 / resel_voxels;
  ASSERT_EQ(table.rows(), 7);
  for (Index c = 1; c < 7; ++c)
    EXPECT_TRUE(close_number(cluster_p(field, 2.3, table(c, 1) / resel_voxels).corrected,
                             table(c, 2), 5e-3))
        << table(c, 1) << " voxels";
  EXPECT_LT(cluster_p(field, 2.3, table(0, 1) / resel_voxels).corrected, 1e-15);
}

TEST(RandomField, FslClusterTable) {
  RandomField field;
  field.kind = RandomField::Kind::z;
  const double resel_voxels = std::pow(4 * std::log(2.0), 1.5) / 0.0158;
  field.resels = {0, 0, 0, 3640 / resel_voxels};
  const ClusterP p = cluster_p(field, 2.3, 233 / resel_voxels);
  EXPECT_NEAR(p.corrected, 0.0429, 5e-5);
  const double least = cluster_threshold(field, 2.3, 0.05);
  EXPECT_TRUE(close_number(cluster_p(field, 2.3, least).corrected, 0.05, 1e-9));
}

/// Null fields of 12 participants: random-field p-values of peaks and clusters are not too small.
TEST(RandomField, FamilyWiseErrorUnderTheNull) {
  Mask mask;
  mask.grid.size = {16, 16, 16};
  for (uint32_t v = 0; v < 4096; ++v) mask.voxels.push_back(v);
  const GaussianSmoother smoother(mask.grid, {4, 4, 4});
  constexpr int kStudies = 150, kParticipants = 12;
  int by_peak = 0, by_cluster = 0;
  for (int study = 0; study < kStudies; ++study) {
    Eigen::MatrixXd y(kParticipants, 4096);
    for (Index i = 0; i < kParticipants; ++i) {
      const CounterRandom random(21, uint64_t(study * kParticipants + i));
      std::vector<double> volume(4096);
      for (size_t v = 0; v < volume.size(); ++v) volume[v] = random.normal(v);
      smoother.smooth(volume);
      for (size_t v = 0; v < volume.size(); ++v) y(i, Index(v)) = volume[v];
    }
    const Eigen::RowVectorXd mean = y.colwise().mean();
    const Eigen::MatrixXd residuals = y.rowwise() - mean;
    const Eigen::VectorXd t =
        (mean.array() /
         (residuals.colwise().squaredNorm().array() / (kParticipants - 1) / kParticipants).sqrt())
            .transpose();
    const Eigen::VectorXd z = t.unaryExpr([](double x) { return z_from_t(x, kParticipants - 1); });
    const MapReport report = report_clusters(
        mask, tested_map(t, z, Eigen::VectorXd::Constant(4096, kParticipants - 1), 0),
        smoothness_of_residuals(mask, residuals, kParticipants - 1), {});
    by_peak += report.p_rft.minCoeff() < 0.05;
    for (const ClusterReport& c : report.clusters)
      if (c.p_rft < 0.05) {
        ++by_cluster;
        break;
      }
  }
  // 99.5 % of binomials with 150 and .05 are at most 15.
  EXPECT_LE(by_peak, 15);
  EXPECT_LE(by_cluster, 15);
  EXPECT_GT(by_peak + by_cluster, 0);
}

TEST(Smoothness, RefusesMasksWithoutNeighbours) {
  Mask mask;
  mask.grid.size = {5, 5, 5};
  mask.voxels = {0, 60};
  EXPECT_THROW(smoothness_of_residuals(mask, Eigen::MatrixXd::Random(5, 2), 4), Error);
  EXPECT_THROW(smoothness_of_map(mask, Eigen::VectorXd::Ones(2)), Error);
}

}  // namespace
}  // namespace sociometer
