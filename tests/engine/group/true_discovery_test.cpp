#include "engine/group/true_discovery.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/group/clusters.hpp"
#include "engine/stats/distributions.hpp"
#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"

namespace sociometer {
namespace {

TEST(TrueDiscovery, ProportionsEqualNilearns) {
  const Mask mask = read_mask(testing::golden("nilearn/data/mask.nii.gz"));
  const Eigen::VectorXd z =
      testing::masked(testing::golden("nilearn/first_level/spm_cosine_ar1/a-b_z_score.nii.gz"),
                      mask)
          .col(0);
  std::vector<double> p;
  for (const double value : z) p.push_back(std::exp(log_sf_normal(value)));
  const TrueDiscovery ari(p, 0.05);
  for (const char* threshold : {"2.0", "3.0"}) {
    const Eigen::VectorXd expected =
        testing::masked(testing::golden(std::string("nilearn/thresholding/ari_tdp_thr") +
                                        threshold + ".nii.gz"),
                        mask)
            .col(0);
    ClusterOptions options;
    options.threshold = std::stod(threshold);
    options.above_only = true;
    const auto clusters = find_clusters(mask, Neighbourhood(mask, 6),
                                        std::vector<double>(z.begin(), z.end()), options);
    Eigen::VectorXd ours = Eigen::VectorXd::Zero(z.size());
    for (const Cluster& c : clusters)
      for (const uint32_t v : c.voxels) ours[v] = ari.proportion(c.voxels);
    EXPECT_LT((ours - expected).cwiseAbs().maxCoeff(), 1e-7) << threshold;
    EXPECT_GT(expected.maxCoeff(), 0);
  }
}

/// Simes' test for a set of tests.
bool simes(const std::vector<double>& p, unsigned set, double alpha) {
  std::vector<double> chosen;
  for (size_t i = 0; i < p.size(); ++i)
    if (set >> i & 1u) chosen.push_back(p[i]);
  std::sort(chosen.begin(), chosen.end());
  for (size_t k = 0; k < chosen.size(); ++k)
    if (chosen[k] <= alpha * double(k + 1) / double(chosen.size())) return true;
  return false;
}

/// Closed testing by its definition: over all sets and all their supersets.
RC_GTEST_PROP(TrueDiscovery, EqualsClosedTestingOverAllSets, ()) {
  const int m = *rc::gen::inRange(1, 8);
  std::vector<double> p;
  for (int i = 0; i < m; ++i) {
    const int k = *rc::gen::inRange(0, 400);
    p.push_back(std::pow((k + 0.37) / 400.0, 2));
  }
  const double alpha = 0.1;
  const TrueDiscovery ari(p, alpha);
  const unsigned all = (1u << m) - 1;
  std::vector<bool> rejected(all + 1, false);
  double hommel = 0;
  for (unsigned set = 1; set <= all; ++set) {
    bool every = true;
    for (unsigned more = set; more <= all; ++more)
      if ((more & set) == set && !simes(p, more, alpha)) every = false;
    rejected[set] = every;
    if (!simes(p, set, alpha)) hommel = std::max(hommel, double(__builtin_popcount(set)));
  }
  RC_ASSERT(ari.hommel() == hommel);
  for (unsigned set = 1; set <= all; ++set) {
    int kept = 0;
    for (unsigned part = 1; part <= set; ++part)
      if ((part & set) == part && !rejected[part]) kept = std::max(kept, __builtin_popcount(part));
    std::vector<uint32_t> voxels;
    for (int i = 0; i < m; ++i)
      if (set >> i & 1u) voxels.push_back(uint32_t(i));
    RC_ASSERT(ari.discoveries(voxels) == double(voxels.size()) - kept);
  }
}

TEST(TrueDiscovery, NaNAreNoTests) {
  const std::vector<double> p = {1e-6, NAN, 1e-5, 0.7, 0.2}, without = {1e-6, 1e-5, 0.7, 0.2};
  const TrueDiscovery with(p, 0.05), bare(without, 0.05);
  EXPECT_EQ(with.hommel(), bare.hommel());
  EXPECT_EQ(with.discoveries(std::vector<uint32_t>{0, 1, 2}), 2);
  EXPECT_EQ(with.proportion(std::vector<uint32_t>{}), 0);
  EXPECT_EQ(TrueDiscovery(std::vector<double>{0.5, 0.9}).hommel(), 2);
}

}  // namespace
}  // namespace sociometer
