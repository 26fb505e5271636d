#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/grid.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

/// Effect maps of a small group on a 12 x 10 x 8 grid of 3 mm: contrast x has an effect in region
/// left (x < 0), y in region right; every participant has different noise.
struct RoiStudy {
  explicit RoiStudy(int n_participants = 12);
  TemporaryFolder folder;
  Grid grid;
  Words maps;  ///< x and y of each participant, alternating
  std::string operator/(const std::string& name) const { return folder / name; }
  /// Writes an image on the study's grid (or another) from one value per voxel.
  void write(const std::string& path, const std::vector<double>& values) const;
  void write(const std::string& path, const Grid& on, const std::vector<double>& values) const;
  std::vector<double> read(const std::string& path) const;
  /// Creates the regions left and right, spheres of 6 mm, in folder/rois.
  std::string make_rois() const;
  /// `sociometer roi ..` with errors and warnings only.
  CommandResult roi(Words words) const;
};

/// The value of a table in the row where each named column has the given cell.
std::string cell_where(const Table& table,
                       const std::vector<std::pair<std::string, std::string>>& is,
                       const std::string& column);

}  // namespace sociometer::testing
