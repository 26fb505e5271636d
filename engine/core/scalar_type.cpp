#include "engine/core/scalar_type.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

template <size_t N>
struct Bits;
template <>
struct Bits<1> {
  using type = uint8_t;
};
template <>
struct Bits<2> {
  using type = uint16_t;
};
template <>
struct Bits<4> {
  using type = uint32_t;
};
template <>
struct Bits<8> {
  using type = uint64_t;
};

uint8_t swapped(uint8_t x) { return x; }
uint16_t swapped(uint16_t x) { return __builtin_bswap16(x); }
uint32_t swapped(uint32_t x) { return __builtin_bswap32(x); }
uint64_t swapped(uint64_t x) { return __builtin_bswap64(x); }

template <typename T, bool Swap>
double load(const std::byte* volume, size_t index) {
  typename Bits<sizeof(T)>::type bits;
  std::memcpy(&bits, volume + index * sizeof(T), sizeof(T));
  if constexpr (Swap) bits = swapped(bits);
  return static_cast<double>(std::bit_cast<T>(bits));
}

template <typename T, bool Swap, typename IndexOf>
void decode(const std::byte* volume, const VolumeFormat& f, size_t n, IndexOf index_of,
            double* out) {
  // With slope 1 and intercept 0 skip the arithmetic: stored values are returned exactly.
  if (f.slope == 1.0 && f.intercept == 0.0) {
    for (size_t i = 0; i < n; ++i) out[i] = load<T, Swap>(volume, index_of(i));
  } else {
    for (size_t i = 0; i < n; ++i)
      out[i] = load<T, Swap>(volume, index_of(i)) * f.slope + f.intercept;
  }
}

template <typename T, typename IndexOf>
void decode_any_order(const std::byte* v, const VolumeFormat& f, size_t n, IndexOf ix,
                      double* out) {
  f.swap_bytes ? decode<T, true>(v, f, n, ix, out) : decode<T, false>(v, f, n, ix, out);
}

template <typename IndexOf>
void decode_any_type(const std::byte* v, const VolumeFormat& f, size_t n, IndexOf ix, double* out) {
  switch (f.type) {
    case ScalarType::int8:
      return decode_any_order<int8_t>(v, f, n, ix, out);
    case ScalarType::uint8:
      return decode_any_order<uint8_t>(v, f, n, ix, out);
    case ScalarType::int16:
      return decode_any_order<int16_t>(v, f, n, ix, out);
    case ScalarType::uint16:
      return decode_any_order<uint16_t>(v, f, n, ix, out);
    case ScalarType::int32:
      return decode_any_order<int32_t>(v, f, n, ix, out);
    case ScalarType::uint32:
      return decode_any_order<uint32_t>(v, f, n, ix, out);
    case ScalarType::int64:
      return decode_any_order<int64_t>(v, f, n, ix, out);
    case ScalarType::uint64:
      return decode_any_order<uint64_t>(v, f, n, ix, out);
    case ScalarType::float32:
      return decode_any_order<float>(v, f, n, ix, out);
    case ScalarType::float64:
      return decode_any_order<double>(v, f, n, ix, out);
  }
  require(false, "scalar type is one of those listed");
}

}  // namespace

size_t size_in_bytes(ScalarType type) {
  constexpr std::array<size_t, 10> kSizes{1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
  return kSizes[static_cast<size_t>(type)];
}

std::string name_of(ScalarType type) {
  constexpr std::array<const char*, 10> kNames{"int8",   "uint8", "int16",  "uint16",  "int32",
                                               "uint32", "int64", "uint64", "float32", "float64"};
  return kNames[static_cast<size_t>(type)];
}

void decode_voxels(std::span<const std::byte> volume, const VolumeFormat& format,
                   std::span<const uint32_t> indices, double* values) {
  decode_any_type(
      volume.data(), format, indices.size(), [&](size_t i) { return size_t(indices[i]); }, values);
}

void decode_range(std::span<const std::byte> volume, const VolumeFormat& format, size_t first,
                  size_t n, double* values) {
  decode_any_type(
      volume.data(), format, n, [&](size_t i) { return first + i; }, values);
}

}  // namespace sociometer
