#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/simulate/play.hpp"
#include "engine/simulate/truth.hpp"

/// Patterns that move with beliefs and ratings: geometry for analyses of similarity, without a mean
/// response.
namespace sociometer {

/// Whether the settings plant any of beliefs.
bool has_belief_patterns(const SimulationSettings& settings);
/// Whether they plant any of being-liked ratings.
bool has_rating_patterns(const SimulationSettings& settings);

/// Share of a participant's voxels whose slopes on rank belief and outcome belief have one size.
double pattern_overlap_of(const SimulationSettings& settings, uint64_t seed, uint64_t person);

/// Slopes of the voxels of the rejection regions on rank belief and outcome belief, 0 elsewhere,
/// signal units. A participant has the same in all runs.
/// @param person  selects the random stream.
/// @return (n_voxels of the brain, 2).
Eigen::MatrixXd belief_effects(const Phantom& phantom, const ResponseMaps& maps,
                               const SimulationSettings& settings, uint64_t seed, uint64_t person);

/// Responses to feedback times the belief about the chosen partner before it: mean rank less the
/// middle rank, and value of the outcome less 1/2; not centred over the run, as beliefs of runs are
/// to be compared.
/// @return (n_scans, 2).
Eigen::MatrixXd belief_regressors(const PlayedGame& game, size_t run,
                                  const SimulationSettings& settings,
                                  const std::vector<TrialSignals>& signals);

/// Slopes of the voxels of the rejection regions on the rating of the chosen partner, as
/// belief_effects, independent of those on beliefs.
/// @return (n_voxels of the brain, 1).
Eigen::MatrixXd rating_effects_of_voxels(const Phantom& phantom, const ResponseMaps& maps,
                                         const SimulationSettings& settings, uint64_t seed,
                                         uint64_t person);

/// Responses to feedback times the rating of the chosen partner: less the middle of the scale, as a
/// share of the scale; not centred over the run.
/// @param ratings  of all partners, of draw_ratings.
/// @return (n_scans, 1).
Eigen::MatrixXd rating_regressor(const PlayedGame& game, size_t run,
                                 const SimulationSettings& settings,
                                 const std::vector<Rating>& ratings);

}  // namespace sociometer
