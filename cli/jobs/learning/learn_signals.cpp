#include "cli/jobs/learning/learn_signals.hpp"

#include <utility>

#include "io/records/stored_learning.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

/// The dictionary of the signals with their record.
std::string sidecar_text(const LearningSignalsRecord& record, const Provenance& provenance) {
  Json sidecar = signals_dictionary();
  append(sidecar, record_to_json(record));
  provenance.sign(sidecar, LearningSignalsRecord::kKind);
  return to_text(sidecar);
}

ByName<double> parameters_of(const Learner& learner, const LearnerFit& fit) {
  ByName<double> parameters;
  for (size_t k = 0; k < fit.estimate.size(); ++k)
    parameters.emplace_back(learner.parameters()[k].name, fit.estimate[k]);
  return parameters;
}

void write_runs(OutputSet& outputs, const LearnStudy& study, size_t participant,
                const std::vector<TrialSignals>& signals, LearningSignalsRecord record,
                const Provenance& provenance) {
  for (size_t run = 0; run < study.runs[participant].size(); ++run) {
    const std::string name = derivative_name(study.bids, study.paths[participant][run], "signals");
    const TrialTable& table = study.runs[participant][run];
    record.inputs = {study.inputs[participant][run]};
    outputs.write(name, signals_to_tsv(table, signals));
    outputs.write(name.substr(0, name.size() - 4) + ".json", sidecar_text(record, provenance));
  }
}

}  // namespace

void write_signals(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                   const StudyFit& fit, size_t learner) {
  const Learner& model = *fit.learners[learner];
  LearningSignalsRecord sidecar{model.name(), learning_facts(record), {}, {}};
  ByName<ByName<double>> all_parameters;
  std::vector<std::vector<std::string>> rows;
  for (size_t i : fit.usable_participants()) {
    const LearnerFit& f = fit.fits[i][learner];
    const auto signals = trial_signals(model, record.settings, study.participants[i], f.estimate);
    ByName<double> parameters = parameters_of(model, f);
    if (!study.one_table) {
      sidecar.parameters = record_to_json(parameters);
      write_runs(outputs, study, i, signals, sidecar, record.provenance);
      continue;
    }
    all_parameters.emplace_back("sub-" + study.participants[i].label, std::move(parameters));
    for (const auto& run : study.runs[i])
      for (auto& row : rows_with_signals(run, signals)) rows.push_back(std::move(row));
  }
  if (!study.one_table) return;
  const size_t first = fit.usable_participants().front();
  sidecar.parameters = record_to_json(all_parameters);
  sidecar.inputs = study.inputs[first];
  const std::string name = record.stem + "desc-signals_beh";
  outputs.write(name + ".tsv", to_tsv(names_with_signals(study.runs[first][0].table), rows));
  outputs.write(name + ".json", sidecar_text(sidecar, record.provenance));
}

}  // namespace sociometer::jobs
