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

/// Shuffles that are computed together. Batches begin at multiples of it, so that the arithmetic of
/// a shuffle does not depend on which part of the work it is in.
inline constexpr uint64_t kShuffleBatch = 16;

/// What statistics are computed of. Everything but the patterns must outlive them.
struct ShuffledStatisticsPlan {
  const GroupData& data;
  const ShuffleSequence& sequence;
  const SubsetModels& models;
  const std::vector<PresencePattern>& patterns;  ///< of the data
  bool compare_z = false;                        ///< also where one t or F would do
  int n_threads = 1;                             ///< of the preparation
};

/// Maps of the t or F statistic of shuffled data.
///
/// Model. With e the residuals of the reduced model in a voxel, divided by their length, and Q, Z
/// the bases of the tested and the nuisance space, t = sqrt(dof) q'Pe / sqrt(1 - |Z'Pe|^2 -
/// (q'Pe)^2): a product of the shuffled bases with e, so that a batch of shuffles is a matrix
/// product. With variance groups, which stay where they are in the design while the data move, the
/// full model is fitted to each shuffle (WelchModel).
///
/// Exact: the statistic is that of the full model fitted to the shuffled residuals, to rounding in
/// `Scalar`; the bits depend neither on the batches of a call, nor on threads, nor on whether the
/// data are in memory. Data in memory are kept as e; of data that are not, e is computed anew, to
/// the same bits, whenever it is needed.
///
/// Approximate: z of t, F, v and G is interpolated (TailTable, WelchTails). In float32 statistics
/// of the same arrangement that were reached by other sums differ by some 1e-5 of their size.
///
/// Fails: nowhere. Voxels in which the model leaves nothing, or whose participants cannot tell the
/// contrast, are not valid(); shuffles that leave a voxel a design which cannot tell the contrast
/// give none() there.
///
///     const ShuffleSequence shuffles(set, 999, seed);
///     const SubsetModels models(design, contrast, {});
///     const auto patterns = presence_patterns(data, 20);
///     const ShuffledStatistics<float> statistics({data, shuffles, models, patterns});
///     Eigen::MatrixXf maps = Eigen::MatrixXf::Zero(data.n_voxels(), kShuffleBatch);
///     statistics.evaluate(0, 1, n_threads, maps);
///     // maps.col(0): the data as they are; maps.col(k): shuffle k
///     // rows of voxels that are not statistics.valid() keep what they had
template <typename Scalar>
class ShuffledStatistics {
 public:
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// Computes the residuals of all voxels.
  /// @cost  as least squares.
  explicit ShuffledStatistics(const ShuffledStatisticsPlan& plan);
  /// Whether the statistic is z: as planned, or because degrees of freedom differ between voxels.
  bool compares_z() const { return compare_z_; }
  /// Degrees of freedom, where they are one; negative where no voxel has a statistic.
  double dof() const { return parts_.empty() ? -1 : parts_.back().tested().dof; }
  /// z of a statistic of evaluate: itself where z is compared.
  double z_of(double statistic) const {
    return compare_z_ ? statistic : (*parts_.at(0).table)(statistic).z;
  }
  /// Of each voxel: whether it has a statistic.
  const std::vector<uint8_t>& valid() const { return valid_; }
  Eigen::Index n_voxels() const { return Eigen::Index(valid_.size()); }
  bool in_memory() const { return data_.in_memory(); }

  /// Statistics of the shuffles of batches [first, first + n).
  /// @param maps  (n_voxels, n * kShuffleBatch); rows of voxels without a statistic are left alone,
  /// columns past the last shuffle are arbitrary.
  /// @cost  2 n_participants n_voxels kShuffleBatch flops a batch; of data that are not in memory,
  /// one pass over them for all batches, and the memory of bytes_per_thread().
  void evaluate(uint64_t first, Eigen::Index n, int n_threads, Matrix& maps) const;

  /// Of each voxel: shuffles that leave it a design which cannot tell the contrast. Their statistic
  /// is none(), which says nothing of the voxel.
  std::vector<uint32_t> shuffles_without_contrast(int n_threads) const;
  double none() const {
    const bool f_as_z = compare_z_ && !is_t_ && !parts_.empty() && !parts_[0].model->welch;
    return f_as_z ? (*parts_[0].table)(0.0).z : 0.0;
  }

  /// By how much a statistic changes at most with the cosine that it is made from: t = a sqrt(dof /
  /// (1 - a^2)) by sqrt(dof) (1 + t^2/dof)^1.5 (z by no more than t near 0).
  double change_per_cosine(double statistic) const;

  /// Statistics of all shuffles in one voxel, in the order of the shuffles.
  using UseVoxel = std::function<void(uint32_t voxel, std::span<Scalar> statistics)>;
  /// Calls use, from several threads and in any order, for each voxel with a statistic that is
  /// wanted (n_voxels). The statistics are those of evaluate, to the bit; use may change them.
  /// @param bytes  memory to take for them; 64 voxels at a time are the least.
  /// @cost  that of evaluate for all shuffles; of data that are not in memory one pass, or more
  /// when the bases of all shuffles do not fit.
  void for_each_voxel(const std::vector<uint8_t>& wanted, double bytes, int n_threads,
                      const UseVoxel& use) const;

  /// Memory of a thread in evaluate, for data that are not in memory.
  double bytes_per_thread() const;
  /// Memory of a batch's weights in evaluate.
  double bytes_per_batch() const;

 private:
  struct Part {
    std::vector<Eigen::Index> participants;
    std::vector<uint32_t> voxels;
    std::shared_ptr<const SubsetModel> model;
    const TestedSpace& tested() const { return model->tested; }
    Matrix tiles;  ///< e (see Tile); empty when the data are not in memory
    std::shared_ptr<const TailTable> table;
    std::vector<WelchTails> tails;  ///< one, for float32 with variance groups
  };
  /// Residuals of kTile voxels side by side: voxel k of participant i is in row k % kTile and
  /// column k / kTile * n + i. Rows past the last voxel are 0.
  using Tile = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;
  /// A shuffle among those who are there. Row k of the shuffled data is sign[k] times that of
  /// participant from[k], and has the k-th of the rows of the design that they get, which others
  /// leave to them when all change places.
  struct PlacedShuffle {
    Shuffle shuffle;
    std::shared_ptr<const SubsetModel> model;  ///< nothing: their rows cannot tell the contrast
  };
  /// Adds the voxels of a pattern, but those in which the model leaves nothing.
  void add(const PresencePattern& pattern, const std::shared_ptr<const SubsetModel>& model,
           int n_threads);
  /// Residuals of all voxels of a part in memory; of others only whether there are any.
  std::vector<uint8_t> prepare(Part& part, int n_threads) const;
  PlacedShuffle placed(const Part& part, const Shuffle& all) const;
  struct Weights {
    /// Shuffled bases, (n, columns): the tested columns of all shuffles, then those of the nuisance
    /// space, as far as they move out of it.
    Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> columns;
    Eigen::Index n_nuisance = 0;
    std::vector<PlacedShuffle> shuffles;  ///< with variance groups, in place of the rest
  };
  /// e of a voxel; false where the model leaves nothing.
  static bool residuals_of(const Part& part, const GroupBlock& block, Eigen::Index column,
                           Eigen::VectorXd& e);
  /// Calls use(place in the part's voxels, e) for the voxels at places [first, last).
  template <typename Use>
  void for_residuals(const Part& part, Eigen::Index first, Eigen::Index last, const Use& use) const;
  /// The shuffles of batches [first, first + n), which all parts share.
  std::vector<Shuffle> shuffles_of(uint64_t first, Eigen::Index n, int n_threads) const;
  /// @param shuffles  of the batch.
  Weights weights_of(const Part& part, std::span<const Shuffle> shuffles) const;
  /// @param shuffles  of shuffles_of.
  std::vector<Weights> weights_of_batches(const Part& part, const std::vector<Shuffle>& shuffles,
                                          int n_threads) const;
  /// Memory of a thread for the statistics of a tile.
  struct Space {
    Matrix products, statistics;
  };
  void multiply(const Part& part, const Tile& tile, Eigen::Index n_voxels, const Weights& weights,
                Space& space) const;
  void fit_groups(const Part& part, const Tile& tile, Eigen::Index n_voxels, const Weights& weights,
                  Space& space) const;

  /// Calls take(place of the first voxel, voxels, batch, statistics (kTile, kShuffleBatch)) for the
  /// tiles at places [first, last) of the part's voxels; `first` begins a tile.
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
