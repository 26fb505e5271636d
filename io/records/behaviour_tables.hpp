#pragma once
#include <vector>

#include "engine/learning/ratings.hpp"
#include "engine/learning/stay_switch_regression.hpp"
#include "io/records/described_table.hpp"
#include "io/records/learning_record.hpp"
#include "io/tables/ratings_table.hpp"

namespace sociometer {

/// The stay/switch regression: a row per term, and a table of each participant's own slopes.
void write_stay_switch(OutputSet& outputs, const LearningRecord& record,
                       const std::vector<Participant>& people,
                       const StaySwitchRegression& regression, Standardise standardise);

/// The analysis of variance of being-liked ratings: a row per effect.
/// @param input  the table of ratings.
void write_ratings(OutputSet& outputs, const LearningRecord& record, const RatingCells& ratings,
                   const RepeatedMeasuresAnova& anova, const InputFile& input);

}  // namespace sociometer
