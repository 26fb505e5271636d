#pragma once
#include <array>
#include <string>
#include <vector>

#include "engine/group/influence.hpp"
#include "io/report/html.hpp"

namespace sociometer {

/// Influence of participants on one contrast of a group.
struct InfluenceFindings {
  std::string title;                      ///< of the contrast: "outcome: intercept"
  std::string method;                     ///< of the group analysis, as its record has it
  std::vector<std::string> participants;  ///< rows of the design
  GroupInfluence influence;
  InfluenceOptions options;
  std::array<double, 3> peak_mm{};                   ///< of all participants
  std::vector<std::array<double, 3>> peaks_mm = {};  ///< of the maps without each participant
};

/// Leverage, distance, Cook's distance and t without each participant: one row per participant,
/// those who are flagged in another colour.
Html draw_influence(const InfluenceFindings& findings);

/// The part of a group report on participants who lie apart or carry the result, one picture and
/// table per contrast.
ReportSection influence_section(const std::vector<InfluenceFindings>& contrasts);

}  // namespace sociometer
