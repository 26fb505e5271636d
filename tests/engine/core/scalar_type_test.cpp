#include "engine/core/scalar_type.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

template <typename T>
void expect_decoded(ScalarType type) {
  const std::vector<T> values{std::numeric_limits<T>::lowest(), T(0), T(1), T(113),
                              std::numeric_limits<T>::max()};
  for (bool swap : {false, true}) {
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    if (swap)
      for (size_t i = 0; i < values.size(); ++i)
        std::reverse(bytes.begin() + long(i * sizeof(T)),
                     bytes.begin() + long((i + 1) * sizeof(T)));
    std::vector<double> out(values.size());
    decode_range(bytes, {type, swap, 1, 0}, 0, out.size(), out.data());
    for (size_t i = 0; i < out.size(); ++i)
      EXPECT_EQ(out[i], double(values[i])) << name_of(type) << " swap " << swap;
    const std::vector<uint32_t> chosen{1, 3};
    decode_voxels(bytes, {type, swap, 0.5, -2}, chosen, out.data());
    EXPECT_EQ(out[0], -2.0);
    EXPECT_EQ(out[1], 113 * 0.5 - 2);
  }
  EXPECT_EQ(size_in_bytes(type), sizeof(T));
}

TEST(ScalarType, DecodesEachTypeInBothByteOrders) {
  expect_decoded<int8_t>(ScalarType::int8);
  expect_decoded<uint8_t>(ScalarType::uint8);
  expect_decoded<int16_t>(ScalarType::int16);
  expect_decoded<uint16_t>(ScalarType::uint16);
  expect_decoded<int32_t>(ScalarType::int32);
  expect_decoded<uint32_t>(ScalarType::uint32);
  expect_decoded<int64_t>(ScalarType::int64);
  expect_decoded<uint64_t>(ScalarType::uint64);
  expect_decoded<float>(ScalarType::float32);
  expect_decoded<double>(ScalarType::float64);
}

}  // namespace
}  // namespace sociometer
