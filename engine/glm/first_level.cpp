#include "engine/glm/first_level.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <thread>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/core/read_ahead.hpp"
#include "engine/core/smoothing.hpp"

namespace sociometer {
namespace {

/// Smoothed float64 volumes of a source; smooths several at a time while the next are read.
class SmoothedSource : public VolumeSource {
 public:
  SmoothedSource(VolumeSource& source, const StreamOptions& options)
      : source_(source),
        smoother_(source.grid(), options.smoothing_fwhm_mm),
        n_threads_(options.n_threads),
        raw_([this](Raw& raw) { return read_raw(raw); }, std::vector<Raw>(3)) {}

  const Grid& grid() const override { return source_.grid(); }
  Eigen::Index n_volumes() const override { return source_.n_volumes(); }
  VolumeFormat format() const override { return {ScalarType::float64, false, 1, 0}; }
  void read(std::span<std::byte> bytes) override {
    while (!bytes.empty()) {
      if (at_ == smoothed_.size() * volume_bytes()) smooth_next();
      const size_t volume = at_ / volume_bytes(), from = at_ % volume_bytes();
      const size_t n = std::min(bytes.size(), volume_bytes() - from);
      std::memcpy(bytes.data(), reinterpret_cast<const std::byte*>(smoothed_[volume].data()) + from,
                  n);
      bytes = bytes.subspan(n);
      at_ += n;
    }
  }

 private:
  using Raw = std::vector<std::byte>;
  static constexpr Eigen::Index kAtATime = 8;

  bool read_raw(Raw& raw) {
    const Eigen::Index n = std::min(kAtATime, source_.n_volumes() - n_read_);
    raw.resize(size_t(n) * source_.volume_bytes());
    if (n > 0) source_.read(raw);
    n_read_ += n;
    return n > 0;
  }
  void smooth_next() {
    const Raw* raw = raw_.next();
    require(raw != nullptr, "no more volumes are read than the source has");
    const size_t size = source_.volume_bytes(), n_voxels = size_t(grid().n_voxels());
    smoothed_.resize(raw->size() / size);
    parallel_for(Eigen::Index(smoothed_.size()), n_threads_, [&](Eigen::Index i) {
      auto& volume = smoothed_[size_t(i)];
      volume.resize(n_voxels);
      decode_range(std::span(*raw).subspan(size_t(i) * size, size), source_.format(), 0, n_voxels,
                   volume.data());
      smoother_.smooth(volume);
    });
    at_ = 0;
  }

  VolumeSource& source_;
  GaussianSmoother smoother_;
  int n_threads_;
  Eigen::Index n_read_ = 0;
  size_t at_ = 0;  ///< byte within the smoothed volumes
  std::vector<std::vector<double>> smoothed_;
  ReadAhead<Raw> raw_;  // last: its thread uses the members above
};

bool smooths(const StreamOptions& options) {
  return options.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
}

/// The source itself, or its smoothed volumes.
class MaybeSmoothed {
 public:
  MaybeSmoothed(VolumeSource& source, const StreamOptions& options)
      : smoothed_(smooths(options) ? std::make_unique<SmoothedSource>(source, options) : nullptr),
        source_(smoothed_ ? *smoothed_ : source) {}
  VolumeSource& operator*() { return source_; }
  VolumeSource* operator->() { return &source_; }

 private:
  std::unique_ptr<SmoothedSource> smoothed_;
  VolumeSource& source_;
};

/// Reads the volumes of a source part by part, on a separate thread: inflation is the bottleneck,
/// so its thread does nothing else. Parts are small because inflation looks back at its output, and
/// reuses cached memory (5 % faster than six volumes of 2 MB in turn).
class PartsAhead {
 public:
  explicit PartsAhead(VolumeSource& source)
      : volume_bytes_(source.volume_bytes()),
        left_(volume_bytes_ * size_t(source.n_volumes())),
        parts_([this, &source](Part& part) { return read(source, part); },
               std::vector<Part>(kParts), kParts / 2) {}

  /// Adds the next volume to the series of each group of voxels.
  void append_to(std::vector<MaskedSeries>& groups) {
    for (const Eigen::Index n = groups[0].n_scans(); groups[0].n_scans() == n;) {
      const Part* part = parts_.next();
      require(part != nullptr, "no more volumes are read than the source has");
      for (MaskedSeries& series : groups) series.append(std::span(part->bytes).first(part->size));
    }
  }

 private:
  struct Part {
    std::vector<std::byte> bytes;
    size_t size = 0;
  };
  static constexpr size_t kParts = 8, kPartBytes = size_t{1} << 19;  // a multiple of value sizes

  bool read(VolumeSource& source, Part& part) {
    if (left_ == 0) return false;
    const size_t left_of_volume = (left_ - 1) % volume_bytes_ + 1;
    part.bytes.resize(std::min(kPartBytes, volume_bytes_));
    part.size = std::min(kPartBytes, left_of_volume);
    source.read(std::span(part.bytes).first(part.size));
    left_ -= part.size;
    return true;
  }

  size_t volume_bytes_, left_;  // used by the reading thread
  ReadAhead<Part> parts_;       // last: its thread uses the members above
};

void require_scans(const VolumeSource& source, Eigen::Index n_scans) {
  if (source.n_volumes() != n_scans)
    fail(ErrorCode::shape_mismatch, "the image has {} volumes, the design {} scans",
         source.n_volumes(), n_scans);
}

/// The last block is short, so that little remains to be summed when the file has been read. Each
/// block costs a pass over the sums, so there are no more of them than needed.
Eigen::Index scans_of_block(Eigen::Index left, Eigen::Index capacity) {
  const Eigen::Index last = std::max<Eigen::Index>(1, capacity / 3);
  if (left > capacity + last) return capacity;
  return left > last ? std::min(capacity, left - last) : left;
}

}  // namespace

namespace {

/// One block of each group of voxels.
using Blocks = std::vector<MaskedSeries>;

/// Scans of a block, so that its masked values have about the bytes asked for.
Eigen::Index block_capacity(const std::vector<SumTarget>& targets, ScalarType type,
                            size_t block_bytes) {
  size_t n_voxels = 0;
  for (const SumTarget& target : targets) n_voxels += size_t(target.space->size());
  const size_t scan_bytes = std::max<size_t>(n_voxels * size_in_bytes(type), 1);
  const Eigen::Index n_scans = targets[0].design->n_scans();
  return std::clamp<Eigen::Index>(Eigen::Index(block_bytes / scan_bytes), 1,
                                  std::min(kMaxScansPerBlock, std::max(n_scans, Eigen::Index{1})));
}

}  // namespace

LagSums sum_run(VolumeSource& source, const RunDesign& design, const Space& space,
                const kernels::KernelSet& kernels, const StreamOptions& options) {
  return std::move(sum_run(source, {{&design, &space}}, kernels, options).front());
}

std::vector<LagSums> sum_run(VolumeSource& raw_source, const std::vector<SumTarget>& targets,
                             const kernels::KernelSet& kernels, const StreamOptions& options) {
  const Eigen::Index n_scans = targets.at(0).design->n_scans();
  require_scans(raw_source, n_scans);
  MaybeSmoothed source(raw_source, options);
  const VolumeFormat format = source->format();
  std::vector<LagSums> sums;
  for (const SumTarget& target : targets)
    sums.emplace_back(*target.design, target.space->size(), kernels);
  const Eigen::Index capacity = block_capacity(targets, format.type, options.block_bytes);
  PartsAhead parts(*source);
  Eigen::Index left = n_scans;
  const auto fill = [&](Blocks& blocks) {
    for (MaskedSeries& block : blocks) block.clear();
    for (Eigen::Index n = scans_of_block(left, capacity); n > 0; --n, --left)
      parts.append_to(blocks);
    return blocks[0].n_scans() > 0;
  };
  std::vector<Blocks> empty(3);
  std::vector<PageRange> pages;
  for (Eigen::Index b = 0; b < 3; ++b)
    for (const SumTarget& target : targets) {
      Blocks& blocks = empty[size_t(b)];
      blocks.emplace_back(*target.space, format, capacity);
      if (b * capacity < n_scans) pages.push_back(blocks.back().pages());
    }
  ReadAhead<Blocks> ahead(fill, std::move(empty));
  // Until the first block is there, this thread has nothing else to do.
  for (const PageRange& range : pages) populate(range);
  for (LagSums& of_group : sums) populate(of_group.pages());
  Eigen::Index done = 0;
  while (const Blocks* blocks = ahead.next()) {
    // Inflation is the bottleneck as long as it has a processor to itself.
    const int n_threads =
        ahead.reader_waits_or_is_done() ? options.n_threads : std::max(1, options.n_threads - 1);
    for (size_t g = 0; g < sums.size(); ++g) sums[g].add((*blocks)[g], n_threads);
    done += blocks->front().n_scans();
    if (options.progress) options.progress(done, source->n_volumes());
  }
  return sums;
}

MaskedSeries read_series(VolumeSource& source, Eigen::Index n_scans, const Space& space,
                         const StreamOptions& options) {
  return std::move(read_series(source, n_scans, {&space}, options).front());
}

std::vector<MaskedSeries> read_series(VolumeSource& raw_source, Eigen::Index n_scans,
                                      const std::vector<const Space*>& spaces,
                                      const StreamOptions& options) {
  require_scans(raw_source, n_scans);
  MaybeSmoothed source(raw_source, options);
  const VolumeFormat format = source->format();
  std::vector<MaskedSeries> groups;
  std::vector<PageRange> pages;
  for (const Space* space : spaces) {
    groups.emplace_back(*space, format, n_scans, MaskedSeries::Layout::by_tile);
    pages.push_back(groups.back().pages());
  }
  const std::jthread ahead([pages] {
    for (const PageRange& range : pages) populate(range);
  });
  PartsAhead parts(*source);
  for (Eigen::Index done = 1; done <= n_scans; ++done) {
    parts.append_to(groups);
    if (options.progress) options.progress(done, n_scans);
  }
  return groups;
}

std::vector<double> mean_of_first_volumes(VolumeSource& source, const std::vector<uint8_t>& kept,
                                          Eigen::Index n, const StreamOptions& options) {
  const auto n_voxels = size_t(source.grid().n_voxels());
  const GaussianSmoother smoother(source.grid(), options.smoothing_fwhm_mm);
  std::vector<std::byte> raw(source.volume_bytes());
  std::vector<double> volume(n_voxels), mean(n_voxels, 0.0);
  Eigen::Index used = 0;
  for (size_t i = 0; i < kept.size() && used < n; ++i) {
    source.read(raw);
    if (!kept[i]) continue;
    ++used;
    decode_range(raw, source.format(), 0, n_voxels, volume.data());
    if (smooths(options)) smoother.smooth(volume);
    for (size_t v = 0; v < n_voxels; ++v) mean[v] += volume[v];
  }
  for (double& v : mean) v /= double(used);
  return mean;
}

}  // namespace sociometer
