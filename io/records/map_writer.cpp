#include "io/records/map_writer.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "io/bids/bids_name.hpp"
#include "io/images/nifti_write.hpp"

namespace sociometer {
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

double number_or_zero(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<double>()
                                                                         : 0.0;
}

/// Whether maps with this `stat` entity contain p-values: p, pfdr, voxelPfwe, tfcePunc, ..
bool is_p(const std::string& stat) {
  static const std::vector<std::string> corrections{"fdr", "fwe", "unc", "holm", "bonf", "rft"};
  if (stat == "p") return true;
  if (stat.starts_with("log")) return false;
  return std::any_of(corrections.begin(), corrections.end(), [&](const std::string& c) {
    return stat.starts_with("p" + c) || stat.find("P" + c) != std::string::npos;
  });
}

/// What a map contains, from the `stat` entity of its name; degrees of freedom from the sidecar. A
/// statistic whose degrees of freedom vary between voxels gets no intent, as the header holds only
/// one number. p-values outside the mask are missing, not 0, which would be significant.
MapMeaning meaning_of(const std::string& name, const Json& sidecar) {
  using Kind = MapMeaning::Kind;
  MapMeaning meaning;
  if (name.ends_with("_dseg")) meaning.kind = Kind::label;
  const std::string stat = bids_name(name).label("stat");
  const Json contrast = sidecar.contains("Contrast") ? sidecar["Contrast"] : sidecar;
  meaning.dof = number_or_zero(contrast, "DegreesOfFreedom");
  meaning.numerator_dof = number_or_zero(contrast, "NumeratorDegreesOfFreedom");
  if (stat == "z") meaning.kind = Kind::z;
  if (stat == "t" && meaning.dof > 0) meaning.kind = Kind::t;
  if (stat == "F" && meaning.dof > 0 && meaning.numerator_dof > 0) meaning.kind = Kind::F;
  if (stat.starts_with("log10")) meaning.kind = Kind::log10p;
  if (is_p(stat)) {
    meaning.kind = Kind::p;
    meaning.outside = kNaN;
  }
  return meaning;
}

Eigen::Map<const Eigen::MatrixXd> as_row(const Eigen::VectorXd& v) {
  return {v.data(), 1, v.size()};
}

}  // namespace

void add_orientation(Json& json, const Grid& grid) {
  if (!grid.orientation_note.empty()) json["Orientation"] = grid.orientation_note;
}

ScalarType scalar_type(MapType type) {
  return type == MapType::float64 ? ScalarType::float64 : ScalarType::float32;
}

MapWriter::MapWriter(OutputSet& outputs, const std::string& prefix, const Mask& mask,
                     ScalarType type)
    : outputs_(outputs), prefix_(name_prefix(prefix)), mask_(mask), type_(type) {}

void MapWriter::add(const std::string& name, Eigen::MatrixXd values, ScalarType type,
                    const Json& sidecar) {
  const auto owner = std::make_shared<const Eigen::MatrixXd>(std::move(values));
  const Values view(owner->data(), owner->rows(), owner->cols(), {owner->rows(), 1});
  queue(name, owner, view, type, sidecar);
}

void MapWriter::queue(const std::string& name, std::shared_ptr<const void> owner,
                      const Values& values, ScalarType type, Json sidecar) {
  add_orientation(sidecar, mask_.grid);
  const MapMeaning meaning = meaning_of(name, sidecar);
  if (std::isnan(meaning.outside)) sidecar["OutsideMask"] = "not a number: no test was made there";
  queue_.push_back({prefix_ + name, std::move(owner), values, type, meaning, to_text(sidecar)});
}

void MapWriter::add_p(const std::string& name, const Eigen::MatrixXd& values, const Json& sidecar) {
  add(name, values, ScalarType::float64, sidecar);
  queue_.back().meaning.outside = kNaN;
  add_log_p(name, values, sidecar);
}

void MapWriter::add_log_p(const std::string& name, const Eigen::MatrixXd& p, Json sidecar) {
  const std::string stat = "_stat-";
  const size_t at = name.find(stat);
  if (!log_p_ || at == std::string::npos) return;
  // The smallest positive double is 4.9e-324.
  constexpr double kMost = 324;
  const auto log10_p = [&](double x) {
    return x > 0 ? 0.0 - std::log10(x) : x == 0 ? kMost : kNaN;
  };
  sidecar["Description"] = "-log10 of: " + sidecar.value("Description", "p");
  add(std::string(name).insert(at + stat.size(), "log10"), p.unaryExpr(log10_p), type_, sidecar);
}

void MapWriter::add_contrast(const ResolvedContrast& contrast, ContrastMaps maps,
                             const std::vector<std::string>& run_names, const Json& common) {
  const bool t = contrast.spec.kind == ContrastKind::t;
  const auto owner = std::make_shared<const ContrastMaps>(std::move(maps));
  // Values are (n_rows, n_voxels) but are written with voxels as rows.
  const auto add_one = [&](const std::string& stat, const std::string& what,
                           const Eigen::Ref<const Eigen::MatrixXd>& values, ScalarType type) {
    Json json;
    json["Description"] = what;
    json["Contrast"] = contrast_json(contrast, *owner, run_names);
    append(json, common);
    const Values view(values.data(), values.cols(), values.rows(), {1, values.rows()});
    const std::string name = "contrast-" + contrast.spec.name + "_stat-" + stat + "_statmap";
    queue(name, owner, view, type, json);
    if (stat == "p") add_log_p(name, owner->p, json);
  };
  const std::string rows = t ? "" : ", one volume per independent row of the contrast";
  add_one("effect", "effect of the contrast in units of the scaled signal" + rows, owner->effect,
          type_);
  add_one("variance", "variance of the effect" + rows, owner->variance, type_);
  add_one(t ? "t" : "F", t ? "t statistic" : "F statistic", as_row(owner->statistic), type_);
  add_one("z", "z value with the same one-sided p-value", as_row(owner->z), type_);
  add_one("p", t ? "one-sided p-value, P(T > t)" : "p-value, P(F > f)", as_row(owner->p),
          ScalarType::float64);
}

void MapWriter::flush(int n_threads) {
  parallel_for(Eigen::Index(queue_.size()), n_threads, [&](Eigen::Index i) {
    const Map& map = queue_[size_t(i)];
    outputs_.write(map.name + ".nii.gz", nifti_bytes(mask_, map.values, map.type,
                                                     "Sociometer " + version(), map.meaning));
    outputs_.write(map.name + ".json", map.sidecar);
  });
  queue_.clear();
}

}  // namespace sociometer
