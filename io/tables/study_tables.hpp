#pragma once
#include <string>
#include <vector>

#include "engine/roi/study_regions.hpp"
#include "engine/simulate/play.hpp"
#include "io/bytes/json.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer {

/// Events of a simulated run in BIDS form: a choice row per round, a feedback row after a response,
/// a reciprocity row after a match; n/a where a column does not apply.
/// @param first_trial  index of the run's first round in Participant::trials.
TrialTable events_table(const PlayedRun& run, const std::vector<Decider>& deciders,
                        const TimingSettings& timing, int first_trial);

/// Dictionary of these columns, including a description of the partners.
Json events_dictionary(const SimulationSettings& settings, const std::vector<Decider>& deciders);

std::string participants_to_tsv(const std::vector<Person>& people);
Json participants_dictionary(const PopulationSettings& settings);

/// One row per participant and partner: participant_id, option, rating, mean_rank, p_match.
std::string ratings_to_tsv(const std::vector<Person>& people,
                           const std::vector<std::vector<Rating>>& ratings,
                           const std::vector<Decider>& deciders, const GameSettings& game);
Json ratings_dictionary(const RatingSettings& settings);
/// The same with one row per participant and one column per partner, as BIDS
/// requires for phenotype tables.
std::string wide_ratings_to_tsv(const std::vector<Person>& people,
                                const std::vector<std::vector<Rating>>& ratings,
                                const std::vector<Decider>& deciders);
Json wide_ratings_dictionary(const RatingSettings& settings, const std::vector<Decider>& deciders,
                             const GameSettings& game);

/// One row per participant: rank_effect, outcome_effect (rating_effects).
std::string rating_effects_to_tsv(const std::vector<Person>& people,
                                  const std::vector<std::vector<Rating>>& ratings,
                                  const std::vector<Decider>& deciders, const GameSettings& game);
Json rating_effects_dictionary();

/// The parameters drawn for each participant, of choices and of responses.
std::string parameters_to_tsv(const std::vector<Person>& people);
Json parameters_dictionary();

/// A table of columns with a header.
std::string columns_to_tsv(const NamedColumns& columns);

}  // namespace sociometer
