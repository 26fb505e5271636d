#include "io/records/model_check_tables.hpp"

#include "io/records/stored_learning.hpp"

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
  std::vector<PredictiveRow> rows;
  for (const auto& c : r.checks)
    rows.push_back({c.statistic, c.level, c.data, c.mean, c.low, c.high, c.p});
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
  write_described_table(outputs, record.stem + "predictive", rows, facts, record.provenance);
}

void write_parameter_recovery(OutputSet& outputs, const LearningRecord& record,
                              const std::vector<ParameterRecovery>& recoveries,
                              const std::vector<std::shared_ptr<const Learner>>& learners,
                              const RecoveryOptions& options) {
  std::vector<RecoveryRow> values;
  std::vector<RecoverySummaryRow> summary;
  for (const auto& r : recoveries)
    for (size_t k = 0; k < r.names.size(); ++k) {
      const auto c = Eigen::Index(k);
      for (Eigen::Index i = 0; i < r.truth.rows(); ++i)
        values.push_back({r.model, i + 1, r.names[k], r.truth(i, c), r.estimate(i, c)});
      summary.push_back({r.model, r.names[k], r.correlation[c], r.log_correlation[c],
                         r.rank_correlation[c], r.bias[c]});
    }
  const RecoveryFacts facts = recovery_facts(record, options, learners);
  write_described_table(outputs, record.stem + "parameterRecovery", values,
                        ParameterRecoveryFacts{facts}, record.provenance);
  write_described_table(outputs, record.stem + "parameterRecoverySummary", summary,
                        RecoverySummaryFacts{facts}, record.provenance);
}

void write_model_recovery(OutputSet& outputs, const LearningRecord& record, const ModelRecovery& r,
                          const std::vector<std::shared_ptr<const Learner>>& learners,
                          const RecoveryOptions& options) {
  std::vector<ConfusionRow> rows;
  for (size_t i = 0; i < r.models.size(); ++i)
    for (size_t j = 0; j < r.models.size(); ++j) {
      const auto a = Eigen::Index(i), b = Eigen::Index(j);
      rows.push_back({r.models[i], r.models[j], r.best(a, b), r.frequency(a, b),
                      r.protected_exceedance(a, b)});
    }
  write_described_table(outputs, record.stem + "modelRecovery", rows,
                        ConfusionFacts{recovery_facts(record, options, learners)},
                        record.provenance);
}

}  // namespace sociometer
