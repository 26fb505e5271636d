#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// What a job would do: the answer to --dry-run.
class Forecast {
 public:
  /// @param title  the first line: what would be done, and on how much data.
  explicit Forecast(std::string title) : title_(std::move(title)) {}
  /// A row: a name, padded to the longest, and its text.
  void add(std::string name, std::string text);
  /// The row of the memory. @param bytes  expected peak. @param limit  0: none.
  void add_memory(double bytes, double limit, const std::string& how = "");
  /// A file that would be written; relative to the output folder.
  void add_output(std::string name) { outputs_.push_back(std::move(name)); }
  /// @param failures  what the job would report as such.
  JobSummary summary(const std::string& folder, std::vector<std::string> failures = {}) const;

 private:
  std::string title_;
  std::vector<std::pair<std::string, std::string>> rows_;
  std::vector<std::string> outputs_;
};

}  // namespace sociometer::jobs
