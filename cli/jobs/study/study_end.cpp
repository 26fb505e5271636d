#include "cli/jobs/study/study_end.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/jobs/counted.hpp"
#include "cli/jobs/report/report_job.hpp"
#include "cli/jobs/study/earlier_results.hpp"
#include "cli/jobs/study/study_preview.hpp"
#include "io/bids/bids_finding.hpp"
#include "io/bids/bids_uri.hpp"
#include "io/records/methods.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// What jobs of the study wrote and is still there. Of a call for some participants, the others'
/// are those on record.
std::vector<std::string> files_of(const StudyEnd& end, bool knows_all_jobs) {
  std::set<std::string> ids = end.known;
  if (!knows_all_jobs) {
    const auto on_record = end.ledger.job_ids();
    ids.insert(on_record.begin(), on_record.end());
    for (const auto& id : end.ledger.earlier())
      if (!end.known.contains(id)) ids.erase(id);
  }
  std::vector<std::string> files;
  for (const auto& id : ids)
    if (const auto result = end.ledger.result(id))
      for (const auto& output : result->outputs)
        if (const auto path = end.places.resolved(output.path); fs::exists(path))
          files.push_back(path);
  return files;
}

/// Everybody whom the study has a job of, done by this call or on record.
std::set<std::string> people_of(const StudyEnd& end) {
  std::set<std::string> people;
  for (const auto& job : end.jobs) people.insert(job.participant);
  for (const auto& id : end.known) {
    if (const auto job = job_on_record(id, end.ledger)) {
      people.insert(job->participant);
      continue;
    }
    // Its participant is in its name alone.
    const size_t at = id.find("sub-");
    if (at != std::string::npos) people.insert(id.substr(at + 4, id.find('_', at) - at - 4));
  }
  return people;
}

/// Removes what jobs of others left, and pages of people who are no longer in the study.
/// @return the jobs that stay because they are running.
std::vector<std::string> clean(const StudyEnd& end, std::vector<std::string> others) {
  const size_t n = remove_results(others, end.known, end.ledger, end.places);
  const size_t n_pages = remove_pages_of_others(people_of(end), end.places);
  const std::vector<std::string> left = jobs_of_others(end.ledger, end.known);
  std::erase_if(others, [&](const auto& id) { return std::ranges::count(left, id) > 0; });
  Journal& journal = end.session.journal;
  if (!others.empty())
    journal.info(fmt::format("removed {} of {} that are no longer part of the study ({})",
                             counted(n, "file"), counted(others.size(), "job"), first_few(others)));
  if (n_pages > 0)
    journal.info(fmt::format("removed {} of people who are no longer part of the study",
                             counted(n_pages, "page")));
  return left;
}

void settle_others(const StudyEnd& end) {
  std::vector<std::string> others = jobs_of_others(end.ledger, end.known);
  if (end.execution.clean) others = clean(end, std::move(others));
  end.ledger.write_earlier(others);
  if (others.empty()) return;
  end.session.journal.warn(fmt::format(
      "{} also holds results of {} of earlier calls, which this model and dataset do not have "
      "({}); --clean removes them",
      end.request.output, counted(others.size(), "job"), first_few(others)));
}

/// Those of this call who have results.
std::vector<std::string> done_participants(const StudyEnd& end) {
  std::set<std::string> people;
  for (const auto& job : end.jobs)
    if (const auto result = end.ledger.result(job.id);
        !job.participant.empty() && result && result->state != StudyJobState::failed)
      people.insert(job.participant);
  return {people.begin(), people.end()};
}

/// A file:// address of a folder that was moved with the study's folder, below it, is put right.
std::string present_address(const std::string& address, const fs::path& output) {
  const std::string scheme = "file://";
  std::error_code ignored;
  const fs::path folder = address.starts_with(scheme) ? address.substr(scheme.size()) : "";
  const fs::path below = output / folder.filename();
  return folder.empty() || fs::exists(folder, ignored) || !fs::is_directory(below, ignored)
             ? address
             : scheme + below.string();
}

/// Names the dataset and its derivatives as sources, whichever of them jobs read themselves. What
/// lies in the study's own folder has a link, as URIs of files there need it, but is no source.
void describe_sources(const StudyEnd& end) {
  const fs::path output(end.places.output), path = output / "dataset_description.json";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return;
  BidsUris uris;
  std::vector<std::string> folders{end.places.bids};
  folders.insert(folders.end(), end.places.derivatives.begin(), end.places.derivatives.end());
  for (const auto& folder : folders) uris.of((fs::path(folder) / "file").string());
  DatasetLinks links = linked_datasets(path.string(), uris.links());
  for (auto& [name, address] : links) address = present_address(address, output);
  Json json = parse_json(dataset_description(version(), commit(), links), path.string());
  Json sources = Json::array();
  for (const auto& source : json["SourceDatasets"])
    if (!source["URL"].get<std::string>().starts_with("file://" + output.string() + "/"))
      sources.push_back(source);
  json["SourceDatasets"] = sources;
  end.ledger.write_if_changed(path, to_text(json));
}

}  // namespace

void describe_study(const StudyEnd& end, const StudyInputs& inputs, bool knows_all_jobs) {
  const fs::path output(end.request.output);
  end.ledger.write_if_changed(output / "models" / fs::path(inputs.model_path).filename(),
                              inputs.model_text);
  if (knows_all_jobs) settle_others(end);
  describe_sources(end);
  const MethodsSection methods = methods_of(files_of(end, knows_all_jobs));
  end.ledger.write_if_changed(output / "methods.md", to_markdown(methods));
  end.ledger.write_if_changed(output / "references.bib", to_bibtex(methods));
}

void announce_cleaning(const StudyEnd& end) {
  const auto others = jobs_of_others(end.ledger, end.known);
  if (end.execution.clean && !others.empty())
    end.session.journal.info(fmt::format("--clean would remove the results of {} ({})",
                                         counted(others.size(), "job"), first_few(others)));
}

void announce_warnings(const StudyEnd& end) {
  if (end.execution.dry_run || end.execution.list_only) return;
  size_t n = 0;
  std::string first;
  for (const auto& job : end.jobs) {
    const auto result = end.ledger.result(job.id);
    if (!result || result->state == StudyJobState::failed) continue;
    auto found = warnings_in(end.ledger.message_file(job.id));
    std::erase_if(found, [&](const std::string& warning) {
      return std::ranges::any_of(result->failures, [&](const std::string& part) {
        return warning.find(part) != std::string::npos;
      });
    });
    if (found.empty()) continue;
    if (++n == 1) first = job.id + ": " + found.front();
  }
  if (n == 0) return;
  end.session.journal.warn(fmt::format("{} of {} gave warnings; the first, of {}; all of them: {}",
                                       n, counted(end.jobs.size(), "job"), first,
                                       (end.ledger.folder() / "messages").string()));
}

std::vector<std::string> make_pages(const StudyEnd& end) {
  const StudyExecution& how = end.execution;
  if (how.dry_run || how.list_only || !how.report) return {};
  ReportRequest request;
  request.folder = end.request.output;
  // A planner on Slurm has little time: pages of thousands of participants are for another job.
  if (how.slurm) request.level = ReportedLevel::group;
  if (!how.slurm && !end.request.filter.participants.empty()) {
    request.participants = done_participants(end);
    if (end.request.level == StudyLevel::participant) request.level = ReportedLevel::participant;
    if (request.participants.empty()) return {};
  }
  const std::string again = "sociometer report " + end.request.output;
  std::vector<std::string> failures;
  try {
    for (const auto& failure : report(request, end.session).failures)
      failures.push_back("report: " + failure);
    if (!failures.empty())
      end.session.journal.info(fmt::format("the report is incomplete; to try again: {}", again));
  } catch (const std::exception& error) {
    failures.push_back(fmt::format("report: {}", error.what()));
    end.session.journal.warn(
        fmt::format("the report could not be made: {}; to try again: {}", error.what(), again));
  }
  return failures;
}

}  // namespace sociometer::jobs
