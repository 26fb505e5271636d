#include "cli/jobs/learning/learn_checks.hpp"

#include <fmt/format.h>

#include "engine/learning/predictive.hpp"
#include "io/records/model_check_tables.hpp"
#include "io/report/learning_picture.hpp"
#include "io/report/predictive_picture.hpp"

namespace sociometer::jobs {
namespace {

void write_parameter_recoveries(OutputSet& outputs, const LearningRecord& record,
                                const StudyFit& fit, const StudyRounds& rounds,
                                const RecoveryOptions& options, const Session& session) {
  std::vector<ParameterRecovery> recoveries;
  for (const auto& learner : fit.learners) {
    if (learner->parameters().empty()) continue;
    session.journal.info(fmt::format("recovering the parameters of {}", learner->name()));
    recoveries.push_back(
        recover_parameters(*learner, record.settings, rounds, options, session.threads, &fit));
    std::vector<Transform> transforms;
    for (const auto& p : learner->parameters()) transforms.push_back(p.transform);
    const std::string name =
        fmt::format("{}model-{}_parameterRecovery.png", record.stem, learner->name());
    draw_parameter_recovery(recoveries.back(), transforms, outputs.stage(name).string());
  }
  write_parameter_recovery(outputs, record, recoveries, fit.learners, options);
}

}  // namespace

void write_predictive(OutputSet& outputs, const LearnRequest& request, const LearningRecord& record,
                      const LearnStudy& study, const StudyFit& fit, size_t learner,
                      const Session& session) {
  if (request.checks.predictive == 0) return;
  const PredictiveOptions options{request.checks.predictive, request.seed};
  session.journal.info(fmt::format("simulating {} studies by {}", options.n_simulated,
                                   fit.learners[learner]->name()));
  const PredictiveChecks checks =
      check_predictions(fit, learner, record.settings, study.participants,
                        record.columns.rank.given(), options, session.threads);
  write_predictive_checks(outputs, record, checks, options);
  draw_predictive(checks, outputs.stage(record.stem + "predictive.png").string());
}

void write_recoveries(OutputSet& outputs, const LearnRequest& request, const LearningRecord& record,
                      const LearnStudy& study, const StudyFit& fit, const Session& session) {
  const ModelCheckRequest& checks = request.checks;
  if (checks.parameter_recovery == 0 && checks.model_recovery == 0) return;
  std::vector<Participant> usable;
  for (size_t i : fit.usable_participants()) usable.push_back(study.participants[i]);
  const StudyRounds rounds(usable);
  RecoveryOptions options{checks.parameter_recovery, request.seed,
                          options_for_simulated(request.group_priors, record.options),
                          checks.recover_at, checks.feedback};
  if (checks.parameter_recovery > 0)
    write_parameter_recoveries(outputs, record, fit, rounds, options, session);
  options.n_simulated = checks.model_recovery;
  if (checks.model_recovery == 0) return;
  session.journal.info("recovering the models");
  const ModelRecovery recovery =
      recover_models(fit.learners, record.settings, rounds, options, session.threads, &fit);
  write_model_recovery(outputs, record, recovery, fit.learners, options);
  draw_model_recovery(recovery, outputs.stage(record.stem + "modelRecovery.png").string());
}

}  // namespace sociometer::jobs
