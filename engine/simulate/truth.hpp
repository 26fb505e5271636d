#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"
#include "engine/roi/study_regions.hpp"
#include "engine/simulate/phantom.hpp"
#include "engine/simulate/population.hpp"

namespace sociometer {

/// Columns that a simulated brain follows, as a design names them.
const std::vector<std::string>& truth_columns();

/// The design by which truth and images are made: SPM's response, feedback modulated by
/// outcome_update and rank_update_unsigned, centred over the run; no drift. What `fit` makes of the
/// same events by default.
DesignOptions truth_design_options();

/// Height of the response to one event of unit weight at the scans after it, the event starting
/// with a scan.
double response_peak(double duration_s, double tr_s);

/// Where the regions' responses are, as shares of the height in the settings.
struct ResponseMaps {
  Eigen::VectorXd reward, rejection, control, sensory;  ///< (n_voxels of the brain): 0 or 1
};
ResponseMaps make_response_maps(const Phantom& phantom);

/// Coefficients of a person's brain on the regressors of truth_columns(), signal units.
///
/// coefficient(v) = percent / 100 * baseline(v) / response_peak: feedback:outcome_update and
/// feedback:rank_update_unsigned as the person's regions of each role follow them; choice, feedback
/// and reciprocity in proportion to the grey matter and more in the occipital pole.
/// @return (n_voxels, columns).
Eigen::MatrixXd person_effects(const Phantom& phantom, const ResponseMaps& maps,
                               const SimulationSettings& settings, const Person& person);

/// A person whose effects are the means of the population.
Person mean_person(const SimulationSettings& settings);

/// Noise of each voxel relative to its tissue's: role_factor in the regions, 1 elsewhere.
Eigen::VectorXd noise_factors(const ResponseMaps& maps, const NoiseSettings& settings);

/// Regressors of a run, (n_scans, truth_columns()); a column that the run lacks is 0.
Eigen::MatrixXd truth_regressors(const Events& events, double tr_s, Eigen::Index n_scans);

}  // namespace sociometer
