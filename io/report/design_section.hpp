#pragma once
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>

#include "io/records/design_records.hpp"
#include "io/report/html.hpp"
#include "io/report/page.hpp"

namespace sociometer {

/// Limits beyond which collinearity is pointed out: those of collinearity_warnings (engine/design).
inline constexpr double kVifLimit = 5, kCorrelationLimit = 0.8;

/// The design of one run, as its record and its table have it.
struct ReportedDesign {
  std::string title;  ///< "run-1"; "" if there is one
  DesignRecord record;
  Eigen::MatrixXd values;  ///< (n_scans, columns of the record); empty without its table
  double tr_s = 0;         ///< 0: not known, then time is in scans
  /// Weights of each contrast in this run, (n_rows, n_columns).
  std::vector<std::pair<std::string, std::vector<std::vector<double>>>> weights;
};

/// What is worst about the designs of an analysis.
struct DesignFindings {
  double largest_vif = 0;  ///< of columns of the task; NaN without any
  std::string vif_column, vif_run;
  double largest_r = 0;  ///< correlation of two columns of the task; NaN without two
  std::string r_columns, r_run;
  double largest_share = 0;  ///< of a column's variance that drift and confounds explain; NaN
  std::string share_column, share_run;
  std::vector<std::string> zero, not_estimable;  ///< columns that others explain; contrasts, by run
  bool is_sound() const;
  /// Whether there is any figure to judge by.
  bool judges() const;
};
DesignFindings design_findings(const std::vector<ReportedDesign>& designs);
/// What they say, one sentence for each.
std::vector<std::string> sentences_of(const DesignFindings& findings);

/// The designs with their matrices, regressors over time, correlations, variance inflation,
/// contrasts and what nuisance explains.
/// @param id  prefix of the ids within.
/// @cost  about 60 KB per run.
Html design_parts(const std::vector<ReportedDesign>& designs, const std::string& id);

/// Values in [-1, 1] as a PNG of one pixel each, grey; NaN is mid-grey.
std::string grey_png(const Eigen::MatrixXd& values);

}  // namespace sociometer
