#include "engine/glm/first_level_memory.hpp"

#include <algorithm>

#include "engine/core/memory.hpp"
#include "engine/glm/noise_strategy.hpp"

namespace sociometer {
namespace {

/// Parts of volumes, inflation's pieces and windows.
constexpr double kReaderBytes = 8 * 1048576.0;

double rounded_to_tiles(Eigen::Index n_voxels) {
  constexpr Eigen::Index kWidth = MaskedSeries::kTileWidth;
  const Eigen::Index n_tiles = (n_voxels + kWidth - 1) / kWidth;
  return double(n_tiles * kWidth);
}

/// Numbers per voxel that the contrasts of a run keep: effects, covariances, a variance.
double values_per_voxel(const FirstLevel& first, size_t run, Eigen::Index& n_covariances) {
  double n = 0;
  n_covariances = 0;
  for (const auto& contrast : first.contrasts.usable) {
    if (!contrast.usable_in(run)) continue;
    const Eigen::Index q = contrast.rows[run].rows(), pairs = q * (q + 1) / 2;
    n += double(q + pairs + 1 + first.runs[run].noise_model.has_own_dof());
    n_covariances += pairs;
  }
  return n;
}

/// Raw volumes and smoothed ones (SmoothedSource).
double smoothing_bytes(const FirstLevelSize& size, int n_threads) {
  const double raw = 24.0 * double(size.n_grid_voxels) * double(size_in_bytes(size.type));
  return raw + 8.0 * double(size.n_grid_voxels) * (8 + n_threads);
}

/// The blocks of masked values on their way into the sums (sum_run).
double block_bytes(const StreamOptions& stream, double scan_bytes, Eigen::Index n_scans) {
  const double capacity =
      std::clamp(double(stream.block_bytes) / std::max(1.0, scan_bytes), 1.0,
                 double(std::min(kMaxScansPerBlock, std::max<Eigen::Index>(n_scans, 1))));
  return std::min(3 * capacity, double(n_scans) + capacity) * scan_bytes;
}

/// What a run takes until its results are there, beside them.
double reading_bytes(const FirstLevel& first, const FirstLevelSize& size, const PreparedRun& run,
                     Eigen::Index n_covariances) {
  const FirstLevelPlan& plan = first.plan;
  const bool smooths = plan.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
  const double voxels = rounded_to_tiles(size.n_voxels);
  const double value = double(size_in_bytes(smooths ? ScalarType::float64 : size.type));
  const Eigen::Index n_scans = run.design.n_scans();
  double bytes = kReaderBytes + (smooths ? smoothing_bytes(size, plan.n_threads) : 0);
  if (run.noise_model.streams())
    return bytes + 8 * voxels * double(LagSums::Rows(run.design).n) +
           block_bytes(plan.stream(), voxels * value, n_scans);
  const Eigen::Index n_censored = n_scans - run.design.n_kept;
  const NoiseWork work{n_scans,       run.design.rank(), size.n_voxels,
                       n_covariances, n_censored,        plan.n_threads};
  return bytes + voxels * value * double(n_scans) +
         strategy_of(run.noise_model).work_bytes(run.noise_model, work);
}

/// Numbers per voxel that the single trials of a run are.
double trial_numbers(const PreparedRun& run) {
  if (!run.trials) return 0;
  return double(run.trials->facts.size()) * (run.trials->with_variance ? 2 : 1);
}

/// Of LSA, each trial's variance is that of a contrast: its effect, covariance and variance.
double trial_contrast_numbers(const PreparedRun& run) {
  const bool has =
      run.trials && run.trials->with_variance && run.trials->options.method == TrialMethod::lsa;
  return has ? 3 * double(run.trials->facts.size()) : 0;
}

/// Amplitudes of all runs in one matrix, a copy that is on its way into an image, and its bytes: of
/// float32 that does not compress, in a buffer that doubles. Those of the runs are given back
/// before the image is made.
double trial_bytes(const FirstLevel& first, const FirstLevelSize& size) {
  double numbers = 0;
  for (const auto& run : first.runs) numbers += trial_numbers(run);
  constexpr double kCompressed = 2 * sizeof(float);
  return numbers * double(size.n_voxels) * (sizeof(double) + kCompressed);
}

double writing_bytes(const FirstLevel& first, const FirstLevelSize& size, Eigen::Index n_scans) {
  double maps = double(size.n_saved);
  for (const auto& contrast : first.contrasts.usable) {
    Eigen::Index q = 1;
    for (const auto& rows : contrast.rows) q = std::max(q, rows.rows());
    maps += double(2 * q + 3 + has_own_dof(first, contrast));
  }
  // A map on the grid and its compressed bytes, on each thread. Series grow as they are compressed.
  const double images = 2.0 * 8 * double(size.n_grid_voxels) * first.plan.n_threads;
  const double series = 2.5 * 4 * double(size.n_series) * double(n_scans) * double(size.n_voxels);
  return 8 * double(size.n_voxels) * maps + images + series;
}

}  // namespace

FirstLevelMemory memory_of(const FirstLevel& first, const FirstLevelSize& size) {
  FirstLevelMemory memory;
  memory.n_runs = Eigen::Index(first.runs.size());
  // Images of masks, or means of the runs, and the list of voxels.
  const double masks = size.computes_mask ? double(memory.n_runs) + 3 : 2;
  memory.program =
      kProgramBytes + 8 * double(size.n_grid_voxels) * masks + 4 * double(size.n_voxels);
  Eigen::Index n_scans = 0;
  for (size_t r = 0; r < first.runs.size(); ++r) {
    const PreparedRun& run = first.runs[r];
    Eigen::Index n_covariances = 0;
    const double values = values_per_voxel(first, r, n_covariances);
    // A mixture's parameters are of single precision.
    const double parameters = double(run.noise_model.parameter_names().size()) *
                              (has_one_process(run.noise_model) ? 1 : 0.5);
    const double numbers = double(run.matrix.n_columns()) + 3 + values + parameters +
                           trial_numbers(run) + trial_contrast_numbers(run);
    memory.results = std::max(memory.results, double(size.n_voxels) * (8 * numbers + 4));
    memory.reading = std::max(memory.reading, reading_bytes(first, size, run, n_covariances));
    n_scans += run.design.n_scans();
  }
  memory.writing = writing_bytes(first, size, n_scans) + trial_bytes(first, size);
  return memory;
}

FirstLevelMemory memory_of_choice(const FirstLevel& first, const FirstLevelSize& size) {
  FirstLevelMemory memory;
  memory.n_runs = Eigen::Index(first.runs.size());
  const double voxels = rounded_to_tiles(size.n_voxels), products = double(size.n_candidates);
  for (const PreparedRun& run : first.runs) {
    const double columns = double(run.matrix.n_columns());
    memory.results = std::max(memory.results, 8 * double(size.n_voxels) * (columns + 4 + products));
    const bool smooths = first.plan.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
    const double value = double(size_in_bytes(smooths ? ScalarType::float64 : size.type));
    memory.reading = std::max(
        memory.reading, kReaderBytes + (smooths ? smoothing_bytes(size, first.plan.n_threads) : 0) +
                            8 * voxels * (columns + products + 5) +
                            block_bytes(first.plan.stream(), voxels * value, run.design.n_scans()));
  }
  return memory;
}

double FirstLevelMemory::peak(int runs_at_once) const {
  const double all = program + double(n_runs) * results;
  return all + std::max(double(std::min<Eigen::Index>(runs_at_once, n_runs)) * reading, writing);
}

int FirstLevelMemory::runs_within(double allowed, int wanted) const {
  if (allowed <= 0) return wanted;
  for (int n = wanted; n > 0; --n)
    if (peak(n) <= allowed) return n;
  return 0;
}

}  // namespace sociometer
