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
  /// Gives the maps paths with sub-01, sub-02, ..
  void name_participants();
  /// Puts an image of another size in the place of a map.
  void replace_with_other_grid(size_t map);
  /// Puts one value everywhere in a map.
  void replace_with_constant(size_t map, double value);
  /// Puts NaN into the first n voxels of the mask in a map.
  void put_nan(size_t map, size_t n);
  /// `sociometer group` of this study into folder/`out`, errors only.
  CommandResult run(const Words& more, const std::string& out = "out") const;
  std::string map(const std::string& contrast, const std::string& stat,
                  const std::string& out = "out") const;
};

}  // namespace sociometer::testing
