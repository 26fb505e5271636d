#include "cli/jobs/study/run_problems.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "engine/core/grid.hpp"

namespace sociometer::jobs {
namespace {

/// The repetition time that a fit of the run is to be told; none if the image's sidecar states it.
std::optional<double> told_tr(const BoldTiming& timing) {
  if (timing.is_uneven() || timing.sidecar_tr_s) return std::nullopt;
  return timing.volume_timing_s.empty() ? timing.raw_tr_s : timing.tr_s;
}

std::string why_no_events(const StudyRun& run) {
  if (!run.unlearnt.empty())
    return fmt::format("learning models made no signals of its events ({}), which the model needs",
                       run.unlearnt);
  return "has no events, which the model needs: put a *_events.tsv of its name into the raw "
         "dataset";
}

/// What of a single run stands against its fit; empty if nothing does.
std::string problem_of(const StudyRun& run, const SurveyedNode& survey) {
  if (!run.problem.empty()) return run.problem;
  if (survey.needs_events && run.files.events.empty()) return why_no_events(run);
  if (survey.needs_confounds && run.files.confounds.empty())
    return "has no confounds, which the model needs: put a *_desc-confounds_timeseries.tsv of its "
           "name beside the image";
  const BoldTiming& timing = run.timing;
  if (!timing.is_uneven() && !timing.tr_s)
    return fmt::format(
        "neither sidecars nor header state the repetition time; write RepetitionTime (s) into {}",
        run.files.sidecars.empty() ? "a JSON file beside the image" : run.files.sidecars.back());
  if (run.header && run.mask_grid && !same_grid(run.header->grid, *run.mask_grid))
    return fmt::format("its image {} has the grid {}, its mask {} the grid {}; make the mask again",
                       run.files.bold, describe(run.header->grid), run.files.mask,
                       describe(*run.mask_grid));
  return "";
}

/// What of a run does not go with one before it.
std::string conflict_of(const StudyRun& run, const StudyRun& first, std::optional<double> tr_s) {
  if (run.header && first.header && !same_grid(run.header->grid, first.header->grid))
    return fmt::format(
        "{} has the grid {}, {} the grid {}; runs that are fitted together need one grid: "
        "preprocess them again into one space and resolution",
        run.files.bold, describe(run.header->grid), first.files.bold, describe(first.header->grid));
  const auto own = told_tr(run.timing);
  if (own && tr_s && *own != *tr_s)
    return fmt::format("has TR {} s, a run before it {} s; they need nodes of their own", *own,
                       *tr_s);
  return "";
}

}  // namespace

std::optional<double> common_tr(const std::vector<const StudyRun*>& runs) {
  std::optional<double> tr;
  for (const auto* run : runs) {
    const auto own = told_tr(run->timing);
    if (tr && own && *tr != *own) return std::nullopt;
    if (own) tr = own;
  }
  return tr;
}

std::vector<std::string> complete_paths(const std::vector<const StudyRun*>& runs,
                                        std::string RunFiles::*member) {
  std::vector<std::string> paths;
  for (const auto* run : runs) {
    if ((run->files.*member).empty()) return {};
    paths.push_back(run->files.*member);
  }
  return paths;
}

std::vector<RunProblem> problems_of_runs(const std::vector<const StudyRun*>& runs,
                                         const SurveyedNode& survey) {
  std::vector<RunProblem> problems;
  std::optional<double> tr_s;
  for (const auto* run : runs) {
    std::string why = problem_of(*run, survey);
    if (why.empty()) why = conflict_of(*run, *runs.front(), tr_s);
    if (!why.empty()) problems.push_back({run->files.run_label(), std::move(why)});
    if (!tr_s) tr_s = told_tr(run->timing);
  }
  return problems;
}

std::string text_of(const std::vector<RunProblem>& problems) {
  std::string text;
  for (const auto& [run, why] : problems)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", run, why);
  return text;
}

}  // namespace sociometer::jobs
