#pragma once
#include <string>
#include <vector>

#include "cli/jobs/report/found_results.hpp"
#include "cli/jobs/report/reported_maps.hpp"
#include "io/report/map_picture.hpp"
#include "io/report/region_section.hpp"

namespace sociometer::jobs {

/// A contrast of a group analysis with what the page says of it.
struct GroupMapFindings {
  const FoundGroup* group = nullptr;
  const ContrastFindings* findings = nullptr;
};

/// Two signals of the study's question, each with a group map.
struct SignalPair {
  const ContrastFindings *first = nullptr, *second = nullptr;
  /// The contrast of the two, if the model has it: its weights are those of the first less those of
  /// the second, or the other way round, times a number. Null: there is no such contrast.
  const ContrastFindings* difference = nullptr;
};

/// Pairs of the signals that a dissociation is about, in its order, each once. Signals are matched
/// by the names of contrasts; weights are those of the first levels, or of the group's design where
/// all are in one analysis.
std::vector<SignalPair> signal_pairs(const FoundResults& found, const RegionFindings& regions,
                                     const std::vector<GroupMapFindings>& maps);

/// The maps of the picture below, in its order: the two signals, both, and the difference.
/// @pre the maps have one grid.
MapComparison signal_comparison(const SignalPair& pair);

/// The two signals at the same slices, their conjunction (the smaller statistic), and their
/// difference: the model's own contrast. Where the model has none, the voxels that pass for one
/// signal only, named as what they are: effects of different units are not subtracted
/// (docs/decisions/0004-units-of-signals.md). Nothing if the maps have different grids.
Html signal_pair_part(const SignalPair& pair, const Anatomy& anatomy, const std::string& id);

}  // namespace sociometer::jobs
