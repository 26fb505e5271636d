#include "io/stores/stored_mask.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// The same limits as those of images.
void check_grid(const Grid& grid, double space_code, const std::string& path) {
  Eigen::Index n = 1;
  const bool countable = std::all_of(grid.size.begin(), grid.size.end(), [&](Eigen::Index size) {
    return size > 0 && !__builtin_mul_overflow(n, size, &n) && n <= Eigen::Index{0xFFFFFFFF};
  });
  if (!countable)
    fail(ErrorCode::bad_input, "{} is damaged: a grid of {} voxels; at most {} can be used", path,
         fmt::join(grid.size, " x "), 0xFFFFFFFFu);
  const Eigen::Matrix3d m = grid.world_from_voxel.topLeftCorner<3, 3>();
  if (!grid.world_from_voxel.allFinite() || !(std::abs(m.determinant()) > 0))
    fail(ErrorCode::bad_input, "{} is damaged: its affine cannot be inverted", path);
  if (!(space_code >= 0 && space_code <= 32767))
    fail(ErrorCode::bad_input, "{} is damaged: its space code is {}; it must be 0 to 32767", path,
         space_code);
}

void check_mask(const Mask& mask, const std::string& path) {
  for (size_t i = 0; i < mask.voxels.size(); ++i)
    if (Eigen::Index(mask.voxels[i]) >= mask.grid.n_voxels() ||
        (i > 0 && mask.voxels[i] <= mask.voxels[i - 1]))
      fail(ErrorCode::bad_input,
           "{} is damaged: its mask holds voxel {} out of order or outside the grid", path,
           mask.voxels[i]);
  if (mask.voxels.empty()) fail(ErrorCode::bad_input, "{} is damaged: its mask is empty", path);
}

}  // namespace

void write_stored_mask(Hdf5File& file, const Mask& mask) {
  file.make_group("/mask");
  file.write("/mask/voxels", mask.voxels);
  file.write("/mask/size",
             std::vector<uint32_t>{uint32_t(mask.grid.size[0]), uint32_t(mask.grid.size[1]),
                                   uint32_t(mask.grid.size[2])});
  file.write("/mask/affine", Eigen::MatrixXd(mask.grid.world_from_voxel.transpose()));
  file.write_attribute("/mask", "space_code", double(mask.grid.space_code));
}

Mask read_stored_mask(const Hdf5File& file, const std::string& path) {
  Mask mask;
  const auto size = file.read_uint32("/mask/size");
  const Eigen::MatrixXd affine = file.read_matrix("/mask/affine").transpose();
  if (size.size() != 3 || affine.rows() != 4 || affine.cols() != 4)
    fail(ErrorCode::bad_input, "{} is damaged: its grid is not three sizes and a 4x4 affine", path);
  mask.grid.size = {size[0], size[1], size[2]};
  mask.grid.world_from_voxel = affine;
  const double space_code = file.read_number_attribute("/mask", "space_code");
  check_grid(mask.grid, space_code, path);
  mask.grid.space_code = int(space_code);
  mask.voxels = file.read_uint32("/mask/voxels");
  check_mask(mask, path);
  return mask;
}

}  // namespace sociometer
