#include "cli/jobs/models/check_job.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/given.hpp"
#include "cli/jobs/models/checked_runs.hpp"
#include "cli/jobs/study/learning_plan.hpp"
#include "cli/jobs/study/plan_checks.hpp"
#include "cli/jobs/study/study_plan.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/models/model_file.hpp"
#include "io/report/model_picture.hpp"

namespace sociometer::jobs {
namespace {

/// Lines of at most 100 characters, the second and later ones indented.
std::string wrapped(const std::string& text, size_t indent) {
  constexpr size_t kWidth = 100;
  std::string out, line;
  const auto end_line = [&] {
    out += line + "\n";
    line = std::string(indent, ' ');
  };
  size_t at = 0;
  bool first = true;
  while (at < text.size()) {
    const size_t blank = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, blank - at);
    if (!first && line.size() > indent && line.size() + 1 + word.size() > kWidth) {
      end_line();
      line += word;
    } else {
      line += (first || line.size() == indent ? "" : " ") + word;
    }
    first = false;
    at = blank + 1;
  }
  end_line();
  return out;
}

std::string list_text(const char* title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string text = std::string(title) + ":\n";
  for (const auto& line : lines) text += wrapped("- " + line, 2);
  return text;
}

/// A line each, whatever their length: other programs may read them.
std::string lines_text(const char* title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  return fmt::format("{}:\n- {}\n", title, fmt::join(lines, "\n- "));
}

std::string words_of(const StatsModel& model) {
  std::string text = wrapped(
      "Model '" + model.name + "'" + (model.description.empty() ? "" : ": " + model.description),
      2);
  if (!model.input.empty()) {
    std::vector<std::string> parts;
    for (const auto& [key, labels] : model.input)
      parts.push_back(fmt::format("{} {}", key, fmt::join(labels, ", ")));
    text += wrapped(fmt::format("Input: {}", fmt::join(parts, "; ")), 2);
  }
  for (const auto& paragraph : describe(model)) text += wrapped(paragraph, 2);
  return text;
}

/// One call of `model check`.
class ModelChecker {
 public:
  ModelChecker(const StatsModelCheckRequest& request, const Session& session)
      : a_(request), session_(session) {
    study_ = a_.study;
    study_.level = StudyLevel::group;
  }

  ModelCheck check() {
    const ReadModel read = read_model(a_.study.model, {a_.study.drop_missing});
    warnings_ = read.notes.warnings;
    notices_ = read.notes.notices;
    out_.text = words_of(read.model);
    if (!a_.study.bids.empty()) check_study();
    std::string lists = list_text("Warnings", warnings_) + list_text("Notices", notices_);
    lists += lines_text("Would fail, while the others are done", out_.problems);
    lists += list_text("Refused", out_.refusals);
    out_.text += tables_ + lists + verdict_;
    if (!a_.output.empty()) write(read.model);
    return std::move(out_);
  }

 private:
  /// What is thrown is a refusal, reported once.
  template <class Work>
  bool attempt(Work&& work) {
    try {
      work();
      return true;
    } catch (const Error& error) {
      refuse(error.what());
      return false;
    }
  }
  void refuse(const std::string& why) {
    if (std::find(out_.refusals.begin(), out_.refusals.end(), why) == out_.refusals.end())
      out_.refusals.push_back(why);
  }

  void check_study() {
    RecordingJournal journal;
    StudyInputs inputs;
    const bool found = attempt([&] { inputs = load_study(study_, journal); });
    if (found) {
      std::vector<StudyJob> learning;
      attempt([&] { learning = plan_learning(learning_request(), inputs.model); });
      const bool surveyed = attempt([&] { survey_unlearnt_study(study_, inputs, journal); });
      check_nodes(inputs);
      if (surveyed) attempt([&] { plan(inputs, std::move(learning)); });
      list_problems();
    }
    add_new(journal.messages(Journal::Level::warning), warnings_);
    add_new(journal.messages(Journal::Level::info), notices_);
    if (out_.refusals.empty()) verdict_ += plan_;
  }

  /// A plan needs an output folder for the names of files that nothing here writes.
  StudyRequest learning_request() const {
    StudyRequest request = study_;
    if (request.output.empty()) request.output = "OUT";
    return request;
  }

  void check_nodes(const StudyInputs& inputs) {
    std::set<std::string> people;
    for (const auto& run : inputs.runs) people.insert(run.files.label("sub"));
    tables_ += fmt::format("{}: {} participants, {} runs\n", a_.study.bids, people.size(),
                           inputs.runs.size());
    for (const auto& node : inputs.model.nodes) {
      if (node.level != NodeLevel::run) continue;
      nodes_.push_back(check_runs(node, inputs.runs));
      if (!nodes_.back().refusal.empty()) refuse(nodes_.back().refusal);
      constexpr size_t kMostKinds = 4;
      tables_ += weights_text(nodes_.back(), kMostKinds);
      for (const auto& contrast : nodes_.back().contrasts)
        if (!contrast.usable())
          warnings_.push_back(fmt::format("node '{}': contrast {} can be estimated in no run: {}",
                                          node.name, contrast.spec.name, contrast.why_not[0]));
    }
    const bool expected = std::any_of(inputs.runs.begin(), inputs.runs.end(),
                                      [](const auto& run) { return run.expected.has_value(); });
    if (expected)
      notices_.push_back(
          "the signals of learning models are not learnt yet: their columns are checked by name, "
          "their values are not");
  }

  void plan(const StudyInputs& inputs, std::vector<StudyJob> jobs) {
    const StudyRequest request = learning_request();
    const JobPlan first = plan_participants(request, inputs);
    add_new(first.notes, warnings_);
    jobs.insert(jobs.end(), first.jobs.begin(), first.jobs.end());
    const bool has_group =
        std::any_of(inputs.model.nodes.begin(), inputs.model.nodes.end(),
                    [](const auto& node) { return node.level == NodeLevel::dataset; });
    const std::set<std::string> impossible = impossible_effects(first);
    const bool anybody =
        std::any_of(first.effects.begin(), first.effects.end(), [&](const StudyEffect& effect) {
          return !effect.job.empty() && !impossible.contains(effect.effect);
        });
    if (has_group && anybody) {
      const JobPlan group =
          plan_group(request, inputs, first.effects,
                     [&](const std::string& path) { return !impossible.contains(path); });
      add_new(group.notes, warnings_);
      jobs.insert(jobs.end(), group.jobs.begin(), group.jobs.end());
    }
    run_problems_ = first.problems;
    std::map<StudyJobKind, size_t> counts;
    for (const auto& job : jobs) {
      ++counts[job.kind];
      if (!job.problem.empty() && job.participant.empty())
        out_.problems.push_back(job.id + ": " + job.problem);
    }
    std::vector<std::string> parts;
    for (const auto& [kind, n] : counts) parts.push_back(fmt::format("{} {}", n, name_of(kind)));
    plan_ = fmt::format("`run` would do {} jobs: {}\n", jobs.size(), fmt::join(parts, ", "));
  }

  /// Runs in the order of the dataset, each with the first reason of each node; then participants
  /// who can have no estimate of a contrast.
  void list_problems() {
    std::vector<std::string> lines, contrasts;
    std::set<std::string> known, left_out;
    for (const auto& [run, why] : run_problems_) {
      known.insert(run);
      add_new({run + ": " + why}, lines);
    }
    for (const auto& node : nodes_)
      for (const auto& run : node.runs) {
        if (!run.problem.empty() && !known.contains(run.label))
          add_new({run.label + ": " + run.problem}, lines);
        if (!run.problem.empty() || known.contains(run.label)) left_out.insert(run.participant);
      }
    for (const auto& node : nodes_) add_new(inestimable_contrasts(node, left_out), contrasts);
    std::ranges::stable_sort(lines, [](const auto& a, const auto& b) {
      return natural_less(a.substr(0, a.find(':')), b.substr(0, b.find(':')));
    });
    lines.insert(lines.end(), contrasts.begin(), contrasts.end());
    // Groups come last.
    out_.problems.insert(out_.problems.begin(), lines.begin(), lines.end());
  }

  static void add_new(const std::vector<std::string>& lines, std::vector<std::string>& list) {
    for (const auto& line : lines)
      if (std::find(list.begin(), list.end(), line) == list.end()) list.push_back(line);
  }

  void write(const StatsModel& model) {
    OutputSet outputs(a_.output, session_.policy("model-check", ""));
    outputs.write("model.txt", out_.text);
    draw_model(model, outputs.stage("graph.png").string(), outputs.stage("graph.svg").string());
    for (const auto& node : nodes_) {
      const std::string name = "node-" + camel_case(node.node);
      outputs.write(name + "_columns.tsv", columns_tsv(node));
      outputs.write(name + "_weights.tsv", weights_tsv(node));
    }
    outputs.commit();
    report_written(session_.journal, a_.output, "");
  }

  const StatsModelCheckRequest& a_;
  const Session& session_;
  StudyRequest study_;
  ModelCheck out_;
  std::vector<std::string> warnings_, notices_;
  std::vector<RunProblem> run_problems_;
  std::string tables_, plan_, verdict_;
  std::vector<CheckedNode> nodes_;
};

}  // namespace

ModelCheck check_model(const StatsModelCheckRequest& request, const Session& session) {
  require_given(!request.study.model.empty(), "the model");
  const std::string& earlier = request.study.output;
  if (!earlier.empty() && !std::filesystem::is_directory(earlier))
    fail(ErrorCode::bad_input, "--run-output: there is no folder {}", earlier);
  return ModelChecker(request, session).check();
}

}  // namespace sociometer::jobs
