#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/jobs/first_level/load_designs.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::jobs {

/// Refuses files of one run, or runs of one analysis, whose BIDS names say that they do not belong
/// together: sub, ses, task and run within a run; sub across runs, and the images' space. Using one
/// image for two runs is refused too, also through a link.
void require_files_of_one_run(const DesignRequest& arguments, const std::vector<RunInput>& runs);

/// Refuses a prefix of another participant or session than an image's name says.
void require_prefix_of(const std::vector<std::string>& bold, const std::string& prefix);

/// A warning where the lags of an averaged AR model end before the noise's memory does.
Warnings short_lags(const NoiseModel& noise, double tr_s);

inline constexpr std::string_view kPooledInstead = "--fixed-effects pooled has one weight per run";
/// A line about weights of runs that are too uncertain, or none.
/// @param dof  residual degrees of freedom per run.
/// @param instead  what it advises.
/// Voxels that are too few to learn noise from.
Warnings few_voxels(const NoiseModel& noise, Eigen::Index n_voxels);
Warnings uncertain_weights(const NoiseModel& noise, FixedEffects how,
                           const std::vector<double>& dof,
                           std::string_view instead = kPooledInstead);

/// An image that was read, and the mean of each voxel or the series (nullptr: unknown).
struct ReadImage {
  InputFile file;
  const Eigen::VectorXd* means = nullptr;
  const Eigen::MatrixXd* series = nullptr;  ///< all that was read of it, where that is kept
};

/// Refuses images of two runs that hold the same data, even if one was recompressed.
void require_different_images(const std::vector<ReadImage>& images);

/// The same for runs fitted earlier, whatever their models, based on their mean signal.
void require_different_runs(const std::vector<StoredRun>& runs);

/// Lines about tables of two runs with identical content.
Warnings repeated_content(const DesignRequest& arguments, const std::vector<InputFile>& inputs);

}  // namespace sociometer::jobs
