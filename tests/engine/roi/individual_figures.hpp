#pragma once
#include "engine/roi/individual_differences.hpp"
#include "tests/engine/roi/r_figures.hpp"

namespace sociometer::testing {

/// R's figures of tests/golden/r/individual.
inline RFigures individual_figures() {
  RFigures r;
  r.data = read_table(golden("r/individual/data.tsv"));
  r.figures = read_table(golden("r/individual/figures.tsv"));
  r.columns = {"A_x", "A_y", "B_x", "B_y"};
  return r;
}

inline IndividualData individual_data(const RFigures& r, const std::vector<std::string>& scores,
                                      const std::vector<std::string>& covariates = {}) {
  IndividualData d;
  d.brain.regions = {"A", "B"}, d.brain.signals = {"x", "y"};
  d.brain.cells = r.cells(4);
  for (Eigen::Index i = 0; i < d.brain.cells.rows(); ++i)
    d.brain.participants.push_back(std::to_string(i));
  d.scores = scores, d.covariates = covariates;
  const auto columns = [&](const std::vector<std::string>& names) {
    Eigen::MatrixXd out(d.brain.cells.rows(), Eigen::Index(names.size()));
    for (size_t k = 0; k < names.size(); ++k) out.col(Eigen::Index(k)) = r.column(names[k]);
    return out;
  };
  d.score_values = columns(scores), d.covariate_values = columns(covariates);
  return d;
}

}  // namespace sociometer::testing
