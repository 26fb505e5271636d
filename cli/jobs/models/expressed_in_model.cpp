#include "cli/jobs/models/expressed_in_model.hpp"

#include "engine/core/error.hpp"
#include "engine/design/contrast_rows.hpp"

namespace sociometer::jobs {

void refuse_inexpressible(std::initializer_list<InexpressibleOption> options) {
  for (const auto& [given, option, why] : options)
    if (given) fail(ErrorCode::usage, "{} cannot be expressed in a model: {}", option, why);
}

ModelContrast expressed_contrast(const ContrastSpec& spec, const std::vector<std::string>& columns,
                                 const std::function<std::string(const std::string&)>& in_model) {
  const std::string option = spec.kind == ContrastKind::F ? "--f-contrast" : "--contrast";
  Eigen::MatrixXd all(Eigen::Index(spec.rows.size()), Eigen::Index(columns.size()));
  for (size_t i = 0; i < spec.rows.size(); ++i) {
    if (spec.rows[i].starts_with("["))
      fail(ErrorCode::usage,
           "{} '{}' cannot be expressed in a model: {} counts columns; write their names", option,
           spec.name, spec.rows[i]);
    all.row(Eigen::Index(i)) =
        contrast_weights(spec.rows[i], columns, columns, columns).weights.transpose();
  }
  ModelContrast out;
  out.name = spec.name;
  out.test = spec.kind == ContrastKind::F ? ContrastTest::F : ContrastTest::t;
  const std::vector<Eigen::Index> used = weighted_columns(all);
  for (const Eigen::Index j : used) out.conditions.push_back(in_model(columns[size_t(j)]));
  out.weights = all(Eigen::all, used);
  return out;
}

}  // namespace sociometer::jobs
