#include "engine/group/permutation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "engine/core/checksum.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/stats/multiple_comparisons.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Eigen::Index kBatch = kShuffleBatch;
/// Residuals below this share of the data are rounding error.
constexpr double kNoResidual = 1e-24;

/// Voxels with the same participants.
template <typename Scalar>
struct Part {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  std::vector<Eigen::Index> participants;
  std::vector<uint32_t> voxels;
  TestedSpace tested;
  Matrix residuals;  ///< e / |e|, (n, n_voxels)
  std::unique_ptr<TailTable> table;
};

/// The shuffle of those who are there: the order of all, and signs, as far as they concern them.
Shuffle among(const Shuffle& all, const std::vector<Eigen::Index>& there,
              const std::vector<int>& blocks) {
  if (there.size() == all.from.size()) return all;
  std::vector<int32_t> place(all.from.size(), -1);
  for (size_t i = 0; i < there.size(); ++i) place[size_t(there[i])] = int32_t(i);
  std::map<int, std::vector<int32_t>> come;  // per block: those who are there, in shuffled order
  const auto block_of = [&](size_t i) { return blocks.empty() ? 0 : blocks[i]; };
  for (size_t i = 0; i < all.from.size(); ++i)
    if (const int32_t who = place[size_t(all.from[i])]; who >= 0) come[block_of(i)].push_back(who);
  std::map<int, size_t> taken;
  Shuffle out;
  for (const Eigen::Index i : there) {
    const int block = block_of(size_t(i));
    out.from.push_back(come[block][taken[block]++]);
    out.sign.push_back(all.sign[size_t(i)]);
  }
  return out;
}

Eigen::MatrixXd shuffled_back(const Eigen::MatrixXd& basis, const Shuffle& shuffle) {
  Eigen::MatrixXd out(basis.rows(), basis.cols());
  for (Eigen::Index i = 0; i < basis.rows(); ++i)
    out.row(shuffle.from[size_t(i)]) = double(shuffle.sign[size_t(i)]) * basis.row(i);
  return out;
}

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
  using Matrix = typename Part<Scalar>::Matrix;
  /// Statistics that differ by less are one: the same arrangement reached by another sum.
  static constexpr double kTie = sizeof(Scalar) == 4 ? 1e-5 : 1e-9;

  std::vector<Part<Scalar>> parts;
  const ShuffleSequence* sequence = nullptr;
  std::vector<int> blocks;
  Eigen::Index n_voxels = 0;
  bool is_t = true, two_sided = false, compare_z = false;
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

  void add_part(const GroupValues& values, const PresencePattern& pattern, TestedSpace tested) {
    Part<Scalar> part;
    part.participants = pattern.participants;
    const Eigen::Index n = pattern.n();
    std::vector<Eigen::VectorXd> columns;
    for (const uint32_t v : pattern.voxels) {
      Eigen::VectorXd y(n);
      for (Eigen::Index i = 0; i < n; ++i) y[i] = values(pattern.participants[size_t(i)], v);
      const double whole = y.squaredNorm();
      y -= tested.nuisance * (tested.nuisance.transpose() * y).eval();
      const double rest = y.squaredNorm(),
                   left = rest - (tested.tested.transpose() * y).squaredNorm();
      if (!(left > kNoResidual * whole) || !(left > 1e-14 * rest)) continue;
      valid[v] = 1;
      part.voxels.push_back(v);
      columns.push_back(y / std::sqrt(rest));
    }
    if (columns.empty()) return;
    part.residuals.resize(n, Eigen::Index(columns.size()));
    for (size_t k = 0; k < columns.size(); ++k)
      part.residuals.col(Eigen::Index(k)) = columns[k].template cast<Scalar>();
    part.table = std::make_unique<TailTable>(
        is_t ? TailTable::of_t(tested.dof)
             : TailTable::of_f(double(tested.tested.cols()), tested.dof));
    part.tested = std::move(tested);
    parts.push_back(std::move(part));
  }

  /// Statistics of the shuffles of a batch in all voxels of a part.
  void evaluate(const Part<Scalar>& part, uint64_t first, Matrix& maps) const {
    const Eigen::Index n = part.residuals.rows(), r = part.tested.tested.cols(),
                       q = part.tested.nuisance.cols();
    const Eigen::MatrixXd& Z = part.tested.nuisance;
    Matrix weights = Matrix::Zero(n, kBatch * r), nuisance = Matrix::Zero(n, kBatch * q);
    bool nuisance_moves = false;
    for (Eigen::Index b = 0; b < kBatch && first + uint64_t(b) < sequence->size(); ++b) {
      const Shuffle shuffle = among((*sequence)[first + uint64_t(b)], part.participants, blocks);
      weights.middleCols(b * r, r) =
          shuffled_back(part.tested.tested, shuffle).template cast<Scalar>();
      if (q == 0) continue;
      // e has nothing along Z: only what shuffling takes out of its span counts.
      Eigen::MatrixXd moved = shuffled_back(Z, shuffle);
      moved -= Z * (Z.transpose() * moved).eval();
      if (moved.norm() < 1e-10) continue;
      nuisance_moves = true;
      nuisance.middleCols(b * q, q) = moved.template cast<Scalar>();
    }
    constexpr Eigen::Index kVoxels = 2048;
    Matrix a, h;
    const auto dof = Scalar(part.tested.dof);
    constexpr Scalar kLeast = std::numeric_limits<Scalar>::epsilon();
    for (Eigen::Index v0 = 0; v0 < part.residuals.cols(); v0 += kVoxels) {
      const Eigen::Index m = std::min(kVoxels, part.residuals.cols() - v0);
      a.noalias() = part.residuals.middleCols(v0, m).transpose() * weights;
      if (nuisance_moves) h.noalias() = part.residuals.middleCols(v0, m).transpose() * nuisance;
      for (Eigen::Index b = 0; b < kBatch; ++b) {
        Eigen::Array<Scalar, Eigen::Dynamic, 1> left =
            Scalar(1) - a.middleCols(b * r, r).array().square().rowwise().sum();
        if (nuisance_moves) left -= h.middleCols(b * q, q).array().square().rowwise().sum();
        left = left.max(kLeast);
        Eigen::Array<Scalar, Eigen::Dynamic, 1> out =
            is_t ? (a.col(b * r).array() * (dof / left).sqrt()).eval()
                 : (a.middleCols(b * r, r).array().square().rowwise().sum() * (dof / Scalar(r)) /
                    left)
                       .eval();
        if (compare_z)
          for (Scalar& x : out) x = Scalar((*part.table)(double(x)).z);
        for (Eigen::Index k = 0; k < m; ++k) maps(part.voxels[size_t(v0 + k)], b) = out[k];
      }
    }
  }

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
    for (const auto& part : parts) evaluate(part, 0, w.maps);
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
      for (const auto& part : parts) evaluate(part, batch, w->maps);
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
    require(results.first == 0 && results.last == sequence->size(), "results of all shuffles");
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
  compares_z_ = options.compare_z;
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
    engine->sequence = sequence_.get();
    engine->blocks = options.blocks;
    engine->n_voxels = values.cols();
    engine->is_t = contrast.is_t();
    engine->two_sided = two_sided_;
    engine->spatial_options = options.spatial;
    engine->tail_method = options.tail;
    engine->tail_p = options.tail_p;
    engine->valid.assign(size_t(values.cols()), 0);
    double dof = -1;
    for (const auto& pattern : patterns) {
      TestedSpace tested = tested_space(chosen_rows(design.values, pattern.participants), contrast);
      if (!tested.estimable) continue;
      if (pattern.n() < values.rows() && !options.blocks.empty() &&
          options.exchange == BlockExchange::whole)
        fail(ErrorCode::bad_input,
             "blocks that move whole need all participants in every voxel; leave out "
             "--min-participants");
      compares_z_ |= dof >= 0 && dof != tested.dof;
      dof = tested.dof;
      engine->add_part(values, pattern, std::move(tested));
    }
    engine->compare_z = compares_z_;
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
