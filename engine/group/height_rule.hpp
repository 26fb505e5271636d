#pragma once
#include <array>
#include <optional>
#include <type_traits>

#include "engine/core/mask.hpp"
#include "engine/core/names.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/smoothness.hpp"

namespace sociometer {

/// What determines the height at which a map is thresholded.
enum class HeightRule {
  value,   ///< a height of the statistic
  p,       ///< uncorrected p of a voxel
  fdr,     ///< false discovery rate, Benjamini & Hochberg
  fdr_by,  ///< false discovery rate, Benjamini & Yekutieli
  bonferroni,
  holm,
  rft  ///< family-wise p of a peak: random fields, or Bonferroni where that is lower (SPM)
};
constexpr std::array<Name<HeightRule>, 7> names_of(std::type_identity<HeightRule>) {
  return {{{HeightRule::value, "value"},
           {HeightRule::p, "p"},
           {HeightRule::fdr, "fdr"},
           {HeightRule::fdr_by, "fdr-by"},
           {HeightRule::bonferroni, "bonferroni"},
           {HeightRule::holm, "holm"},
           {HeightRule::rft, "rft"}}};
}

/// Whether the height follows from the map's p-values alone: another map has another one.
constexpr bool depends_on_data(HeightRule rule) {
  return rule == HeightRule::fdr || rule == HeightRule::fdr_by || rule == HeightRule::holm;
}

/// The height of the statistic that the rule asks for, of the absolute value if two-sided.
///
/// Of rules that depend on the data it is the smallest statistic that passes, just below which the
/// threshold lies where values equal to it do not pass; infinity if none passes.
///
/// @param level       of p-values in (0, 1); the height itself for HeightRule::value.
/// @param options     two_sided, negative, above_only are used.
/// @param smoothness  needed for HeightRule::rft.
/// @cost  a sort for rules that depend on the data.
double height_by_rule(const Mask& mask, const TestedMap& map, HeightRule rule, double level,
                      const ReportOptions& options, const std::optional<Smoothness>& smoothness);

}  // namespace sociometer
