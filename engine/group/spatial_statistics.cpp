#include "engine/group/spatial_statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

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

uint32_t voxel_of(uint64_t entry) { return uint32_t(entry); }
float value_of(uint64_t entry) { return std::bit_cast<float>(~uint32_t(entry >> 32)); }

/// Sorts by the upper 32 bits, 11 at a time; stable.
void radix_sort(std::vector<uint64_t>& a, std::vector<uint64_t>& spare) {
  constexpr int kBits = 11;
  constexpr size_t kBuckets = size_t{1} << kBits;
  std::vector<uint32_t> counts(3 * kBuckets, 0);
  for (const uint64_t x : a)
    for (size_t pass = 0; pass < 3; ++pass)
      ++counts[pass * kBuckets + (x >> (32 + kBits * pass) & (kBuckets - 1))];
  spare.resize(a.size());
  for (size_t pass = 0; pass < 3; ++pass) {
    uint32_t* at = counts.data() + pass * kBuckets;
    uint32_t sum = 0;
    for (size_t b = 0; b < kBuckets; ++b) {
      const uint32_t n = at[b];
      at[b] = sum;
      sum += n;
    }
    for (const uint64_t x : a) spare[at[x >> (32 + kBits * pass) & (kBuckets - 1)]++] = x;
    a.swap(spare);
  }
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
  if (!options.tfce) return;
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
  return options_.tfce_h == 2 ? height * height * height : std::pow(height, options_.tfce_h + 1);
}

void SpatialStatistics::sort(std::span<const float> values, float sign, float least,
                             Workspace& w) const {
  require(values.size() == tfce_.cell_of_voxel.size(), "one value per point of the space");
  w.order.resize(values.size());
  size_t n = 0;
  for (size_t v = 0; v < values.size(); ++v) {
    const float value = sign * values[v];
    w.order[n] = uint64_t(~std::bit_cast<uint32_t>(value)) << 32 | uint32_t(v);
    n += value > 0 && value >= least;
  }
  w.order.resize(n);
  radix_sort(w.order, w.spare);
}

inline void SpatialStatistics::integrate_to(Workspace& w, int32_t cluster, double power) const {
  const auto i = size_t(cluster);
  w.best[i] += extent_power_[w.size[i]] * (w.last[i] - power);
  w.last[i] = power;
}

template <bool kMaps>
void SpatialStatistics::join_voxels(Workspace& w) const {
  const auto merge = [&](int32_t a, int32_t b, double power) {
    integrate_to(w, b, power);
    if (!kMaps && w.best[size_t(b)] > w.best[size_t(a)]) w.best[size_t(a)] = w.best[size_t(b)];
    if (kMaps) w.shift[size_t(b)] = w.best[size_t(b)] - w.best[size_t(a)];
    w.size[size_t(a)] += w.size[size_t(b)];
    w.parent[size_t(b)] = a;
  };
  // Maps keep all paths uncompressed, so that differences can be added along them.
  const auto find = [&](int32_t c) {
    if (!kMaps) return root_of(w.parent, c);
    while (w.parent[size_t(c)] != c) c = w.parent[size_t(c)];
    return c;
  };
  for (size_t k = 0; k < w.order.size(); ++k) {
    const uint32_t cell = tfce_.cell_of_voxel[voxel_of(w.order[k])];
    const double power = power_of(double(value_of(w.order[k])), w);
    int32_t mine = -1;
    for (const int32_t offset : tfce_.offsets) {
      const int32_t label = w.label[size_t(int64_t(cell) + offset)];
      if (label < 0) continue;
      const int32_t other = find(label);
      if (other == mine) continue;
      if (mine < 0) {
        mine = other;
        integrate_to(w, mine, power);
      } else if (w.size[size_t(mine)] >= w.size[size_t(other)]) {
        merge(mine, other, power);
      } else {
        integrate_to(w, other, power);
        merge(other, mine, power);
        mine = other;
      }
    }
    if (mine < 0) {
      mine = int32_t(w.parent.size());
      w.parent.push_back(mine);
      w.size.push_back(0);
      w.last.push_back(power);
      w.best.push_back(0);
      if (kMaps) w.shift.push_back(0);
    }
    ++w.size[size_t(mine)];
    w.label[cell] = mine;
    if (kMaps) w.start[k] = w.best[size_t(mine)];
  }
}

double SpatialStatistics::add_integrals(const Workspace& w, std::vector<double>& map) const {
  double largest = 0;
  for (size_t k = 0; k < w.order.size(); ++k) {
    int32_t c = w.label[tfce_.cell_of_voxel[voxel_of(w.order[k])]];
    double value = -w.start[k];
    for (; w.parent[size_t(c)] != c; c = w.parent[size_t(c)]) value += w.shift[size_t(c)];
    value += w.best[size_t(c)];
    map[voxel_of(w.order[k])] += value;
    largest = std::max(largest, value);
  }
  return largest;
}

template <bool kMaps>
double SpatialStatistics::enhance(Workspace& w, std::vector<double>* map) const {
  // By cluster number: parent, voxels, height of the last change (its power), integral so far of
  // the best voxel; for maps also the offset of a merged cluster's integral from its parent's.
  w.parent.clear();
  w.size.clear();
  w.last.clear();
  w.best.clear();
  w.shift.clear();
  make_steps(w);
  if (kMaps) w.start.assign(w.order.size(), 0);
  join_voxels<kMaps>(w);
  double largest = 0;
  for (size_t c = 0; c < w.parent.size(); ++c)
    if (w.parent[c] == int32_t(c)) {
      integrate_to(w, int32_t(c), 0);
      largest = std::max(largest, w.best[c]);
    }
  if (kMaps) largest = add_integrals(w, *map);
  for (const uint64_t entry : w.order) w.label[tfce_.cell_of_voxel[voxel_of(entry)]] = -1;
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
    const uint32_t cell = cluster_.cell_of_voxel[voxel_of(w.order[n])];
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
      if (options_.extent) maps->extent[voxel_of(w.order[k])] = double(w.size[root]);
      if (options_.mass) maps->mass[voxel_of(w.order[k])] = w.sum[root];
    }
    w.label[cluster_.cell_of_voxel[voxel_of(w.order[k])]] = -1;
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
