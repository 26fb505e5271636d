#include "engine/group/permutation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>

#include "engine/core/checksum.hpp"
#include "engine/core/error.hpp"
#include "engine/core/memory.hpp"
#include "engine/core/parallel.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/kernels/kernels.hpp"
#include "engine/group/shuffled_p.hpp"
#include "engine/group/shuffled_statistics.hpp"
#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kColumns = kShuffleBatch;
/// Memory for the statistics of all permutations in some voxels.
constexpr double kTailBytes = 256e6;

/// What distinguishes participants: their design rows and their variance groups.
Eigen::MatrixXd told_apart(const Eigen::MatrixXd& design, const std::vector<int>& groups) {
  if (groups.empty()) return design;
  Eigen::MatrixXd out(design.rows(), design.cols() + 1);
  out.leftCols(design.cols()) = design;
  for (Eigen::Index i = 0; i < design.rows(); ++i) out(i, design.cols()) = groups[size_t(i)];
  return out;
}

ShuffleSequence shuffle_sequence(const PermutationPlan& plan, ShuffleScheme scheme) {
  const PermutationOptions& options = plan.options;
  ShuffleSet set(told_apart(plan.design.values, options.variance_groups), scheme, options.blocks,
                 options.exchange);
  if (set.size() < 2)
    fail(ErrorCode::bad_input,
         "contrast {}: the design{} permit{} no exchange ({}: 1 way); use other blocks, or "
         "another way of exchange: flips, permutations or both",
         plan.contrast.spec.name, options.blocks.empty() ? "" : " and the blocks",
         options.blocks.empty() ? "s" : "", to_string(scheme));
  return {std::move(set), options.n, options.seed};
}

/// The cluster-forming threshold: as given, or from a p.
/// @param dof  of the statistic; negative if no voxel has one.
SpatialOptions with_threshold(const PermutationPlan& plan, bool compares_z, double n_tested,
                              double dof) {
  SpatialOptions spatial = plan.options.spatial;
  const double p = plan.options.cluster_p;
  if (!spatial.clusters() || !(p > 0)) return spatial;
  const auto kind = plan.contrast.is_t() ? RandomField::Kind::t : RandomField::Kind::f;
  spatial.cluster_threshold = compares_z || dof < 0 ? statistic_of_p(RandomField::Kind::z, 1, 1, p)
                                                    : statistic_of_p(kind, n_tested, dof, p);
  return spatial;
}

}  // namespace

/// A test in the floating-point type of its permutations.
struct ContrastPermutation::AnyEngine {
  virtual ~AnyEngine() = default;
  virtual ShuffleResults run(uint64_t first, uint64_t last, int n_threads) const = 0;
  virtual PermutationP p_values(const ShuffleResults& results, int n_threads) const = 0;
  virtual PermutationP family_wise_p(const ShuffleResults& results) const = 0;
  virtual std::string checksum() const = 0;
  virtual uint64_t shuffles_of_a_pass(int n_threads) const = 0;
  virtual const SpatialMaps& maps_of_data() const = 0;
  virtual bool compares_z() const = 0;
  virtual double cluster_threshold() const = 0;
};

template <typename Scalar>
struct ContrastPermutation::Engine final : AnyEngine {
  using Matrix = typename ShuffledStatistics<Scalar>::Matrix;
  /// Statistics closer than this are ties: the same arrangement summed in another order. Tolerances
  /// of the statistic, and of the cosine between data and tested direction behind it: near 0,
  /// and where nearly all is explained, rounding error is not proportional to the statistic.
  static constexpr double kTie = sizeof(Scalar) == 4 ? 1e-5 : 1e-9,
                          kCosineTie = sizeof(Scalar) == 4 ? 3e-7 : 1e-12;

  /// @param shuffles  must outlive this, like the data of the plan.
  Engine(const PermutationPlan& plan, const TestedSpace& whole, const ShuffleSequence& shuffles)
      : sequence(&shuffles),
        n_voxels(plan.data->n_voxels()),
        two_sided(plan.options.two_sided && plan.contrast.is_t()),
        tfce_uncorrected(plan.options.tfce_uncorrected && plan.options.spatial.tfce),
        memory_bytes(plan.options.memory_bytes),
        tail_method(plan.options.tail),
        tail_p(plan.options.tail_p),
        models(plan.design, plan.contrast, plan.options.variance_groups),
        // Welch's degrees of freedom differ between voxels.
        statistics({*plan.data, shuffles, models, plan.patterns,
                    plan.options.compare_z || !plan.options.variance_groups.empty(),
                    plan.options.n_threads}),
        all_valid(std::ranges::all_of(statistics.valid(), std::identity{})),
        spatial_options(with_threshold(plan, statistics.compares_z(), double(whole.tested.cols()),
                                       statistics.dof())),
        statistic(statistic_of_data(plan.options.n_threads)),
        bar(bars()),
        spatial(plan.space, spatial_options, largest_of_data()),
        observed(observe()),
        tfce_bar(tfce_bars()) {}

  const ShuffleSequence* sequence;
  const Eigen::Index n_voxels;
  const bool two_sided, tfce_uncorrected;
  const double memory_bytes;
  const TailMethod tail_method;
  const double tail_p;
  const SubsetModels models;
  const ShuffledStatistics<Scalar> statistics;
  const bool all_valid;
  const SpatialOptions spatial_options;
  const std::vector<Scalar> statistic, bar;  ///< observed; smallest value that reaches it
  const SpatialStatistics spatial;
  const SpatialMaps observed;
  const std::vector<double> tfce_bar;  ///< bar for the observed TFCE; only if counted
  const shuffle_kernels::KernelSet& kernels = shuffle_kernels::best_kernels();

  const SpatialMaps& maps_of_data() const override { return observed; }
  bool compares_z() const override { return statistics.compares_z(); }
  double cluster_threshold() const override { return spatial_options.cluster_threshold; }

  struct Workspace {
    SpatialStatistics::Workspace spatial;
    std::vector<float> map;
    std::vector<uint32_t> reached, reached_tfce;
    std::vector<double> tfce;  ///< of one permutation, of either sign
    Matrix maps;               ///< (n_voxels, kColumns), if batches are computed one by one
  };

  Workspace make_workspace() const {
    Workspace w;
    w.spatial = spatial.workspace();
    w.map.assign(size_t(n_voxels), 0);
    w.reached.assign(size_t(n_voxels), 0);
    if (tfce_uncorrected) w.reached_tfce.assign(size_t(n_voxels), 0);
    return w;
  }

  /// Workspaces of the running threads.
  class Pool {
   public:
    explicit Pool(const Engine& engine) : engine_(engine) {}
    std::unique_ptr<Workspace> take() {
      {
        const std::lock_guard lock(guard_);
        if (!free_.empty()) {
          auto w = std::move(free_.back());
          free_.pop_back();
          return w;
        }
      }
      return std::make_unique<Workspace>(engine_.make_workspace());
    }
    void give_back(std::unique_ptr<Workspace> w) {
      const std::lock_guard lock(guard_);
      free_.push_back(std::move(w));
    }
    void add_reached(ShuffleResults& out) const {
      for (const auto& w : free_) {
        for (size_t v = 0; v < out.reached.size(); ++v) out.reached[v] += w->reached[v];
        for (size_t v = 0; v < out.reached_tfce.size(); ++v)
          out.reached_tfce[v] += w->reached_tfce[v];
      }
    }

   private:
    const Engine& engine_;
    std::mutex guard_;
    std::vector<std::unique_ptr<Workspace>> free_;
  };

  /// The smallest value that reaches an observed statistic.
  double reached_from(double x) const {
    return x - std::max(kTie * std::abs(x), kCosineTie * statistics.change_per_cosine(x));
  }

  std::vector<Scalar> statistic_of_data(int n_threads) const {
    Matrix maps = Matrix::Zero(n_voxels, kColumns);
    statistics.evaluate(0, 1, statistics.in_memory() ? n_threads : plan_of(n_threads).threads,
                        maps);
    return {maps.data(), maps.data() + n_voxels};
  }

  std::vector<Scalar> bars() const {
    std::vector<Scalar> out(statistic.size());
    for (size_t v = 0; v < out.size(); ++v) {
      const auto x = double(statistic[v]);
      out[v] = Scalar(reached_from(two_sided ? std::abs(x) : x));
    }
    return out;
  }

  double largest_of_data() const {
    double largest = 0;
    for (const Scalar value : statistic) {
      const auto x = float(value);
      largest = std::max(largest, double(two_sided ? std::abs(x) : x));
    }
    return largest;
  }

  /// Includes negative effects, with a minus sign, if two-sided.
  SpatialMaps observe() const {
    const std::vector<float> map(statistic.begin(), statistic.end());
    SpatialStatistics::Workspace w = spatial.workspace();
    SpatialMaps maps = spatial.maps(map, 1, w);
    if (!two_sided) return maps;
    const SpatialMaps negative = spatial.maps(map, -1, w);
    const auto take = [](std::vector<double>& into, const std::vector<double>& from) {
      for (size_t v = 0; v < into.size(); ++v) into[v] -= from[v];
    };
    take(maps.tfce, negative.tfce);
    take(maps.extent, negative.extent);
    take(maps.mass, negative.mass);
    return maps;
  }

  std::vector<double> tfce_bars() const {
    std::vector<double> out;
    if (tfce_uncorrected)
      for (const double x : observed.tfce) out.push_back(std::abs(x) * (1 - kTie));
    return out;
  }

  void one_shuffle(Workspace& w, const Scalar* x, uint64_t at, ShuffleResults& out) const {
    Scalar largest = -std::numeric_limits<Scalar>::infinity();
    std::span<const float> map(w.map);
    if constexpr (std::is_same_v<Scalar, float>) {
      largest = kernels.compare_map(x, bar.data(), long(n_voxels), two_sided, w.reached.data());
      map = {x, size_t(n_voxels)};
    } else {
      for (size_t v = 0; v < size_t(n_voxels); ++v) {
        const Scalar value = two_sided ? std::abs(x[v]) : x[v];
        largest = std::max(largest, value);
        w.reached[v] += value >= bar[v];
        w.map[v] = float(x[v]);
      }
    }
    std::vector<double>* tfce = tfce_uncorrected ? &w.tfce : nullptr;
    if (tfce) tfce->assign(size_t(n_voxels), 0);
    SpatialMaxima maxima = spatial.maxima(map, 1, w.spatial, tfce);
    if (two_sided) {
      const SpatialMaxima negative = spatial.maxima(map, -1, w.spatial, tfce);
      maxima.tfce = std::max(maxima.tfce, negative.tfce);
      maxima.extent = std::max(maxima.extent, negative.extent);
      maxima.mass = std::max(maxima.mass, negative.mass);
    }
    // Voxels without a statistic have 0, which is not a test result.
    if (!(largest > 0) && !all_valid) largest = largest_valid(x);
    if (tfce)
      for (size_t v = 0; v < tfce->size(); ++v) w.reached_tfce[v] += (*tfce)[v] >= tfce_bar[v];
    out.voxel[at] = double(largest);
    if (spatial_options.tfce) out.tfce[at] = maxima.tfce;
    if (spatial_options.extent) out.extent[at] = maxima.extent;
    if (spatial_options.mass) out.mass[at] = maxima.mass;
  }

  Scalar largest_valid(const Scalar* x) const {
    Scalar largest = -std::numeric_limits<Scalar>::infinity();
    for (size_t v = 0; v < size_t(n_voxels); ++v)
      if (statistics.valid()[v]) largest = std::max(largest, two_sided ? std::abs(x[v]) : x[v]);
    return largest;
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
    if (tfce_uncorrected) out.reached_tfce.assign(size_t(n_voxels), 0);
    Pool pool(*this);
    if (statistics.in_memory())
      run_batches(n_threads, pool, out);
    else
      run_passes(n_threads, pool, out);
    pool.add_reached(out);
    return out;
  }

  ShuffledP reader() const { return {statistics.valid(), tail_method, tail_p}; }

  /// The tail of each voxel's own statistic. The permutation statistics are recomputed, some voxels
  /// at a time, so that the memory does not grow with the image.
  void read_tails(PermutationP& out, int n_threads) const {
    std::vector<uint8_t> wanted = statistics.valid();
    if (tail_method == TailMethod::gpd)
      for (size_t v = 0; v < wanted.size(); ++v) wanted[v] &= out.uncorrected[v] < tail_p;
    std::vector<uint8_t> fitted(size_t(n_voxels), 0);
    const size_t n = sequence->size();
    // The largest quarter, and the value below it.
    const size_t kept = tail_method == TailMethod::gpd ? std::min(n, n / 4 + 2) : n;
    statistics.for_each_voxel(
        wanted, memory_bytes > 0 ? std::min(kTailBytes, memory_bytes / 2) : kTailBytes, n_threads,
        [&](uint32_t v, std::span<Scalar> values) {
          if (two_sided)
            for (Scalar& x : values) x = std::abs(x);
          if (kept < n) std::nth_element(values.begin(), values.end() - long(kept), values.end());
          std::vector<double> sorted(values.end() - long(kept), values.end());
          for (double& x : sorted) x = statistics.z_of(x);
          std::sort(sorted.begin(), sorted.end());
          const NullTail tail = tail_method == TailMethod::gpd
                                    ? NullTail::pareto_of(sorted, n, tail_p)
                                    : NullTail(tail_method, sorted, tail_p);
          const double x = double(statistic[v]);
          out.uncorrected[v] =
              tail.p(statistics.z_of(two_sided ? std::abs(x) : x), out.uncorrected[v]);
          fitted[v] = tail.fitted();
        });
    for (size_t v = 0; v < wanted.size(); ++v) {
      out.n_tails += wanted[v];
      out.n_tails_unfitted += wanted[v] && !fitted[v];
    }
  }

  /// Batch by batch, several in parallel.
  void run_batches(int n_threads, Pool& pool, ShuffleResults& out) const {
    const uint64_t from = out.first / kShuffleBatch,
                   to = (out.last + kShuffleBatch - 1) / kShuffleBatch;
    parallel_for(Eigen::Index(to - from), n_threads, [&](Eigen::Index i) {
      auto w = pool.take();
      if (w->maps.size() == 0) w->maps = Matrix::Zero(n_voxels, kColumns);
      const uint64_t first = (from + uint64_t(i)) * kShuffleBatch;
      statistics.evaluate(from + uint64_t(i), 1, 1, w->maps);
      for (uint64_t k = std::max(out.first, first); k < std::min(out.last, first + kShuffleBatch);
           ++k)
        one_shuffle(*w, w->maps.col(Eigen::Index(k - first)).data(), k - out.first, out);
      pool.give_back(std::move(w));
    });
  }

  /// As many batches per pass over the data as fit in memory.
  void run_passes(int n_threads, Pool& pool, ShuffleResults& out) const {
    const uint64_t to = (out.last + kShuffleBatch - 1) / kShuffleBatch;
    const PassPlan plan = plan_of(n_threads);
    Matrix maps;
    for (uint64_t from = out.first / kShuffleBatch; from < to; from += plan.batches) {
      const auto n = Eigen::Index(std::min(plan.batches, to - from));
      if (maps.cols() != n * kColumns) maps = Matrix::Zero(n_voxels, n * kColumns);
      statistics.evaluate(from, n, plan.threads, maps);
      const uint64_t first = from * kShuffleBatch, begin = std::max(out.first, first),
                     end = std::min(out.last, first + uint64_t(n) * kShuffleBatch);
      parallel_for(Eigen::Index(end - begin), plan.threads, [&](Eigen::Index i) {
        auto w = pool.take();
        const uint64_t k = begin + uint64_t(i);
        one_shuffle(*w, maps.col(Eigen::Index(k - first)).data(), k - out.first, out);
        pool.give_back(std::move(w));
      });
    }
  }

  struct PassPlan {
    uint64_t batches = 1;
    int threads = 1;
  };

  /// Fewer threads if not all fit in memory; then as many batches as fit.
  PassPlan plan_of(int n_threads) const {
    // A thread's map, counts, sorted voxels and clusters: about 100 bytes per voxel.
    const double thread = statistics.bytes_per_thread() + 100.0 * double(n_voxels);
    const double batch =
        statistics.bytes_per_batch() + double(n_voxels) * double(kColumns) * sizeof(Scalar);
    PassPlan plan;
    plan.threads = std::max(1, std::min(n_threads, int(memory_bytes / 2 / thread)));
    const double left = memory_bytes - plan.threads * thread;
    if (left < batch)
      fail(ErrorCode::bad_input,
           "{} of memory are left for shuffles, they need {}: a pass over the data on {} thread(s) "
           "and the maps of {} shuffles; raise the memory limit",
           memory_text(memory_bytes), memory_text(plan.threads * thread + batch), plan.threads,
           kShuffleBatch);
    plan.batches = uint64_t(left / batch);
    return plan;
  }

  uint64_t shuffles_of_a_pass(int n_threads) const override {
    return statistics.in_memory() ? kShuffleBatch : plan_of(n_threads).batches * kShuffleBatch;
  }

  std::string checksum() const override {
    Checksum sum;
    sum.add(std::span<const Scalar>(statistic));
    sum.add(std::span<const uint8_t>(statistics.valid()));
    return sum.text();
  }

  PermutationP p_values(const ShuffleResults& results, int n_threads) const override {
    PermutationP out = family_wise_p(results);
    out.uncorrected = reader().shares(results.reached, results.last);
    // Permutations in which the contrast is not estimable at a voxel do not count there.
    const auto without = statistics.shuffles_without_contrast(n_threads);
    for (size_t v = 0; v < without.size(); ++v)
      if (without[v] > 0 && statistics.valid()[v])
        out.uncorrected[v] =
            double(results.reached[v] - (double(bar[v]) <= statistics.none() ? without[v] : 0)) /
            double(results.last - without[v]);
    if (tail_method != TailMethod::none) read_tails(out, n_threads);
    out.fdr = adjusted_p(out.uncorrected, Adjustment::benjamini_hochberg);
    if (tfce_uncorrected) {
      out.tfce_uncorrected = reader().shares(results.reached_tfce, results.last);
      out.tfce_fdr = adjusted_p(out.tfce_uncorrected, Adjustment::benjamini_hochberg);
    }
    return out;
  }

  PermutationP family_wise_p(const ShuffleResults& results) const override {
    require(results.first == 0 && results.last == sequence->size(), "results of all shuffles");
    PermutationP out;
    const auto of_voxel = [&](size_t v) {
      return two_sided ? std::abs(double(statistic[v])) : double(statistic[v]);
    };
    const ShuffledP read = reader();
    out.voxel_fwe = read.family_wise(results.voxel,
                                     {of_voxel, [&](double x) { return reached_from(x); },
                                      [&](double x) { return statistics.z_of(x); }, false},
                                     out.voxel_tail);
    const auto of = [&](const std::vector<double>& map) {
      return ObservedMap{[&map](size_t v) { return std::abs(map[v]); },
                         [](double x) { return x - kTie * std::abs(x); }, std::identity{}, true};
    };
    out.tfce_fwe = read.family_wise(results.tfce, of(observed.tfce), out.tfce_tail);
    out.extent_fwe = read.family_wise(results.extent, of(observed.extent), out.extent_tail);
    out.mass_fwe = read.family_wise(results.mass, of(observed.mass), out.mass_tail);
    return out;
  }
};

std::string shuffle_kernels_name() { return shuffle_kernels::best_kernels().name; }

ShuffleScheme default_scheme(const TestedSpace& tested) {
  return tested.nuisance_has_constant ? ShuffleScheme::permutations : ShuffleScheme::flips;
}

ContrastPermutation::ContrastPermutation(const PermutationPlan& plan)
    : ContrastPermutation(plan, tested_space(plan.design.values, plan.contrast)) {}

ContrastPermutation::ContrastPermutation(const PermutationPlan& plan, const TestedSpace& whole)
    : scheme_(plan.options.scheme.value_or(default_scheme(whole))),
      two_sided_(plan.options.two_sided && plan.contrast.is_t()),
      has_nuisance_(whole.nuisance.cols() > 0),
      data_(plan.data),
      sequence_(std::make_unique<ShuffleSequence>(shuffle_sequence(plan, scheme_))),
      engine_(engine_of(plan, whole, *sequence_)) {}

std::unique_ptr<const ContrastPermutation::AnyEngine> ContrastPermutation::engine_of(
    const PermutationPlan& plan, const TestedSpace& whole, const ShuffleSequence& sequence) {
  if (sequence.exhaustive()) return std::make_unique<Engine<double>>(plan, whole, sequence);
  return std::make_unique<Engine<float>>(plan, whole, sequence);
}

ContrastPermutation::~ContrastPermutation() = default;

ShuffleResults ContrastPermutation::run(uint64_t first, uint64_t last, int n_threads) const {
  require(first <= last && last <= sequence_->size(), "shuffles within the sequence");
  return engine_->run(first, last, n_threads);
}

PermutationP ContrastPermutation::p_values(const ShuffleResults& results, int n_threads) const {
  return engine_->p_values(results, n_threads);
}

PermutationP ContrastPermutation::family_wise_p(const ShuffleResults& results) const {
  return engine_->family_wise_p(results);
}

uint64_t ContrastPermutation::shuffles_of_a_pass(int n_threads) const {
  return engine_->shuffles_of_a_pass(n_threads);
}

std::string ContrastPermutation::checksum() const { return engine_->checksum(); }

bool ContrastPermutation::compares_z() const { return engine_->compares_z(); }

double ContrastPermutation::cluster_threshold() const { return engine_->cluster_threshold(); }

const SpatialMaps& ContrastPermutation::observed() const { return engine_->maps_of_data(); }

}  // namespace sociometer
