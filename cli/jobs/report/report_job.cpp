#include "cli/jobs/report/report_job.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>

#include <fmt/format.h>

#include "cli/jobs/given.hpp"
#include "cli/jobs/report/found_results.hpp"
#include "cli/jobs/report/group_page.hpp"
#include "cli/jobs/report/participant_page.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// "sub-01" of "01" and "sub-01".
std::string with_sub(const std::string& label) {
  return label.starts_with("sub-") ? label : "sub-" + label;
}

void require_known(const std::vector<std::string>& wanted, const std::vector<std::string>& known,
                   const std::string& folder) {
  for (const std::string& label : wanted)
    if (std::find(known.begin(), known.end(), with_sub(label)) == known.end())
      fail(ErrorCode::bad_input, "{} has no first-level results of {}; it has those of: {}", folder,
           with_sub(label), known.empty() ? "nobody" : fmt::format("{}", fmt::join(known, ", ")));
}

class ReportJob {
 public:
  ReportJob(const ReportRequest& request, const Session& session)
      : request_(request),
        session_(session),
        output_(request.output.empty() ? (fs::path(request.folder) / "report").string()
                                       : request.output),
        found_(find_results(request.folder)) {
    study_ = fs::absolute(request.folder).lexically_normal().filename().string();
    if (study_.empty())
      study_ = fs::absolute(request.folder).lexically_normal().parent_path().filename().string();
  }

  JobSummary run() {
    const std::vector<std::string> people = found_.participants();
    require_known(request_.participants, people, request_.folder);
    const bool group = has_group_results(found_);
    const bool for_people = request_.level == ReportedLevel::participant;
    if (people.empty() && (!group || for_people)) refuse_empty();
    for (const auto& fault : found_.faults) add_failure(fault);
    only_one_ = people.size() == 1 && !group;
    std::vector<std::pair<std::string, std::string>> pages;
    std::vector<std::string> chosen;
    for (const std::string& name : people) {
      if (is_chosen(name) && (only_one_ || request_.level != ReportedLevel::group))
        chosen.push_back(name);
      const bool has_page = (!chosen.empty() && chosen.back() == name) || is_there(name);
      pages.emplace_back(name, has_page ? folder_of(name) + "/index.html" : "");
    }
    write_participants(chosen);
    const bool of_study = !only_one_ && request_.level != ReportedLevel::participant;
    if (of_study)
      attempt_page(output_, [&] { return group_page(found_, pages, context_of(output_)); });
    if (n_written_ == 0 && first_error_) std::rethrow_exception(first_error_);
    session_.journal.info(
        fmt::format("report: {}/index.html", of_study || only_one_ ? output_ : output_ + "/sub-*"));
    return std::move(summary_);
  }

 private:
  bool is_chosen(const std::string& name) const {
    const auto& wanted = request_.participants;
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& label) {
             return with_sub(label) == name;
           });
  }
  static std::string folder_of(const std::string& participant) {
    return participant.empty() ? "participant" : participant;
  }
  /// Whether an earlier report has a page of the participant.
  bool is_there(const std::string& participant) const {
    std::error_code ignored;
    return fs::exists(fs::path(output_) / folder_of(participant) / "index.html", ignored);
  }

  /// Pages are made side by side, and written in order.
  void write_participants(const std::vector<std::string>& names) {
    constexpr size_t kAtOnce = 16;  // pages in memory
    for (size_t first = 0; first < names.size(); first += kAtOnce) {
      const size_t n = std::min(kAtOnce, names.size() - first);
      std::vector<MadePage> made(n);
      std::vector<std::exception_ptr> errors(n);
      parallel_for(Eigen::Index(n), session_.threads, [&](Eigen::Index i) {
        try {
          const std::string& name = names[first + size_t(i)];
          made[size_t(i)] = participant_page(found_, name, only_one_ ? "" : "../index.html",
                                             context_of(place_of(name)));
        } catch (...) {
          errors[size_t(i)] = std::current_exception();
        }
      });
      for (size_t i = 0; i < n; ++i)
        attempt_page(place_of(names[first + i]), [&] {
          if (errors[i]) std::rethrow_exception(errors[i]);
          return std::move(made[i]);
        });
    }
  }
  std::string place_of(const std::string& participant) const {
    return only_one_ ? output_ : (fs::path(output_) / folder_of(participant)).string();
  }

  PageContext context_of(const std::string& folder) const {
    return {folder, study_, request_.background, found_.faults, request_.series};
  }

  /// What a page lacks, or why it could not be made.
  void add_failure(const std::string& fault) {
    session_.journal.warn(fault);
    summary_.failures.push_back(fault);
  }

  /// Makes and writes a page. If that fails the other pages are made all the same.
  template <class Make>
  void attempt_page(const std::string& folder, Make&& make) {
    try {
      const MadePage made = make();
      for (const auto& fault : made.faults) add_failure(fault);
      write(folder, made);
      ++n_written_;
    } catch (const Error& error) {
      if (!first_error_) first_error_ = std::current_exception();
      add_failure(fmt::format("no page {}/index.html: {}", folder, error.what()));
    }
  }

  /// A page replaces the former one, but nothing that is not a report.
  void write(const std::string& folder, const MadePage& made) const {
    OutputPolicy policy = session_.policy("report", "");
    std::error_code ignored;
    if (fs::exists(fs::path(folder) / ".outputs" / "report.txt", ignored)) policy.overwrite = true;
    OutputSet outputs(folder, policy);
    outputs.write("index.html", page_text(made.page));
    outputs.commit();
  }

  [[noreturn]] void refuse_empty() const {
    if (found_.faults.empty())
      fail(ErrorCode::bad_input,
           "{} has no results to report: no records of fit, group, roi, learn or clusters below "
           "it; give their output folder",
           request_.folder);
    fail(ErrorCode::bad_input, "{} has no results that can be reported; {}", request_.folder,
         fmt::format("{}", fmt::join(found_.faults, "; ")));
  }

  const ReportRequest& request_;
  const Session& session_;
  std::string output_, study_;
  FoundResults found_;
  bool only_one_ = false;  ///< one participant and nothing of a group
  JobSummary summary_;
  size_t n_written_ = 0;
  std::exception_ptr first_error_;  ///< of the first page that could not be made
};

}  // namespace

void check(const ReportRequest& request) { require_given(!request.folder.empty(), "OUT"); }

JobSummary report(const ReportRequest& request, const Session& session) {
  check(request);
  return ReportJob(request, session).run();
}

}  // namespace sociometer::jobs
