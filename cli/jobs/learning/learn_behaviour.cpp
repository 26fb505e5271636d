#include "cli/jobs/learning/learn_behaviour.hpp"

#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/learning/ratings.hpp"
#include "engine/learning/stay_switch_regression.hpp"
#include "io/records/behaviour_tables.hpp"
#include "io/tables/ratings_table.hpp"

namespace sociometer::jobs {

void write_stay_switch_of(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                          const StudyFit& fit, Standardise standardise, Journal& journal) {
  std::optional<StaySwitchRegression> regression;
  try {
    regression = regress_stay_switch(study.participants, fit.usable_participants(), record.settings,
                                     standardise, record.columns.rank.given());
  } catch (const Error& error) {
    journal.warn(fmt::format("no stay/switch regression: {}", error.what()));
    return;
  }
  write_stay_switch(outputs, record, study.participants, *regression, standardise);
  if (regression->fit.singular)
    journal.warn(
        "stay/switch regression: the random effects' covariance is singular (Singular in its "
        "sidecar)");
}

void write_ratings_of(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                      const StudyFit& fit, const std::string& path, Journal& journal) {
  std::string file = path;
  if (file.empty()) {
    if (study.one_table) return;
    file = study.bids + "/phenotype/ratings.tsv";
    if (!std::filesystem::exists(file)) return;
  }
  std::vector<std::string> wanted;
  for (size_t i : fit.usable_participants()) wanted.push_back(study.participants[i].label);
  Warnings warnings;
  const Table table = read_table(file);
  const RatingCells ratings = read_ratings(table, wanted, warnings);
  for (const auto& line : warnings) journal.warn(line);
  if (ratings.cells.rows() < 2) {
    journal.warn(fmt::format("no analysis of ratings: {} has {} of the fitted participants", file,
                             ratings.cells.rows()));
    return;
  }
  write_ratings(outputs, record, ratings, repeated_measures_anova(ratings.cells), table.file());
}

}  // namespace sociometer::jobs
