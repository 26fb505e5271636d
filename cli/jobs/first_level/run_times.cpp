#include "cli/jobs/first_level/run_times.hpp"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/volume_times.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// --tr wins, but not silently. A sidecar that cannot be read is ignored here.
void warn_of_other_tr(const NiftiHeader& header, const std::optional<FileContent>& sidecar,
                      double tr_s, Journal& journal) {
  std::optional<double> other = header.tr_unit_known ? header.tr_s : std::nullopt;
  const char* source = "header";
  try {
    if (const auto said = sidecar ? number_in_json(*sidecar, "RepetitionTime") : std::nullopt) {
      other = said;
      source = "sidecar";
    }
  } catch (const Error&) {
  }
  if (other && std::abs(*other / tr_s - 1) > 1e-3)
    journal.warn(fmt::format("{}: TR is {} s by --tr and {} s in the {}; --tr is used", header.path,
                             tr_s, *other, source));
}

/// The same for a TR given for volumes that are not a TR apart.
void warn_of_unequal_times(const FileContent& sidecar, double tr_s, Journal& journal) {
  std::vector<double> onsets;
  try {
    onsets = numbers_in_json(sidecar, "VolumeTiming");
  } catch (const Error&) {
    return;
  }
  if (onsets.size() > 1 && !even_spacing(onsets))
    journal.warn(fmt::format("{}: VolumeTiming gives unequal times, which --tr {} overrides",
                             sidecar.file.path, tr_s));
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

/// The image's sidecar, if there is one.
/// @param needed  whether a sidecar that cannot be read is an error.
static std::optional<FileContent> sidecar_of(const std::string& image, bool needed) {
  const std::string path = sidecar_path(image);
  if (!fs::exists(path)) return std::nullopt;
  try {
    return read_text_file(path);
  } catch (const Error&) {
    if (needed) throw;
    return std::nullopt;
  }
}

/// Onsets at unequal distances stand for themselves, others are a TR in other words.
static void set_volume_onsets(const std::vector<double>& onsets, const std::string& where,
                              RunInput& run) {
  check_volume_times(onsets, long(run.n_scans), where);
  if (const auto tr_s = even_spacing(onsets)) {
    run.tr_s = *tr_s;
    return;
  }
  if (onsets.size() < 2) return;  // refused as a design of one scan
  run.tr_s = shortest_distance(onsets);
  run.volume_onset_s = onsets;
}

std::optional<VolumeTimingRecord> volume_timing_record(const RunInput& run) {
  if (run.volume_onset_s.empty()) return std::nullopt;
  return VolumeTimingRecord{
      run.volume_onset_s.size(), long(n_gaps(run.volume_onset_s)), run.tr_s, {}};
}

void set_run_times(const DesignRequest& a, size_t r, const NiftiHeader& header, RunInput& run,
                   std::vector<InputFile>& read, Journal& journal) {
  std::optional<double> sidecar_tr;
  run.bold = header.path;
  // What is in it would change nothing: then nothing in it can stop the run.
  const bool needed = !a.tr_s || (a.designs.empty() && !a.slice_time_ref);
  run.sidecar = sidecar_of(header.path, needed);
  if (needed && run.sidecar) {
    sidecar_tr = number_in_json(*run.sidecar, "RepetitionTime");
    run.start_time_s = number_in_json(*run.sidecar, "StartTime");
    read.push_back(run.sidecar->file);
  }
  std::vector<double> onsets;
  if (r < a.volume_onset_s.size()) onsets = a.volume_onset_s[r];
  if (onsets.empty() && !a.tr_s && a.designs.empty() && run.sidecar)
    onsets = numbers_in_json(*run.sidecar, "VolumeTiming");
  if (!onsets.empty()) {
    set_volume_onsets(onsets, run.sidecar ? run.sidecar->file.path : header.path, run);
    return;
  }
  if (a.tr_s) {
    run.tr_s = *a.tr_s;
    if (run.sidecar && a.designs.empty()) warn_of_unequal_times(*run.sidecar, *a.tr_s, journal);
    warn_of_other_tr(header, run.sidecar, *a.tr_s, journal);
  } else if (sidecar_tr) {
    run.tr_s = *sidecar_tr;
  } else if (header.tr_s) {
    run.tr_s = *header.tr_s;
  }
  if (!a.designs.empty()) return;
  if (run.tr_s == 0)
    fail(ErrorCode::bad_input, "{} states no TR and has no JSON sidecar that does; give --tr",
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
