#include "io/records/behaviour_tables.hpp"

#include <fmt/format.h>

#include "io/records/contrast_record.hpp"
#include "io/records/stored_learning.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

std::string describe_rank(const LearningSettings& s, Standardise standardise) {
  return standardise == Standardise::overall
             ? "previous rank, sign-flipped so that + is better, in standard deviations"
             : fmt::format("{} - previous rank: + is better, in ranks", (s.n_ranks + 1) / 2);
}

/// Each participant's own slopes, a row each.
void write_slopes(OutputSet& outputs, const LearningRecord& record,
                  const std::vector<Participant>& people, const StaySwitchRegression& r,
                  const StaySwitchFacts& facts) {
  DescribedColumns columns{{"participant_id", "participant"}};
  for (const auto& term : r.terms) {
    columns.emplace_back(term, "log odds: fixed effect plus conditional mode of the random effect");
    columns.emplace_back(term + "_standard_error",
                         "of the conditional mode, given fixed effects and covariance");
  }
  TableRows rows;
  for (size_t g = 0; g < r.participants.size(); ++g) {
    rows.push_back({"sub-" + people[r.participants[g]].label});
    for (size_t k = 0; k < r.terms.size(); ++k) {
      const auto group = Eigen::Index(g), c = Eigen::Index(k);
      rows.back().push_back(format_number(r.fit.effects[c] + r.fit.deviations(group, c)));
      rows.back().push_back(format_number(r.fit.deviation_errors(group, c)));
    }
  }
  write_described_table(outputs, record.stem + "staySwitchSlopes", columns, rows,
                        StaySwitchSlopeFacts{facts}, record.provenance);
}

StaySwitchFacts stay_switch_facts(const LearningRecord& record, const StaySwitchRegression& r,
                                  Standardise standardise) {
  const bool with_rank = r.terms.size() > 2;
  StaySwitchFacts facts;
  facts.model = fmt::format("stay ~ {0} + (1 + {0} | participant), logistic",
                            with_rank ? "previous_rank + previous_outcome" : "previous_outcome");
  facts.note =
      "the study reports a mixed-effects logistic regression on the previous rank and outcome; "
      "its "
      "random effects and coding are inferred";
  facts.estimation =
      "maximum likelihood, Laplace approximation of the integral over random effects";
  if (with_rank) facts.previous_rank = describe_rank(record.settings, standardise);
  facts.previous_outcome = standardise == Standardise::overall
                               ? "1 match, 0 none, in standard deviations"
                               : "1/2 match, -1/2 none: the effect of a match against none";
  facts.occasion =
      record.settings.repetition == Repetition::last_offered
          ? "the next round in which the chosen option is offered; stay: it is chosen again"
          : "the next round with a response, when the chosen option is offered in it";
  facts.occasions = long(r.n_occasions);
  facts.participants = long(r.participants.size());
  facts.covariance = rows_of(r.fit.covariance);
  facts.log_likelihood = r.fit.log_likelihood;
  facts.converged = r.fit.converged;
  facts.singular = r.fit.singular;
  facts.learning = learning_facts(record);
  return facts;
}

}  // namespace

void write_stay_switch(OutputSet& outputs, const LearningRecord& record,
                       const std::vector<Participant>& people, const StaySwitchRegression& r,
                       Standardise standardise) {
  std::vector<StaySwitchRow> rows;
  for (size_t k = 0; k < r.terms.size(); ++k) {
    const auto c = Eigen::Index(k);
    const double b = r.fit.effects[c], se = r.fit.standard_error[c];
    const OddsRatio odds = odds_ratio(b, se);
    rows.push_back({r.terms[k], b, se, r.fit.z[c], r.fit.p[c], odds.ratio, odds.low, odds.high});
  }
  const StaySwitchFacts facts = stay_switch_facts(record, r, standardise);
  write_described_table(outputs, record.stem + "staySwitch", rows, facts, record.provenance);
  write_slopes(outputs, record, people, r, facts);
}

void write_ratings(OutputSet& outputs, const LearningRecord& record, const RatingCells& ratings,
                   const RepeatedMeasuresAnova& anova, const InputFile& input) {
  std::vector<RatingRow> rows;
  for (const auto& [name, e] :
       {std::pair<const char*, const RepeatedMeasuresEffect&>{"rank", anova.first},
        {"outcome", anova.second},
        {"rank:outcome", anova.interaction}})
    rows.push_back({name, e.f, e.dof1, e.dof2, e.p, e.partial_eta_squared, e.mean_difference});
  RatingFacts facts;
  facts.design = "2 x 2 repeated measures; each effect against its interaction with participants";
  facts.rank_levels = fmt::format("better: mean_rank below {}", ratings.rank_split);
  facts.outcome_levels = fmt::format("high: p_match above {}", ratings.match_split);
  facts.participants = ratings.cells.rows();
  const char* cells[] = {"worseRankLowMatch", "worseRankHighMatch", "betterRankLowMatch",
                         "betterRankHighMatch"};
  for (Eigen::Index c = 0; c < 4; ++c) facts.cell_means.emplace_back(cells[c], anova.cell_means[c]);
  facts.ratings = input;
  facts.learning = learning_facts(record);
  write_described_table(outputs, record.stem + "ratings", rows, facts, record.provenance);
}

}  // namespace sociometer
