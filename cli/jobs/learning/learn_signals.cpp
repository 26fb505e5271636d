#include "cli/jobs/learning/learn_signals.hpp"

#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

Json signals_sidecar(const LearningRecord& record, const Learner& learner) {
  Json sidecar = signals_dictionary();
  sidecar["Model"] = learner.name();
  append(sidecar, to_json(record));
  return sidecar;
}

Json parameters_json(const Learner& learner, const LearnerFit& fit) {
  Json json = Json::object();
  for (size_t k = 0; k < fit.estimate.size(); ++k)
    json[learner.parameters()[k].name] = fit.estimate[k];
  return json;
}

void write_runs(OutputSet& outputs, const LearnStudy& study, size_t participant,
                const std::vector<TrialSignals>& signals, Json sidecar) {
  for (size_t run = 0; run < study.runs[participant].size(); ++run) {
    const std::string name = derivative_name(study.bids, study.paths[participant][run], "signals");
    const TrialTable& table = study.runs[participant][run];
    sidecar["Inputs"] = Json::array({study.inputs[participant][run]});
    outputs.write(name, signals_to_tsv(table, signals));
    outputs.write(name.substr(0, name.size() - 4) + ".json", to_text(sidecar));
  }
}

}  // namespace

void write_signals(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                   const StudyFit& fit, size_t learner) {
  const Learner& model = *fit.learners[learner];
  Json sidecar = signals_sidecar(record, model), all_parameters = Json::object();
  std::vector<std::vector<std::string>> rows;
  for (size_t i : fit.usable_participants()) {
    const LearnerFit& f = fit.fits[i][learner];
    const auto signals = trial_signals(model, record.settings, study.participants[i], f.estimate);
    const Json parameters = parameters_json(model, f);
    if (!study.one_table) {
      sidecar["ModelParameters"] = parameters;
      write_runs(outputs, study, i, signals, sidecar);
      continue;
    }
    all_parameters["sub-" + study.participants[i].label] = parameters;
    for (const auto& run : study.runs[i])
      for (auto& row : rows_with_signals(run, signals)) rows.push_back(std::move(row));
  }
  if (!study.one_table) return;
  const size_t first = fit.usable_participants().front();
  sidecar["ModelParameters"] = all_parameters;
  sidecar["Inputs"] = study.inputs[first];
  const std::string name = record.stem + "desc-signals_beh";
  outputs.write(name + ".tsv", to_tsv(names_with_signals(study.runs[first][0].table), rows));
  outputs.write(name + ".json", to_text(sidecar));
}

}  // namespace sociometer::jobs
