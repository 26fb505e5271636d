#include "io/records/model_check_tables.hpp"

#include "io/tables/table.hpp"

namespace sociometer {
namespace {

Json recovery_json(const LearningRecord& record, const RecoveryOptions& options,
                   const std::vector<std::shared_ptr<const Learner>>& learners) {
  Json json;
  json["Simulated"] = options.n_simulated;
  json["Seed"] = options.seed;
  json["RecoverAt"] = name_of(options.at);
  json["TrueParameters"] =
      options.at == RecoverAt::prior
          ? "drawn from the priors of the models, equal shares of the prior's probability"
          : "those fitted to the study's participants, one after another";
  json["RecoverFeedback"] = name_of(options.feedback);
  json["Rounds"] =
      options.feedback == FeedbackOrder::drawn
          ? "options offered to the study's participants; feedback drawn from what each partner "
            "gave"
          : "options offered to the study's participants; each partner's feedback in the order in "
            "which the participant saw it, from the beginning again after the last";
  json["Models"] = Json::object();
  for (const auto& learner : learners) json["Models"][learner->name()] = learner_json(*learner);
  append(json, to_json(record));
  return json;
}

}  // namespace

void write_predictive_checks(OutputSet& outputs, const LearningRecord& record,
                             const PredictiveChecks& r, const PredictiveOptions& options) {
  TableRows rows;
  for (const auto& c : r.checks)
    rows.push_back({c.statistic, c.level, format_number(c.data), format_number(c.mean),
                    format_number(c.low), format_number(c.high), format_number(c.p)});
  Json more;
  more["Model"] = r.model;
  more["Simulated"] = options.n_simulated;
  more["Seed"] = options.seed;
  more["Blocks"] = options.n_blocks;
  more["Feedback"] = name_of(options.feedback);
  more["Parameters"] =
      "drawn for each simulated study from the normal approximation of each participant's "
      "posterior "
      "of the transformed parameters";
  append(more, to_json(record));
  write_described_table(
      outputs, record.stem + "predictive",
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
}

void write_parameter_recovery(OutputSet& outputs, const LearningRecord& record,
                              const std::vector<ParameterRecovery>& recoveries,
                              const std::vector<std::shared_ptr<const Learner>>& learners,
                              const RecoveryOptions& options) {
  TableRows values, summary;
  for (const auto& r : recoveries)
    for (size_t k = 0; k < r.names.size(); ++k) {
      const auto c = Eigen::Index(k);
      for (Eigen::Index i = 0; i < r.truth.rows(); ++i)
        values.push_back({r.model, std::to_string(i + 1), r.names[k], format_number(r.truth(i, c)),
                          format_number(r.estimate(i, c))});
      summary.push_back({r.model, r.names[k], format_number(r.correlation[c]),
                         format_number(r.log_correlation[c]), format_number(r.rank_correlation[c]),
                         format_number(r.bias[c])});
    }
  const Json more = recovery_json(record, options, learners);
  write_described_table(outputs, record.stem + "parameterRecovery",
                        {{"model", "learning model, both true and fitted"},
                         {"simulation", "simulated participant"},
                         {"parameter", "free parameter"},
                         {"truth", "value that made the choices"},
                         {"estimate", "maximum a posteriori estimate"}},
                        values, more);
  write_described_table(
      outputs, record.stem + "parameterRecoverySummary",
      {{"model", "learning model"},
       {"parameter", "free parameter"},
       {"correlation", "Pearson, of truth and estimate"},
       {"transformed_correlation", "Pearson, of transformed values (log beta, logit w)"},
       {"rank_correlation", "Spearman"},
       {"bias", "mean of estimate - truth"}},
      summary, more);
}

void write_model_recovery(OutputSet& outputs, const LearningRecord& record, const ModelRecovery& r,
                          const std::vector<std::shared_ptr<const Learner>>& learners,
                          const RecoveryOptions& options) {
  TableRows rows;
  for (size_t i = 0; i < r.models.size(); ++i)
    for (size_t j = 0; j < r.models.size(); ++j) {
      const auto a = Eigen::Index(i), b = Eigen::Index(j);
      rows.push_back({r.models[i], r.models[j], format_number(r.best(a, b)),
                      format_number(r.frequency(a, b)),
                      format_number(r.protected_exceedance(a, b))});
    }
  write_described_table(
      outputs, record.stem + "modelRecovery",
      {{"true_model", "model that made the choices"},
       {"fitted_model", "model fitted to them"},
       {"best", "share of simulated participants with the largest evidence here"},
       {"expected_frequency", "random-effects selection over the simulated group"},
       {"protected_exceedance_probability", "likewise"}},
      rows, recovery_json(record, options, learners));
}

}  // namespace sociometer
