#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/jobs/read_files.hpp"
#include "engine/core/grid.hpp"
#include "engine/core/journal.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"

/// Analyses as functions: request and session in, files and summary out. This layer does not parse
/// the command line, print, or duplicate computations of the engine.
namespace sociometer::jobs {

/// What a job needs besides its request: machine resources, where messages go, and the provenance
/// written to its records. No result depends on it.
struct Session {
  int threads = 1;
  Journal& journal;
  Provenance provenance{};
  bool overwrite = false;  ///< replace results of the same job in the same folder
  /// The paths of all files that jobs write are appended, if the caller wants to know them.
  std::vector<std::filesystem::path>* written = nullptr;
  /// Gets the inputs that jobs list in their records, if the caller wants to know them.
  ReadFiles* read = nullptr;
  /// Memory to take, bytes; 0: no limit. Jobs that cannot keep it refuse before they take any.
  double memory_bytes = 0;
  /// Jobs that can (fit, group, regions) check everything, say what they would do in
  /// JobSummary::text, and write nothing.
  bool dry_run = false;
  /// Files opened for reading since then count as inputs of the job, which it may not replace: the
  /// moment at which the session is made, unless something else is given.
  ReadMark reads_since = ReadMark::now();

  /// Output policy of a job: in its folder it owns the files of the same job and prefix.
  /// @throws Error{usage} for a prefix that no output may have.
  OutputPolicy policy(const std::string& job, const std::string& prefix) const {
    if (!prefix.empty()) check_output_name(prefix);
    return {
        prefix.empty() ? job : job + "_" + prefix, overwrite, false, written, dry_run, reads_since};
  }
};

/// Notes inputs of a job for its caller, see Session::read.
inline void note_read(const Session& session, const std::vector<InputFile>& inputs) {
  if (session.read) session.read->add(inputs);
}

/// Outcome of a completed job. A job that cannot be done throws Error.
struct JobSummary {
  /// Contrasts, runs or participants that failed while the others succeeded; each line has also
  /// been reported.
  std::vector<std::string> failures;
  std::string text{};  ///< findings in sentences, for the caller; few jobs set it
  bool some_failed() const { return !failures.empty(); }
};

/// Warns about the assumption made for an image whose header has no orientation.
inline void warn_of_orientation(const Grid& grid, Journal& journal) {
  if (!grid.orientation_note.empty()) journal.warn(grid.orientation_note);
}

}  // namespace sociometer::jobs
