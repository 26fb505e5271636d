#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/names.hpp"

namespace sociometer {

/// Grids of simulated images in MNI space, RAS: "2mm" (97 x 115 x 97) and "3mm" (65 x 77 x 65) have
/// the sizes of MNI152NLin2009cAsym images; "tiny" (33 x 39 x 33, 6 mm) covers the same, for tests.
/// @throws Error{usage} for any other name.
Grid simulation_grid(const std::string& name);
enum class SimulationGrid { tiny, mm3, mm2 };
constexpr std::array<Name<SimulationGrid>, 3> names_of(std::type_identity<SimulationGrid>) {
  return {
      {{SimulationGrid::tiny, "tiny"}, {SimulationGrid::mm3, "3mm"}, {SimulationGrid::mm2, "2mm"}}};
}
Grid simulation_grid(SimulationGrid which);

enum class Tissue : uint8_t { grey, white, csf };

/// A head defined by formulas, not derived from any participant's image.
///
/// Ellipsoids for the cerebral hemispheres, temporal lobes, cerebellum and brainstem; a folded
/// cortical ribbon, white matter, deep grey nuclei, ventricles and fissures with CSF. The centres
/// of all study_regions() lie inside.
struct Phantom {
  Mask brain;
  std::vector<Tissue> tissue;  ///< per voxel of the brain
  Eigen::VectorXd baseline;    ///< per voxel, relative to grey matter
  Eigen::VectorXd grey;        ///< proportion of grey matter, 0 to 1
};

/// @cost  about 100 operations per voxel of the grid.
Phantom make_phantom(const Grid& grid);

/// Voxels of the brain within `radius_mm` of a point, as indices into brain.voxels; always includes
/// the voxel nearest to it.
std::vector<Eigen::Index> voxels_within(const Mask& brain, const Eigen::Vector3d& centre_mm,
                                        double radius_mm);

}  // namespace sociometer
