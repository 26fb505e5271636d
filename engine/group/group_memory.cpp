#include "engine/group/group_memory.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/group/group_data.hpp"

namespace sociometer {
namespace {

/// Voxels processed together without a memory limit: enough to keep threads busy.
constexpr Eigen::Index kUnboundedBlock = 64 * kGroupBlock;

}  // namespace

double GroupMemoryNeeds::held() const {
  constexpr double kProgram = 32 * 1048576.0;
  const double maps_of_contrast = with_shuffles ? 64 : 24,
               maps = maps_of_contrast * double(n_contrasts) +
                      4 * double(n_contrast_rows - n_contrasts);
  return kProgram + double(n_grid_voxels) * (24.0 * n_threads + 64) +
         8.0 * double(n_voxels) * (16 + maps);
}

double GroupMemoryNeeds::data() const {
  const double bytes_of_value =
      8 + (with_variances ? 8 : 0) + (with_shuffles ? 8 * double(n_contrasts) : 0);
  return double(n_maps + n_differences) * double(n_voxels) * bytes_of_value;
}

double GroupMemoryNeeds::work() const {
  // More with more participants.
  const auto block = double(std::min<Eigen::Index>(kGroupBlock, n_voxels));
  return double(n_maps) * 8 * block * (4.0 * n_threads + 16);
}

double GroupMemory::left() const {
  return bounded() ? total - held : std::numeric_limits<double>::infinity();
}

bool GroupMemory::holds(const GroupMemoryNeeds& needs) const {
  return !bounded() || needs.data() + needs.work() <= left();
}

Eigen::Index GroupMemory::block_size(double bytes_per_voxel, double fixed, const char* what) const {
  if (!bounded()) return kUnboundedBlock;
  const double least = fixed + bytes_per_voxel * double(kGroupBlock);
  if (left() < least)
    fail(ErrorCode::bad_input,
         "the memory limit of {} is too little: maps and volumes take {}, {} {}; give at least {}",
         memory_text(total), memory_text(held), what, memory_text(least),
         memory_text(held + least));
  return std::min(kUnboundedBlock, group_block_size(left() - fixed, bytes_per_voxel));
}

int GroupMemory::threads(double bytes_per_thread, int n_threads) const {
  if (!bounded()) return n_threads;
  return std::clamp(int(std::min(1e6, left() / 2 / bytes_per_thread)), 1, n_threads);
}

Eigen::Index GroupMemory::rows_at_a_time(Eigen::Index n_rows, Eigen::Index n_voxels) const {
  const double row = 8.0 * double(n_voxels);
  if (left() / 3 < row)
    fail(ErrorCode::bad_input,
         "the memory limit of {} is too little: maps and volumes take {}, reading a map {} more",
         memory_text(total), memory_text(held), memory_text(3 * row));
  return std::clamp(Eigen::Index(left() / 3 / row), Eigen::Index{1}, n_rows);
}

}  // namespace sociometer
