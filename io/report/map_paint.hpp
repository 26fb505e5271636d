#pragma once
#include <optional>
#include <string>

#include "io/report/colour_map.hpp"
#include "io/report/map_picture.hpp"

namespace sociometer {

/// The colour and the opacity of a map's values.
struct MapPaint {
  TestedSign sign = TestedSign::both;
  double limit = 1;                   ///< magnitude at the end of the scale; positive
  std::optional<double> threshold;    ///< finite and positive
  std::optional<double> fading_from;  ///< else the threshold, else the limit
  bool has_passed_map = false;        ///< else what reaches the threshold passes

  Rgb colour(double value) const;
  /// Whether a value of the statistic reaches the threshold on a side that is tested.
  bool reaches(double value) const;
  /// 1 for what passed. Else most_faded times (|value| / fading_from) squared; 0 for NaN and for
  /// values of a sign that is not tested.
  double opacity(double value, bool passed) const;
  /// That colour with that opacity in front of another.
  /// @param fading  a further factor of the opacity of what did not pass.
  Rgb over(Rgb behind, double value, bool passed, double fading = 1) const;

  /// Opacity just below the threshold: less than that of what passed.
  static constexpr double most_faded = 0.8;
};

/// The size of a value as far as it is tested: 0 on the other side, and for NaN.
double tested_size(TestedSign sign, double value);

MapPaint paint_of(const MapLayer& layer);

/// "|t(23)| >= 3.49: voxelwise p < 0.001, uncorrected", as the picture has it below its title.
std::string threshold_line(const MapLayer& layer);

/// At most `n` of the voxels that passed with the largest magnitudes, each at least `apart_mm` from
/// those before it; of all voxels if none passed.
std::vector<Eigen::Vector3d> peaks_of(const MapLayer& layer, size_t n, double apart_mm = 16);

}  // namespace sociometer
