#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cli/commands/commands.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "io/images/region_files.hpp"

namespace sociometer::cli {

/// "NAME=REST" apart.
/// @param form  what was expected, for the message.
/// @throws Error{usage}.
std::pair<std::string, std::string> split_name(const std::string& text, const std::string& form);

/// "NAME=1,2,3" with exactly n numbers.
/// @throws Error{usage}.
std::pair<std::string, std::vector<double>> named_numbers(const std::string& text, size_t n,
                                                          const std::string& form);

/// "sub-01_mask" of "dir/sub-01_mask.nii.gz".
std::string stem_of(const std::string& path);

/// Which regions a command works on.
struct RegionArguments {
  std::vector<std::string> rois, labels_wanted;
  std::string atlas, label_table;
  bool resample = false;
};
void add_region_options(CLI::App& command, RegionArguments& arguments);

/// The regions on the grid of `reference`, checked. Warns of labels that have no voxel on it.
/// @param lost  gets the names of those labels.
/// @throws Error naming the option and the file.
std::vector<KnownRegion> load_regions(const RegionArguments& arguments, const GridRule& rule,
                                      std::vector<std::string>& lost);

/// The warnings and notes that belong beside these regions, one line each, without repeats.
std::vector<std::string> region_notes(const std::vector<KnownRegion>& regions);

/// Each declares its options below `roi`.
void add_roi_make_command(CLI::App& roi, GlobalOptions& global, int& exit_code);
void add_roi_extract_command(CLI::App& roi, GlobalOptions& global, int& exit_code);
void add_roi_fit_command(CLI::App& roi, GlobalOptions& global, int& exit_code);
void add_roi_test_command(CLI::App& roi, GlobalOptions& global, int& exit_code);
void add_roi_dissociate_command(CLI::App& roi, GlobalOptions& global, int& exit_code);
void add_roi_individual_command(CLI::App& roi, GlobalOptions& global, int& exit_code);

}  // namespace sociometer::cli
