#pragma once
#include <string>
#include <vector>

#include "engine/core/grid.hpp"
#include "engine/core/journal.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"

/// Analyses as calls: a request and a session in, files and a summary out. Nothing here knows a
/// command line, prints, or computes what the engine could.
namespace sociometer::jobs {

/// What a job has beside its request: how much of the machine it may take, who hears what it says,
/// and what its records tell of how it came about. No result depends on it.
struct Session {
  int threads = 1;
  Journal& journal;
  Provenance provenance{};
  bool overwrite = false;  ///< results of the same job in the same folder are replaced

  /// The files of a job in its output folder: they are those of the same job and prefix.
  OutputPolicy policy(const std::string& job, const std::string& prefix) const {
    return {prefix.empty() ? job : job + "_" + prefix, overwrite};
  }
};

/// What became of a job that was done. One that could not be done throws Error.
struct JobSummary {
  /// Contrasts, runs or participants that failed while the others were done; each a line that was
  /// told, too.
  std::vector<std::string> failures;
  std::string text{};  ///< what was found, in sentences, for who asked; few jobs have one
  bool some_failed() const { return !failures.empty(); }
};

/// Tells what was assumed of an image that does not say its orientation.
inline void warn_of_orientation(const Grid& grid, Journal& journal) {
  if (!grid.orientation_note.empty()) journal.warn(grid.orientation_note);
}

}  // namespace sociometer::jobs

namespace sociometer::cli {
using namespace jobs;
}
