#pragma once
#include <cstddef>

namespace sociometer {

/// Element `index` (from 1) of the Halton sequence in dimension `dimension` (0 to 7): points that
/// fill (0, 1) more evenly than random ones.
/// @source Halton 1960, Numerische Mathematik 2:84.
inline double halton(int index, size_t dimension) {
  constexpr int kPrimes[] = {2, 3, 5, 7, 11, 13, 17, 19};
  const int base = kPrimes[dimension];
  double f = 1, x = 0;
  for (; index > 0; index /= base) x += (f /= base) * (index % base);
  return x;
}

}  // namespace sociometer
