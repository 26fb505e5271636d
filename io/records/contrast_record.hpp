#pragma once
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "io/records/record_fields.hpp"

namespace sociometer {

/// One number, or the range over voxels: a number in JSON where both ends are equal, else
/// {"Least": 4, "Most": 11}.
struct DegreesOfFreedom {
  double least = 0, most = 0;
  static Json to_json(const DegreesOfFreedom& dof);
  static DegreesOfFreedom from_json(const Json& json, const RecordPlace& place);
  bool operator==(const DegreesOfFreedom&) const = default;
};

/// Rows of a matrix, as records have them.
std::vector<std::vector<double>> rows_of(const Eigen::Ref<const Eigen::MatrixXd>& matrix);

/// Whether a contrast was computed in a run, and with which weights of its columns.
struct ContrastRun {
  std::string run;
  bool used = false;
  std::optional<std::string> reason;                        ///< why not
  std::optional<std::vector<std::vector<double>>> weights;  ///< (n_rows, n_columns), where used
  bool operator==(const ContrastRun&) const = default;
};
SOCIOMETER_RECORD(ContrastRun) {
  visit("Run", self.run);
  visit("Used", self.used);
  visit("Reason", self.reason);
  visit("Weights", self.weights);
}

/// A contrast of a first level (with runs), of a group (with weights) or a conjunction (with the
/// names of its contrasts).
struct ContrastRecord {
  std::string name, test;
  std::optional<std::vector<std::string>> expressions, contrasts;
  std::optional<std::vector<std::vector<double>>> weights;  ///< of the group design's columns
  std::optional<DegreesOfFreedom> dof;                      ///< none if not finite
  std::optional<double> numerator_dof;                      ///< of F
  std::optional<std::vector<ContrastRun>> runs;
  bool operator==(const ContrastRecord&) const = default;
};
SOCIOMETER_RECORD(ContrastRecord) {
  visit("Name", self.name);
  visit("Test", self.test);
  visit("Expressions", self.expressions);
  visit("Contrasts", self.contrasts);
  visit("Weights", self.weights);
  visit("DegreesOfFreedom", self.dof);
  visit("NumeratorDegreesOfFreedom", self.numerator_dof);
  visit("Runs", self.runs);
}

}  // namespace sociometer
