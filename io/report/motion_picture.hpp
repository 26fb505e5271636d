#pragma once
#include "io/report/axes.hpp"
#include "io/report/data_pictures.hpp"

namespace sociometer {

/// The traces of a run that have values, above each other; used by motion and carpet pictures.
///
/// @param most_displacement, most_dvars  ends of the axes.
/// @return the height taken, 0 if the run has neither.
double draw_traces(Canvas& canvas, const MotionTrace& run, double x, double y, double width,
                   double trace_height, double most_displacement, double most_dvars);
double height_of_traces(const MotionTrace& run, double trace_height);

/// Marks censored scans by bands over the height of a rectangle.
void draw_censored(Canvas& canvas, const std::vector<uint8_t>& censored, const Axes& axes,
                   Rgb colour);

/// Scans, or seconds if the repetition time is known.
Eigen::VectorXd time_axis(Eigen::Index n_scans, double tr_s);
std::string time_name(double tr_s);
Eigen::Index n_scans_of(const MotionTrace& run);

/// Ends of the axes that hold most of the values of some runs, their limits included.
double most_displacement(const std::vector<MotionTrace>& runs);
double most_dvars(const std::vector<MotionTrace>& runs);

}  // namespace sociometer
