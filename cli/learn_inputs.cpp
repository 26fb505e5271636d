#include "cli/learn_inputs.hpp"

#include <sstream>

#include <fmt/format.h>

#include "cli/log.hpp"
#include "engine/core/error.hpp"
#include "engine/learning/learner.hpp"
#include "io/byte_stream.hpp"

namespace sociometer::cli {
namespace {

void read_participant(const ParticipantEvents& events, const TrialColumns& columns,
                      LearnStudy& study) {
  if (events.paths.empty()) fail(ErrorCode::bad_input, "no events of task '{}'", study.task);
  Participant participant{events.label, {}, {}};
  std::vector<TrialTable> runs;
  Json inputs = Json::array();
  Warnings warnings;
  for (size_t run = 0; run < events.paths.size(); ++run) {
    runs.push_back(read_trials(events.paths[run], columns, int(run), participant, warnings));
    inputs.push_back({{"Path", events.paths[run]},
                      {"CRC32", input_file("", crc32_of_file(events.paths[run])).crc32}});
  }
  for (const auto& line : warnings) warn(line);
  study.participants.push_back(std::move(participant));
  study.runs.push_back(std::move(runs));
  study.paths.push_back(events.paths);
  study.inputs.push_back(std::move(inputs));
}

}  // namespace

LearnStudy read_study(const std::string& bids, const std::string& task,
                      const std::vector<std::string>& labels, const TrialColumns& columns) {
  LearnStudy study;
  study.bids = bids;
  study.task = task;
  for (const auto& events : find_events(bids, study.task, labels)) {
    try {
      read_participant(events, columns, study);
    } catch (const Error& error) {
      study.failures.push_back(fmt::format("sub-{}: {}", events.label, error.what()));
    }
  }
  if (study.participants.empty()) fail(ErrorCode::bad_input, "{}", study.failures.front());
  return study;
}

std::vector<std::string> chosen_models(const std::string& list, const TrialColumns& columns) {
  if (list.empty() && columns.rank.given()) return {"hybrid", "rank", "outcome"};
  if (list.empty()) return {"outcome", "rw-outcome", "wsls", "random"};
  std::vector<std::string> models;
  std::istringstream words(list);
  for (std::string model; std::getline(words, model, ',');) {
    for (const auto& other : models)
      if (other == model) fail(ErrorCode::usage, "model '{}' is named twice", model);
    models.push_back(model);
  }
  for (const auto& model : models) {
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
  return models;
}

}  // namespace sociometer::cli
