#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/bids/bids_runs.hpp"
#include "io/dataset/sidecars.hpp"
#include "io/images/nifti.hpp"

namespace sociometer {

/// When the scans of a run were taken, as its sidecars and header state.
struct BoldTiming {
  /// RepetitionTime of the derivative's sidecar, else of the raw sidecars, else of the header; with
  /// VolumeTiming the distance of volumes if that is constant, else nothing.
  std::optional<double> tr_s;
  std::string tr_source;  ///< the file that states it
  std::optional<double> sidecar_tr_s, raw_tr_s, header_tr_s;
  /// Of the derivative's sidecar: what slice-timing correction aligned the slices to.
  std::optional<double> start_time_s;
  std::optional<bool> slice_timing_corrected;
  std::vector<double> slice_timing_s;   ///< raw
  std::vector<double> volume_timing_s;  ///< onsets of volumes; empty: a volume every tr_s
  bool is_uneven() const { return !volume_timing_s.empty() && !tr_s; }
};

/// Reads the sidecars and the header of a run.
///
/// Repetition times that differ by more than 0.1 % become a finding that names all.
/// @throws Error{bad_input} for a sidecar that is not JSON or holds text where a number is due, or
/// a VolumeTiming that does not increase.
BoldTiming read_timing(const RunFiles& run, Sidecars& sidecars, BidsFindings& findings);
/// The same of a header that has been read; none: it cannot be read.
BoldTiming read_timing(const RunFiles& run, const std::optional<NiftiHeader>& header,
                       Sidecars& sidecars, BidsFindings& findings);

/// The header of a run's image; one that cannot be read is a finding.
std::optional<NiftiHeader> read_header_of(const RunFiles& run, BidsFindings& findings);

}  // namespace sociometer
