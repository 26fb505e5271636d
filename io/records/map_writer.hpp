#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/core/names.hpp"
#include "engine/core/scalar_type.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/bytes/output_set.hpp"
#include "io/images/nifti_write.hpp"
#include "io/records/provenance.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer {

/// Records in a sidecar what was assumed about images without orientation information.
void add_orientation(Json& json, const Grid& grid);

/// The type of the numbers in maps; those of p are float64 always, because float32 ends at 1e-45.
enum class MapType { float32, float64 };
constexpr std::array<Name<MapType>, 2> names_of(std::type_identity<MapType>) {
  return {{{MapType::float32, "float32"}, {MapType::float64, "float64"}}};
}

/// Collects maps and writes them compressed, several at a time, each with its JSON sidecar.
class MapWriter {
 public:
  /// @param prefix  prepended to every name, via name_prefix.
  /// @param type    of all maps except p, which are float64 because float32 ends at 1e-45.
  MapWriter(OutputSet& outputs, const std::string& prefix, const Mask& mask, ScalarType type);

  /// Queues NAME.nii.gz and NAME.json. `values` is (n_voxels, n_volumes).
  void add(const std::string& name, Eigen::MatrixXd values, ScalarType type, const Json& sidecar);
  /// Queues a p map, float64. Outside the mask and at untestable voxels it is NaN, as 0 would be
  /// significant. After set_log_p(true) also -log10 p (stat-log10<..>; 0 outside the mask).
  void add_p(const std::string& name, const Eigen::MatrixXd& values, const Json& sidecar);
  void set_log_p(bool on) { log_p_ = on; }
  /// Queues the effect, variance, statistic, z and p maps of a contrast.
  void add_contrast(const ResolvedContrast& contrast, ContrastMaps maps,
                    const std::vector<std::string>& run_names, const Json& common);
  /// Writes the queued maps.
  void flush(int n_threads);
  std::string prefixed(const std::string& name) const { return prefix_ + name; }
  ScalarType type() const { return type_; }

 private:
  using Values =
      Eigen::Map<const Eigen::MatrixXd, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
  struct Map {
    std::string name;
    std::shared_ptr<const void> owner;  ///< of the memory that `values` refers to
    Values values;
    ScalarType type;
    MapMeaning meaning;
    std::string sidecar;
  };
  void add_log_p(const std::string& name, const Eigen::MatrixXd& p, Json sidecar);
  void queue(const std::string& name, std::shared_ptr<const void> owner, const Values& values,
             ScalarType type, Json sidecar);
  OutputSet& outputs_;
  std::string prefix_;
  const Mask& mask_;
  ScalarType type_;
  bool log_p_ = false;
  std::vector<Map> queue_;
};

ScalarType scalar_type(MapType type);

}  // namespace sociometer
