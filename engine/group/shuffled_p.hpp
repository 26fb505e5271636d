#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/group/tail_approximation.hpp"

namespace sociometer {

/// A map of the data, of which the largest values in shuffles are known.
struct ObservedMap {
  std::function<double(size_t)> value;   ///< of a voxel, a magnitude if the test is two-sided
  std::function<double(double)> bar;     ///< the smallest value that reaches it, ties included
  std::function<double(double)> scaled;  ///< the scale on which a tail is fitted
  bool zero_is_none = false;             ///< voxels with 0 are in no cluster: no tail is read
};

/// Reads p-values from the results of all shuffles.
struct ShuffledP {
  const std::vector<uint8_t>& valid;  ///< of each voxel; others have NaN
  TailMethod tail_method = TailMethod::none;
  double tail_p = 0;

  /// The share of n shuffles that reach each voxel's own value.
  std::vector<double> shares(const std::vector<uint32_t>& reached, uint64_t n) const;
  /// Family-wise p: the share of the shuffles whose largest value reaches a voxel's; empty without
  /// values.
  /// @param largest  of each shuffle.
  /// @param tail     out: what was fitted to them, if the method is not none.
  /// @cost  a sort of the shuffles, and a search for each voxel.
  std::vector<double> family_wise(std::vector<double> largest, const ObservedMap& observed,
                                  NullTail& tail) const;
};

}  // namespace sociometer
