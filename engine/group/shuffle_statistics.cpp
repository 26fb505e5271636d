#include "engine/group/shuffle_statistics.hpp"

#include <cmath>
#include <limits>
#include <map>

namespace sociometer {
namespace {

constexpr Eigen::Index kBatch = kShuffleBatch;
/// Voxels that are taken at a time.
constexpr Eigen::Index kVoxels = 2048;
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
ShuffledVoxels<Scalar>::ShuffledVoxels(const ShuffledTest& test, const GroupValues& values,
                                       const PresencePattern& pattern, const GroupDesign& design,
                                       const GroupContrast& contrast, TestedSpace tested)
    : test_(&test), participants_(pattern.participants), tested_(std::move(tested)) {
  const Eigen::Index n = pattern.n();
  if (!test.groups.empty()) {
    std::vector<int> of_those;
    for (const Eigen::Index i : participants_) of_those.push_back(test.groups[size_t(i)]);
    welch_.emplace(chosen_rows(design.values, participants_), contrast, of_those);
  }
  std::vector<Eigen::VectorXd> columns;
  for (const uint32_t v : pattern.voxels) {
    Eigen::VectorXd y(n), residual;
    for (Eigen::Index i = 0; i < n; ++i) y[i] = values(participants_[size_t(i)], v);
    if (!take(y, residual)) continue;
    voxels_.push_back(v);
    columns.push_back(std::move(residual));
  }
  residuals_.resize(n, Eigen::Index(columns.size()));
  for (size_t k = 0; k < columns.size(); ++k)
    residuals_.col(Eigen::Index(k)) = columns[k].template cast<Scalar>();
  table_ = std::make_unique<TailTable>(
      test.is_t ? TailTable::of_t(tested_.dof)
                : TailTable::of_f(double(tested_.tested.cols()), tested_.dof));
}

template <typename Scalar>
bool ShuffledVoxels<Scalar>::take(const Eigen::VectorXd& y, Eigen::VectorXd& residual) const {
  const double whole = y.squaredNorm();
  residual = y - tested_.nuisance * (tested_.nuisance.transpose() * y).eval();
  const double rest = residual.squaredNorm(),
               left = rest - (tested_.tested.transpose() * residual).squaredNorm();
  if (!(left > kNoResidual * whole) || !(left > 1e-14 * rest)) return false;
  if (welch_) {
    const Eigen::VectorXd full = y - welch_->basis() * (welch_->basis().transpose() * y).eval();
    for (const auto& rows : welch_->members())
      if (!(full(rows).squaredNorm() > kNoResidual * whole)) return false;
  }
  residual /= std::sqrt(rest);
  return true;
}

template <typename Scalar>
void ShuffledVoxels<Scalar>::statistics(uint64_t first, Matrix& maps) const {
  if (welch_)
    variance_groups(first, maps);
  else
    equal_variances(first, maps);
}

template <typename Scalar>
void ShuffledVoxels<Scalar>::equal_variances(uint64_t first, Matrix& maps) const {
  const Eigen::Index n = residuals_.rows(), r = tested_.tested.cols(), q = tested_.nuisance.cols();
  const Eigen::MatrixXd& Z = tested_.nuisance;
  Matrix weights = Matrix::Zero(n, kBatch * r), nuisance = Matrix::Zero(n, kBatch * q);
  bool nuisance_moves = false;
  const ShuffleSequence& sequence = *test_->sequence;
  for (Eigen::Index b = 0; b < kBatch && first + uint64_t(b) < sequence.size(); ++b) {
    const Shuffle shuffle = among(sequence[first + uint64_t(b)], participants_, test_->blocks);
    weights.middleCols(b * r, r) = shuffled_back(tested_.tested, shuffle).template cast<Scalar>();
    if (q == 0) continue;
    // e has nothing along Z: only what shuffling takes out of its span counts.
    Eigen::MatrixXd moved = shuffled_back(Z, shuffle);
    moved -= Z * (Z.transpose() * moved).eval();
    if (moved.norm() < 1e-10) continue;
    nuisance_moves = true;
    nuisance.middleCols(b * q, q) = moved.template cast<Scalar>();
  }
  Matrix a, h;
  const auto dof = Scalar(tested_.dof);
  constexpr Scalar kLeast = std::numeric_limits<Scalar>::epsilon();
  for (Eigen::Index v0 = 0; v0 < residuals_.cols(); v0 += kVoxels) {
    const Eigen::Index m = std::min(kVoxels, residuals_.cols() - v0);
    a.noalias() = residuals_.middleCols(v0, m).transpose() * weights;
    if (nuisance_moves) h.noalias() = residuals_.middleCols(v0, m).transpose() * nuisance;
    for (Eigen::Index b = 0; b < kBatch; ++b) {
      Eigen::Array<Scalar, Eigen::Dynamic, 1> left =
          Scalar(1) - a.middleCols(b * r, r).array().square().rowwise().sum();
      if (nuisance_moves) left -= h.middleCols(b * q, q).array().square().rowwise().sum();
      left = left.max(kLeast);
      Eigen::Array<Scalar, Eigen::Dynamic, 1> out =
          test_->is_t
              ? (a.col(b * r).array() * (dof / left).sqrt()).eval()
              : (a.middleCols(b * r, r).array().square().rowwise().sum() * (dof / Scalar(r)) / left)
                    .eval();
      if (test_->compare_z)
        for (Scalar& x : out) x = Scalar((*table_)(double(x)).z);
      for (Eigen::Index k = 0; k < m; ++k) maps(voxels_[size_t(v0 + k)], b) = out[k];
    }
  }
}

template <typename Scalar>
void ShuffledVoxels<Scalar>::variance_groups(uint64_t first, Matrix& maps) const {
  const Eigen::Index n = residuals_.rows(), n_groups = welch_->n_groups();
  const Matrix basis = welch_->basis().template cast<Scalar>();
  WelchModel::Workspace work = welch_->workspace();
  std::vector<double> coordinates(size_t(welch_->rank())), squares(static_cast<size_t>(n_groups));
  Matrix moved, gamma, rest;
  // A group without residuals in a shuffle: the least that this arithmetic tells from none.
  constexpr double kLeast = std::numeric_limits<Scalar>::epsilon();
  const ShuffleSequence& sequence = *test_->sequence;
  const double numerator = double(tested_.tested.cols());
  for (Eigen::Index b = 0; b < kBatch && first + uint64_t(b) < sequence.size(); ++b) {
    const Shuffle shuffle = among(sequence[first + uint64_t(b)], participants_, test_->blocks);
    for (Eigen::Index v0 = 0; v0 < residuals_.cols(); v0 += kVoxels) {
      const Eigen::Index m = std::min(kVoxels, residuals_.cols() - v0);
      moved.resize(n, m);
      for (Eigen::Index k = 0; k < m; ++k)
        for (Eigen::Index i = 0; i < n; ++i)
          moved(i, k) = Scalar(shuffle.sign[size_t(i)]) *
                        residuals_(Eigen::Index(shuffle.from[size_t(i)]), v0 + k);
      gamma.noalias() = basis.transpose() * moved;
      rest = moved;
      rest.noalias() -= basis * gamma;
      for (Eigen::Index k = 0; k < m; ++k) {
        for (size_t c = 0; c < coordinates.size(); ++c)
          coordinates[c] = double(gamma(Eigen::Index(c), k));
        for (size_t g = 0; g < squares.size(); ++g) {
          Scalar sum = 0;
          for (const Eigen::Index i : welch_->members()[g]) sum += rest(i, k) * rest(i, k);
          squares[g] = std::max(double(sum), kLeast);
        }
        const auto [statistic, dof] = (*welch_)(coordinates, squares, work);
        const double x = !test_->compare_z ? statistic
                         : test_->is_t     ? z_from_t(statistic, dof)
                                           : z_from_f(statistic, numerator, dof);
        maps(voxels_[size_t(v0 + k)], b) = Scalar(x);
      }
    }
  }
}

template class ShuffledVoxels<float>;
template class ShuffledVoxels<double>;

}  // namespace sociometer
