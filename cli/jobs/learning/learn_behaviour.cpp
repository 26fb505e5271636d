#include "cli/jobs/learning/learn_behaviour.hpp"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "engine/core/error.hpp"
#include "engine/learning/mixed_logistic.hpp"
#include "engine/learning/ratings.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/tables/ratings_table.hpp"

namespace sociometer::cli {
namespace {

Json matrix_json(const Eigen::MatrixXd& m) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < m.rows(); ++i) {
    Json row = Json::array();
    for (Eigen::Index j = 0; j < m.cols(); ++j) row.push_back(m(i, j));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string describe_rank(const LearningSettings& s, Standardise standardise) {
  return standardise == Standardise::overall
             ? "previous rank, sign-flipped so that + is better, in standard deviations"
             : fmt::format("{} - previous rank: + is better, in ranks", (s.n_ranks + 1) / 2);
}

/// Each participant's own slopes, a row each.
void write_slopes(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                  const std::vector<StayTrial>& trials, const std::vector<std::string>& terms,
                  const MixedLogisticFit& fit, const Json& more) {
  std::vector<std::pair<std::string, std::string>> columns{{"participant_id", "participant"}};
  for (const auto& term : terms) {
    columns.emplace_back(term, "log odds: fixed effect plus conditional mode of the random effect");
    columns.emplace_back(term + "_standard_error",
                         "of the conditional mode, given fixed effects and covariance");
  }
  std::vector<std::vector<std::string>> rows;
  int last = -1;  // groups of the regression are participants with an occasion, in this order
  for (const auto& t : trials) {
    if (t.participant == last) continue;
    last = t.participant;
    const auto group = Eigen::Index(rows.size());
    rows.push_back({"sub-" + study.participants[size_t(last)].label});
    for (size_t k = 0; k < terms.size(); ++k) {
      const auto c = Eigen::Index(k);
      rows.back().push_back(format_number(fit.effects[c] + fit.deviations(group, c)));
      rows.back().push_back(format_number(fit.deviation_errors(group, c)));
    }
  }
  write_table(outputs, context.stem + "staySwitchSlopes", columns, rows, more);
}

}  // namespace

void write_stay_switch(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                       const StudyFit& fit, Standardise standardise) {
  const bool with_rank = context.columns.rank.given();
  std::vector<StayTrial> trials;
  for (size_t i : fit.usable_participants())
    for (const auto& t : stay_trials(study.participants[i], int(i), context.settings, with_rank))
      trials.push_back(t);
  try {
    const MixedLogisticData data = stay_switch_data(trials, standardise, with_rank);
    const MixedLogisticFit r = fit_mixed_logistic(data);
    std::vector<std::string> terms{"intercept"};
    if (with_rank) terms.emplace_back("previous_rank");
    terms.emplace_back("previous_outcome");
    std::vector<std::vector<std::string>> rows;
    for (size_t k = 0; k < terms.size(); ++k) {
      const auto c = Eigen::Index(k);
      const double b = r.effects[c], se = r.standard_error[c];
      rows.push_back({terms[k], format_number(b), format_number(se), format_number(r.z[c]),
                      format_number(r.p[c]), format_number(std::exp(b)),
                      format_number(std::exp(b - 1.959963984540054 * se)),
                      format_number(std::exp(b + 1.959963984540054 * se))});
    }
    Json more;
    more["Model"] =
        fmt::format("stay ~ {0} + (1 + {0} | participant), logistic",
                    with_rank ? "previous_rank + previous_outcome" : "previous_outcome");
    more["ModelNote"] =
        "the study reports a mixed-effects logistic regression on the previous rank and outcome; "
        "its "
        "random effects and coding are inferred";
    more["Estimation"] =
        "maximum likelihood, Laplace approximation of the integral over random effects";
    if (with_rank) more["PreviousRank"] = describe_rank(context.settings, standardise);
    more["PreviousOutcome"] = standardise == Standardise::overall
                                  ? "1 match, 0 none, in standard deviations"
                                  : "1/2 match, -1/2 none: the effect of a match against none";
    more["Occasion"] =
        context.settings.repetition == Repetition::last_offered
            ? "the next round in which the chosen option is offered; stay: it is chosen again"
            : "the next round with a response, when the chosen option is offered in it";
    more["NumberOfOccasions"] = data.response.size();
    more["NumberOfParticipants"] = data.n_groups;
    more["RandomEffectsCovariance"] = matrix_json(r.covariance);
    more["LogLikelihood"] = r.log_likelihood;
    more["Converged"] = r.converged;
    more["Singular"] = r.singular;
    append(more, common_json(context));
    write_table(outputs, context.stem + "staySwitch",
                {{"term", "fixed effect"},
                 {"estimate", "log odds of staying"},
                 {"standard_error", "from the Hessian of the deviance by all parameters"},
                 {"z", "estimate / standard error"},
                 {"p", "two-sided"},
                 {"odds_ratio", "exp(estimate)"},
                 {"odds_ratio_low", "lower end of its 95 % Wald interval"},
                 {"odds_ratio_high", "upper end"}},
                rows, more);
    write_slopes(outputs, context, study, trials, terms, r, more);
    if (r.singular)
      warn(
          "stay/switch regression: the random effects' covariance is singular (Singular in its "
          "sidecar)");
  } catch (const Error& error) {
    warn(fmt::format("no stay/switch regression: {}", error.what()));
  }
}

void write_ratings(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                   const StudyFit& fit, const std::string& path) {
  std::string file = path;
  if (file.empty()) {
    if (study.one_table) return;
    file = study.bids + "/phenotype/ratings.tsv";
    if (!std::filesystem::exists(file)) return;
  }
  std::vector<std::string> wanted;
  for (size_t i : fit.usable_participants()) wanted.push_back(study.participants[i].label);
  Warnings warnings;
  const RatingCells ratings = read_ratings(file, wanted, warnings);
  for (const auto& line : warnings) warn(line);
  if (ratings.cells.rows() < 2) {
    warn(fmt::format("no analysis of ratings: {} has {} of the fitted participants", file,
                     ratings.cells.rows()));
    return;
  }
  const RepeatedMeasuresAnova anova = repeated_measures_anova(ratings.cells);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, e] :
       {std::pair<const char*, const RepeatedMeasuresEffect&>{"rank", anova.first},
        {"outcome", anova.second},
        {"rank:outcome", anova.interaction}})
    rows.push_back({name, format_number(e.f), format_number(e.dof1), format_number(e.dof2),
                    format_number(e.p), format_number(e.partial_eta_squared),
                    format_number(e.mean_difference)});
  Json more;
  more["Design"] = "2 x 2 repeated measures; each effect against its interaction with participants";
  more["RankLevels"] = fmt::format("better: mean_rank below {}", ratings.rank_split);
  more["OutcomeLevels"] = fmt::format("high: p_match above {}", ratings.match_split);
  more["NumberOfParticipants"] = ratings.cells.rows();
  more["CellMeans"] = Json::object();
  const char* cells[] = {"worseRankLowMatch", "worseRankHighMatch", "betterRankLowMatch",
                         "betterRankHighMatch"};
  for (Eigen::Index c = 0; c < 4; ++c) more["CellMeans"][cells[c]] = ratings.cells.col(c).mean();
  more["Ratings"] = {{"Path", file}, {"XXH3", input_file("", checksum_of_file(file)).checksum}};
  append(more, common_json(context));
  write_table(
      outputs, context.stem + "ratings",
      {{"effect", "within-participant factor"},
       {"F", "mean square of the effect / that of its error"},
       {"dof1", "of the effect"},
       {"dof2", "of the error"},
       {"p", "P(F > f)"},
       {"partial_eta_squared", "SS effect / (SS effect + SS error)"},
       {"mean_difference", "better - worse rank, high - low match; difference of differences"}},
      rows, more);
}

}  // namespace sociometer::cli
