#include "engine/group/spatial_statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

int32_t root_of(std::vector<int32_t>& parent, int32_t a) {
  while (parent[size_t(a)] != a) {
    parent[size_t(a)] = parent[size_t(parent[size_t(a)])];
    a = parent[size_t(a)];
  }
  return a;
}

int32_t root_of(std::vector<SpatialStatistics::Cluster>& clusters, int32_t a) {
  while (clusters[size_t(a)].nearer_root != a) {
    int32_t& next = clusters[size_t(a)].nearer_root;
    next = clusters[size_t(next)].nearer_root;
    a = next;
  }
  return a;
}

uint32_t cell_of(uint64_t entry) { return uint32_t(entry); }
float value_of(uint64_t entry) { return std::bit_cast<float>(~uint32_t(entry >> 32)); }

constexpr size_t kFaces = 6;  ///< neighbours by default, for which loops are unrolled
constexpr int kDigit = 11;    ///< bits
constexpr size_t kBuckets = size_t{1} << kDigit;

/// One pass of a radix sort; stable.
/// @param counts  of each digit.
template <typename Digit>
void scatter(const std::vector<uint64_t>& from, std::vector<uint64_t>& to, uint32_t* counts,
             const Digit& digit) {
  uint32_t sum = 0;
  for (size_t b = 0; b < kBuckets; ++b) sum += std::exchange(counts[b], sum);
  for (const uint64_t x : from) to[counts[digit(x)]++] = x;
}

/// Entries that are nearly in order; one that is not is taken out and put where it belongs.
void insert_in_order(std::vector<uint64_t>& a) {
  constexpr size_t kMostMoves = 16;  // per entry, before another way is faster
  size_t moves = 0;
  for (size_t i = 1; i < a.size(); ++i) {
    const uint64_t x = a[i];
    size_t at = i;
    for (; at > 0 && a[at - 1] > x; --at) a[at] = a[at - 1];
    a[at] = x;
    moves += i - at;
    if (moves > kMostMoves * a.size()) return std::sort(a.begin(), a.end());
  }
}

/// Sorts entries: by the leading 22 bits that differ among their values in two passes, then where
/// values differ in their last bits only.
void sort_entries(std::vector<uint64_t>& a, std::vector<uint64_t>& spare) {
  if (a.empty()) return;
  uint64_t least = a[0], most = a[0];
  for (const uint64_t x : a) {
    least = std::min(least, x);
    most = std::max(most, x);
  }
  const uint64_t from = least >> 32;
  const int shift = std::max(0, int(std::bit_width((most >> 32) - from)) - 2 * kDigit);
  const auto low = [=](uint64_t x) { return ((x >> 32) - from) >> shift & (kBuckets - 1); };
  const auto high = [=](uint64_t x) { return ((x >> 32) - from) >> (shift + kDigit); };
  std::vector<uint32_t> counts(2 * kBuckets, 0);
  for (const uint64_t x : a) {
    ++counts[low(x)];
    ++counts[kBuckets + high(x)];
  }
  spare.resize(a.size());
  scatter(a, spare, counts.data(), low);
  scatter(spare, a, counts.data() + kBuckets, high);
  insert_in_order(a);
}

}  // namespace

SpatialStatistics::SpatialStatistics(const Space& space, const SpatialOptions& options,
                                     double largest)
    : options_(options),
      largest_(largest),
      tfce_(space.neighbours(options.tfce_connectivity)),
      cluster_(space.neighbours(options.cluster_connectivity)) {
  if (!(options.tfce_e >= 0) || !(options.tfce_h >= 0))
    fail(ErrorCode::usage, "TFCE exponents are {} and {}; they must be 0 or more", options.tfce_e,
         options.tfce_h);
  if (options.clusters() && !(options.cluster_threshold > 0))
    fail(ErrorCode::usage, "the cluster-forming threshold is {}; it must be above 0",
         options.cluster_threshold);
  require(cluster_.cell_of_voxel == tfce_.cell_of_voxel, "cells do not depend on connectivity");
  if (!options.tfce) return;
  // Cells of a row follow each other, and mostly share a line of the cache.
  for (const int32_t offset : tfce_.offsets)
    if (rows_.empty() || offset > rows_.back() + 2)
      rows_.push_back(offset + (tfce_.connectivity > 6));
  extent_power_.resize(size_t(space.size()) + 1);
  for (size_t n = 0; n < extent_power_.size(); ++n)
    extent_power_[n] = std::pow(double(n), options.tfce_e) / (options.tfce_h + 1);
}

SpatialStatistics::Workspace SpatialStatistics::workspace() const {
  Workspace w;
  w.label.assign(tfce_.n_cells(), -1);
  return w;
}

void SpatialStatistics::make_steps(Workspace& w) const {
  w.heights.clear();
  w.powers.assign(1, 0);
  if (options_.tfce_steps == TfceSteps::exact || w.order.empty()) return;
  const double largest = double(value_of(w.order[0]));
  // If the observed map has no positive value, each map has its own steps; no map has
  // more than a million.
  const bool fixed = options_.tfce_steps == TfceSteps::randomise && largest_ > 0;
  const double step = std::max(1e-6 * largest, options_.tfce_steps == TfceSteps::mrtrix
                                                   ? 0.1
                                                   : (fixed ? largest_ : largest) / 100),
               factor = options_.tfce_steps == TfceSteps::palm ? step : 1;
  // randomise accumulates steps in float32, which decides whether the last is below the maximum.
  float sum = 0;
  for (int k = 1; w.heights.empty() || w.heights.back() < largest; ++k) {
    sum += float(step);
    double height = fixed ? double(sum) : k * step;
    if (options_.tfce_steps == TfceSteps::palm && k >= 100) height = largest;
    w.heights.push_back(height);
    w.powers.push_back(w.powers.back() +
                       factor * (options_.tfce_h + 1) * std::pow(height, options_.tfce_h));
  }
}

double SpatialStatistics::power_of(double height, const Workspace& w) const {
  if (options_.tfce_steps != TfceSteps::exact) {
    const auto steps = options_.tfce_steps == TfceSteps::palm
                           ? std::upper_bound(w.heights.begin(), w.heights.end(), height)
                           : std::lower_bound(w.heights.begin(), w.heights.end(), height);
    return w.powers[size_t(steps - w.heights.begin())];
  }
  return std::pow(height, options_.tfce_h + 1);
}

void SpatialStatistics::sort(std::span<const float> values, float sign, float least,
                             Workspace& w) const {
  require(values.size() == tfce_.cell_of_voxel.size(), "one value per point of the space");
  w.order.resize(values.size());
  size_t n = 0;
  for (size_t v = 0; v < values.size(); ++v) {
    const float value = sign * values[v];
    w.order[n] = uint64_t(~std::bit_cast<uint32_t>(value)) << 32 | tfce_.cell_of_voxel[v];
    n += size_t(value > 0) & size_t(value >= least);  // half of them: no branch
  }
  w.order.resize(n);
  sort_entries(w.order, w.spare);
}

inline void SpatialStatistics::integrate_to(Cluster& cluster, double power) const {
  cluster.best += extent_power_[cluster.size] * (cluster.last - power);
  cluster.last = power;
}

template <bool kMaps>
int32_t SpatialStatistics::merge(Workspace& w, int32_t a, int32_t b, double power) const {
  Cluster &one = w.joined[size_t(a)], &other = w.joined[size_t(b)];
  Cluster &large = one.size >= other.size ? one : other, &small = &large == &one ? other : one;
  const int32_t to = &large == &one ? a : b, from = &large == &one ? b : a;
  integrate_to(other, power);
  if (kMaps) {
    w.shift[size_t(from)] = small.best - large.best;
    w.into[size_t(from)] = to;
  } else {
    large.best = std::max(large.best, small.best);
  }
  large.size += small.size;
  small.nearer_root = to;
  return to;
}

template <bool kMaps, size_t kOffsets>
inline int32_t SpatialStatistics::join_neighbours(Workspace& w, uint32_t cell, double power) const {
  const std::span<const int32_t, kOffsets> offsets(tfce_.offsets);
  int32_t* labels = w.label.data() + cell;
  // Mostly there is one label, or none, which costs no branch per neighbour.
  int32_t last = -1;
  uint32_t first = UINT32_MAX;
  for (const int32_t offset : offsets) {
    last = std::max(last, labels[offset]);
    first = std::min(first, uint32_t(labels[offset]));
  }
  if (last < 0) return -1;
  int32_t mine = root_of(w.joined, last);
  integrate_to(w.joined[size_t(mine)], power);
  if (int32_t(first) == last) return mine;
  for (const int32_t offset : offsets) {
    if (labels[offset] < 0) continue;
    const int32_t other = root_of(w.joined, labels[offset]);
    if (other != mine) mine = merge<kMaps>(w, mine, other, power);
  }
  for (const int32_t offset : offsets) labels[offset] = labels[offset] < 0 ? labels[offset] : mine;
  return mine;
}

template <bool kMaps, size_t kOffsets>
void SpatialStatistics::join_voxels(Workspace& w) const {
  const bool cubes = options_.tfce_steps == TfceSteps::exact && options_.tfce_h == 2;
  constexpr size_t kAhead = 12;  // voxels whose neighbours' labels are being fetched
  for (size_t k = 0; k < w.order.size(); ++k) {
    if (k + kAhead < w.order.size()) {
      const int32_t* labels = w.label.data() + cell_of(w.order[k + kAhead]);
      for (const int32_t row : rows_) __builtin_prefetch(labels + row, 1);
    }
    const uint32_t cell = cell_of(w.order[k]);
    const auto height = double(value_of(w.order[k]));
    const double power = cubes ? height * height * height : power_of(height, w);
    int32_t mine = join_neighbours<kMaps, kOffsets>(w, cell, power);
    if (mine < 0) {
      mine = int32_t(w.joined.size());
      w.joined.push_back({power, 0, mine, 0});
      if (kMaps) {
        w.into.push_back(mine);
        w.shift.push_back(0);
      }
    }
    ++w.joined[size_t(mine)].size;
    w.label[cell] = mine;
    if (!kMaps) continue;
    w.start[k] = w.joined[size_t(mine)].best;
    w.home[k] = mine;
  }
}

double SpatialStatistics::add_integrals(Workspace& w, std::vector<double>& map) const {
  const auto whole = [&](int32_t c) {
    double value = 0;
    for (; w.into[size_t(c)] != c; c = w.into[size_t(c)]) value += w.shift[size_t(c)];
    return value + w.joined[size_t(c)].best;
  };
  std::vector<double>& integrals = w.sum;
  integrals.resize(w.joined.size());
  for (size_t c = 0; c < integrals.size(); ++c) integrals[c] = whole(int32_t(c));
  double largest = 0;
  for (size_t k = 0; k < w.order.size(); ++k) {
    // A voxel that joins last has next to nothing, which rounding must not make negative.
    const double value = std::max(0.0, integrals[size_t(w.home[k])] - w.start[k]);
    map[size_t(tfce_.voxel_of_cell[cell_of(w.order[k])])] += value;
    largest = std::max(largest, value);
  }
  return largest;
}

template <bool kMaps>
double SpatialStatistics::enhance(Workspace& w, std::vector<double>* map) const {
  w.joined.clear();
  w.into.clear();
  w.shift.clear();
  make_steps(w);
  if (kMaps) {
    w.start.resize(w.order.size());
    w.home.resize(w.order.size());
  }
  if (tfce_.offsets.size() == kFaces)
    join_voxels<kMaps, kFaces>(w);
  else
    join_voxels<kMaps, std::dynamic_extent>(w);
  double largest = 0;
  for (size_t c = 0; c < w.joined.size(); ++c)
    if (w.joined[c].nearer_root == int32_t(c)) {
      integrate_to(w.joined[c], 0);
      largest = std::max(largest, w.joined[c].best);
    }
  if (kMaps) largest = add_integrals(w, *map);
  std::ranges::fill(w.label, -1);
  return largest;
}

void SpatialStatistics::find_clusters(Workspace& w, SpatialMaxima& maxima,
                                      SpatialMaps* maps) const {
  w.parent.clear();
  w.size.clear();
  w.sum.clear();
  const auto threshold = float(options_.cluster_threshold);
  size_t n = 0;
  for (; n < w.order.size() && value_of(w.order[n]) >= threshold; ++n) {
    const uint32_t cell = cell_of(w.order[n]);
    const auto mine = int32_t(n);
    w.parent.push_back(mine);
    w.size.push_back(1);
    w.sum.push_back(double(value_of(w.order[n])));
    w.label[cell] = mine;
    for (const int32_t offset : cluster_.offsets) {
      const int32_t label = w.label[size_t(int64_t(cell) + offset)];
      if (label < 0) continue;
      const int32_t other = root_of(w.parent, label), own = root_of(w.parent, mine);
      if (other == own) continue;
      w.parent[size_t(own)] = other;
      w.size[size_t(other)] += w.size[size_t(own)];
      w.sum[size_t(other)] += w.sum[size_t(own)];
    }
  }
  for (size_t k = 0; k < n; ++k) {
    const auto root = size_t(root_of(w.parent, int32_t(k)));
    maxima.extent = std::max(maxima.extent, double(w.size[root]));
    maxima.mass = std::max(maxima.mass, w.sum[root]);
    if (maps) {
      const auto voxel = size_t(cluster_.voxel_of_cell[cell_of(w.order[k])]);
      if (options_.extent) maps->extent[voxel] = double(w.size[root]);
      if (options_.mass) maps->mass[voxel] = w.sum[root];
    }
    w.label[cell_of(w.order[k])] = -1;
  }
}

SpatialMaxima SpatialStatistics::maxima(std::span<const float> values, float sign, Workspace& w,
                                        std::vector<double>* tfce) const {
  SpatialMaxima out;
  if (!options_.tfce && !options_.clusters()) return out;
  sort(values, sign, options_.tfce ? 0 : float(options_.cluster_threshold), w);
  if (options_.clusters()) find_clusters(w, out, nullptr);
  if (options_.tfce) out.tfce = tfce ? enhance<true>(w, tfce) : enhance<false>(w, nullptr);
  return out;
}

SpatialMaps SpatialStatistics::maps(std::span<const float> values, float sign, Workspace& w) const {
  SpatialMaps out;
  const auto make = [&](bool wanted, std::vector<double>& map) {
    if (wanted) map.assign(values.size(), 0);
  };
  make(options_.tfce, out.tfce);
  make(options_.extent, out.extent);
  make(options_.mass, out.mass);
  sort(values, sign, options_.tfce ? 0 : float(options_.cluster_threshold), w);
  SpatialMaxima ignored;
  if (options_.clusters()) find_clusters(w, ignored, &out);
  if (options_.tfce) enhance<true>(w, &out.tfce);
  return out;
}

}  // namespace sociometer
