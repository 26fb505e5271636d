#include "cli/jobs/group/group_maps.hpp"

#include <fmt/format.h>

#include "engine/group/passing_voxels.hpp"
#include "engine/stats/finite_values.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
std::string group_map_name(const GroupNaming& naming, const GroupContrast& contrast,
                           const std::string& what) {
  return naming.contrast(contrast.spec.name) + "_stat-" + what + "_statmap";
}

ContrastRecord group_contrast_record(const GroupContrast& contrast, const GroupMaps& maps) {
  ContrastRecord record;
  record.name = contrast.spec.name;
  record.test = contrast.is_t() ? "t" : "F";
  record.expressions = contrast.spec.rows;
  record.weights = rows_of(contrast.rows);
  const ValueRange dof = finite_range(maps.dof);
  if (!dof.is_empty()) record.dof = DegreesOfFreedom{dof.low, dof.high};
  if (!contrast.is_t()) record.numerator_dof = maps.numerator_dof;
  return record;
}

void add_group_maps(MapWriter& writer, const GroupNaming& naming, const GroupContrast& contrast,
                    const GroupMaps& maps, const GroupFacts& facts) {
  const bool t = contrast.is_t();
  const ContrastRecord tested = group_contrast_record(contrast, maps);
  const auto add = [&](const std::string& stat, const std::string& what, Eigen::MatrixXd values,
                       ScalarType type) {
    const GroupMapRecord record = GroupMapRecord::of(what, tested, facts);
    if (stat == "p")
      writer.add_p(group_map_name(naming, contrast, stat), values, record);
    else
      writer.add(group_map_name(naming, contrast, stat), std::move(values), type, record);
  };
  const std::string rows = t ? "" : ", one volume per independent row of the contrast";
  add("effect", "effect of the contrast over participants" + rows, maps.effect.transpose(),
      writer.type());
  add("variance", "variance of the effect" + rows, maps.variance.transpose(), writer.type());
  add(t ? "t" : "F", t ? "t statistic" : "F statistic", maps.statistic, writer.type());
  add("z", "z value with the same one-sided p-value", maps.z, writer.type());
  add("p", t ? "one-sided p-value, P(T > t)" : "p-value, P(F > f)", maps.p, ScalarType::float64);
  if (finite_range(maps.dof).varies())
    add("dof", t ? "degrees of freedom" : "degrees of freedom of the denominator", maps.dof,
        writer.type());
}

void add_presence_map(MapWriter& writer, const GroupInputs& inputs, const GroupFacts& facts) {
  const Eigen::VectorXd n = participants_per_voxel(*inputs.data);
  const auto everybody = double(inputs.data->n_participants());
  if (n_passing(passing_height(n, everybody, false)) == n.size()) return;
  writer.add(inputs.naming.model() + "stat-n_statmap", n, writer.type(),
             GroupMapRecord::of("number of participants who have a value", facts));
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
  static const char* const kReasons[] = {"", "too few participants",
                                         "contrast not estimable from the participants present",
                                         "no variance"};
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
