#pragma once
#include <Eigen/Dense>

/// Twenty response shapes, from early and narrow (1) to late and broad (20).
///
/// They are those of Allen et al. 2022 (a manifold of responses found in the Natural Scenes
/// Dataset), with which GLMsingle chooses a shape per voxel. Published is a table: the responses to
/// a stimulus of 0.1 s, every 0.1 s for 50 s. Each column is a difference of two gamma densities,
/// as spm_hrf makes it; here are the parameters of these, fitted to the table by least squares.
///
/// Exact: at a step of 0.1 s kernels differ from the table (44 rows of it) by at most 4e-5 of the
/// peak, what its five digits are worth. Approximate: at other steps a kernel is the response to a
/// stimulus of one step, the density at the step's middle.
/// @source Allen et al. 2022 Nat Neurosci 25:116; Prince et al. 2022 eLife 11:e77599; table
/// getcanonicalhrflibrary.tsv of GLMsingle, read in 2026.
namespace sociometer {

inline constexpr int kHrfLibrarySize = 20;

/// The response to a stimulus of one step, over 50 s, scaled to sum 1 like our other kernels.
/// @param number  1 .. kHrfLibrarySize.
/// @throws Error{usage} if 50 s in steps of dt_s are fewer than 2 or too many points.
Eigen::VectorXd library_kernel(int number, double dt_s);

}  // namespace sociometer
