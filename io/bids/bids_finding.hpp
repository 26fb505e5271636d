#pragma once
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"

namespace sociometer {

/// What may be odd about a dataset without stopping an analysis.
enum class BidsOddity {
  // of datasets and folders
  no_dataset_description,
  unreadable_folder,
  empty_folder,
  misplaced_file,
  content_missing,
  // of people
  person_not_in_raw,
  person_not_in_table,
  person_without_derivatives,
  person_without_runs,
  uneven_runs,
  // of runs
  run_without_derivative,
  run_not_in_raw,
  run_labels_differ,
  several_acquisitions,
  echoes_left_out,
  no_mask,
  no_confounds,
  old_confounds_name,
  no_events,
  events_in_derivative,
  several_sidecars,
  // of their timing
  no_repetition_time,
  repetition_times_differ,
  repetition_time_large,
  volume_timing,
  no_start_time,
  unreadable_header,
  // of what was asked
  unknown_filter_key,
};
constexpr std::array<Name<BidsOddity>, 29> names_of(std::type_identity<BidsOddity>) {
  return {{{BidsOddity::no_dataset_description, "no-dataset-description"},
           {BidsOddity::unreadable_folder, "unreadable-folder"},
           {BidsOddity::empty_folder, "empty-folder"},
           {BidsOddity::misplaced_file, "misplaced-file"},
           {BidsOddity::content_missing, "content-missing"},
           {BidsOddity::person_not_in_raw, "person-not-in-raw"},
           {BidsOddity::person_not_in_table, "person-not-in-table"},
           {BidsOddity::person_without_derivatives, "person-without-derivatives"},
           {BidsOddity::person_without_runs, "person-without-runs"},
           {BidsOddity::uneven_runs, "uneven-runs"},
           {BidsOddity::run_without_derivative, "run-without-derivative"},
           {BidsOddity::run_not_in_raw, "run-not-in-raw"},
           {BidsOddity::run_labels_differ, "run-labels-differ"},
           {BidsOddity::several_acquisitions, "several-acquisitions"},
           {BidsOddity::echoes_left_out, "echoes-left-out"},
           {BidsOddity::no_mask, "no-mask"},
           {BidsOddity::no_confounds, "no-confounds"},
           {BidsOddity::old_confounds_name, "old-confounds-name"},
           {BidsOddity::no_events, "no-events"},
           {BidsOddity::events_in_derivative, "events-in-derivative"},
           {BidsOddity::several_sidecars, "several-sidecars"},
           {BidsOddity::no_repetition_time, "no-repetition-time"},
           {BidsOddity::repetition_times_differ, "repetition-times-differ"},
           {BidsOddity::repetition_time_large, "repetition-time-large"},
           {BidsOddity::volume_timing, "volume-timing"},
           {BidsOddity::no_start_time, "no-start-time"},
           {BidsOddity::unreadable_header, "unreadable-header"},
           {BidsOddity::unknown_filter_key, "unknown-filter-key"}}};
}

/// One oddity, which may concern many files or runs.
struct BidsFinding {
  BidsOddity what;
  std::string message;  ///< one line for users, naming the first few of `where`
  /// All files, folders, people ("sub-01") or runs (run_label) concerned, in the dataset's order.
  std::vector<std::string> where;
};
using BidsFindings = std::vector<BidsFinding>;

/// "a, b, c and 9 more".
std::string first_few(const std::vector<std::string>& names, size_t most = 3);

}  // namespace sociometer
