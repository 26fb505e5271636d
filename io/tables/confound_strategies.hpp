#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer {

/// A component of a strategy, with the names of nilearn's load_confounds.
enum class ConfoundPart {
  motion,
  wm_csf,
  global_signal,
  compcor,
  high_pass,
  scrub,
  ica_aroma,
  non_steady_state
};
constexpr std::array<Name<ConfoundPart>, 8> names_of(std::type_identity<ConfoundPart>) {
  return {{{ConfoundPart::motion, "motion"},
           {ConfoundPart::wm_csf, "wm_csf"},
           {ConfoundPart::global_signal, "global_signal"},
           {ConfoundPart::compcor, "compcor"},
           {ConfoundPart::high_pass, "high_pass"},
           {ConfoundPart::scrub, "scrub"},
           {ConfoundPart::ica_aroma, "ica_aroma"},
           {ConfoundPart::non_steady_state, "non_steady_state"}}};
}

/// What is taken with each column: its square, its derivative, or both and the derivative's square.
enum class ConfoundExpansion { basic, power2, derivatives, full };
constexpr std::array<Name<ConfoundExpansion>, 4> names_of(std::type_identity<ConfoundExpansion>) {
  return {{{ConfoundExpansion::basic, "basic"},
           {ConfoundExpansion::power2, "power2"},
           {ConfoundExpansion::derivatives, "derivatives"},
           {ConfoundExpansion::full, "full"}}};
}

/// Which CompCor components: anatomical, of both masks together or of each; temporal; or both.
enum class CompcorKind {
  anat_combined,
  anat_separated,
  temporal,
  temporal_anat_combined,
  temporal_anat_separated
};
constexpr std::array<Name<CompcorKind>, 5> names_of(std::type_identity<CompcorKind>) {
  return {{{CompcorKind::anat_combined, "anat_combined"},
           {CompcorKind::anat_separated, "anat_separated"},
           {CompcorKind::temporal, "temporal"},
           {CompcorKind::temporal_anat_combined, "temporal_anat_combined"},
           {CompcorKind::temporal_anat_separated, "temporal_anat_separated"}}};
}

/// Which of fMRIPrep's confounds to use.
struct ConfoundStrategy {
  std::vector<ConfoundPart> parts;
  ConfoundExpansion motion = ConfoundExpansion::full;   ///< 24 columns
  ConfoundExpansion wm_csf = ConfoundExpansion::basic;  ///< of white_matter and csf
  ConfoundExpansion global_signal = ConfoundExpansion::basic;
  CompcorKind compcor = CompcorKind::anat_combined;
  int n_compcor = 0;  ///< components per mask, the strongest first; 0: all
  int scrub = 5;      ///< in scans: shorter segments between scrubbed scans are scrubbed as well
  double fd_threshold_mm = 0.5, std_dvars_threshold = 1.5;  ///< scrubbed above these
  bool has(ConfoundPart part) const;
};

/// @throws Error{usage} for an invalid number.
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
ChosenConfounds choose_confounds(const Table& table, const ConfoundStrategy& strategy);

/// Rejects an entire fMRIPrep table without a selection: it has more columns than a run has scans
/// to spare, many of them redundant.
void require_a_choice(const Table& table);

/// Also scrubs segments between scrubbed scans that are too short.
/// @param outliers  1 = scrubbed by a threshold.
/// @param shortest  segments with fewer scans than this are scrubbed; 0: none.
std::vector<uint8_t> with_short_stretches(const std::vector<uint8_t>& outliers, long shortest);

}  // namespace sociometer
