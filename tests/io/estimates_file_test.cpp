#include "io/stores/estimates_file.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "io/bytes/hdf5.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Mask some_mask() {
  Mask mask{{{3, 4, 5}, Eigen::Matrix4d::Identity()}, {0, 7, 8, 59}};
  mask.grid.world_from_voxel << -3, 0.1, 0, 90, 0.2, 3, 0.3, -126, 0, -0.1, 4, -72, 0, 0, 0, 1;
  return mask;
}

StoredRun some_run(const NoiseModel& model, bool times) {
  const Eigen::Index n_scans = 20, n_voxels = some_mask().n_voxels();
  StoredRun run;
  run.source = "sub-01 \xCE\xB2.nii.gz";
  run.noise_model = model;
  run.scaling = Scaling::psc;
  run.design.names = {"feedback:match", "trans_x", "drift_1", "constant"};
  run.design.roles = {ColumnRole::task, ColumnRole::confound, ColumnRole::drift,
                      ColumnRole::constant};
  run.design.values = Eigen::MatrixXd::Random(n_scans, 4);
  if (times) run.design.frame_times_s = Eigen::VectorXd::LinSpaced(n_scans, 0.4, 0.4 + 19 * 0.8);
  run.kept.assign(size_t(n_scans), 1);
  run.kept[3] = 0;
  RunEstimates& e = run.estimates;
  e.betas = Eigen::MatrixXd::Random(4, n_voxels);
  e.betas.col(1).setConstant(NAN);
  e.residual_variance = Eigen::VectorXd::Random(n_voxels).cwiseAbs();
  e.noise = Eigen::MatrixXd::Random(model.order, n_voxels);
  e.r_squared = Eigen::VectorXd::Random(n_voxels);
  e.mean = Eigen::VectorXd::Random(n_voxels);
  e.status = {VoxelStatus::ok, VoxelStatus::non_finite, VoxelStatus::constant,
              VoxelStatus::singular};
  e.dof = 15;
  e.grand_mean = 0.1;
  return run;
}

void expect_same(const StoredRun& a, const StoredRun& b) {
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(to_string(a.noise_model), to_string(b.noise_model));
  EXPECT_EQ(a.noise_model.order, b.noise_model.order);
  EXPECT_EQ(a.scaling, b.scaling);
  EXPECT_EQ(a.design.names, b.design.names);
  EXPECT_EQ(a.design.roles, b.design.roles);
  EXPECT_TRUE(same_bits(a.design.values, b.design.values));
  EXPECT_TRUE(same_bits(a.design.frame_times_s, b.design.frame_times_s));
  EXPECT_EQ(a.kept, b.kept);
  EXPECT_TRUE(same_bits(a.estimates.betas, b.estimates.betas));
  EXPECT_TRUE(same_bits(a.estimates.residual_variance, b.estimates.residual_variance));
  EXPECT_TRUE(same_bits(a.estimates.noise, b.estimates.noise));
  EXPECT_TRUE(same_bits(a.estimates.r_squared, b.estimates.r_squared));
  EXPECT_TRUE(same_bits(a.estimates.mean, b.estimates.mean));
  EXPECT_EQ(a.estimates.status, b.estimates.status);
  EXPECT_TRUE(close_number(a.estimates.dof, b.estimates.dof, 0));
  EXPECT_TRUE(close_number(a.estimates.grand_mean, b.estimates.grand_mean, 0));
}

TEST(EstimatesFile, GivesRunsBackBitByBit) {
  const TemporaryFolder folder;
  const std::vector<StoredRun> runs{some_run(parse_noise_model("ols"), true),
                                    some_run(parse_noise_model("ar3"), false),
                                    some_run(parse_noise_model("ar1-nilearn"), true)};
  const Mask mask = some_mask();
  write_estimates(folder / "a.h5", mask, {&runs[0], &runs[1], &runs[2]}, "Sociometer test");
  Mask mask_back;
  const auto back = read_estimates(folder / "a.h5", mask_back);
  EXPECT_EQ(mask_back.voxels, mask.voxels);
  EXPECT_EQ(mask_back.grid.size, mask.grid.size);
  EXPECT_TRUE(same_bits(mask_back.grid.world_from_voxel, mask.grid.world_from_voxel));
  ASSERT_EQ(back.size(), runs.size());
  for (size_t r = 0; r < runs.size(); ++r) expect_same(back[r], runs[r]);
}

TEST(EstimatesFile, HasTheSameBytesEachTime) {
  const TemporaryFolder folder;
  const StoredRun run = some_run(parse_noise_model("ar1"), true);
  for (const char* name : {"a.h5", "b.h5"})
    write_estimates(folder / name, some_mask(), {&run}, "Sociometer test");
  EXPECT_TRUE(read_bytes(folder / "a.h5") == read_bytes(folder / "b.h5"));
}

TEST(EstimatesFile, RefusesOtherHdf5Files) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  const auto read = [&] {
    Mask mask;
    read_estimates(path, mask);
  };
  {
    Hdf5File file(path, Hdf5File::Mode::create);
    file.close();
  }
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, read));
  {
    Hdf5File file(path, Hdf5File::Mode::create);
    file.write_attribute("/", "format", "sociometer-estimates");
    file.write_attribute("/", "format_version", 1.0);
    file.close();
  }
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "version"}, read));
  write_estimates(path, some_mask(), {}, "Sociometer test");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "no run"}, read));
}

/// A file with inconsistent parts, which would be read past the end of arrays.
::testing::AssertionResult refused_when(const std::function<void(Mask&, StoredRun&)>& damage) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  Mask mask = some_mask();
  StoredRun run = some_run(parse_noise_model("ar1"), true);
  damage(mask, run);
  write_estimates(path, mask, {&run}, "Sociometer test");
  return refuses(ErrorCode::bad_input, {path}, [&] { read_estimates(path, mask); });
}

TEST(EstimatesFile, RefusesPartsOfDifferentSize) {
  EXPECT_TRUE(refused_when([](Mask& m, StoredRun&) { m.voxels.pop_back(); })) << "voxels, betas";
  EXPECT_TRUE(refused_when([](Mask& m, StoredRun&) { m.voxels.back() = 60; })) << "voxel, grid";
  EXPECT_TRUE(refused_when([](Mask&, StoredRun& r) { r.kept.pop_back(); })) << "kept, design";
  EXPECT_TRUE(refused_when([](Mask&, StoredRun& r) { r.design.names.pop_back(); })) << "names";
  EXPECT_TRUE(refused_when([](Mask&, StoredRun& r) {
    r.estimates.betas = Eigen::MatrixXd::Zero(3, 4);
  })) << "betas, design";
  EXPECT_TRUE(refused_when([](Mask&, StoredRun& r) { r.estimates.status.pop_back(); })) << "status";
  EXPECT_TRUE(refused_when([](Mask&, StoredRun& r) {
    r.estimates.noise = Eigen::MatrixXd::Zero(2, 4);
  })) << "order, coefficients";
}

TEST(EstimatesFile, RefusesNumbersThatCannotBe) {
  for (const double dof : {0.0, -1.0, double(NAN), double(INFINITY)})
    EXPECT_TRUE(refused_when([&](Mask&, StoredRun& r) { r.estimates.dof = dof; })) << dof;
  EXPECT_TRUE(refused_when([](Mask&, StoredRun& r) { r.estimates.residual_variance[1] = -1; }));
  EXPECT_TRUE(refused_when([](Mask&, StoredRun& r) { r.kept.assign(r.kept.size(), 0); }));
  EXPECT_TRUE(refused_when([](Mask& m, StoredRun&) { m.grid.world_from_voxel.setZero(); }));
  EXPECT_TRUE(refused_when([](Mask& m, StoredRun&) { m.grid.space_code = -1; }));
  const Eigen::Index many = 0xFFFFFFFF;
  for (const auto& size :
       {std::array<Eigen::Index, 3>{many, many, many},
        std::array<Eigen::Index, 3>{3000, 3000, 3000}, std::array<Eigen::Index, 3>{0, 5, 6}})
    EXPECT_TRUE(refused_when([&](Mask& m, StoredRun&) { m.grid.size = size; })) << size[0];
}

}  // namespace
}  // namespace sociometer::testing
