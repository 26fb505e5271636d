// Kernels of variance groups compared with the model, one voxel after another.
#include "engine/group/grouped_tile.hpp"

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/stats/distributions.hpp"
#include "tests/engine/group/group_goldens.hpp"

namespace sociometer::testing {
namespace grouped_tile {

constexpr Eigen::Index kVoxels = shuffle_kernels::kTile;

struct Case {
  std::vector<Eigen::Index> sizes;  ///< of the groups
  bool has_covariate;
  std::string contrast;
};

/// One mean per group, and a covariate.
WelchModel model_of(const Case& c) {
  const CounterRandom random(2, 7);
  std::vector<int> groups;
  for (size_t g = 0; g < c.sizes.size(); ++g)
    groups.insert(groups.end(), size_t(c.sizes[g]), int(g));
  const auto n = Eigen::Index(groups.size()), n_groups = Eigen::Index(c.sizes.size());
  Eigen::MatrixXd design = Eigen::MatrixXd::Zero(n, n_groups + (c.has_covariate ? 1 : 0));
  for (Eigen::Index i = 0; i < n; ++i) {
    design(i, groups[size_t(i)]) = 1;
    if (c.has_covariate) design(i, n_groups) = random.normal(uint64_t(i));
  }
  return WelchModel(design, contrast_of(c.contrast, design_of(design)), groups);
}

class GroupedTiles : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    set_ = shuffle_kernels::find_kernels(GetParam());
    if (!set_) GTEST_SKIP() << "this processor does not run " << GetParam();
  }
  const shuffle_kernels::KernelSet* set_ = nullptr;
};

TEST_P(GroupedTiles, HaveTheStatisticsOfTheModel) {
  for (const Case& c : {Case{{9, 14}, false, "[1, -1]"}, Case{{9, 14}, true, "[1, -1, 0]"},
                        Case{{7, 8, 11}, true, "[1, 0, -1, 0]"},
                        Case{{7, 8, 11}, false, "[1, -1, 0]; [0, 1, -1]"}}) {
    const WelchModel model = model_of(c);
    const Eigen::Index n = model.basis().rows();
    const CounterRandom random(3, uint64_t(n));
    Eigen::MatrixXf data(kVoxels, n);
    for (Eigen::Index i = 0; i < data.size(); ++i)
      data.data()[i] = float(random.normal(uint64_t(i)));
    Shuffle shuffle;
    for (Eigen::Index i = 0; i < n; ++i) {
      shuffle.from.push_back(int32_t((7 * i + 3) % n));
      shuffle.sign.push_back(i % 3 == 0 ? -1 : 1);
    }
    // Effects grow until t is beyond the tables.
    for (Eigen::Index i = 0; i < c.sizes[0]; ++i)
      for (Eigen::Index v = 0; v < kVoxels; ++v)
        data(v, shuffle.from[size_t(i)]) += float(shuffle.sign[size_t(i)]) * 0.3F * float(v);
    GroupedTile tile(*set_, model);
    tile.compute(data.data(), shuffle);
    std::vector<float> exact(kVoxels, 0), tabled(kVoxels, 0);
    const WelchTails tails(model);
    tile.write_z(nullptr, kVoxels, exact.data());
    tile.write_z(&tails, kVoxels, tabled.data());
    auto work = model.workspace();
    for (Eigen::Index v = 0; v < kVoxels; ++v) {
      Eigen::VectorXd y(n);
      for (Eigen::Index i = 0; i < n; ++i)
        y[i] = double(shuffle.sign[size_t(i)]) * double(data(v, shuffle.from[size_t(i)]));
      const Eigen::VectorXd coordinates = model.basis().transpose() * y,
                            left = y - model.basis() * coordinates;
      std::vector<double> squares;
      for (const auto& members : model.members()) squares.push_back(left(members).squaredNorm());
      const auto [statistic, dof] =
          model({coordinates.data(), size_t(coordinates.size())}, squares, work);
      const double z = model.is_t() ? z_from_t(statistic, dof)
                                    : z_from_f(statistic, double(model.n_rows()), dof);
      EXPECT_NEAR(exact[size_t(v)], z, 2e-5 * std::max(1.0, std::abs(z))) << v;
      EXPECT_NEAR(tabled[size_t(v)], z, 2e-5 * std::max(1.0, std::abs(z))) << v;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachLevel, GroupedTiles, ::testing::Values("sse2", "avx2", "avx512"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace grouped_tile
}  // namespace sociometer::testing
