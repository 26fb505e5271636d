#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "io/tables/design_tables.hpp"

namespace sociometer {

/// Which of fMRIPrep's confounds are used, in the words of nilearn's load_confounds.
struct ConfoundStrategy {
  /// motion, wm_csf, global_signal, compcor, high_pass, scrub, ica_aroma, non_steady_state.
  std::vector<std::string> parts;
  std::string motion = "full";          ///< basic, power2, derivatives, full (24 columns)
  std::string wm_csf = "basic";         ///< the same of white_matter and csf
  std::string global_signal = "basic";  ///< the same
  /// anat_combined, anat_separated, temporal, temporal_anat_combined, temporal_anat_separated.
  std::string compcor = "anat_combined";
  int n_compcor = 0;  ///< components of each mask, the strongest first; 0: all
  int scrub = 5;      ///< scans: shorter stretches between scrubbed scans are scrubbed as well
  double fd_threshold_mm = 0.5, std_dvars_threshold = 1.5;  ///< scrubbed above them
  bool has(const std::string& part) const;
};

/// @throws Error{usage} for a word or a number that cannot be; words are in lower case.
void check_strategy(const ConfoundStrategy& strategy);

/// What a strategy chose of one run's table.
struct ChosenConfounds {
  std::vector<std::string> columns;         ///< each once, in the order of the parts
  std::vector<uint8_t> kept;                ///< one flag per scan: 0 = non-steady state or scrubbed
  long non_steady_state = 0, scrubbed = 0;  ///< scans
  Warnings notes;
};

/// Chooses columns and scans of an fMRIPrep confounds table.
///
/// Non-steady-state scans are left out with every strategy. CompCor components need the JSON file
/// of the same name (Method, Mask, Retained) and the cosines, which are added.
/// @throws Error{bad_input} naming the columns that the table lacks.
/// @source nilearn 0.12's load_confounds as documented; Power et al. 2014 for scrubbing.
ChosenConfounds choose_confounds(const std::string& path, const ConfoundStrategy& strategy);

/// Refuses a whole fMRIPrep table of which nothing was chosen: it has more columns than a run has
/// scans to spare, many of them several times over.
void require_a_choice(const std::string& path);

/// Scans that are scrubbed with those that are too few between them.
/// @param outliers  1 = scrubbed by a threshold.
/// @param shortest  stretches of fewer scans are scrubbed too; 0: none is.
std::vector<uint8_t> with_short_stretches(const std::vector<uint8_t>& outliers, long shortest);

}  // namespace sociometer
