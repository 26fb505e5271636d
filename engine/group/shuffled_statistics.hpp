#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/group/group_data.hpp"
#include "engine/group/kernels/kernels.hpp"
#include "engine/group/presence.hpp"
#include "engine/group/shuffling.hpp"
#include "engine/group/subset_models.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {

/// Permutations that are computed together. Batches begin at multiples of it, so that the
/// arithmetic of a permutation does not depend on how the work is divided.
inline constexpr uint64_t kShuffleBatch = 16;

/// Inputs of the statistics. All of them except the patterns must outlive the statistics.
struct ShuffledStatisticsPlan {
  const GroupData& data;
  const ShuffleSequence& sequence;
  const SubsetModels& models;
  const std::vector<PresencePattern>& patterns;  ///< of the data
  bool compare_z = false;                        ///< also where t or F would be comparable
  int n_threads = 1;                             ///< for the preparation
};

/// Maps of the t or F statistic of permuted data.
///
/// Model. With e the residuals of the reduced model in a voxel, scaled to unit length, and Q, Z
/// the bases of the tested and the nuisance space, t = sqrt(dof) q'Pe / sqrt(1 - |Z'Pe|^2 -
/// (q'Pe)^2): a product of the permuted bases with e, so that a batch of permutations is a matrix
/// product. With variance groups, which stay fixed in the design while the data move, the
/// full model is fitted to each permutation (WelchModel).
///
/// Exact: the statistic is that of the full model fitted to the permuted residuals, to rounding in
/// `Scalar`; the bits depend neither on the batches of a call, nor on threads, nor on whether the
/// data are in memory. For data in memory e is stored; for others e is recomputed, to
/// the same bits, whenever it is needed.
///
/// Approximate: z of t, F, v and G is interpolated (TailTable, WelchTails). In float32, statistics
/// of the same arrangement summed in another order differ by about 1e-5 of their size.
///
/// Fails: nowhere. Voxels without residual, or where the contrast is not estimable from the
/// participants present, are not valid(); permutations that make the contrast inestimable in a
/// voxel give none() there.
///
///     const ShuffleSequence shuffles(set, 999, seed);
///     const SubsetModels models(design, contrast, {});
///     const auto patterns = presence_patterns(data, 20);
///     const ShuffledStatistics<float> statistics({data, shuffles, models, patterns});
///     Eigen::MatrixXf maps = Eigen::MatrixXf::Zero(data.n_voxels(), kShuffleBatch);
///     statistics.evaluate(0, 1, n_threads, maps);
///     // maps.col(0): the observed statistics; maps.col(k): permutation k
///     // rows of voxels that are not statistics.valid() are unchanged
template <typename Scalar>
class ShuffledStatistics {
 public:
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// Computes the residuals of all voxels.
  /// @cost  as least squares.
  explicit ShuffledStatistics(const ShuffledStatisticsPlan& plan);
  /// Whether the statistic is z: as requested, or because degrees of freedom differ between voxels.
  bool compares_z() const { return compare_z_; }
  /// Degrees of freedom, if uniform; negative if no voxel has a statistic.
  double dof() const { return parts_.empty() ? -1 : parts_.back().tested().dof; }
  /// z of a statistic of evaluate: the same if z is compared.
  double z_of(double statistic) const {
    return compare_z_ ? statistic : (*parts_.at(0).table)(statistic).z;
  }
  /// For each voxel: whether it has a statistic.
  const std::vector<uint8_t>& valid() const { return valid_; }
  Eigen::Index n_voxels() const { return Eigen::Index(valid_.size()); }
  bool in_memory() const { return data_.in_memory(); }

  /// Statistics of the permutations of batches [first, first + n).
  /// @param maps  (n_voxels, n * kShuffleBatch); rows of voxels without a statistic are unchanged,
  /// columns past the last permutation are arbitrary.
  /// @cost  2 n_participants n_voxels kShuffleBatch flops per batch; for data not in memory,
  /// one pass over them for all batches, and bytes_per_thread() of memory.
  void evaluate(uint64_t first, Eigen::Index n, int n_threads, Matrix& maps) const;

  /// For each voxel: number of permutations in which the contrast is not estimable. Their statistic
  /// is none(), which carries no information about the voxel.
  std::vector<uint32_t> shuffles_without_contrast(int n_threads) const;
  double none() const {
    const bool f_as_z = compare_z_ && !is_t_ && !parts_.empty() && !parts_[0].model->welch;
    return f_as_z ? (*parts_[0].table)(0.0).z : 0.0;
  }

  /// Largest derivative of a statistic with respect to its cosine: t = a sqrt(dof /
  /// (1 - a^2)) by sqrt(dof) (1 + t^2/dof)^1.5 (z by no more than t near 0).
  double change_per_cosine(double statistic) const;

  /// Statistics of all permutations in one voxel, in the order of the permutations.
  using UseVoxel = std::function<void(uint32_t voxel, std::span<Scalar> statistics)>;
  /// Calls use, from several threads and in any order, for each requested voxel with a statistic
  /// (n_voxels). The statistics are bit-identical to those of evaluate; use may change them.
  /// @param bytes  memory to use for them; the minimum is 64 voxels at a time.
  /// @cost  that of evaluate for all permutations; for data not in memory one pass, or more
  /// if the bases of all permutations do not fit.
  void for_each_voxel(const std::vector<uint8_t>& wanted, double bytes, int n_threads,
                      const UseVoxel& use) const;

  /// Memory per thread in evaluate, for data that are not in memory.
  double bytes_per_thread() const;
  /// Memory of a batch's weights in evaluate.
  double bytes_per_batch() const;

 private:
  struct Part {
    std::vector<Eigen::Index> participants;
    std::vector<uint32_t> voxels;
    std::shared_ptr<const SubsetModel> model;
    const TestedSpace& tested() const { return model->tested; }
    Matrix tiles;  ///< e (see Tile); empty if the data are not in memory
    std::shared_ptr<const TailTable> table;
    std::vector<WelchTails> tails;  ///< one, for float32 with variance groups
  };
  /// Residuals of kTile voxels side by side: voxel k of participant i is in row k % kTile and
  /// column k / kTile * n + i. Rows past the last voxel are 0.
  using Tile = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;
  /// A permutation restricted to the participants present. Row k of the permuted data is sign[k]
  /// times that of participant from[k], and gets the k-th of the design rows that fall to them in
  /// the full permutation.
  struct PlacedShuffle {
    Shuffle shuffle;
    std::shared_ptr<const SubsetModel> model;  ///< null: contrast not estimable from their rows
  };
  /// Adds the voxels of a pattern, except those without residual.
  void add(const PresencePattern& pattern, const std::shared_ptr<const SubsetModel>& model,
           int n_threads);
  /// Residuals of all voxels of a part in memory; for others only whether there are any.
  std::vector<uint8_t> prepare(Part& part, int n_threads) const;
  PlacedShuffle placed(const Part& part, const Shuffle& all) const;
  struct Weights {
    /// Permuted bases, (n, columns): the tested columns of all permutations, then those of the
    /// nuisance space, as far as they leave it.
    Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> columns;
    Eigen::Index n_nuisance = 0;
    std::vector<PlacedShuffle> shuffles;  ///< with variance groups, instead of the rest
  };
  /// e of a voxel; false if there is no residual.
  static bool residuals_of(const Part& part, const GroupBlock& block, Eigen::Index column,
                           Eigen::VectorXd& e);
  /// Calls use(index in the part's voxels, e) for the voxels at indices [first, last).
  template <typename Use>
  void for_residuals(const Part& part, Eigen::Index first, Eigen::Index last, const Use& use) const;
  /// The permutations of batches [first, first + n), common to all parts.
  std::vector<Shuffle> shuffles_of(uint64_t first, Eigen::Index n, int n_threads) const;
  /// @param shuffles  of the batch.
  Weights weights_of(const Part& part, std::span<const Shuffle> shuffles) const;
  /// @param shuffles  from shuffles_of.
  std::vector<Weights> weights_of_batches(const Part& part, const std::vector<Shuffle>& shuffles,
                                          int n_threads) const;
  /// Memory per thread for the statistics of a tile.
  struct Space {
    Matrix products, statistics;
  };
  void multiply(const Part& part, const Tile& tile, Eigen::Index n_voxels, const Weights& weights,
                Space& space) const;
  void fit_groups(const Part& part, const Tile& tile, Eigen::Index n_voxels, const Weights& weights,
                  Space& space) const;

  /// Calls take(index of the first voxel, voxels, batch, statistics (kTile, kShuffleBatch)) for the
  /// tiles at indices [first, last) of the part's voxels; `first` begins a tile.
  template <typename Take>
  void for_tiles(const Part& part, Eigen::Index first, Eigen::Index last,
                 const std::vector<Weights>& weights, const Take& take) const;

  const GroupData& data_;
  const ShuffleSequence& sequence_;
  const SubsetModels& models_;
  bool is_t_, compare_z_;
  std::vector<uint8_t> valid_;
  std::vector<Part> parts_;
  TailTables tables_;
  const shuffle_kernels::KernelSet& kernels_ = shuffle_kernels::best_kernels();
};

}  // namespace sociometer
