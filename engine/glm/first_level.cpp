#include "engine/glm/first_level.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/core/smoothing.hpp"

namespace sociometer {
namespace {

/// Reads blocks of volumes on a thread of its own, one block ahead of the caller.
class ReadAhead {
 public:
  ReadAhead(VolumeSource& source, Eigen::Index n_volumes, Eigen::Index per_block)
      : source_(source), remaining_(n_volumes), per_block_(per_block), reader_([this] { run(); }) {}
  ~ReadAhead() {
    {
      const std::lock_guard lock(guard_);
      stopped_ = true;
    }
    changed_.notify_all();
    reader_.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The next block; empty at the end. The previous one may be overwritten.
  const std::vector<std::byte>& next() {
    std::unique_lock lock(guard_);
    current_.clear();
    changed_.wait(lock, [this] { return ready_ || finished_; });
    if (ready_) {
      std::swap(current_, filled_);
      ready_ = false;
    } else if (failure_) {
      std::rethrow_exception(failure_);
    }
    lock.unlock();
    changed_.notify_all();
    return current_;
  }

 private:
  void run() {
    try {
      std::vector<std::byte> block;
      while (remaining_ > 0) {
        const Eigen::Index n = std::min(per_block_, remaining_);
        block.resize(size_t(n) * source_.volume_bytes());
        source_.read(block);
        remaining_ -= n;
        std::unique_lock lock(guard_);
        changed_.wait(lock, [this] { return !ready_ || stopped_; });
        if (stopped_) return;
        std::swap(block, filled_);
        ready_ = true;
        lock.unlock();
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(guard_);
      failure_ = std::current_exception();
    }
    {
      const std::lock_guard lock(guard_);
      finished_ = true;
    }
    changed_.notify_all();
  }

  VolumeSource& source_;
  Eigen::Index remaining_, per_block_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<std::byte> filled_, current_;
  bool ready_ = false, finished_ = false, stopped_ = false;
  std::exception_ptr failure_;
  std::thread reader_;  // last: it starts when all else is there
};

Eigen::Index volumes_per_block(const VolumeSource& source, const StreamOptions& options) {
  const auto fitting =
      Eigen::Index(options.block_bytes / std::max<size_t>(source.volume_bytes(), 1));
  return std::clamp<Eigen::Index>(fitting, 1, 64);
}

/// Turns raw volumes into smoothed float64 ones.
class BlockSmoother {
 public:
  BlockSmoother(const VolumeSource& source, const StreamOptions& options)
      : smoother_(source.grid(), options.smoothing_fwhm_mm),
        format_(source.format()),
        n_voxels_(size_t(source.grid().n_voxels())),
        n_threads_(options.n_threads) {}

  std::span<const std::byte> smooth(std::span<const std::byte> raw) {
    const size_t bytes = n_voxels_ * size_in_bytes(format_.type);
    const size_t n = raw.size() / bytes;
    values_.resize(n * n_voxels_);
    parallel_for(Eigen::Index(n), n_threads_, [&](Eigen::Index i) {
      std::vector<double> volume(n_voxels_);
      decode_range(raw.subspan(size_t(i) * bytes, bytes), format_, 0, n_voxels_, volume.data());
      smoother_.smooth(volume);
      std::copy(volume.begin(), volume.end(),
                values_.begin() + Eigen::Index(i * Eigen::Index(n_voxels_)));
    });
    return std::as_bytes(std::span(values_));
  }

 private:
  GaussianSmoother smoother_;
  VolumeFormat format_;
  size_t n_voxels_;
  int n_threads_;
  std::vector<double> values_;
};

}  // namespace

LagSums sum_run(VolumeSource& source, const RunDesign& design, const Mask& mask,
                const kernels::KernelSet& kernels, const StreamOptions& options) {
  if (source.n_volumes() != design.n_scans())
    fail(ErrorCode::shape_mismatch, "the image has {} volumes, the design {} scans",
         source.n_volumes(), design.n_scans());
  const bool smoothing = options.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
  BlockSmoother smoother(source, options);
  LagSums sums(design, mask, kernels);
  ReadAhead blocks(source, source.n_volumes(), volumes_per_block(source, options));
  for (Eigen::Index done = 0; done < source.n_volumes();) {
    const auto& raw = blocks.next();
    const auto n = Eigen::Index(raw.size() / source.volume_bytes());
    if (smoothing) {
      const VolumeFormat smoothed{ScalarType::float64, false, 1, 0};
      sums.add(smoother.smooth(raw), size_t(source.grid().n_voxels()) * sizeof(double), smoothed,
               options.n_threads);
    } else {
      sums.add(raw, source.volume_bytes(), source.format(), options.n_threads);
    }
    done += n;
    if (options.progress) options.progress(done, source.n_volumes());
  }
  return sums;
}

std::vector<double> mean_of_first_volumes(VolumeSource& source, const std::vector<uint8_t>& kept,
                                          Eigen::Index n, const StreamOptions& options) {
  const auto n_voxels = size_t(source.grid().n_voxels());
  const bool smoothing = options.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
  const GaussianSmoother smoother(source.grid(), options.smoothing_fwhm_mm);
  std::vector<std::byte> raw(source.volume_bytes());
  std::vector<double> volume(n_voxels), mean(n_voxels, 0.0);
  Eigen::Index used = 0;
  for (size_t i = 0; i < kept.size() && used < n; ++i) {
    source.read(raw);
    if (!kept[i]) continue;
    ++used;
    decode_range(raw, source.format(), 0, n_voxels, volume.data());
    if (smoothing) smoother.smooth(volume);
    for (size_t v = 0; v < n_voxels; ++v) mean[v] += volume[v];
  }
  for (double& v : mean) v /= double(used);
  return mean;
}

}  // namespace sociometer
