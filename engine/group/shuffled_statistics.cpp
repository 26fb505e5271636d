#include "engine/group/shuffled_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engine/core/parallel.hpp"
#include "engine/group/group_fit.hpp"
#include "engine/group/grouped_tile.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kBatch = kShuffleBatch;
/// Voxels per thread turn, and voxels whose statistics are computed together.
constexpr Eigen::Index kVoxels = 2048, kTileVoxels = shuffle_kernels::kTile;
/// Adjacent voxels read at a time.
constexpr Eigen::Index kRead = 64;

/// The float64 equivalent of the float32 kernels.
void compute_statistics(const shuffle_kernels::TileStatistics& task, const Eigen::MatrixXd& a,
                        Eigen::MatrixXd& out) {
  const Eigen::Index n_tested = Eigen::Index(task.n_shuffles) * task.n_tested;
  constexpr double kLeast = std::numeric_limits<double>::epsilon();
  // Rounding error of a product that is 0 counts as no effect in either direction, so that
  // permutations that give exactly 0 are ties, also in z and TFCE.
  constexpr double kNoCosine = 1e-13;
  const auto cleaned = [](double x) { return std::abs(x) < kNoCosine ? 0.0 : x; };
  for (Eigen::Index b = 0; b < task.n_shuffles; ++b) {
    const Eigen::ArrayXXd tested =
        a.middleCols(b * task.n_tested, task.n_tested).array().unaryExpr(cleaned);
    const Eigen::ArrayXd explained = tested.square().rowwise().sum();
    const Eigen::ArrayXd moved =
        a.middleCols(n_tested + b * task.n_nuisance, task.n_nuisance).rowwise().squaredNorm();
    const Eigen::ArrayXd left = (1 - explained - moved).max(kLeast);
    if (task.is_t)
      out.col(b) = tested.col(0) * (double(task.dof) / left).sqrt();
    else
      out.col(b) = explained * (double(task.dof) / left);
  }
}

Eigen::MatrixXd shuffled_back(const Eigen::MatrixXd& basis, const Shuffle& shuffle) {
  Eigen::MatrixXd out(basis.rows(), basis.cols());
  for (Eigen::Index i = 0; i < basis.rows(); ++i)
    out.row(shuffle.from[size_t(i)]) = double(shuffle.sign[size_t(i)]) * basis.row(i);
  return out;
}

}  // namespace

template <typename Scalar>
ShuffledStatistics<Scalar>::ShuffledStatistics(const ShuffledStatisticsPlan& plan)
    : data_(plan.data),
      sequence_(plan.sequence),
      models_(plan.models),
      is_t_(plan.models.is_t()),
      compare_z_(plan.compare_z),
      valid_(size_t(plan.data.n_voxels()), 0) {
  for (const auto& pattern : plan.patterns) {
    const auto model = models_.of(pattern.participants);
    if (model->tested.estimable) add(pattern, model, plan.n_threads);
  }
  for (const Part& part : parts_) compare_z_ |= part.tested().dof != parts_.front().tested().dof;
}

template <typename Scalar>
bool ShuffledStatistics<Scalar>::residuals_of(const Part& part, const GroupBlock& block,
                                              Eigen::Index column, Eigen::VectorXd& e) {
  const auto n = Eigen::Index(part.participants.size());
  e.resize(n);
  for (Eigen::Index i = 0; i < n; ++i) e[i] = block(part.participants[size_t(i)], column);
  const double whole = e.squaredNorm();
  if (part.model->welch) {
    const Eigen::MatrixXd& basis = part.model->welch->basis();
    const Eigen::VectorXd left_over = e - basis * (basis.transpose() * e).eval();
    for (const auto& rows : part.model->welch->members())
      if (!(left_over(rows).squaredNorm() > kNoResidual * whole)) return false;
  }
  e -= part.tested().nuisance * (part.tested().nuisance.transpose() * e).eval();
  const double rest = e.squaredNorm(),
               left = rest - (part.tested().tested.transpose() * e).squaredNorm();
  if (!(left > kNoResidual * whole) || !(left > 1e-14 * rest)) return false;
  e /= std::sqrt(rest);
  return true;
}

template <typename Scalar>
template <typename Use>
void ShuffledStatistics<Scalar>::for_residuals(const Part& part, Eigen::Index first,
                                               Eigen::Index last, const Use& use) const {
  Eigen::MatrixXd space;
  Eigen::VectorXd e;
  for (Eigen::Index k = first; k < last;) {
    // Adjacent voxels are read together.
    const Eigen::Index voxel = part.voxels[size_t(k)];
    Eigen::Index next = k + 1;
    while (next < last && part.voxels[size_t(next)] < voxel + kRead) ++next;
    const Eigen::Index n = part.voxels[size_t(next - 1)] - voxel + 1;
    const GroupBlock block = data_.block(voxel, n, space);
    for (; k < next; ++k) {
      const bool good = residuals_of(part, block, part.voxels[size_t(k)] - voxel, e);
      use(k, good, e);
    }
  }
}

template <typename Scalar>
std::vector<uint8_t> ShuffledStatistics<Scalar>::prepare(Part& part, int n_threads) const {
  const auto n_voxels = Eigen::Index(part.voxels.size()),
             n = Eigen::Index(part.participants.size());
  if (in_memory()) part.tiles.setZero(kTileVoxels, (n_voxels + kTileVoxels - 1) / kTileVoxels * n);
  std::vector<uint8_t> good(size_t(n_voxels), 0);
  parallel_for((n_voxels + kVoxels - 1) / kVoxels, n_threads, [&](Eigen::Index chunk) {
    for_residuals(part, chunk * kVoxels, std::min(n_voxels, (chunk + 1) * kVoxels),
                  [&](Eigen::Index k, bool is_good, const Eigen::VectorXd& e) {
                    good[size_t(k)] = is_good;
                    if (is_good && in_memory())
                      part.tiles.row(k % kTileVoxels).segment(k / kTileVoxels * n, n) =
                          e.transpose().cast<Scalar>();
                  });
  });
  return good;
}

template <typename Scalar>
void ShuffledStatistics<Scalar>::add(const PresencePattern& pattern,
                                     const std::shared_ptr<const SubsetModel>& model,
                                     int n_threads) {
  Part part;
  part.participants = pattern.participants;
  part.voxels = pattern.voxels;
  part.model = model;
  const auto n_voxels = Eigen::Index(part.voxels.size());
  const Eigen::Index n = pattern.n();
  const std::vector<uint8_t> good = prepare(part, n_threads);
  Eigen::Index kept = 0;
  for (Eigen::Index k = 0; k < n_voxels; ++k) {
    if (!good[size_t(k)]) continue;
    valid_[part.voxels[size_t(k)]] = 1;
    part.voxels[size_t(kept)] = part.voxels[size_t(k)];
    if (in_memory() && kept < k) {
      part.tiles.row(kept % kTileVoxels).segment(kept / kTileVoxels * n, n) =
          part.tiles.row(k % kTileVoxels).segment(k / kTileVoxels * n, n).eval();
      part.tiles.row(k % kTileVoxels).segment(k / kTileVoxels * n, n).setZero();
    }
    ++kept;
  }
  if (kept == 0) return;
  part.voxels.resize(size_t(kept));
  if (in_memory() && kept < n_voxels)
    part.tiles.conservativeResize(Eigen::NoChange, (kept + kTileVoxels - 1) / kTileVoxels * n);
  part.table = tables_.of(is_t_ ? 0 : double(part.tested().tested.cols()), part.tested().dof);
  // Building the tables takes as long as this many exact values of z.
  constexpr double kWorthTables = 20'000;
  if (part.model->welch && std::is_same_v<Scalar, float> &&
      double(kept) * double(sequence_.size()) > kWorthTables)
    part.tails.emplace_back(*part.model->welch);
  parts_.push_back(std::move(part));
}

template <typename Scalar>
std::vector<Shuffle> ShuffledStatistics<Scalar>::shuffles_of(uint64_t first, Eigen::Index n,
                                                             int n_threads) const {
  const uint64_t begin = first * kShuffleBatch,
                 end = std::min(sequence_.size(), (first + uint64_t(n)) * kShuffleBatch);
  std::vector<Shuffle> out(size_t(end - begin));
  parallel_for(n, n_threads, [&](Eigen::Index b) {
    for (uint64_t k = uint64_t(b) * kShuffleBatch;
         k < std::min(end - begin, uint64_t(b + 1) * kShuffleBatch); ++k)
      out[size_t(k)] = sequence_[begin + k];
  });
  return out;
}

template <typename Scalar>
typename ShuffledStatistics<Scalar>::PlacedShuffle ShuffledStatistics<Scalar>::placed(
    const Part& part, const Shuffle& all) const {
  const size_t n = part.participants.size();
  if (n == all.from.size()) return {all, part.model};
  std::vector<int32_t> place(all.from.size(), -1);
  for (size_t k = 0; k < n; ++k) place[size_t(part.participants[k])] = int32_t(k);
  PlacedShuffle out;
  out.shuffle.from.reserve(n);
  out.shuffle.sign.reserve(n);
  std::vector<Eigen::Index> rows;
  rows.reserve(n);
  for (size_t i = 0; i < all.from.size(); ++i) {
    const int32_t who = place[size_t(all.from[i])];
    if (who < 0) continue;
    rows.push_back(Eigen::Index(i));
    out.shuffle.from.push_back(who);
    out.shuffle.sign.push_back(all.sign[i]);
  }
  out.model = rows == part.participants ? part.model : models_.of(rows);
  const TestedSpace &here = out.model->tested, &usual = part.tested();
  if (!here.estimable || here.dof != usual.dof || here.nuisance.cols() != usual.nuisance.cols() ||
      (out.model->welch && !(out.model->welch->least_freedom() > 1e-9)))
    out.model = nullptr;
  return out;
}

template <typename Scalar>
typename ShuffledStatistics<Scalar>::Weights ShuffledStatistics<Scalar>::weights_of(
    const Part& part, std::span<const Shuffle> shuffles) const {
  const auto n = Eigen::Index(part.participants.size());
  const Eigen::MatrixXd &Q = part.tested().tested, &Z = part.tested().nuisance;
  const Eigen::Index r = Q.cols(), q = Z.cols();
  Weights w;
  if (part.model->welch) {
    for (const Shuffle& all : shuffles) w.shuffles.push_back(placed(part, all));
    return w;
  }
  w.columns.setZero(n, kBatch * (r + q));
  bool nuisance_moves = false;
  for (Eigen::Index b = 0; b < Eigen::Index(shuffles.size()); ++b) {
    const auto [shuffle, model] = placed(part, shuffles[size_t(b)]);
    if (!model) continue;
    w.columns.middleCols(b * r, r) =
        shuffled_back(model->tested.tested, shuffle).template cast<Scalar>();
    if (q == 0) continue;
    // e is orthogonal to Z: only the part permuted out of Z's span counts.
    Eigen::MatrixXd moved = shuffled_back(model->tested.nuisance, shuffle);
    moved -= Z * (Z.transpose() * moved).eval();
    if (moved.norm() < 1e-10) continue;
    nuisance_moves = true;
    w.columns.middleCols(kBatch * r + b * q, q) = moved.template cast<Scalar>();
  }
  if (nuisance_moves)
    w.n_nuisance = q;
  else
    w.columns.conservativeResize(Eigen::NoChange, kBatch * r);
  return w;
}

template <typename Scalar>
void ShuffledStatistics<Scalar>::multiply(const Part& part, const Tile& tile, Eigen::Index n_voxels,
                                          const Weights& weights, Space& space) const {
  const Eigen::Index r = part.tested().tested.cols();
  shuffle_kernels::TileStatistics task;
  task.n_participants = int(tile.cols());
  task.n_shuffles = int(kBatch);
  task.n_tested = int(r);
  task.n_nuisance = int(weights.n_nuisance);
  task.is_t = is_t_;
  task.dof = float(part.tested().dof);
  space.products.resize(kTileVoxels, weights.columns.cols());
  if constexpr (std::is_same_v<Scalar, float>) {
    if (!is_t_) task.dof /= float(r);
    task.weights = weights.columns.data();
    kernels_.compute_statistics(task, tile.data(), space.products.data(), space.statistics.data());
  } else {
    space.products.noalias() = tile * weights.columns;
    compute_statistics(task, space.products, space.statistics);
    if (!is_t_) space.statistics /= double(r);
  }
  if (compare_z_)
    for (Eigen::Index b = 0; b < kBatch; ++b)
      for (Scalar& x : space.statistics.col(b).head(n_voxels))
        x = Scalar((*part.table)(double(x)).z);
}

template <>
void ShuffledStatistics<float>::fit_groups(const Part& part, const Tile& tile,
                                           Eigen::Index n_voxels, const Weights& weights,
                                           Space& space) const {
  std::shared_ptr<const SubsetModel> last;
  std::optional<GroupedTile> grouped;
  for (size_t b = 0; b < weights.shuffles.size(); ++b) {
    const auto& [shuffle, subset] = weights.shuffles[b];
    if (!subset) {
      space.statistics.col(Eigen::Index(b)).setZero();
      continue;
    }
    if (std::exchange(last, subset) != subset) grouped.emplace(kernels_, *subset->welch);
    grouped->compute(tile.data(), shuffle);
    const bool tabled = !part.tails.empty() && subset == part.model;
    const WelchTails* tails = tabled ? part.tails.data() : nullptr;
    grouped->write_z(tails, n_voxels, space.statistics.col(Eigen::Index(b)).data());
  }
}

template <>
void ShuffledStatistics<double>::fit_groups(const Part& part, const Tile& tile,
                                            Eigen::Index n_voxels, const Weights& weights,
                                            Space& space) const {
  const Eigen::Index n = tile.cols();
  constexpr double kLeast = std::numeric_limits<double>::epsilon();  // of a group in a permutation
  Matrix moved(kTileVoxels, n), gamma, left, basis;
  std::shared_ptr<const SubsetModel> last;
  std::vector<double> coordinates, squares;
  WelchModel::Workspace work;
  for (size_t b = 0; b < weights.shuffles.size(); ++b) {
    const auto& [shuffle, subset] = weights.shuffles[b];
    if (!subset) {
      space.statistics.col(Eigen::Index(b)).setZero();
      continue;
    }
    const WelchModel& model = *subset->welch;
    if (subset != last) {
      basis = model.basis();
      work = model.workspace();
      coordinates.resize(size_t(model.rank()));
      squares.resize(size_t(model.n_groups()));
      last = subset;
    }
    for (Eigen::Index i = 0; i < n; ++i)
      moved.col(i) = double(shuffle.sign[size_t(i)]) * tile.col(shuffle.from[size_t(i)]);
    gamma.noalias() = moved * basis;
    left = moved;
    left.noalias() -= gamma * basis.transpose();
    for (Eigen::Index k = 0; k < n_voxels; ++k) {
      for (size_t c = 0; c < coordinates.size(); ++c) coordinates[c] = gamma(k, Eigen::Index(c));
      for (size_t g = 0; g < squares.size(); ++g) {
        double sum = 0;
        for (const Eigen::Index i : model.members()[g]) sum += left(k, i) * left(k, i);
        squares[g] = std::max(sum, kLeast);
      }
      const auto [statistic, dof] = model(coordinates, squares, work);
      space.statistics(k, Eigen::Index(b)) =
          is_t_ ? z_from_t(statistic, dof)
                : z_from_f(statistic, double(part.tested().tested.cols()), dof);
    }
  }
}

template <typename Scalar>
std::vector<typename ShuffledStatistics<Scalar>::Weights>
ShuffledStatistics<Scalar>::weights_of_batches(const Part& part,
                                               const std::vector<Shuffle>& shuffles,
                                               int n_threads) const {
  std::vector<Weights> weights((shuffles.size() + kShuffleBatch - 1) / kShuffleBatch, Weights{});
  parallel_for(Eigen::Index(weights.size()), n_threads, [&](Eigen::Index b) {
    const size_t first = size_t(b) * kShuffleBatch;
    weights[size_t(b)] =
        weights_of(part, std::span(shuffles).subspan(
                             first, std::min(size_t(kShuffleBatch), shuffles.size() - first)));
  });
  return weights;
}

template <typename Scalar>
template <typename Take>
void ShuffledStatistics<Scalar>::for_tiles(const Part& part, Eigen::Index first, Eigen::Index last,
                                           const std::vector<Weights>& weights,
                                           const Take& take) const {
  const auto n = Eigen::Index(part.participants.size());
  Matrix read;
  if (!in_memory()) {
    read.setZero(kTileVoxels, (last - first + kTileVoxels - 1) / kTileVoxels * n);
    for_residuals(part, first, last, [&](Eigen::Index k, bool, const Eigen::VectorXd& e) {
      const Eigen::Index at = k - first;
      read.row(at % kTileVoxels).segment(at / kTileVoxels * n, n) = e.transpose().cast<Scalar>();
    });
  }
  const Matrix& tiles = in_memory() ? part.tiles : read;
  const Eigen::Index first_tile = in_memory() ? first / kTileVoxels : 0;
  Space space;
  space.statistics.setZero(kTileVoxels, kBatch);
  for (Eigen::Index begin = first; begin < last; begin += kTileVoxels) {
    const Tile tile = tiles.middleCols((first_tile + (begin - first) / kTileVoxels) * n, n);
    const Eigen::Index here = std::min(kTileVoxels, last - begin);
    for (size_t b = 0; b < weights.size(); ++b) {
      if (part.model->welch)
        fit_groups(part, tile, here, weights[b], space);
      else
        multiply(part, tile, here, weights[b], space);
      take(begin, here, Eigen::Index(b), space.statistics);
    }
  }
}

template <typename Scalar>
void ShuffledStatistics<Scalar>::evaluate(uint64_t first, Eigen::Index n, int n_threads,
                                          Matrix& maps) const {
  const std::vector<Shuffle> shuffles = shuffles_of(first, n, n_threads);
  for (const Part& part : parts_) {
    const std::vector<Weights> weights = weights_of_batches(part, shuffles, n_threads);
    const auto n_voxels = Eigen::Index(part.voxels.size());
    parallel_for((n_voxels + kVoxels - 1) / kVoxels, n_threads, [&](Eigen::Index chunk) {
      for_tiles(part, chunk * kVoxels, std::min(n_voxels, (chunk + 1) * kVoxels), weights,
                [&](Eigen::Index begin, Eigen::Index here, Eigen::Index b, const Matrix& tile) {
                  const uint32_t* voxels = part.voxels.data() + begin;
                  for (Eigen::Index k = 0; k < kBatch; ++k) {
                    Scalar* map = maps.col(b * kBatch + k).data();
                    const Scalar* statistics = tile.col(k).data();
                    for (Eigen::Index v = 0; v < here; ++v) map[voxels[v]] = statistics[v];
                  }
                });
    });
  }
}

template <typename Scalar>
double ShuffledStatistics<Scalar>::change_per_cosine(double statistic) const {
  double dof = 0, tested = 1;
  for (const Part& part : parts_) {
    dof = std::max(dof, part.tested().dof);
    tested = double(part.tested().tested.cols());
  }
  if (!(dof > 0)) return 0;
  if (compare_z_) return std::sqrt(dof);
  if (is_t_) return std::sqrt(dof) * std::pow(1 + statistic * statistic / dof, 1.5);
  // F = E / (1 - E) scale, with E the squared cosine.
  const double scale = dof / tested, ratio = std::max(0.0, statistic) / scale;
  return 2 * scale * std::pow(1 + ratio, 1.5) * std::sqrt(ratio);
}

template <typename Scalar>
std::vector<uint32_t> ShuffledStatistics<Scalar>::shuffles_without_contrast(int n_threads) const {
  std::vector<uint32_t> out(size_t(n_voxels()), 0);
  std::vector<const Part*> lacking;
  for (const Part& part : parts_)
    if (Eigen::Index(part.participants.size()) < data_.n_participants()) lacking.push_back(&part);
  std::vector<uint32_t> counts(lacking.size(), 0);
  constexpr Eigen::Index kBatchesAtATime = 64;
  const auto n_batches = Eigen::Index((sequence_.size() + kShuffleBatch - 1) / kShuffleBatch);
  for (Eigen::Index first = 0; !lacking.empty() && first < n_batches; first += kBatchesAtATime) {
    const std::vector<Shuffle> shuffles =
        shuffles_of(uint64_t(first), std::min(kBatchesAtATime, n_batches - first), n_threads);
    parallel_for(Eigen::Index(lacking.size()), n_threads, [&](Eigen::Index p) {
      for (const Shuffle& shuffle : shuffles)
        counts[size_t(p)] += placed(*lacking[size_t(p)], shuffle).model == nullptr;
    });
  }
  for (size_t p = 0; p < lacking.size(); ++p)
    for (const uint32_t v : lacking[p]->voxels) out[v] = counts[p];
  return out;
}

template <typename Scalar>
void ShuffledStatistics<Scalar>::for_each_voxel(const std::vector<uint8_t>& wanted, double bytes,
                                                int n_threads, const UseVoxel& use) const {
  const auto n_batches = Eigen::Index((sequence_.size() + kShuffleBatch - 1) / kShuffleBatch);
  // Half for the bases of permutations, half for statistics.
  const auto batches = Eigen::Index(
      std::clamp(bytes / 2 / std::max(1.0, bytes_per_batch()), 1.0, double(n_batches)));
  const double tile_bytes = double(n_batches * kBatch * kTileVoxels) * sizeof(Scalar);
  const auto tiles = Eigen::Index(std::clamp(bytes / 2 / tile_bytes, 1.0, 65536.0));
  Matrix values;
  for (const Part& part : parts_) {
    const auto n_voxels = Eigen::Index(part.voxels.size());
    std::vector<Weights> weights;
    for (Eigen::Index from = 0; from < n_voxels; from += tiles * kTileVoxels) {
      const Eigen::Index to = std::min(n_voxels, from + tiles * kTileVoxels);
      values.resize(n_batches * kBatch, to - from);
      for (Eigen::Index first = 0; first < n_batches; first += batches) {
        if (weights.empty() || batches < n_batches)
          weights = weights_of_batches(
              part, shuffles_of(uint64_t(first), std::min(batches, n_batches - first), n_threads),
              n_threads);
        parallel_for(
            (to - from + kTileVoxels - 1) / kTileVoxels, n_threads, [&](Eigen::Index tile) {
              const Eigen::Index begin = from + tile * kTileVoxels,
                                 end = std::min(to, begin + kTileVoxels);
              if (std::none_of(part.voxels.begin() + begin, part.voxels.begin() + end,
                               [&](uint32_t v) { return wanted[v] != 0; }))
                return;
              for_tiles(part, begin, end, weights,
                        [&](Eigen::Index, Eigen::Index here, Eigen::Index b, const Matrix& out) {
                          values.block((first + b) * kBatch, begin - from, kBatch, here) =
                              out.topRows(here).transpose();
                        });
            });
      }
      parallel_for(to - from, n_threads, [&](Eigen::Index k) {
        const uint32_t voxel = part.voxels[size_t(from + k)];
        if (wanted[voxel]) use(voxel, {values.col(k).data(), size_t(sequence_.size())});
      });
    }
  }
}

template <typename Scalar>
double ShuffledStatistics<Scalar>::bytes_per_thread() const {
  const double n = double(data_.n_participants());
  double columns = 0;
  for (const Part& part : parts_)
    columns =
        std::max(columns, part.model->welch ? 3 * n
                                            : double(kBatch * (part.tested().tested.cols() +
                                                               part.tested().nuisance.cols())));
  // Residuals, the data read, and the products.
  return n * double(kVoxels * Eigen::Index(sizeof(Scalar)) + kRead * 8) +
         columns * double(kVoxels) * sizeof(Scalar);
}

template <typename Scalar>
double ShuffledStatistics<Scalar>::bytes_per_batch() const {
  double columns = 0;
  for (const Part& part : parts_)
    columns =
        std::max(columns, double(part.tested().tested.cols() + part.tested().nuisance.cols()));
  return double(data_.n_participants()) * double(kBatch) * columns * sizeof(Scalar);
}

template class ShuffledStatistics<float>;
template class ShuffledStatistics<double>;

}  // namespace sociometer
