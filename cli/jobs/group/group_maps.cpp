#include "cli/jobs/group/group_maps.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

/// Smallest and largest of the finite values.
std::pair<double, double> range_of(const Eigen::VectorXd& values) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double v : values)
    if (std::isfinite(v)) {
      low = std::min(low, v);
      high = std::max(high, v);
    }
  return {low, high};
}

}  // namespace

std::string group_map_name(const GroupNaming& naming, const GroupContrast& contrast,
                           const std::string& what) {
  return naming.contrast(contrast.spec.name) + "_stat-" + what + "_statmap";
}

Json group_contrast_json(const GroupContrast& contrast, const GroupMaps& maps) {
  Json json;
  json["Name"] = contrast.spec.name;
  json["Test"] = contrast.is_t() ? "t" : "F";
  json["Expressions"] = contrast.spec.rows;
  json["Weights"] = Json::array();
  for (Eigen::Index r = 0; r < contrast.rows.rows(); ++r) {
    const Eigen::VectorXd row = contrast.rows.row(r);
    json["Weights"].push_back(std::vector<double>(row.begin(), row.end()));
  }
  const auto [low, high] = range_of(maps.dof);
  if (low == high)
    json["DegreesOfFreedom"] = low;
  else if (low < high)
    json["DegreesOfFreedom"] = {{"Least", low}, {"Most", high}};
  if (!contrast.is_t()) json["NumeratorDegreesOfFreedom"] = maps.numerator_dof;
  return json;
}

void add_group_maps(MapWriter& writer, const GroupNaming& naming, const GroupContrast& contrast,
                    const GroupMaps& maps, const Json& model) {
  const bool t = contrast.is_t();
  const auto add = [&](const std::string& stat, const std::string& what, Eigen::MatrixXd values,
                       ScalarType type) {
    Json json;
    json["Description"] = what;
    json["Contrast"] = group_contrast_json(contrast, maps);
    append(json, model);
    if (stat == "p")
      writer.add_p(group_map_name(naming, contrast, stat), values, json);
    else
      writer.add(group_map_name(naming, contrast, stat), std::move(values), type, json);
  };
  const std::string rows = t ? "" : ", one volume per independent row of the contrast";
  add("effect", "effect of the contrast over participants" + rows, maps.effect.transpose(),
      writer.type());
  add("variance", "variance of the effect" + rows, maps.variance.transpose(), writer.type());
  add(t ? "t" : "F", t ? "t statistic" : "F statistic", maps.statistic, writer.type());
  add("z", "z value with the same one-sided p-value", maps.z, writer.type());
  add("p", t ? "one-sided p-value, P(T > t)" : "p-value, P(F > f)", maps.p, ScalarType::float64);
  const auto [low, high] = range_of(maps.dof);
  if (low < high)
    add("dof", t ? "degrees of freedom" : "degrees of freedom of the denominator", maps.dof,
        writer.type());
}

void add_presence_map(MapWriter& writer, const GroupInputs& inputs, const Json& model) {
  const Eigen::VectorXd n = participants_per_voxel(*inputs.data);
  if ((n.array() == double(inputs.data->n_participants())).all()) return;
  Json json;
  json["Description"] = "number of participants who have a value";
  append(json, model);
  writer.add(inputs.naming.model() + "stat-n_statmap", n, writer.type(), json);
}

std::string group_design_tsv(const GroupInputs& inputs) {
  std::vector<std::string> names = inputs.design.names;
  names.insert(names.begin(), "map");
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < inputs.names.size(); ++i) {
    std::vector<std::string> row{inputs.names[i]};
    for (Eigen::Index c = 0; c < inputs.design.values.cols(); ++c)
      row.push_back(format_number(inputs.design.values(Eigen::Index(i), c)));
    rows.push_back(std::move(row));
  }
  return to_tsv(names, rows);
}

void FailedVoxels::count(const GroupMaps& maps) {
  for (const GroupStatus status : maps.status) ++counts_[size_t(status)];
  failed_ |= std::ranges::none_of(maps.status,
                                  [](GroupStatus status) { return status == GroupStatus::ok; });
}

std::vector<std::string> FailedVoxels::report(Journal& journal) const {
  static const char* const kReasons[] = {
      "", "too few participants", "participants who cannot tell the contrast", "no variance"};
  for (size_t s = 1; s < counts_.size(); ++s)
    if (counts_[s] > 0)
      journal.warn(
          fmt::format("voxels without a statistic (NaN in the maps), over all contrasts: {}, {}",
                      counts_[s], kReasons[s]));
  if (!failed_) return {};
  const std::string failure = "a contrast has no voxel with a statistic";
  journal.warn(failure);
  return {failure};
}

}  // namespace sociometer::jobs
