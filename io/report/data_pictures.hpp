#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Dense>

#include "io/report/html.hpp"
#include "io/report/map_picture.hpp"

namespace sociometer {

/// A measure of the data at each voxel: tSNR, residual standard deviation, how many participants
/// have a value.
struct DataMap {
  std::string title;
  GridValues values;
  std::string unit;  ///< at the colour bar: "tSNR", "participants"
  /// Ends of the colour bar; else the 2nd and 98th percentiles of the values.
  std::optional<double> low, high;
  bool whole_numbers = false;  ///< counts: the colour bar has no fractions
  /// At most this is outlined and counted in the caption of the bar: too few participants, say.
  std::optional<double> poor;
};
/// A row of slices on a dark ground; voxels without a value are blank.
Html draw_data_map(const DataMap& map, const Anatomy& anatomy, std::string_view id);

/// Motion of one run, one value per scan; NaN where there is none (the first scan). An empty vector
/// leaves out its axis.
struct MotionTrace {
  std::string title;  ///< of the run
  double tr_s = 0;    ///< of the time axis; 0: scans
  Eigen::VectorXd framewise_displacement_mm;
  Eigen::VectorXd dvars;
  std::string dvars_name = "DVARS";  ///< with its unit: "standardised DVARS"
  std::vector<uint8_t> censored;     ///< nonzero: left out of the model; empty: none
  std::optional<double> displacement_limit_mm, dvars_limit;
};
/// Runs one below the other on the same scales, censored scans marked by bands.
Html draw_motion(const std::vector<MotionTrace>& runs, std::string_view id);

/// Voxels by scans as an image: what motion and scanners do to a whole brain at once.
/// @source Power 2017, NeuroImage 154.
struct CarpetPlot {
  struct Band {
    std::string name;  ///< of the tissue or region
    Eigen::Index n_rows = 0;
  };
  std::string title;
  Eigen::MatrixXf rows;     ///< (n_rows, n_scans), of z (carpet_rows of engine/core/carpet.hpp)
  std::vector<Band> bands;  ///< of rows, from the top; may be empty
  MotionTrace motion;       ///< drawn above, where it has values
  double limit = 2;         ///< z at which the grey scale ends
};
Html draw_carpet(const CarpetPlot& carpet, std::string_view id);

/// Spectra over the brain, such as those of whitened residuals, which are flat if the noise model
/// holds.
struct SpectrumPicture {
  struct Line {
    std::string name;
    Eigen::VectorXd power;         ///< relative to white noise (1), one per frequency
    Eigen::VectorXd lower, upper;  ///< of a band, such as the quartiles of voxels; may be empty
  };
  std::string title;
  Eigen::VectorXd frequency_hz;  ///< ascending
  std::vector<Line> lines;
  std::optional<double> high_pass_hz;  ///< below this the model has taken the signal out
};
Html draw_spectrum(const SpectrumPicture& spectrum, std::string_view id);

}  // namespace sociometer
