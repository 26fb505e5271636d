#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

enum class HrfShape { spm, glover, library, fir, none };

/// The basis functions with which events are convolved.
struct HrfModel {
  HrfShape shape = HrfShape::spm;
  bool time_derivative = false;
  bool dispersion_derivative = false;
  /// Shape of the library (hrf_library.hpp); 0: chosen per voxel, which has no kernel of its own.
  int library_number = 0;
  bool operator==(const HrfModel&) const = default;
};

/// Parses "spm", "glover + derivative", "spm + derivative + dispersion", "library", "library:7",
/// "fir", "none".
/// @throws Error{usage} listing the known names.
HrfModel parse_hrf_model(const std::string& text);
/// One of the library's shapes, for all voxels.
HrfModel library_hrf(int number);
/// Whether each voxel's shape is to be chosen from the library.
bool chooses_shape(const HrfModel& model);
std::string to_string(const HrfModel& model);

/// nilearn's kernels on a grid of TR / oversampling, normalised as in nilearn; the columns are the
/// response and then the derivatives selected in the model.
///
/// The double gamma is gamma.pdf(t, delay/disp, loc = dt, scale = disp) - ratio * (undershoot) on
/// t = linspace(0, 32, rint(32/dt)) including the end point, divided by its sum. SPM shape: delays
/// 6 and 16, ratio 0.167; Glover: delays 6 and 12, dispersions 0.9, ratio 0.48. The time derivative
/// is a difference quotient over 0.1 s, the dispersion derivative over 0.01.
/// The library's shapes (not nilearn's) are kernels on the same grid.
/// @return (length, n_functions); (1, 1) for HrfShape::none. Not defined for FIR.
/// @throws Error{usage} if TR / oversampling gives fewer than 2 or too many points, and for a
/// library whose shape is to be chosen per voxel.
/// @source nilearn 0.14 conventions, tests/golden/nilearn/README.md; Glover 1999 for parameters.
Eigen::MatrixXd nilearn_kernels(const HrfModel& model, double tr_s, int oversampling);

/// SPM's canonical basis on microtime bins of dt_s: the response (32 s, sum 1), its time derivative
/// (1-s difference) and dispersion derivative (0.01), orthogonalised serially.
/// @return (length, n_functions). @throws Error{usage} as nilearn_kernels.
/// @source SPM12 spm_hrf, spm_get_bf as described in tests/golden/spm/README.md.
Eigen::MatrixXd spm_basis(const HrfModel& model, double dt_s);

/// SPM's double gamma at multiples of dt_s, scaled to sum 1 as in SPM.
/// @param parameters  delay and undershoot delay, their dispersions, ratio, onset, length (s).
Eigen::VectorXd spm_hrf(double dt_s,
                        const std::vector<double>& parameters = {6, 16, 1, 1, 6, 0, 32});

}  // namespace sociometer
