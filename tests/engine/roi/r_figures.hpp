#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "io/tables/table.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

/// The R golden: data and figures by (test, column, what).
struct RFigures {
  Table data = read_table(golden("r/roi/data.tsv"));
  Table figures = read_table(golden("r/roi/figures.tsv"));
  std::vector<std::string> columns{"A_x", "A_y", "B_x", "B_y", "C_x", "C_y"};

  Eigen::VectorXd column(const std::string& name) const {
    Eigen::VectorXd out(static_cast<Eigen::Index>(data.rows.size()));
    for (Eigen::Index i = 0; i < out.size(); ++i)
      out[i] = number_in(data, size_t(i), data.find(name));
    return out;
  }
  Eigen::MatrixXd cells(size_t n_columns = 6) const {
    Eigen::MatrixXd out(Eigen::Index(data.rows.size()), Eigen::Index(n_columns));
    for (size_t c = 0; c < n_columns; ++c) out.col(Eigen::Index(c)) = column(columns[c]);
    return out;
  }
  double operator()(const std::string& test, const std::string& name,
                    const std::string& what) const {
    for (size_t i = 0; i < figures.rows.size(); ++i)
      if (figures.rows[i][0] == test && figures.rows[i][1] == name && figures.rows[i][2] == what) {
        // R writes infinity as Inf.
        const std::string& cell = figures.rows[i][3];
        if (cell == "Inf") return std::numeric_limits<double>::infinity();
        if (cell == "-Inf") return -std::numeric_limits<double>::infinity();
        return number_in(figures, i, 3);
      }
    throw std::runtime_error("no figure " + test + " " + name + " " + what);
  }
};

}  // namespace sociometer::testing
