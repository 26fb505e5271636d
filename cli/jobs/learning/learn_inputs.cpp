#include "cli/jobs/learning/learn_inputs.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/design/contrast.hpp"
#include "engine/learning/learner.hpp"

namespace sociometer::jobs {
namespace {

/// Adds a participant; read(run, participant, warnings) reads one run.
template <class Read>
void add_participant(const std::string& label, const std::vector<std::string>& paths,
                     LearnStudy& study, Journal& journal, Read read) {
  Participant participant{label, {}, {}};
  std::vector<TrialTable> runs;
  Warnings warnings;
  for (size_t run = 0; run < paths.size(); ++run) runs.push_back(read(run, participant, warnings));
  for (const auto& line : warnings) journal.warn(line);
  study.participants.push_back(std::move(participant));
  study.runs.push_back(std::move(runs));
  study.paths.push_back(paths);
}

template <class Add>
void add_or_leave_out(const std::string& label, LearnStudy& study, Add add) {
  try {
    add();
  } catch (const Error& error) {
    study.failures.push_back(fmt::format("sub-{}: {}", label, error.what()));
  }
}

/// Task of a table: the requested one, the task- entity, or the letters and digits of its name.
std::string task_of(const std::string& path, const std::string& task) {
  if (!task.empty()) return task;
  std::string stem = std::filesystem::path(path).filename().string();
  stem = stem.substr(0, stem.find('.'));
  const size_t entity = ("_" + stem).find("_task-");
  if (entity != std::string::npos) {
    const std::string rest = stem.substr(entity + 5);
    return rest.substr(0, rest.find('_'));
  }
  const std::string name = camel_case(stem);
  return name.empty() ? "behaviour" : name;
}

void read_one_table(const std::string& path, const std::vector<std::string>& labels, double n_ranks,
                    TrialColumns& columns, LearnStudy& study, Journal& journal) {
  study.one_table = true;
  study.task = task_of(path, study.task);
  const Table table = read_table(path, RowNames::as_r_writes_them);
  if (columns.onset == TrialColumns{}.onset && table.find(columns.onset) < 0) columns.onset = "";
  const InputFile input = table.file();
  for (auto& person : people_of(table, columns, labels))
    add_or_leave_out(person.label, study, [&] {
      const std::vector<std::string> paths(person.runs.size(), path);
      add_participant(person.label, paths, study, journal,
                      [&](size_t run, Participant& participant, Warnings& warnings) {
                        return trials_of(std::move(person.runs[run]), columns, n_ranks, int(run),
                                         participant, warnings);
                      });
      study.inputs.push_back({input});
    });
}

void read_folder(const std::vector<std::string>& labels, double n_ranks,
                 const TrialColumns& columns, LearnStudy& study, Journal& journal) {
  for (const auto& events : find_events(study.bids, study.task, labels))
    add_or_leave_out(events.label, study, [&] {
      if (events.paths.empty()) fail(ErrorCode::bad_input, "no events of task '{}'", study.task);
      std::vector<InputFile> inputs;
      add_participant(events.label, events.paths, study, journal,
                      [&](size_t run, Participant& participant, Warnings& warnings) {
                        Table table = read_table(events.paths[run], RowNames::as_r_writes_them);
                        inputs.push_back(table.file());
                        return trials_of(std::move(table), columns, n_ranks, int(run), participant,
                                         warnings);
                      });
      study.inputs.push_back(std::move(inputs));
    });
}

}  // namespace

LearnStudy read_study(const LearnRequest& request, double n_ranks, TrialColumns& columns,
                      Journal& journal) {
  LearnStudy study;
  study.bids = request.bids;
  study.task = request.task;
  if (std::filesystem::is_regular_file(request.bids))
    read_one_table(request.bids, request.participants, n_ranks, columns, study, journal);
  else
    read_folder(request.participants, n_ranks, columns, study, journal);
  if (study.participants.empty()) fail(ErrorCode::bad_input, "{}", study.failures.front());
  return study;
}

std::vector<std::string> chosen_models(const std::vector<std::string>& asked,
                                       const TrialColumns& columns) {
  if (asked.empty() && columns.rank.given()) return {"hybrid", "rank", "outcome"};
  if (asked.empty()) return {"outcome", "rw-outcome", "wsls", "random"};
  for (const auto& model : asked) {
    const auto learner = make_learner(model, {});
    const char* lacks = learner->needs_rank() && !columns.rank.given()         ? "rank"
                        : learner->needs_outcome() && !columns.outcome.given() ? "outcome"
                                                                               : nullptr;
    if (lacks)
      fail(ErrorCode::bad_input,
           "model '{0}' needs {1}s and the column mapping has no {1}; leave the model out or map a "
           "column",
           model, lacks);
  }
  return asked;
}

}  // namespace sociometer::jobs
