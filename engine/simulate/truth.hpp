#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"
#include "engine/roi/study_regions.hpp"
#include "engine/simulate/phantom.hpp"
#include "engine/simulate/population.hpp"

namespace sociometer {

/// Columns with effects in the simulated brain, as named in a design.
const std::vector<std::string>& truth_columns();

/// The design from which truth and images are generated: SPM's response, feedback modulated by
/// outcome_update and rank_update_unsigned, centred over the run; no drift. Otherwise what `fit`
/// uses by default for the same events.
DesignOptions truth_design_options();

/// Height of the response to one event of unit weight at the scans after it, for an event that
/// starts with a scan.
double response_peak(double duration_s, double tr_s);

/// Locations of the regions' responses, as multiples of the height in the settings.
struct ResponseMaps {
  Eigen::VectorXd reward, rejection, control, sensory;  ///< (n_voxels of the brain): 0 or 1
};
ResponseMaps make_response_maps(const Phantom& phantom);

/// Coefficients of a participant's brain on the regressors of truth_columns(), signal units.
///
/// coefficient(v) = percent / 100 * baseline(v) / response_peak: for feedback:outcome_update and
/// feedback:rank_update_unsigned, the participant's response of the regions of each role; for
/// choice, feedback and reciprocity, proportional to grey matter and larger in the occipital pole.
/// @return (n_voxels, columns).
Eigen::MatrixXd person_effects(const Phantom& phantom, const ResponseMaps& maps,
                               const SimulationSettings& settings, const Person& person);

/// A participant whose effects are the population means.
Person mean_person(const SimulationSettings& settings);

/// Noise of each voxel relative to its tissue's: role_factor in the regions, 1 elsewhere.
Eigen::VectorXd noise_factors(const ResponseMaps& maps, const NoiseSettings& settings);

/// Regressors of a run, (n_scans, truth_columns()); 0 for a column absent from the run.
Eigen::MatrixXd truth_regressors(const Events& events, double tr_s, Eigen::Index n_scans);

}  // namespace sociometer
