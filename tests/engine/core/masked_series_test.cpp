#include "engine/core/masked_series.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"

namespace sociometer {
namespace {

/// Masks of short and long stretches, up to the volume's last voxel, for values of each size.
TEST(MaskedSeries, HasTheVoxelsOfTheMaskScanByScan) {
  constexpr size_t kVoxels = 500, kScans = 3;
  for (const ScalarType type :
       {ScalarType::uint8, ScalarType::int16, ScalarType::float32, ScalarType::float64})
    for (const double share : {0.1, 0.5, 0.97, 1.0}) {
      const CounterRandom random(4, uint64_t(100 * share));
      Mask mask;
      mask.grid.size = {10, 10, 5};
      for (uint32_t v = 0; v < kVoxels; ++v)
        if (v + 1 == kVoxels || random.uniform(v) < share) mask.voxels.push_back(v);
      const VolumeFormat format{type, false, 1, 0};
      const size_t size = size_in_bytes(type);
      MaskedSeries series(mask, format, kScans);
      for (int round = 0; round < 2; ++round) {
        series.clear();
        std::vector<std::vector<std::byte>> volumes(kScans);
        for (size_t t = 0; t < kScans; ++t) {
          for (size_t i = 0; i < kVoxels * size; ++i)
            volumes[t].push_back(std::byte(uint8_t(i * 31 + 7 * t + size_t(round)) % 64));
          // Whole, or in parts that cut stretches anywhere.
          const size_t part = round == 0 ? kVoxels : 37 + 60 * t;
          for (size_t at = 0; at < kVoxels; at += part)
            series.append(
                std::span(volumes[t]).subspan(at * size, std::min(part, kVoxels - at) * size));
        }
        ASSERT_TRUE(series.full());
        for (size_t t = 0; t < kScans; ++t) {
          std::vector<double> found(mask.voxels.size()), all(kVoxels);
          series.decode(Eigen::Index(t), 0, mask.n_voxels(), found.data());
          decode_range(volumes[t], format, 0, kVoxels, all.data());
          for (size_t v = 0; v < found.size(); ++v)
            ASSERT_EQ(found[v], all[mask.voxels[v]]) << "scan " << t << ", voxel " << v;
        }
      }
    }
}

}  // namespace
}  // namespace sociometer
