#include "engine/group/permutation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "engine/core/checksum.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Eigen::Index kBatch = kShuffleBatch;
}  // namespace

struct ContrastPermutation::AnyEngine {
  virtual ~AnyEngine() = default;
  virtual ShuffleResults run(uint64_t first, uint64_t last, int n_threads) const = 0;
  virtual PermutationP p_values(const ShuffleResults& results) const = 0;
  virtual std::string checksum() const = 0;
  std::unique_ptr<SpatialStatistics> spatial;
  SpatialMaps observed;
};

template <typename Scalar>
struct ContrastPermutation::Engine : AnyEngine {
  using Voxels = ShuffledVoxels<Scalar>;
  using Matrix = typename Voxels::Matrix;
  /// Statistics that differ by less are one: the same arrangement reached by another sum.
  static constexpr double kTie = sizeof(Scalar) == 4 ? 1e-5 : 1e-9;

  ShuffledTest test;
  std::vector<Voxels> parts;  ///< by who is there
  Eigen::Index n_voxels = 0;
  bool two_sided = false;
  std::vector<Scalar> statistic, bar;  ///< observed; what reaches it
  std::vector<uint8_t> valid;
  SpatialOptions spatial_options;
  TailMethod tail_method = TailMethod::none;
  double tail_p = 0;

  struct Workspace {
    Matrix maps;  ///< (n_voxels, kBatch)
    SpatialStatistics::Workspace spatial;
    std::vector<float> map;
    std::vector<uint32_t> reached;
  };

  Workspace make_workspace() const {
    Workspace w;
    w.maps = Matrix::Zero(n_voxels, kBatch);
    w.spatial = spatial->workspace();
    w.map.assign(size_t(n_voxels), 0);
    w.reached.assign(size_t(n_voxels), 0);
    return w;
  }

  void observe() {
    Workspace w = make_workspace();
    for (const auto& part : parts) {
      part.statistics(0, w.maps);
      for (const uint32_t v : part.voxels()) valid[v] = 1;
    }
    statistic.resize(size_t(n_voxels));
    bar.resize(size_t(n_voxels));
    for (Eigen::Index v = 0; v < n_voxels; ++v) {
      const Scalar x = w.maps(v, 0);
      statistic[size_t(v)] = x;
      w.map[size_t(v)] = float(x);
      const double size = two_sided ? std::abs(double(x)) : double(x);
      bar[size_t(v)] = Scalar(size - kTie * std::abs(size));
    }
    double largest = 0;
    for (const float x : w.map) largest = std::max(largest, double(two_sided ? std::abs(x) : x));
    spatial->set_largest(largest);
    observed = spatial->maps(w.map, 1, w.spatial);
    if (!two_sided) return;
    const SpatialMaps negative = spatial->maps(w.map, -1, w.spatial);
    const auto take = [](std::vector<double>& into, const std::vector<double>& from) {
      for (size_t v = 0; v < into.size(); ++v) into[v] -= from[v];
    };
    take(observed.tfce, negative.tfce);
    take(observed.extent, negative.extent);
    take(observed.mass, negative.mass);
  }

  void one_shuffle(Workspace& w, Eigen::Index column, uint64_t at, ShuffleResults& out) const {
    Scalar largest = -std::numeric_limits<Scalar>::infinity();
    const Scalar* x = w.maps.col(column).data();
    for (size_t v = 0; v < size_t(n_voxels); ++v) {
      const Scalar value = two_sided ? std::abs(x[v]) : x[v];
      largest = std::max(largest, value);
      w.reached[v] += value >= bar[v];
      w.map[v] = float(x[v]);
    }
    SpatialMaxima maxima = spatial->maxima(w.map, 1, w.spatial);
    if (two_sided) {
      const SpatialMaxima negative = spatial->maxima(w.map, -1, w.spatial);
      maxima.tfce = std::max(maxima.tfce, negative.tfce);
      maxima.extent = std::max(maxima.extent, negative.extent);
      maxima.mass = std::max(maxima.mass, negative.mass);
    }
    out.voxel[at] = double(largest);
    if (spatial_options.tfce) out.tfce[at] = maxima.tfce;
    if (spatial_options.extent) out.extent[at] = maxima.extent;
    if (spatial_options.mass) out.mass[at] = maxima.mass;
  }

  ShuffleResults run(uint64_t first, uint64_t last, int n_threads) const override {
    ShuffleResults out;
    out.first = first;
    out.last = last;
    out.voxel.resize(last - first);
    if (spatial_options.tfce) out.tfce.resize(last - first);
    if (spatial_options.extent) out.extent.resize(last - first);
    if (spatial_options.mass) out.mass.resize(last - first);
    out.reached.assign(size_t(n_voxels), 0);
    std::mutex guard;
    std::vector<std::unique_ptr<Workspace>> all, free;
    const uint64_t from = first / kBatch, to = (last + kBatch - 1) / kBatch;
    parallel_for(Eigen::Index(to - from), n_threads, [&](Eigen::Index i) {
      std::unique_ptr<Workspace> w;
      {
        const std::lock_guard lock(guard);
        if (!free.empty()) {
          w = std::move(free.back());
          free.pop_back();
        }
      }
      if (!w) w = std::make_unique<Workspace>(make_workspace());
      const uint64_t batch = (from + uint64_t(i)) * kBatch;
      for (const auto& part : parts) part.statistics(batch, w->maps);
      for (uint64_t k = std::max(first, batch); k < std::min(last, batch + kBatch); ++k)
        one_shuffle(*w, Eigen::Index(k - batch), k - first, out);
      const std::lock_guard lock(guard);
      free.push_back(std::move(w));
    });
    for (const auto& w : free)
      for (size_t v = 0; v < out.reached.size(); ++v) out.reached[v] += w->reached[v];
    return out;
  }

  template <typename Value>
  std::vector<double> corrected(std::vector<double> null, const Value& value, bool zero_is_none,
                                NullTail& tail) const {
    std::vector<double> p(size_t(n_voxels), kNaN);
    if (null.empty()) return {};
    std::sort(null.begin(), null.end());
    tail = NullTail(tail_method, null, tail_p);
    for (size_t v = 0; v < p.size(); ++v) {
      if (!valid[v]) continue;
      const double x = value(v);
      const auto below =
          std::lower_bound(null.begin(), null.end(), x - kTie * std::abs(x)) - null.begin();
      p[v] = double(null.size() - size_t(below)) / double(null.size());
      if (!zero_is_none || x != 0) p[v] = tail.p(x, p[v]);
    }
    return p;
  }

  std::string checksum() const override {
    Checksum sum;
    sum.add(std::span<const Scalar>(statistic));
    sum.add(std::span<const uint8_t>(valid));
    return sum.text();
  }

  PermutationP p_values(const ShuffleResults& results) const override {
    require(results.first == 0 && results.last == test.sequence->size(), "results of all shuffles");
    PermutationP out;
    out.uncorrected.assign(size_t(n_voxels), kNaN);
    for (size_t v = 0; v < size_t(n_voxels); ++v)
      if (valid[v]) out.uncorrected[v] = double(results.reached[v]) / double(results.last);
    out.fdr = adjusted_p(out.uncorrected, Adjustment::benjamini_hochberg);
    const auto of_voxel = [&](size_t v) {
      return two_sided ? std::abs(double(statistic[v])) : double(statistic[v]);
    };
    out.voxel_fwe = corrected(results.voxel, of_voxel, false, out.voxel_tail);
    const auto of = [&](const std::vector<double>& map) {
      return [&map](size_t v) { return std::abs(map[v]); };
    };
    out.tfce_fwe = corrected(results.tfce, of(observed.tfce), true, out.tfce_tail);
    out.extent_fwe = corrected(results.extent, of(observed.extent), true, out.extent_tail);
    out.mass_fwe = corrected(results.mass, of(observed.mass), true, out.mass_tail);
    return out;
  }
};

ShuffleScheme default_scheme(const TestedSpace& tested) {
  return tested.nuisance_has_constant ? ShuffleScheme::permutations : ShuffleScheme::flips;
}

ContrastPermutation::ContrastPermutation(const GroupValues& values,
                                         const std::vector<PresencePattern>& patterns,
                                         const Mask& mask, const GroupDesign& design,
                                         const GroupContrast& contrast,
                                         const PermutationOptions& options) {
  const TestedSpace whole = tested_space(design.values, contrast);
  scheme_ = options.scheme.value_or(default_scheme(whole));
  has_nuisance_ = whole.nuisance.cols() > 0;
  // Welch's degrees of freedom differ between voxels.
  compares_z_ = options.compare_z || !options.variance_groups.empty();
  two_sided_ = options.two_sided && contrast.is_t();
  ShuffleSet set(design.values, scheme_, options.blocks, options.exchange);
  if (set.size() < 2)
    fail(ErrorCode::bad_input,
         "contrast {}: the design{} permit{} no exchange ({}: 1 way); use other blocks or "
         "--exchange "
         "flips, permutations or both",
         contrast.spec.name, options.blocks.empty() ? "" : " and the blocks",
         options.blocks.empty() ? "s" : "", to_string(scheme_));
  sequence_ = std::make_unique<ShuffleSequence>(std::move(set), options.n, options.seed);
  const auto build = [&]<typename Scalar>(Scalar) {
    auto engine = std::make_unique<Engine<Scalar>>();
    engine->test = {sequence_.get(), options.blocks, options.variance_groups, contrast.is_t(),
                    false};
    engine->n_voxels = values.cols();
    engine->two_sided = two_sided_;
    engine->spatial_options = options.spatial;
    engine->tail_method = options.tail;
    engine->tail_p = options.tail_p;
    engine->valid.assign(size_t(values.cols()), 0);
    std::vector<std::pair<const PresencePattern*, TestedSpace>> estimable;
    for (const auto& pattern : patterns) {
      TestedSpace tested = tested_space(chosen_rows(design.values, pattern.participants), contrast);
      if (!tested.estimable) continue;
      if (pattern.n() < values.rows() && !options.blocks.empty() &&
          options.exchange == BlockExchange::whole)
        fail(ErrorCode::bad_input,
             "blocks that move whole need all participants in every voxel; leave out "
             "--min-participants");
      compares_z_ |= !estimable.empty() && estimable[0].second.dof != tested.dof;
      estimable.emplace_back(&pattern, std::move(tested));
    }
    engine->test.compare_z = compares_z_;
    for (auto& [pattern, tested] : estimable)
      engine->parts.emplace_back(engine->test, values, *pattern, design, contrast,
                                 std::move(tested));
    engine->spatial = std::make_unique<SpatialStatistics>(mask, options.spatial);
    engine->observe();
    observed_ = engine->observed;
    engine_ = std::move(engine);
  };
  if (sequence_->exhaustive())
    build(double{});
  else
    build(float{});
}

ContrastPermutation::~ContrastPermutation() = default;

ShuffleResults ContrastPermutation::run(uint64_t first, uint64_t last, int n_threads) const {
  require(first <= last && last <= sequence_->size(), "shuffles within the sequence");
  return engine_->run(first, last, n_threads);
}

PermutationP ContrastPermutation::p_values(const ShuffleResults& results) const {
  return engine_->p_values(results);
}

std::string ContrastPermutation::checksum() const { return engine_->checksum(); }

ShuffleRange shard_range(uint64_t n_shuffles, uint64_t shard, uint64_t n_shards) {
  require(shard >= 1 && shard <= n_shards, "shard within the shards");
  const uint64_t n_batches = (n_shuffles + kBatch - 1) / kBatch;
  const auto from = [&](uint64_t s) {
    const auto batch = static_cast<unsigned __int128>(n_batches) * s / n_shards;
    return std::min(n_shuffles, static_cast<uint64_t>(batch) * kBatch);
  };
  return {from(shard - 1), from(shard)};
}

void append(ShuffleResults& results, const ShuffleResults& next) {
  if (next.first != results.last)
    fail(ErrorCode::bad_input, "shuffles {} to {} are {}; merge each part once",
         std::min(next.first, results.last), std::max(next.first, results.last),
         next.first < results.last ? "there twice" : "missing");
  if (next.reached.size() != results.reached.size())
    fail(ErrorCode::shape_mismatch, "shuffles of {} voxels cannot be added to those of {}",
         next.reached.size(), results.reached.size());
  for (const auto member : {&ShuffleResults::voxel, &ShuffleResults::tfce, &ShuffleResults::extent,
                            &ShuffleResults::mass})
    (results.*member).insert((results.*member).end(), (next.*member).begin(), (next.*member).end());
  for (size_t v = 0; v < next.reached.size(); ++v) results.reached[v] += next.reached[v];
  results.last = next.last;
}

ShuffleResults joined(std::vector<ShuffleResults> parts, uint64_t n_shuffles) {
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.last) < std::pair(b.first, b.last);
  });
  ShuffleResults out;
  if (!parts.empty()) out.reached.assign(parts[0].reached.size(), 0);
  for (const auto& part : parts) append(out, part);
  if (out.last != n_shuffles)
    fail(ErrorCode::bad_input, "shuffles {} to {} are missing; merge all parts", out.last,
         n_shuffles);
  return out;
}

}  // namespace sociometer
