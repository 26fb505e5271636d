#include "io/records/model_check_tables.hpp"

#include "io/records/stored_learning.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

RecoveryFacts recovery_facts(const LearningRecord& record, const RecoveryOptions& options,
                             const std::vector<std::shared_ptr<const Learner>>& learners) {
  RecoveryFacts facts;
  facts.simulated = options.n_simulated;
  facts.seed = options.seed;
  facts.at = name_of(options.at);
  facts.true_parameters =
      options.at == RecoverAt::prior
          ? "drawn from the priors of the models, equal shares of the prior's probability"
          : "those fitted to the study's participants, one after another";
  facts.feedback = name_of(options.feedback);
  facts.rounds =
      options.feedback == FeedbackOrder::drawn
          ? "options offered to the study's participants; feedback drawn from what each partner "
            "gave"
          : "options offered to the study's participants; each partner's feedback in the order in "
            "which the participant saw it, from the beginning again after the last";
  facts.models = learner_facts(learners);
  facts.learning = learning_facts(record);
  return facts;
}

}  // namespace

void write_predictive_checks(OutputSet& outputs, const LearningRecord& record,
                             const PredictiveChecks& r, const PredictiveOptions& options) {
  TableRows rows;
  for (const auto& c : r.checks)
    rows.push_back({c.statistic, c.level, format_number(c.data), format_number(c.mean),
                    format_number(c.low), format_number(c.high), format_number(c.p)});
  PredictiveFacts facts;
  facts.model = r.model;
  facts.simulated = options.n_simulated;
  facts.seed = options.seed;
  facts.blocks = options.n_blocks;
  facts.feedback = name_of(options.feedback);
  facts.parameters =
      "drawn for each simulated study from the normal approximation of each participant's "
      "posterior "
      "of the transformed parameters";
  facts.learning = learning_facts(record);
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
      rows, facts, record.provenance);
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
  const RecoveryFacts facts = recovery_facts(record, options, learners);
  write_described_table(outputs, record.stem + "parameterRecovery",
                        {{"model", "learning model, both true and fitted"},
                         {"simulation", "simulated participant"},
                         {"parameter", "free parameter"},
                         {"truth", "value that made the choices"},
                         {"estimate", "maximum a posteriori estimate"}},
                        values, ParameterRecoveryFacts{facts}, record.provenance);
  write_described_table(
      outputs, record.stem + "parameterRecoverySummary",
      {{"model", "learning model"},
       {"parameter", "free parameter"},
       {"correlation", "Pearson, of truth and estimate"},
       {"transformed_correlation", "Pearson, of transformed values (log beta, logit w)"},
       {"rank_correlation", "Spearman"},
       {"bias", "mean of estimate - truth"}},
      summary, RecoverySummaryFacts{facts}, record.provenance);
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
      rows, ConfusionFacts{recovery_facts(record, options, learners)}, record.provenance);
}

}  // namespace sociometer
