#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/core/names.hpp"
#include "engine/core/scalar_type.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/bytes/output_set.hpp"
#include "io/images/nifti_write.hpp"
#include "io/records/provenance.hpp"
#include "io/records/record_fields.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer {

struct MapRecord;

/// The type of the numbers in maps; those of p are float64 always, because float32 ends at 1e-45.
enum class MapType { float32, float64 };
constexpr std::array<Name<MapType>, 2> names_of(std::type_identity<MapType>) {
  return {{{MapType::float32, "float32"}, {MapType::float64, "float64"}}};
}

/// The longest name of a contrast's first-level files, to be checked before there is anything to
/// write.
std::string longest_map_name(const ContrastSpec& contrast);

/// The names of a contrast's first-level maps, without prefix and ending.
/// @param own_dof  whether voxels have their own degrees of freedom.
std::vector<std::string> contrast_map_names(const ContrastSpec& contrast, bool log_p, bool own_dof);

/// Ends the `stat` entity of a map of which only what passes a threshold is left, as in
/// stat-tThresholded; the values left mean the same.
inline constexpr const char* kThresholdedStatistic = "Thresholded";

/// Collects maps and writes them compressed, several at a time, each with its JSON sidecar.
class MapWriter {
 public:
  /// @param prefix  prepended to every name, via name_prefix.
  /// @param type    of all maps except p, which are float64 because float32 ends at 1e-45.
  /// @param provenance, kind  sign each sidecar.
  MapWriter(OutputSet& outputs, const std::string& prefix, const Mask& mask, ScalarType type,
            const Provenance& provenance, RecordKind kind);

  /// Queues NAME.nii.gz and NAME.json. `values` is (n_voxels, n_volumes).
  void add(const std::string& name, Eigen::MatrixXd values, ScalarType type, const Json& sidecar);
  /// The same with a record, to which the writer adds its MapEnding.
  template <HasRecordFields T>
  void add(const std::string& name, Eigen::MatrixXd values, ScalarType type, const T& record) {
    add(name, std::move(values), type, record_to_json(record));
  }
  /// Queues a p map, float64. Outside the mask and at untestable voxels it is NaN, as 0 would be
  /// significant. After set_log_p(true) also -log10 p (stat-log10<..>; 0 outside the mask).
  void add_p(const std::string& name, const Eigen::MatrixXd& values, const Json& sidecar);
  template <HasRecordFields T>
  void add_p(const std::string& name, const Eigen::MatrixXd& values, const T& record) {
    add_p(name, values, record_to_json(record));
  }
  void set_log_p(bool on) { log_p_ = on; }
  /// Queues the effect, variance, statistic, z and p maps of a contrast.
  /// @param common  what their records say beside description and contrast.
  void add_contrast(const ResolvedContrast& contrast, ContrastMaps maps,
                    const std::vector<std::string>& run_names, const MapRecord& common);
  /// Writes the queued maps.
  void flush(int n_threads);
  std::string prefixed(const std::string& name) const { return prefix_ + name; }
  ScalarType type() const { return type_; }
  const Provenance& provenance() const { return provenance_; }
  /// Text of a sidecar with its signature.
  std::string signed_text(Json sidecar) const;

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
  const Provenance& provenance_;
  RecordKind kind_;
  bool log_p_ = false;
  std::vector<Map> queue_;
};

ScalarType scalar_type(MapType type);

}  // namespace sociometer
