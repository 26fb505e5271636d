#include "cli/jobs/learning/learn_job.hpp"

#include <fmt/format.h>

#include "cli/jobs/learning/learn_behaviour.hpp"
#include "cli/jobs/learning/learn_checks.hpp"
#include "cli/jobs/learning/learn_inputs.hpp"
#include "cli/jobs/learning/learn_signals.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/memory.hpp"
#include "engine/learning/study_memory.hpp"
#include "engine/stats/largest_value.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/learning_tables.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {
namespace {

LearningRecord record_of(const LearnRequest& request, const Session& session) {
  LearningRecord record;
  if (!request.settings.empty())
    record.settings = with_context(request.settings, [&] {
      return learning_settings_from_json(read_json_file(request.settings).value);
    });
  if (!request.columns.empty())
    record.columns = with_context(request.columns, [&] {
      return trial_columns_from_json(read_json_file(request.columns).value);
    });
  record.group_priors = request.group_priors;
  record.options = fit_options(request);
  record.provenance = session.provenance;
  return record;
}

size_t signals_model(const LearnRequest& request, const std::vector<std::string>& models) {
  if (request.signals_model.empty()) return 0;
  for (size_t m = 0; m < models.size(); ++m)
    if (models[m] == request.signals_model) return m;
  fail(ErrorCode::usage, "--signals-model '{}' is not among the models fitted: {}",
       request.signals_model, fmt::join(models, ", "));
}

/// Lines about participants who were left out.
std::vector<std::string> failures_of(const LearnStudy& study, const StudyFit& fit) {
  std::vector<std::string> lines = study.failures;
  for (size_t i = 0; i < study.participants.size(); ++i)
    if (!fit.usable(i))
      lines.push_back(fmt::format("sub-{}: {}", study.participants[i].label, fit.failures[i]));
  return lines;
}

void warn_of_fits(const StudyAnalysis& analysis, const FitOptions& options, Journal& journal) {
  const DoubtfulFits doubtful = doubtful_fits(analysis.study, options);
  if (doubtful.unconverged > 0)
    journal.warn(fmt::format("fits whose gradient does not vanish (column converged): {}",
                             doubtful.unconverged));
  if (doubtful.fallbacks > 0)
    journal.warn(
        fmt::format("evidences by a fallback (column evidence_method): {}", doubtful.fallbacks));
  if (doubtful.uncertain > 0)
    journal.warn(fmt::format("evidences uncertain by more than {} nats (column evidence_error): {}",
                             kLargeEvidenceError, doubtful.uncertain));
  if (analysis.hierarchical && !analysis.hierarchical->converged)
    journal.warn(
        "hierarchical inference still moved when it was stopped (Converged in groupParameters)");
}

/// The most frequent model among the participants, and its margin.
void report_winner(const ModelSelection& s, const std::vector<std::string>& models, size_t n,
                   const std::string& folder, Journal& journal) {
  Summary summary(fmt::format("{} model(s) fitted to {} participant(s)", models.size(), n));
  if (models.size() > 1 && s.expected_frequency.size() == Eigen::Index(models.size())) {
    const Eigen::Index best = largest_on(ValueSide::upper, s.expected_frequency);
    summary.add(
        "most frequent model",
        fmt::format("{}: expected frequency {:.2f}, protected exceedance probability {:.3f}",
                    models[size_t(best)], s.expected_frequency[best],
                    s.protected_exceedance[best]));
  }
  summary.report(journal, folder);
}

void write_group_priors(OutputSet& outputs, const LearningRecord& record,
                        const StudyAnalysis& analysis) {
  if (analysis.hierarchical)
    write_group_parameters(outputs, record, *analysis.hierarchical);
  else if (record.group_priors == GroupPriors::eb)
    write_group_parameters(outputs, record, analysis.study);
}

}  // namespace

JobSummary learn(const LearnRequest& request, const Session& session) {
  Journal& journal = session.journal;
  check(request);
  LearningRecord record = record_of(request, session);
  const auto models = chosen_models(request.models, record.columns);
  std::vector<std::shared_ptr<const Learner>> learners;
  for (const auto& model : models) learners.push_back(make_learner(model, record.settings));
  const size_t signals_of = signals_model(request, models);
  const LearnStudy study = read_study(request, record.settings.n_ranks, record.columns, journal);
  for (const auto& inputs : study.inputs) note_read(session, inputs);
  record.stem = fmt::format("task-{}_", study.task);
  check_output_name(record.stem + "parameterRecovery.png");
  require_memory(study_memory(learners, study.participants, record.group_priors, record.options,
                              session.threads),
                 session.memory_bytes,
                 fmt::format("fitting {} model(s) to {} participant(s)", models.size(),
                             study.participants.size()),
                 "fewer --evidence-points, models or --participant-label");
  journal.info(fmt::format("fitting {} to {} participant(s)", fmt::join(models, ", "),
                           study.participants.size()));
  const StudyAnalysis analysis =
      analyse_study(models, record.settings, study.participants, record.group_priors,
                    record.options, session.threads);
  const StudyFit& fit = analysis.study;
  const auto failures = failures_of(study, fit);
  const auto usable = fit.usable_participants();
  if (usable.empty()) fail(ErrorCode::bad_input, "{}", failures.front());

  OutputSet outputs(request.output, session.policy("learn", ""));
  write_fit_tables(outputs, record, study.participants, fit, analysis.selection, signals_of,
                   failures, study.inputs);
  write_group_priors(outputs, record, analysis);
  write_signals(outputs, record, study, fit, signals_of);
  write_stay_switch_of(outputs, record, study, fit, request.standardise, journal);
  write_ratings_of(outputs, record, study, fit, request.ratings, journal);
  write_predictive(outputs, request, record, study, fit, signals_of, session);
  write_recoveries(outputs, request, record, study, fit, session);
  write_dataset_description(outputs);
  session.provenance.write_configuration(outputs);
  outputs.commit();
  report_winner(analysis.selection, models, usable.size(), request.output, journal);
  warn_of_fits(analysis, record.options, journal);
  for (const auto& line : failures) journal.warn("left out: " + line);
  return {failures};
}

}  // namespace sociometer::jobs
