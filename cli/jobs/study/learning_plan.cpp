#include "cli/jobs/study/learning_plan.hpp"

#include <filesystem>

#include "cli/jobs/learning/learn_request.hpp"
#include "cli/jobs/study/study_places.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_index.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;

std::vector<StudyJob> plan_learning(const StudyRequest& a, const StatsModel& model) {
  const StatsNode* first = nullptr;
  for (const auto& node : model.nodes) {
    if (node.settings.learners.empty()) continue;
    if (first)
      fail(ErrorCode::bad_input,
           "{}: nodes '{}' and '{}' both have Learners; one is enough for all", node.place,
           first->name, node.name);
    first = &node;
  }
  if (first) {
    const StatsNode& node = *first;
    LearnRequest request;
    request.bids = absolute_path(a.bids);
    request.output = absolute_path(a.output) + "/learning";
    request.models = node.settings.learners;
    request.signals_model = node.settings.signals_model;
    request.settings = node.settings.learn_settings;
    request.columns = node.settings.columns;
    if (const auto task = model.input.find("task"); task != model.input.end()) {
      if (task->second.size() > 1)
        fail(ErrorCode::bad_input,
             "{}: Learners need one task in Input, which has {}; make a model for each", node.place,
             task->second.size());
      request.task = task->second.front();
    }
    StudyJob job;
    job.id = "learn";
    job.kind = StudyJobKind::learn;
    job.node = node.name;
    const BidsStudy study = index_study(request.bids, {}, {});
    for (const auto& person : study.raw.people)
      for (const auto& file : person.files)
        if (file.name.suffix == "events" && file.name.extension == ".tsv")
          job.inputs.push_back(file.path);
    for (const auto& extra : {request.settings, request.columns})
      if (!extra.empty()) job.inputs.push_back(extra);
    if (const fs::path ratings = fs::path(request.bids) / "phenotype" / "ratings.tsv";
        fs::exists(ratings))
      job.inputs.push_back(ratings.string());
    job.request.json = to_json(request);
    return {job};
  }
  return {};
}

std::string signals_path(const StudyRequest& a, const std::string& events) {
  const fs::path raw = absolute_path(a.bids);
  const fs::path inside = fs::path(events).lexically_relative(raw);
  std::string name = inside.filename().string();
  const std::string ending = "_events.tsv";
  if (name.size() > ending.size() && name.ends_with(ending))
    name = name.substr(0, name.size() - ending.size()) + "_desc-signals" + ending;
  return (fs::path(absolute_path(a.output)) / "learning" / inside.parent_path() / name).string();
}

}  // namespace sociometer::jobs
