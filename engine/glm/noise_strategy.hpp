#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/arma_fit.hpp"
#include "engine/glm/noise_model.hpp"
#include "engine/glm/noise_properties.hpp"
#include "engine/glm/run_fit.hpp"
#include "engine/glm/tile_solver.hpp"

/// One class per kind of noise model (engine/glm/noise/), selected by NoiseModel::kind.
///
/// The model. A voxel's scans are y = X b + e, e with covariance s2 V. A kind defines the possible
/// V, how V is estimated for each voxel (or for all at once), and how a run is solved under
/// it. A NoiseModel is a value: the kind and its options; the strategy implements them. The fit
/// itself never branches on the kind.
///
/// Two ways of fitting. StreamedNoise: computed from sums over scans that are accumulated while the
/// file is read (white noise, autoregressive models). SeriesNoise: the series is kept and read tile
/// by tile, as often as needed (mixtures, ARMA, one covariance for all voxels, tapered
/// autocorrelations).
///
/// Exact: generalised least squares given the estimated V, for all kinds. Approximate: V
/// itself, by each kind's own estimator, and the degrees of freedom, which count regressors but
/// not the parameters of V (except for posterior averages, lost_dof(), and mixtures,
/// has_own_dof()). Figures: docs/numerics.md.
///
/// How it fails. A voxel that cannot be fitted gets a VoxelStatus (voxel_judge.hpp); a run that
/// cannot (no TR, too few scans, noise that would extend across runs) throws Error.
///
///   NoiseModel model = parse_noise_model("tukey");
///   model = noise_model_of_run(model, {.n_scans = 180, .tr_s = 2});
///   model.tukey_lags;                                  // 13: FILM's rule for 180 scans
///   to_string(model);                                  // "tukey"
///   model.parameter_names();                           // "autocorrelation1" ..
///   model.streams();                                   // false: fit_run needs the series
///   const RunDesign design(x, kept, model.order);
///   const RunResults results = fit_run(design, std::move(series), {.noise_model = model});
///
/// A new kind is an enumerator of NoiseModel::Kind, one file with its class, and its line in
/// noise_strategies().
namespace sociometer {

/// Inputs to noise estimation, available once a run's sums are complete.
struct StreamedRun {
  const LagSums& sums;
  const GlsSystem& system;
  const RunPlan& plan;
  const RunEstimates& estimates;  ///< means and statuses
};

/// Writes the noise of a tile's voxels, starting at `first`, into the estimates.
using EstimateTile = std::function<void(const double* tile, Eigen::Index first, TileSolver& solver,
                                        RunEstimates& estimates)>;
/// Creates one for each thread; empty: there is nothing to estimate.
using TileEstimators = std::function<EstimateTile()>;

/// Noise whose estimates are computed from lag sums.
class StreamedNoise {
 public:
  virtual ~StreamedNoise() = default;
  virtual TileEstimators estimators(const StreamedRun& run) const = 0;
  /// Sets a solver's noise for a tile from the estimates; white where there is none.
  virtual void set_known_noise(const NoiseModel& model, Eigen::Index first,
                               const RunEstimates& estimates, TileSolver& solver) const = 0;
  /// Whether the first scans are rescaled to the innovation variance, as is exact.
  virtual bool rescales_first_scans() const { return true; }
};

/// A run's kept scans, scaled, readable any number of times; voxels that cannot be fitted are 0.
struct SeriesRun {
  const RunDesign& design;
  const RunPlan& plan;
  ReadSeries read;
  ReadTile read_tile;
  std::function<void(Eigen::Index)> done;  ///< called with the number of voxels done
};

/// Whitening by a voxel's stored noise parameters.
class SeriesWhitening {
 public:
  virtual ~SeriesWhitening() = default;
  /// Whitens columns over kept scans, (n_kept, n): (n_rows, n), V^-1/2 up to scale.
  virtual Eigen::MatrixXd whiten(const Eigen::MatrixXd& columns) const = 0;
  /// Further columns that are to be projected out of all whitened ones, (n_rows, n_nuisance).
  virtual Eigen::MatrixXd nuisance() const { return {}; }
};

/// Noise that is estimated from the series itself.
class SeriesNoise {
 public:
  virtual ~SeriesNoise() = default;
  /// Fits all voxels: noise, betas, and what put_fit stores.
  /// @param estimates  means, statuses and dof are set; betas are not allocated yet.
  /// @return unit covariances of the plan's contrasts.
  virtual ContrastCovariances fit(const SeriesRun& run, RunEstimates& estimates) const = 0;
  /// The same covariances, bit for bit, from stored estimates.
  virtual ContrastCovariances covariances(const RunDesign& design, const RunEstimates& estimates,
                                          const RunPlan& plan) const = 0;
  /// The whitening under which a voxel was fitted.
  /// @param noise  its column of RunEstimates::noise; not finite: it has no residual, and is not
  /// whitened.
  virtual std::unique_ptr<const SeriesWhitening> whitening(const RunDesign& design,
                                                           const RunPlan& plan,
                                                           const Eigen::VectorXd& noise) const = 0;
};

/// The whitening that does nothing.
std::unique_ptr<const SeriesWhitening> no_whitening();

/// Properties of a run that its noise model may depend on.
struct RunTiming {
  Eigen::Index n_scans = 0;
  double tr_s = 0;                      ///< seconds between scans; 0: unknown
  std::vector<Eigen::Index> starts{0};  ///< first scans of the runs in its image
};

/// Options that new contrasts need in addition to a model's name and estimates, by name: one
/// function of a strategy both writes and reads them.
class NoiseModelSettings {
 public:
  virtual ~NoiseModelSettings() = default;
  virtual void number(const std::string& name, double& value) = 0;
  virtual void text(const std::string& name, std::string& value) = 0;
  virtual void indices(const std::string& name, std::vector<Eigen::Index>& values) = 0;
};

/// The size of a fit, for the memory that it takes.
struct NoiseWork {
  Eigen::Index n_scans = 0, rank = 0, n_voxels = 0;
  Eigen::Index n_covariances = 0;  ///< of the contrasts, over all rows
  Eigen::Index n_censored = 0;
  int n_threads = 1;
};

class NoiseStrategy {
 public:
  virtual ~NoiseStrategy() = default;
  virtual NoiseModel::Kind kind() const = 0;
  /// The model of that name, if it is of this kind.
  virtual std::optional<NoiseModel> parse(const std::string& name) const = 0;
  virtual std::string name(const NoiseModel& model) const = 0;
  virtual std::string known_names() const = 0;  ///< all of them, for messages
  virtual std::vector<std::string> parameter_names(const NoiseModel& model) const = 0;

  /// Exactly one of the two is non-null.
  virtual const StreamedNoise* streamed() const { return nullptr; }
  virtual const SeriesNoise* series() const { return nullptr; }

  /// Whether all voxels share one covariance.
  virtual bool pools() const { return false; }
  /// Whether what a voxel gets depends on the others: learned or pooled over them.
  virtual bool learns_over_voxels() const { return pools(); }
  virtual bool can_smooth(const NoiseModel&) const { return true; }
  /// Whether scans are independent.
  virtual bool is_white() const { return false; }
  /// Whether scans must be equally far apart.
  virtual bool needs_equal_times() const { return false; }
  /// Whether one process whitens a voxel.
  virtual bool has_one_process() const { return true; }
  virtual int lost_dof(const NoiseModel&) const { return 0; }
  /// Whether each voxel and contrast has its own degrees of freedom (ContrastValues::dof).
  virtual bool has_own_dof() const { return false; }

  /// How noise is handled when an image holds several concatenated runs.
  enum class BetweenRuns {
    none,     ///< scans are independent anyway
    apart,    ///< runs are modelled separately (NoiseModel::run_starts)
    crosses,  ///< noise would extend from one run into the next: refused
  };
  virtual BetweenRuns between_runs() const { return BetweenRuns::crosses; }
  /// Sets options that depend on the run.
  virtual void adapt(NoiseModel&, const RunTiming&) const {}
  /// The options that this kind has; `describe` adds the smoothing.
  virtual NoiseDescription describe(const NoiseModel&) const { return {}; }
  virtual void exchange(NoiseModel&, NoiseModelSettings&) const {}
  /// Bytes that a fit takes beside the sums or the series and the results.
  virtual double work_bytes(const NoiseModel&, const NoiseWork&) const { return 0; }
};

/// All kinds, in the order in which messages list them.
const std::vector<const NoiseStrategy*>& noise_strategies();
const NoiseStrategy& strategy_of(NoiseModel::Kind kind);
inline const NoiseStrategy& strategy_of(const NoiseModel& model) { return strategy_of(model.kind); }
/// @throws std::logic_error when the model needs the series.
const StreamedNoise& streamed_noise(const NoiseModel& model);
/// @throws std::logic_error when the model streams.
const SeriesNoise& series_noise(const NoiseModel& model);

/// The model with its run-dependent options set.
/// @throws Error{usage} for options that do not fit the run; Error{bad_input} when noise would
/// extend from one run into the next.
NoiseModel noise_model_of_run(NoiseModel model, const RunTiming& run);

}  // namespace sociometer
