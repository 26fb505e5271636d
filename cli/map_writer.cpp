#include "cli/map_writer.hpp"

#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "io/nifti_write.hpp"

namespace sociometer::cli {
namespace {

Json contrast_json(const ResolvedContrast& contrast, const ContrastMaps& maps,
                   const std::vector<std::string>& run_names) {
  Json json;
  json["Name"] = contrast.spec.name;
  json["Test"] = contrast.spec.kind == ContrastKind::t ? "t" : "F";
  json["Expressions"] = contrast.spec.rows;
  json["DegreesOfFreedom"] = maps.dof;
  if (contrast.spec.kind == ContrastKind::F) json["NumeratorDegreesOfFreedom"] = maps.numerator_dof;
  json["Runs"] = Json::array();
  for (size_t r = 0; r < run_names.size(); ++r) {
    Json run{{"Run", run_names[r]}, {"Used", contrast.usable_in(r)}};
    if (!contrast.usable_in(r)) run["Reason"] = contrast.why_not[r];
    json["Runs"].push_back(run);
  }
  return json;
}

}  // namespace

ScalarType parse_map_type(const std::string& text) {
  if (text == "float32") return ScalarType::float32;
  if (text == "float64") return ScalarType::float64;
  fail(ErrorCode::usage, "unknown map type '{}'; known: float32, float64", text);
}

MapWriter::MapWriter(OutputSet& outputs, const std::string& prefix, const Mask& mask,
                     ScalarType type)
    : outputs_(outputs), prefix_(prefix), mask_(mask), type_(type) {
  if (!prefix_.empty() && prefix_.back() != '_' && prefix_.back() != '/') prefix_ += '_';
}

void MapWriter::add(const std::string& name, Eigen::MatrixXd values, ScalarType type,
                    const Json& sidecar) {
  queue_.push_back({prefix_ + name, std::move(values), type, to_text(sidecar)});
}

void MapWriter::add_contrast(const ResolvedContrast& contrast, const ContrastMaps& maps,
                             const std::vector<std::string>& run_names, const Json& common) {
  const bool t = contrast.spec.kind == ContrastKind::t;
  const auto add_one = [&](const std::string& stat, const std::string& what,
                           const Eigen::MatrixXd& values, ScalarType type) {
    Json json;
    json["Description"] = what;
    json["Contrast"] = contrast_json(contrast, maps, run_names);
    for (const auto& [key, value] : common.items()) json[key] = value;
    add("contrast-" + contrast.spec.name + "_stat-" + stat + "_statmap", values, type, json);
  };
  const std::string rows = t ? "" : ", one volume per independent row of the contrast";
  add_one("effect", "effect of the contrast in units of the scaled signal" + rows,
          maps.effect.transpose(), type_);
  add_one("variance", "variance of the effect" + rows, maps.variance.transpose(), type_);
  add_one(t ? "t" : "F", t ? "t statistic" : "F statistic", maps.statistic, type_);
  add_one("z", "z value with the same one-sided p-value", maps.z, type_);
  add_one("p", t ? "one-sided p-value, P(T > t)" : "p-value, P(F > f)", maps.p,
          ScalarType::float64);
}

void MapWriter::flush(int n_threads) {
  parallel_for(Eigen::Index(queue_.size()), n_threads, [&](Eigen::Index i) {
    const Map& map = queue_[size_t(i)];
    outputs_.write(map.name + ".nii.gz",
                   nifti_bytes(mask_, map.values, map.type, "Sociometer " + version()));
    outputs_.write(map.name + ".json", map.sidecar);
  });
  queue_.clear();
}

}  // namespace sociometer::cli
