#include "engine/core/masked_series.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"

namespace sociometer {
namespace {

/// Masks with short and long stretches, up to the volume's last voxel, for each size of value.
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
      const VolumeFormat format{type, false, 2, 3};
      const size_t size = size_in_bytes(type);
      for (int round = 0; round < 4; ++round) {
        MaskedSeries series(
            mask, format, kScans,
            round < 2 ? MaskedSeries::Layout::by_scan : MaskedSeries::Layout::by_tile);
        if (round % 2) {
          series.append(std::vector<std::byte>(kVoxels * size));
          series.clear();
        }
        std::vector<std::vector<std::byte>> volumes(kScans);
        for (size_t t = 0; t < kScans; ++t) {
          for (size_t i = 0; i < kVoxels * size; ++i)
            volumes[t].push_back(std::byte(uint8_t(i * 31 + 7 * t + size_t(round)) % 64));
          // Whole volumes, or parts that cut stretches anywhere.
          const size_t part = round % 2 == 0 ? kVoxels : 37 + 60 * t;
          for (size_t at = 0; at < kVoxels; at += part)
            series.append(
                std::span(volumes[t]).subspan(at * size, std::min(part, kVoxels - at) * size));
        }
        ASSERT_TRUE(series.full());
        for (Eigen::Index tile = 0; tile < series.n_tiles(); ++tile)
          for (size_t t = 0; t < kScans; ++t) {
            constexpr auto kWidth = size_t(MaskedSeries::kTileWidth);
            std::vector<double> found(kWidth), all(kVoxels);
            series.decode(tile, Eigen::Index(t), 1, found.data());
            decode_range(volumes[t], format, 0, kVoxels, all.data());
            for (size_t lane = 0; lane < kWidth; ++lane) {
              const size_t v = size_t(tile) * kWidth + lane;
              ASSERT_EQ(found[lane], v < mask.voxels.size() ? all[mask.voxels[v]] : 0.0)
                  << "scan " << t << ", voxel " << v;
            }
          }
      }
    }
}

TEST(MaskedSeries, KeepsTheTilesThatAreNotForgotten) {
  Mask mask;
  mask.grid.size = {300, 1, 1};
  for (uint32_t v = 0; v < 300; ++v) mask.voxels.push_back(v);
  constexpr Eigen::Index kScans = 200;
  MaskedSeries series(mask, {ScalarType::int16, false, 1, 0}, kScans,
                      MaskedSeries::Layout::by_tile);
  std::vector<int16_t> volume(300);
  for (Eigen::Index t = 0; t < kScans; ++t) {
    for (size_t v = 0; v < volume.size(); ++v) volume[v] = int16_t(Eigen::Index(v) + 3 * t);
    series.append(std::as_bytes(std::span(volume)));
  }
  for (Eigen::Index tile = 0; tile < series.n_tiles(); ++tile) {
    series.forget_before(tile);
    std::vector<double> found(size_t(kScans * MaskedSeries::kTileWidth));
    series.decode(tile, 0, kScans, found.data());
    for (Eigen::Index t = 0; t < kScans; ++t)
      for (Eigen::Index lane = 0; lane < series.tile_width(tile); ++lane)
        ASSERT_EQ(found[size_t(t * 64 + lane)], double(tile * 64 + lane + 3 * t));
  }
  std::vector<double> out(static_cast<size_t>(MaskedSeries::kTileWidth));
  EXPECT_THROW(series.decode(0, 0, 1, out.data()), std::logic_error);
}

}  // namespace
}  // namespace sociometer
