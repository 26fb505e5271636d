#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "io/tables/design_tables.hpp"

namespace sociometer {

/// Which of fMRIPrep's confounds to use, with the names of nilearn's load_confounds.
struct ConfoundStrategy {
  /// motion, wm_csf, global_signal, compcor, high_pass, scrub, ica_aroma, non_steady_state.
  std::vector<std::string> parts;
  std::string motion = "full";          ///< basic, power2, derivatives, full (24 columns)
  std::string wm_csf = "basic";         ///< the same for white_matter and csf
  std::string global_signal = "basic";  ///< the same
  /// anat_combined, anat_separated, temporal, temporal_anat_combined, temporal_anat_separated.
  std::string compcor = "anat_combined";
  int n_compcor = 0;  ///< components per mask, the strongest first; 0: all
  int scrub = 5;      ///< in scans: shorter segments between scrubbed scans are scrubbed as well
  double fd_threshold_mm = 0.5, std_dvars_threshold = 1.5;  ///< scrubbed above these
  bool has(const std::string& part) const;
};

/// @throws Error{usage} for an invalid name or number; names are lower case.
void check_strategy(const ConfoundStrategy& strategy);

/// The selection that a strategy made from one run's table.
struct ChosenConfounds {
  std::vector<std::string> columns;         ///< without duplicates, in the order of the parts
  std::vector<uint8_t> kept;                ///< one flag per scan: 0 = non-steady state or scrubbed
  long non_steady_state = 0, scrubbed = 0;  ///< number of scans
  Warnings notes;
};

/// Selects columns and scans of an fMRIPrep confounds table.
///
/// Non-steady-state scans are excluded by every strategy. CompCor components require the JSON file
/// of the same name (Method, Mask, Retained); the cosines are then added too.
/// @throws Error{bad_input} naming the columns missing from the table.
/// @source nilearn 0.12's load_confounds as documented; Power et al. 2014 for scrubbing.
ChosenConfounds choose_confounds(const std::string& path, const ConfoundStrategy& strategy);

/// Rejects an entire fMRIPrep table without a selection: it has more columns than a run has scans
/// to spare, many of them redundant.
void require_a_choice(const std::string& path);

/// Also scrubs segments between scrubbed scans that are too short.
/// @param outliers  1 = scrubbed by a threshold.
/// @param shortest  segments with fewer scans than this are scrubbed; 0: none.
std::vector<uint8_t> with_short_stretches(const std::vector<uint8_t>& outliers, long shortest);

}  // namespace sociometer
