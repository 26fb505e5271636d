#include "cli/jobs/learning/learn_predictive.hpp"

#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "io/report/predictive_picture.hpp"

namespace sociometer::cli {

void write_predictive(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                      const StudyFit& fit, size_t learner, const PredictiveOptions& options,
                      int n_threads) {
  info(fmt::format("simulating {} studies by {}", options.n_simulated,
                   fit.learners[learner]->name()));
  const bool with_rank = context.columns.rank.given();
  const PredictiveChecks r = check_predictions(fit, learner, context.settings, study.participants,
                                               with_rank, options, n_threads);
  std::vector<std::vector<std::string>> rows;
  for (const auto& c : r.checks)
    rows.push_back({c.statistic, c.level, format_number(c.data), format_number(c.mean),
                    format_number(c.low), format_number(c.high), format_number(c.p)});
  Json more;
  more["Model"] = r.model;
  more["Simulated"] = options.n_simulated;
  more["Seed"] = options.seed;
  more["Blocks"] = options.n_blocks;
  more["Feedback"] = to_string(options.feedback);
  more["Parameters"] =
      "drawn for each simulated study from the normal approximation of each participant's "
      "posterior "
      "of the transformed parameters";
  append(more, common_json(context));
  write_table(
      outputs, context.stem + "predictive",
      {{"statistic",
        "choice_share: chosen / offered; learning_curve_outcome, learning_curve_rank: share "
        "of choices of the partner with the better mean outcome, rank; stay_switch: slope "
        "of the logistic regression of staying over all participants together"},
       {"level", "partner, block of rounds, or term"},
       {"data", "of the study"},
       {"mean", "of the simulated studies"},
       {"low", "2.5 % quantile of the simulated studies"},
       {"high", "97.5 % quantile"},
       {"p", "two-sided tail probability of the data among the simulated studies"}},
      rows, more);
  draw_predictive(r, outputs.stage(context.stem + "predictive.png").string());
}

}  // namespace sociometer::cli
