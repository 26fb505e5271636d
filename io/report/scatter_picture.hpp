#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// One scatter plot with a fitted line and its confidence band.
struct ScatterPanel {
  std::string title, caption, x_name, y_name;
  Eigen::VectorXd x, y;                    ///< points
  Eigen::VectorXd at, line, lower, upper;  ///< the line and band at ascending `at`
};

/// Panels in rows of `n_columns`, left to right, one y axis per row; writes a PNG.
/// @throws Error{cannot_write}.
void draw_scatters(const std::string& title, const std::vector<ScatterPanel>& panels,
                   size_t n_columns, const std::string& path);

}  // namespace sociometer
