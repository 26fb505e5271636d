#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/journal.hpp"
#include "engine/core/mask.hpp"
#include "engine/core/volume_source.hpp"
#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/run_fit.hpp"
#include "engine/glm/trial_model.hpp"

/// The first level: the runs of one participant, fitted one by one and combined by contrast.
///
///   FirstLevel first{.plan = {.scaling = Scaling::psc, .n_threads = 8}};
///   for (RunSpec& spec : specs) first.runs.push_back(prepare_run(std::move(spec), first.plan));
///   first.contrasts = resolve_contrasts(
///       {parse_contrast("a - b", ContrastKind::t), parse_contrast("a", ContrastKind::t)},
///       first.runs);
///   FirstLevelFit fit = fit_first_level(first, open_run, mask);
///   const ContrastMaps maps = combine_contrast(first, fit, 0);
///
/// A contrast that a run cannot estimate leaves that run out; one that no run can estimate is
/// refused. Both are returned as lines of text, never printed.
namespace sociometer {

/// How the runs of a participant are analysed.
struct FirstLevelPlan {
  NoiseModel noise_model = default_noise_model();
  Scaling scaling = Scaling::none;
  FixedEffects fixed_effects = FixedEffects::precision;
  bool with_ljung_box = false;
  Eigen::Vector3d smoothing_fwhm_mm = Eigen::Vector3d::Zero();  ///< of images, per voxel axis
  std::optional<int> runs_at_once{};                            ///< default: depends on the model
  int n_threads = 1;

  /// Number of runs fitted in parallel, at most the number of runs.
  int side_by_side(size_t n_runs) const;
  /// How an image is read if no other option applies.
  StreamOptions stream() const;
};

/// The single trials of a run, and how they are estimated.
struct RunTrials {
  SingleTrials split;
  TrialOptions options{};
  std::vector<TrialFacts> facts{};
  std::optional<TrialModel> model{};  ///< of LSS
  bool with_variance = false;
};

/// @param kept   one flag per scan.
/// @param noise  of the plan: decides how the trials' columns are written (TrialBasis).
std::shared_ptr<const RunTrials> prepare_trials(SingleTrials split, const TrialOptions& options,
                                                const std::vector<uint8_t>& kept,
                                                bool with_variance, const NoiseModel& noise);

/// One run before it is read.
struct RunSpec {
  std::string name;  ///< for messages
  DesignMatrix design;
  std::vector<uint8_t> kept{};  ///< one flag per scan; empty: all kept
  /// First scans of the concatenated runs in its image.
  std::vector<Eigen::Index> starts{0};
  double tr_s = 0;  ///< seconds between scans; 0: unknown
  /// Single trials; `design` is then their SingleTrials::model. Null: none.
  std::shared_ptr<const RunTrials> trials{};
  /// Columns that are not fitted, but whose products with the series are wanted (n_scans, n).
  Eigen::MatrixXd extras{};
};

/// A run ready to be fitted.
struct PreparedRun {
  std::string name;
  DesignMatrix matrix;
  RunDesign design;
  NoiseModel noise_model;  ///< the plan's, with run-dependent options set
  std::vector<std::string> warnings{};
  std::shared_ptr<const RunTrials> trials{};
  bool with_products = false;  ///< of RunSpec::extras
};

/// @throws Error for noise models for which the run has too few scans, or whose noise would extend
/// across runs within an image; and those of RunDesign. The message names the run.
PreparedRun prepare_run(RunSpec spec, const FirstLevelPlan& plan);

/// Contrasts, as far as the designs allow them.
struct ContrastChoice {
  std::vector<ResolvedContrast> usable{};  ///< in some run
  std::vector<std::string> refused{};      ///< a line for each contrast that no run can estimate
  std::vector<std::string> warnings{};     ///< excluded runs; weights on nuisance columns
};

/// @throws Error{bad_input} when contrasts were requested and all are refused; those of
/// resolve_contrast.
ContrastChoice resolve_contrasts(const std::vector<ContrastSpec>& specs,
                                 const std::vector<PreparedRun>& runs);

/// Everything known about an analysis before its images are read.
struct FirstLevel {
  FirstLevelPlan plan{};
  std::vector<PreparedRun> runs{};
  ContrastChoice contrasts{};
};

struct FirstLevelFit {
  std::vector<RunEstimates> estimates;  ///< per run
  /// Per run, one per usable contrast; empty where the contrast excludes the run.
  std::vector<std::vector<ContrastValues>> values;
  TailTables tables;                      ///< for the contrasts' degrees of freedom
  std::vector<TrialResults> trials;       ///< per run; empty where it has no trials
  std::vector<Eigen::MatrixXd> products;  ///< per run, of RunSpec::extras with the series
};

/// Opens the data of a run. Called once for each, from several threads at a time.
using OpenRun = std::function<std::unique_ptr<VolumeSource>(size_t run)>;

/// Reads and fits all runs, several in parallel; results depend neither on how many, nor on the
/// number of threads.
/// @param journal  receives progress; may be null.
/// @throws what sources and fit_run throw: the failure of the first failing run.
FirstLevelFit fit_first_level(const FirstLevel& first, const OpenRun& open, const Mask& mask,
                              Journal* journal = nullptr);

/// Voxels that have designs of their own.
struct VoxelGroup {
  const FirstLevel* first;
  const Mask* mask;
};
/// The same for several groups of voxels with the same runs and plan; each run is read once.
/// @return one per group, as fit_first_level gives it.
/// @cost  memory: that of all groups together.
std::vector<FirstLevelFit> fit_first_level(const std::vector<VoxelGroup>& groups,
                                           const OpenRun& open, Journal* journal = nullptr);

/// Whether a voxel's results depend on which other voxels are fitted with it: noise that is pooled
/// or smoothed over space, scaling by the grand mean.
bool couples_voxels(const FirstLevelPlan& plan);

/// Whether voxels of a usable contrast have degrees of freedom of their own.
bool has_own_dof(const FirstLevel& first, const ResolvedContrast& contrast);

/// Fixed effects of a usable contrast over its runs.
ContrastMaps combine_contrast(const FirstLevel& first, FirstLevelFit& fit, size_t contrast);

/// A voxel's status over runs: the first one that is not ok.
std::vector<VoxelStatus> joint_status(const std::vector<RunEstimates>& runs);

}  // namespace sociometer
