#include "io/records/map_writer.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "io/bids/bids_name.hpp"
#include "io/images/nifti_write.hpp"
#include "io/records/first_level_records.hpp"

namespace sociometer {
namespace {

/// Those of all voxels, or the least and the most.
DegreesOfFreedom dof_of(const ContrastMaps& maps) {
  DegreesOfFreedom range{INFINITY, -INFINITY};
  for (double dof : maps.own_dof) {
    if (!std::isfinite(dof)) continue;
    range.least = std::min(range.least, dof);
    range.most = std::max(range.most, dof);
  }
  return range.least <= range.most ? range : DegreesOfFreedom{maps.dof, maps.dof};
}

ContrastRecord contrast_record(const ResolvedContrast& contrast, const ContrastMaps& maps,
                               const std::vector<std::string>& run_names) {
  ContrastRecord record;
  record.name = contrast.spec.name;
  record.test = contrast.spec.kind == ContrastKind::t ? "t" : "F";
  record.expressions = contrast.spec.rows;
  record.dof = dof_of(maps);
  if (contrast.spec.kind == ContrastKind::F) record.numerator_dof = maps.numerator_dof;
  record.runs.emplace();
  for (size_t r = 0; r < run_names.size(); ++r) {
    ContrastRun run{run_names[r], contrast.usable_in(r), {}, {}};
    if (run.used)
      run.weights = rows_of(contrast.rows[r]);
    else
      run.reason = contrast.why_not[r];
    record.runs->push_back(std::move(run));
  }
  return record;
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
  std::string stat = bids_name(name).label("stat");
  if (stat.ends_with(kThresholdedStatistic))
    stat.resize(stat.size() - std::string_view(kThresholdedStatistic).size());
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

ScalarType scalar_type(MapType type) {
  return type == MapType::float64 ? ScalarType::float64 : ScalarType::float32;
}

std::string longest_map_name(const ContrastSpec& contrast) {
  return "contrast-" + contrast.name + "_stat-variance_statmap.nii.gz";
}

std::vector<std::string> contrast_map_names(const ContrastSpec& contrast, bool log_p,
                                            bool own_dof) {
  std::vector<std::string> stats{"effect", "variance", contrast.kind == ContrastKind::t ? "t" : "F",
                                 "z", "p"};
  if (log_p) stats.push_back("log10p");
  if (own_dof) stats.push_back("dof");
  for (auto& stat : stats) stat = "contrast-" + contrast.name + "_stat-" + stat + "_statmap";
  return stats;
}

MapWriter::MapWriter(OutputSet& outputs, const std::string& prefix, const Mask& mask,
                     ScalarType type, const Provenance& provenance, RecordKind kind)
    : outputs_(outputs),
      prefix_(name_prefix(prefix)),
      mask_(mask),
      type_(type),
      provenance_(provenance),
      kind_(kind) {}

std::string MapWriter::signed_text(Json sidecar) const {
  provenance_.sign(sidecar, kind_);
  return to_text(sidecar);
}

void MapWriter::add(const std::string& name, Eigen::MatrixXd values, ScalarType type,
                    const Json& sidecar) {
  const auto owner = std::make_shared<const Eigen::MatrixXd>(std::move(values));
  const Values view(owner->data(), owner->rows(), owner->cols(), {owner->rows(), 1});
  queue(name, owner, view, type, sidecar);
}

void MapWriter::queue(const std::string& name, std::shared_ptr<const void> owner,
                      const Values& values, ScalarType type, Json sidecar) {
  const MapMeaning meaning = meaning_of(name, sidecar);
  MapEnding ending;
  if (const std::string stat = bids_name(name).label("stat"); !stat.empty())
    ending.statistic = stat;
  if (!mask_.grid.orientation_note.empty()) ending.orientation = mask_.grid.orientation_note;
  if (std::isnan(meaning.outside)) ending.outside_mask = "not a number: no test was made there";
  append(sidecar, record_to_json(ending));
  queue_.push_back(
      {prefix_ + name, std::move(owner), values, type, meaning, signed_text(std::move(sidecar))});
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
                             const std::vector<std::string>& run_names, const MapRecord& common) {
  const bool t = contrast.spec.kind == ContrastKind::t;
  const auto owner = std::make_shared<const ContrastMaps>(std::move(maps));
  // Values are (n_rows, n_voxels) but are written with voxels as rows.
  const auto add_one = [&](const std::string& stat, const std::string& what,
                           const Eigen::Ref<const Eigen::MatrixXd>& values, ScalarType type) {
    MapRecord record = common;
    record.description = what;
    record.contrast = contrast_record(contrast, *owner, run_names);
    const Json json = record_to_json(record);
    const Values view(values.data(), values.cols(), values.rows(), {1, values.rows()});
    const std::string name = "contrast-" + contrast.spec.name + "_stat-" + stat + "_statmap";
    queue(name, owner, view, type, json);
    return std::pair(name, json);
  };
  const std::string rows = t ? "" : ", one volume per independent row of the contrast";
  add_one("effect", "effect of the contrast in units of the scaled signal" + rows, owner->effect,
          type_);
  add_one("variance", "variance of the effect" + rows, owner->variance, type_);
  add_one(t ? "t" : "F", t ? "t statistic" : "F statistic", as_row(owner->statistic), type_);
  add_one("z", "z value with the same one-sided p-value", as_row(owner->z), type_);
  const auto [name, json] = add_one("p", t ? "one-sided p-value, P(T > t)" : "p-value, P(F > f)",
                                    as_row(owner->p), ScalarType::float64);
  add_log_p(name, owner->p, json);
  if (owner->own_dof.size() > 0)
    add_one("dof", t ? "degrees of freedom" : "degrees of freedom of the denominator",
            as_row(owner->own_dof), type_);
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
