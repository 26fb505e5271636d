#include "engine/roi/region_memory.hpp"

#include "engine/core/memory.hpp"

namespace sociometer {
namespace {

/// Inflation's pieces and windows.
constexpr double kReaderBytes = 4 * 1048576.0;
/// A row of the table with its texts, and its line while it is written.
constexpr double kRowBytes = 600;

}  // namespace

int RegionMemory::workers_within(double allowed, int wanted) const {
  if (allowed <= 0) return wanted;
  for (int n = wanted; n > 0; --n)
    if (peak(n) <= allowed) return n;
  return 0;
}

RegionMemory memory_of(const RegionGather& regions, const RegionWork& work) {
  double n_positions = 0;
  for (size_t r = 0; r < regions.n_regions(); ++r)
    n_positions += double(regions.positions(r).size());
  const auto n_voxels = double(regions.voxels().size()), n_regions = double(regions.n_regions());
  RegionMemory memory;
  // An image of regions in float64, twice while it is taken to another grid; regions with weights,
  // and gathered.
  memory.held = kProgramBytes + 16.0 * double(work.n_grid_voxels) + n_positions * 2 * (4 + 8) +
                4 * n_voxels +
                n_regions * double(work.n_tables) *
                    (double(sizeof(RegionSummary)) + kRowBytes * double(work.n_statistics));
  if (work.keeps_values) memory.held += 2 * 8 * n_voxels * double(work.n_tables);
  // Values, and which of them lie outside.
  memory.worker = kReaderBytes + double(work.n_grid_voxels) * double(work.value_bytes) +
                  9 * n_voxels + double(sizeof(RegionSummary)) * n_regions +
                  8 * n_regions * double(work.n_scans) + 1.1 * work.store_bytes;
  if (work.keeps_series) memory.worker += 3 * 8 * n_voxels * double(work.n_scans);
  return memory;
}

}  // namespace sociometer
