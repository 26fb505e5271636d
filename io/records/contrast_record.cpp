#include "io/records/contrast_record.hpp"

namespace sociometer {

Json DegreesOfFreedom::to_json(const DegreesOfFreedom& dof) {
  if (dof.least == dof.most) return record_to_json(dof.least);
  return {{"Least", dof.least}, {"Most", dof.most}};
}

DegreesOfFreedom DegreesOfFreedom::from_json(const Json& json, const RecordPlace& place) {
  DegreesOfFreedom dof;
  if (json.is_object()) {
    for (const auto& [key, number] :
         {std::pair{"Least", &dof.least}, std::pair{"Most", &dof.most}}) {
      if (!json.contains(key)) place.refuse(json, "a number, or {Least, Most}");
      read_value(json[key], *number, place.at(key));
    }
  } else {
    read_value(json, dof.least, place);
    dof.most = dof.least;
  }
  return dof;
}

std::vector<std::vector<double>> rows_of(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
  std::vector<std::vector<double>> rows;
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    const Eigen::VectorXd row = matrix.row(i);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

}  // namespace sociometer
