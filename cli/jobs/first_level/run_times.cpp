#include "cli/jobs/first_level/run_times.hpp"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bytes/byte_stream.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// --tr wins, but not silently. A sidecar that cannot be read says nothing here.
void warn_of_other_tr(const NiftiHeader& header, const std::string& sidecar, double tr_s,
                      Journal& journal) {
  std::optional<double> other = header.tr_unit_known ? header.tr_s : std::nullopt;
  const char* source = "header";
  try {
    if (const auto said =
            fs::exists(sidecar) ? number_in_json(sidecar, "RepetitionTime") : std::nullopt) {
      other = said;
      source = "sidecar";
    }
  } catch (const Error&) {
  }
  if (other && std::abs(*other / tr_s - 1) > 1e-3)
    journal.warn(fmt::format("{}: TR is {} s by --tr and {} s in the {}; --tr is used", header.path,
                             tr_s, *other, source));
}

}  // namespace

std::string sidecar_path(const std::string& image) {
  for (const char* ending : {".nii.gz", ".nii", ".img.gz", ".hdr.gz", ".img", ".hdr"}) {
    const std::string e = ending;
    if (image.size() > e.size() && image.compare(image.size() - e.size(), e.size(), e) == 0)
      return image.substr(0, image.size() - e.size()) + ".json";
  }
  return image + ".json";
}

void set_run_times(const DesignRequest& a, const NiftiHeader& header, RunInput& run,
                   std::vector<InputFile>& read, Journal& journal) {
  std::optional<double> sidecar_tr;
  run.bold = header.path;
  const std::string sidecar = sidecar_path(header.path);
  // What is in it would change nothing: then nothing in it can stop the run.
  const bool needed = !a.tr_s || (a.designs.empty() && !a.slice_time_ref);
  if (needed && fs::exists(sidecar)) {
    sidecar_tr = number_in_json(sidecar, "RepetitionTime");
    run.start_time_s = number_in_json(sidecar, "StartTime");
    read.push_back(input_file(sidecar, checksum_of_file(sidecar)));
  }
  if (a.tr_s) {
    run.tr_s = *a.tr_s;
    warn_of_other_tr(header, sidecar, *a.tr_s, journal);
  } else if (sidecar_tr) {
    run.tr_s = *sidecar_tr;
  } else if (header.tr_s) {
    run.tr_s = *header.tr_s;
  }
  if (!a.designs.empty()) return;
  if (run.tr_s == 0)
    fail(ErrorCode::bad_input, "{} tells no TR and has no JSON sidecar that does; give --tr",
         header.path);
  if (!a.tr_s && sidecar_tr && header.tr_s && std::abs(*sidecar_tr / *header.tr_s - 1) > 1e-3)
    journal.warn(
        fmt::format("{}: TR is {} s in the sidecar and {} s in the header; the sidecar's is used",
                    header.path, *sidecar_tr, *header.tr_s));
  if (!a.tr_s && !sidecar_tr && !header.tr_unit_known)
    journal.warn(fmt::format("{}: the header gives TR {} without a unit, taken as seconds{}",
                             header.path, run.tr_s,
                             run.tr_s > 100 ? "; if it is in ms, give --tr" : ""));
}

}  // namespace sociometer::jobs
