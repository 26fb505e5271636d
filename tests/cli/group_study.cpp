#include "tests/cli/group_study.hpp"

#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "io/images/nifti.hpp"
#include "io/images/nifti_write.hpp"

namespace sociometer::testing {
namespace {

void write_image(const std::string& path, const Grid& grid, const Eigen::MatrixXd& values) {
  Mask all{grid, {}};
  for (uint32_t v = 0; v < uint32_t(grid.n_voxels()); ++v) all.voxels.push_back(v);
  const auto bytes = nifti_bytes(all, values, ScalarType::float32, "test");
  write_text(path, std::string(bytes.begin(), bytes.end()));
}

}  // namespace

GroupStudy::GroupStudy(int first, int last) : mask(golden("simulated/group/mask.nii.gz")) {
  for (int i = first; i <= last; ++i)
    effects.push_back(golden(fmt::format("simulated/group/effect_{:02}.nii.gz", i)));
}

void GroupStudy::name_participants() {
  for (size_t i = 0; i < effects.size(); ++i) {
    const std::string path = folder / fmt::format("sub-{:02}_effect.nii.gz", i + 1);
    write_text(path, read_bytes(effects[i]));
    effects[i] = path;
  }
}

void GroupStudy::replace_with_other_grid(size_t map) {
  Grid grid;
  grid.size = {8, 8, 8};
  const std::string path = folder / std::filesystem::path(effects[map]).filename().string();
  write_image(path, grid, Eigen::MatrixXd::Ones(512, 1));
  effects[map] = path;
}

void GroupStudy::replace_with_constant(size_t map, double value) {
  const Image image = read_nifti(effects[map]);
  const std::string path = folder / std::filesystem::path(effects[map]).filename().string();
  write_image(path, image.header.grid, Eigen::MatrixXd::Constant(image.values.rows(), 1, value));
  effects[map] = path;
}

void GroupStudy::put_nan(size_t map, size_t n) {
  Image image = read_nifti(effects[map]);
  const Mask inside = read_mask(mask);
  for (size_t v = 0; v < n; ++v)
    image.values(Eigen::Index(inside.voxels[v]), 0) = std::numeric_limits<double>::quiet_NaN();
  const std::string path = folder / std::filesystem::path(effects[map]).filename().string();
  write_image(path, image.header.grid, image.values);
  effects[map] = path;
}

CommandResult GroupStudy::run(const Words& more, const std::string& out) const {
  Words words{"group", "--log-level", "error", "-o", folder / out};
  if (!mask.empty()) words.insert(words.end(), {"--mask", mask});
  words.push_back("--effects");
  words.insert(words.end(), effects.begin(), effects.end());
  words.insert(words.end(), more.begin(), more.end());
  return run_program(words);
}

std::string GroupStudy::map(const std::string& contrast, const std::string& stat,
                            const std::string& out) const {
  return folder / (out + "/contrast-" + contrast + "_stat-" + stat + "_statmap.nii.gz");
}

}  // namespace sociometer::testing
