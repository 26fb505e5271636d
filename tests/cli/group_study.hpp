#pragma once
#include <string>

#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

/// A group of simulated maps (tests/golden/simulated/group) and a folder for what is made of them.
struct GroupStudy {
  /// Participants first .. last.
  GroupStudy(int first, int last);
  TemporaryFolder folder;
  Words effects;
  std::string mask;
  std::string operator/(const std::string& name) const { return folder / name; }
  /// Copies the maps to paths with sub-01, sub-02, ..
  void name_participants();
  /// Replaces a map by an image of another size.
  void replace_with_other_grid(size_t map);
  /// Sets a map to one value everywhere.
  void replace_with_constant(size_t map, double value);
  /// Sets a map to NaN in the first n voxels of the mask.
  void put_nan(size_t map, size_t n);
  /// `sociometer group` for this study into folder/`out`, errors only.
  CommandResult run(const Words& more, const std::string& out = "out") const;
  std::string map(const std::string& contrast, const std::string& stat,
                  const std::string& out = "out") const;
};

}  // namespace sociometer::testing
