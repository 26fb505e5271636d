#pragma once
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/core/names.hpp"

namespace sociometer::jobs {

/// Which pages are made.
enum class ReportedLevel {
  all,
  participant,  ///< of participants alone
  group         ///< of the study alone
};
constexpr std::array<Name<ReportedLevel>, 3> names_of(std::type_identity<ReportedLevel>) {
  return {{{ReportedLevel::all, "all"},
           {ReportedLevel::participant, "participant"},
           {ReportedLevel::group, "group"}}};
}

/// Pages of what is on disk.
struct ReportRequest {
  std::string folder;                     ///< of `fit`, `group`, `roi ..`, `learn`, or a study
  std::vector<std::string> participants;  ///< labels, with or without sub-; none: all
  std::string background;                 ///< image under the maps; empty: mean image, or outline
  std::string output;                     ///< empty: folder/report
  ReportedLevel level = ReportedLevel::all;
  bool series = false;  ///< images that were fitted are read, too: carpet plots, spectra
};
SOCIOMETER_FIELDS(ReportRequest) {
  visit("folder", self.folder);
  visit("participants", self.participants);
  visit("background", self.background);
  visit("output", self.output);
  visit("level", self.level);
  visit("series", self.series);
}

/// @throws Error{usage}
void check(const ReportRequest& request);

}  // namespace sociometer::jobs
