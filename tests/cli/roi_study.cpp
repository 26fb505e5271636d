#include "tests/cli/roi_study.hpp"

#include <fstream>

#include <fmt/format.h>

#include "engine/core/random.hpp"
#include "io/images/nifti.hpp"
#include "io/images/nifti_write.hpp"

namespace sociometer::testing {

RoiStudy::RoiStudy(int n_participants) {
  grid.size = {12, 10, 8};
  grid.world_from_voxel.diagonal() << 3, 3, 3, 1;
  grid.world_from_voxel.col(3) << -16.5, -13.5, -10.5, 1;
  grid.space_code = 4;
  for (int i = 0; i < n_participants; ++i)
    for (int c = 0; c < 2; ++c) {
      const CounterRandom random(31, uint64_t(2 * i + c));
      std::vector<double> values;
      for (Eigen::Index v = 0; v < grid.n_voxels(); ++v) {
        const bool own = (grid.world(v)[0] < 0) == (c == 0);
        values.push_back((own ? 1.0 : 0.0) + 0.8 * random.normal(uint64_t(v)));
      }
      maps.push_back(folder / fmt::format("sub-{:02}_contrast-{}_stat-effect_statmap.nii.gz", i + 1,
                                          c == 0 ? "x" : "y"));
      write(maps.back(), values);
    }
}

void RoiStudy::write(const std::string& path, const std::vector<double>& values) const {
  write(path, grid, values);
}

void RoiStudy::write(const std::string& path, const Grid& on,
                     const std::vector<double>& values) const {
  Mask mask{on, {}};
  for (Eigen::Index v = 0; v < on.n_voxels(); ++v) mask.voxels.push_back(uint32_t(v));
  const Eigen::MatrixXd column =
      Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
  const auto bytes = nifti_bytes(mask, column, ScalarType::float64, "test");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
}

std::vector<double> RoiStudy::read(const std::string& path) const {
  const Image image = read_nifti(path);
  return {image.values.data(), image.values.data() + image.values.size()};
}

std::string RoiStudy::make_rois() const {
  const auto made = roi({"make", "--like", maps[0], "--sphere", "left=-9,0,0,6", "right=9,0,0,6",
                         "-o", folder / "rois"});
  if (made.exit_code != 0) throw std::runtime_error(made.err);
  return folder / "rois/rois.tsv";
}

CommandResult RoiStudy::roi(Words words) const {
  words.insert(words.begin(), "roi");
  words.insert(words.end(), {"--log-level", "warning"});
  return run_program(words);
}

std::string cell_where(const Table& table,
                       const std::vector<std::pair<std::string, std::string>>& is,
                       const std::string& column) {
  for (const auto& row : table.rows) {
    bool all = true;
    for (const auto& [name, cell] : is) all = all && row[size_t(table.find(name))] == cell;
    if (all) return row[size_t(table.find(column))];
  }
  throw std::runtime_error("no such row in " + table.path);
}

}  // namespace sociometer::testing
