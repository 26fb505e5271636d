#include "engine/group/shuffled_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kBatch = kShuffleBatch;
/// Voxels of one matrix product.
constexpr Eigen::Index kVoxels = 2048;
/// Neighbouring voxels that are read at a time.
constexpr Eigen::Index kRead = 64;
/// Residuals below this share of the data are rounding error.
constexpr double kNoResidual = 1e-24;

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

template <typename Scalar>
ShuffledStatistics<Scalar>::ShuffledStatistics(const GroupData& data,
                                               const ShuffleSequence& sequence,
                                               std::vector<int> blocks, bool is_t)
    : data_(data),
      sequence_(sequence),
      blocks_(std::move(blocks)),
      is_t_(is_t),
      valid_(size_t(data.n_voxels()), 0) {}

template <typename Scalar>
bool ShuffledStatistics<Scalar>::residuals_of(const Part& part, const GroupBlock& block,
                                              Eigen::Index column, Eigen::VectorXd& e) {
  const auto n = Eigen::Index(part.participants.size());
  e.resize(n);
  for (Eigen::Index i = 0; i < n; ++i) e[i] = block(part.participants[size_t(i)], column);
  const double whole = e.squaredNorm();
  if (part.welch) {
    const Eigen::MatrixXd& basis = part.welch->basis();
    const Eigen::VectorXd left_over = e - basis * (basis.transpose() * e).eval();
    for (const auto& rows : part.welch->members())
      if (!(left_over(rows).squaredNorm() > kNoResidual * whole)) return false;
  }
  e -= part.tested.nuisance * (part.tested.nuisance.transpose() * e).eval();
  const double rest = e.squaredNorm(),
               left = rest - (part.tested.tested.transpose() * e).squaredNorm();
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
    // Neighbours are read together.
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
void ShuffledStatistics<Scalar>::add(const PresencePattern& pattern, TestedSpace tested,
                                     std::optional<WelchModel> welch, int n_threads) {
  Part part;
  part.participants = pattern.participants;
  part.voxels = pattern.voxels;
  part.tested = std::move(tested);
  part.welch = std::move(welch);
  const auto n_voxels = Eigen::Index(part.voxels.size());
  if (in_memory()) part.residuals.resize(pattern.n(), n_voxels);
  std::vector<uint8_t> good(size_t(n_voxels), 0);
  parallel_for((n_voxels + kVoxels - 1) / kVoxels, n_threads, [&](Eigen::Index chunk) {
    for_residuals(part, chunk * kVoxels, std::min(n_voxels, (chunk + 1) * kVoxels),
                  [&](Eigen::Index k, bool is_good, const Eigen::VectorXd& e) {
                    good[size_t(k)] = is_good;
                    if (is_good && in_memory()) part.residuals.col(k) = e.cast<Scalar>();
                  });
  });
  Eigen::Index kept = 0;
  for (Eigen::Index k = 0; k < n_voxels; ++k) {
    if (!good[size_t(k)]) continue;
    valid_[part.voxels[size_t(k)]] = 1;
    part.voxels[size_t(kept)] = part.voxels[size_t(k)];
    if (in_memory() && kept < k) part.residuals.col(kept) = part.residuals.col(k);
    ++kept;
  }
  if (kept == 0) return;
  part.voxels.resize(size_t(kept));
  if (in_memory() && kept < n_voxels) part.residuals.conservativeResize(Eigen::NoChange, kept);
  part.table.push_back(is_t_ ? TailTable::of_t(part.tested.dof)
                             : TailTable::of_f(double(part.tested.tested.cols()), part.tested.dof));
  parts_.push_back(std::move(part));
}

template <typename Scalar>
typename ShuffledStatistics<Scalar>::Weights ShuffledStatistics<Scalar>::weights_of(
    const Part& part, uint64_t batch) const {
  const auto n = Eigen::Index(part.participants.size());
  const Eigen::MatrixXd &Q = part.tested.tested, &Z = part.tested.nuisance;
  const Eigen::Index r = Q.cols(), q = Z.cols();
  Weights w;
  if (part.welch) {
    for (uint64_t number = batch * kShuffleBatch;
         number < std::min(sequence_.size(), (batch + 1) * kShuffleBatch); ++number)
      w.shuffles.push_back(among(sequence_[number], part.participants, blocks_));
    return w;
  }
  w.tested = Matrix::Zero(n, kBatch * r);
  w.nuisance = Matrix::Zero(n, kBatch * q);
  for (Eigen::Index b = 0; b < kBatch; ++b) {
    const uint64_t number = batch * kShuffleBatch + uint64_t(b);
    if (number >= sequence_.size()) break;
    const Shuffle shuffle = among(sequence_[number], part.participants, blocks_);
    w.tested.middleCols(b * r, r) = shuffled_back(Q, shuffle).template cast<Scalar>();
    if (q == 0) continue;
    // e has nothing along Z: only what shuffling takes out of its span counts.
    Eigen::MatrixXd moved = shuffled_back(Z, shuffle);
    moved -= Z * (Z.transpose() * moved).eval();
    if (moved.norm() < 1e-10) continue;
    w.nuisance_moves = true;
    w.nuisance.middleCols(b * q, q) = moved.template cast<Scalar>();
  }
  if (!w.nuisance_moves) w.nuisance.resize(0, 0);
  return w;
}

template <typename Scalar>
void ShuffledStatistics<Scalar>::multiply(const Part& part,
                                          const Eigen::Ref<const Matrix>& residuals,
                                          Eigen::Index first, const Weights& weights,
                                          Eigen::Ref<Matrix> maps) const {
  const Eigen::Index r = part.tested.tested.cols(), q = part.tested.nuisance.cols(),
                     m = residuals.cols();
  const auto dof = Scalar(part.tested.dof);
  constexpr Scalar kLeast = std::numeric_limits<Scalar>::epsilon();
  Matrix a, h;
  a.noalias() = residuals.transpose() * weights.tested;
  if (weights.nuisance_moves) h.noalias() = residuals.transpose() * weights.nuisance;
  for (Eigen::Index b = 0; b < kBatch; ++b) {
    Eigen::Array<Scalar, Eigen::Dynamic, 1> left =
        Scalar(1) - a.middleCols(b * r, r).array().square().rowwise().sum();
    if (weights.nuisance_moves) left -= h.middleCols(b * q, q).array().square().rowwise().sum();
    left = left.max(kLeast);
    Eigen::Array<Scalar, Eigen::Dynamic, 1> out =
        is_t_ ? (a.col(b * r).array() * (dof / left).sqrt()).eval()
              : (a.middleCols(b * r, r).array().square().rowwise().sum() * (dof / Scalar(r)) / left)
                    .eval();
    if (compare_z_)
      for (Scalar& x : out) x = Scalar(part.table[0](double(x)).z);
    for (Eigen::Index k = 0; k < m; ++k) maps(part.voxels[size_t(first + k)], b) = out[k];
  }
}

template <typename Scalar>
void ShuffledStatistics<Scalar>::fit_groups(const Part& part,
                                            const Eigen::Ref<const Matrix>& residuals,
                                            Eigen::Index first, const Weights& weights,
                                            Eigen::Ref<Matrix> maps) const {
  const WelchModel& model = *part.welch;
  const Eigen::Index n = residuals.rows(), m = residuals.cols();
  const double numerator = double(part.tested.tested.cols());
  const Matrix basis = model.basis().template cast<Scalar>();
  WelchModel::Workspace work = model.workspace();
  std::vector<double> coordinates(size_t(model.rank())), squares(size_t(model.n_groups()));
  // A group without residuals in a shuffle: the least that this arithmetic tells from none.
  constexpr double kLeast = std::numeric_limits<Scalar>::epsilon();
  Matrix moved(n, m), gamma, left;
  for (size_t b = 0; b < weights.shuffles.size(); ++b) {
    const Shuffle& shuffle = weights.shuffles[b];
    for (Eigen::Index k = 0; k < m; ++k)
      for (Eigen::Index i = 0; i < n; ++i)
        moved(i, k) = Scalar(shuffle.sign[size_t(i)]) * residuals(shuffle.from[size_t(i)], k);
    gamma.noalias() = basis.transpose() * moved;
    left = moved;
    left.noalias() -= basis * gamma;
    for (Eigen::Index k = 0; k < m; ++k) {
      for (size_t c = 0; c < coordinates.size(); ++c)
        coordinates[c] = double(gamma(Eigen::Index(c), k));
      for (size_t g = 0; g < squares.size(); ++g) {
        Scalar sum = 0;
        for (const Eigen::Index i : model.members()[g]) sum += left(i, k) * left(i, k);
        squares[g] = std::max(double(sum), kLeast);
      }
      const auto [statistic, dof] = model(coordinates, squares, work);
      maps(part.voxels[size_t(first + k)], Eigen::Index(b)) =
          Scalar(is_t_ ? z_from_t(statistic, dof) : z_from_f(statistic, numerator, dof));
    }
  }
}

template <typename Scalar>
void ShuffledStatistics<Scalar>::evaluate(uint64_t first, Eigen::Index n, int n_threads,
                                          Matrix& maps) const {
  for (const Part& part : parts_) {
    std::vector<Weights> weights(size_t(n), Weights{});
    parallel_for(n, n_threads, [&](Eigen::Index b) {
      weights[size_t(b)] = weights_of(part, first + uint64_t(b));
    });
    const auto n_voxels = Eigen::Index(part.voxels.size());
    parallel_for((n_voxels + kVoxels - 1) / kVoxels, n_threads, [&](Eigen::Index chunk) {
      const Eigen::Index begin = chunk * kVoxels, m = std::min(kVoxels, n_voxels - begin);
      Matrix read;
      if (!in_memory()) {
        read.resize(Eigen::Index(part.participants.size()), m);
        for_residuals(part, begin, begin + m, [&](Eigen::Index k, bool, const Eigen::VectorXd& e) {
          read.col(k - begin) = e.cast<Scalar>();
        });
      }
      const Eigen::Ref<const Matrix> residuals =
          in_memory() ? Eigen::Ref<const Matrix>(part.residuals.middleCols(begin, m))
                      : Eigen::Ref<const Matrix>(read);
      for (Eigen::Index b = 0; b < n; ++b) {
        const auto columns = maps.middleCols(b * kBatch, kBatch);
        if (part.welch)
          fit_groups(part, residuals, begin, weights[size_t(b)], columns);
        else
          multiply(part, residuals, begin, weights[size_t(b)], columns);
      }
    });
  }
}

template <typename Scalar>
double ShuffledStatistics<Scalar>::bytes_per_thread() const {
  const double n = double(data_.n_participants());
  double columns = 0;
  for (const Part& part : parts_)
    columns = std::max(
        columns, part.welch
                     ? 3 * n
                     : double(kBatch * (part.tested.tested.cols() + part.tested.nuisance.cols())));
  // Residuals, what is read of the data, and the products.
  return n * double(kVoxels * Eigen::Index(sizeof(Scalar)) + kRead * 8) +
         columns * double(kVoxels) * sizeof(Scalar);
}

template <typename Scalar>
double ShuffledStatistics<Scalar>::bytes_per_batch() const {
  double columns = 0;
  for (const Part& part : parts_)
    columns = std::max(columns, double(part.tested.tested.cols() + part.tested.nuisance.cols()));
  return double(data_.n_participants()) * double(kBatch) * columns * sizeof(Scalar);
}

template class ShuffledStatistics<float>;
template class ShuffledStatistics<double>;

}  // namespace sociometer
