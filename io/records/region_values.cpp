#include "io/records/region_values.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bytes/hdf5.hpp"
#include "io/records/described_table.hpp"
#include "io/records/learning_settings.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

const DescribedColumns kValueColumns{
    {"participant_id", "Participant, as in participants.tsv"},
    {"session_id", "Session"},
    {"roi", "Region"},
    {"contrast", "Contrast of the first level"},
    {"statistic", "What was made of the voxels"},
    {"value", "The number, in the units of the maps unless the statistic says otherwise"},
    {"n_voxels", "Covered voxels of the region"},
    {"coverage",
     "Share of the region, by weight where it has weights, with a value in this participant"},
    {"vif", "Largest variance inflation factor of the contrast's regressors, over runs"},
    {"efficiency", "1 / c (X'X)^-1 c', summed over runs"},
    {"regressor_sd",
     "Standard deviation over trials of the modulator that the contrast weighs, in its own unit, "
     "as it entered the design; mean over runs. Value times this is the effect of one standard "
     "deviation"},
    {"correlation",
     "Correlation of the contrast's regressor with that of correlated_with, the contrast of "
     "this participant with which it is strongest, of those that share no regressor with it"},
    {"correlated_with", "That other contrast"}};

std::string or_missing(const std::string& text) { return text.empty() ? "n/a" : text; }

std::string as_tsv(const std::vector<RegionValue>& values) {
  TableRows rows;
  rows.reserve(values.size());
  for (const auto& v : values)
    rows.push_back({v.unit.participant, or_missing(v.unit.session), v.roi,
                    or_missing(v.unit.contrast), v.statistic, format_number(v.value),
                    std::to_string(v.n_voxels), fmt::format("{:.6g}", v.coverage),
                    format_number(v.vif), format_number(v.efficiency),
                    format_number(v.regressor_sd), format_number(v.correlation),
                    or_missing(v.correlated_with)});
  return table_text(kValueColumns, rows);
}

/// @param record  filled with the regions.
Json dictionary(const std::vector<KnownRegion>& regions, RegionValuesRecord record,
                const Provenance& provenance) {
  Json json{{"Description", record.description}};  // before the columns
  append(json, dictionary_of(kValueColumns));
  json["statistic"]["Levels"] = {
      {"mean", "mean over covered voxels"},
      {"weighted-mean", "sum w v / sum w over covered voxels"},
      {"weighted-sum", "sum w v over covered voxels"},
      {"median", "median over covered voxels"},
      {"peak", "largest value"},
      {"minimum", "smallest value"},
      {"sum", "sum over covered voxels"},
      {"sd", "standard deviation over covered voxels, n - 1"},
      {"count", "number of covered voxels"},
      {"eigenvariate",
       "first eigenvariate over participants, u s / sqrt(voxels), of the voxels covered in all"},
      {"psc", "percent signal change: 100 * mean effect * event height / mean signal"},
      {"effect", "effect of the contrast on the region's series"},
      {"variance", "variance of that effect"},
      {"t", "t statistic"},
      {"z", "z with the same one-sided p"},
      {"p", "one-sided p, P(T > t)"},
      {"dof", "degrees of freedom"}};
  for (const auto& known : regions) {
    RegionEntry entry{known.kind,
                      long(known.region.n_voxels()),
                      known.region.weighted(),
                      known.source,
                      std::nullopt,
                      std::nullopt};
    if (!known.role.empty()) entry.role = known.role;
    if (!known.note.empty()) entry.note = known.note;
    record.regions.emplace_back(known.region.name, std::move(entry));
  }
  append(json, record_to_json(record));
  provenance.sign(json, RecordKind::region_values);
  return json;
}

/// Distinct values in order of first appearance, and the place of each.
class NameIndex {
 public:
  Eigen::Index operator()(const std::string& name) {
    const auto [at, is_new] = places_.insert({name, Eigen::Index(names_.size())});
    if (is_new) names_.push_back(name);
    return at->second;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, Eigen::Index> places_;
};

void write_hdf5(const std::vector<RegionValue>& values, const std::string& path) {
  NameIndex units, rois;
  std::vector<std::string> participants, sessions;
  std::set<std::pair<std::string, std::string>> tables;
  for (const auto& v : values) {
    const size_t before = units.names().size();
    units(v.unit.participant + "\t" + v.unit.session);
    if (units.names().size() > before) {
      participants.push_back(v.unit.participant);
      sessions.push_back(v.unit.session);
    }
    rois(v.roi);
    tables.insert({v.statistic, or_missing(v.unit.contrast)});
  }
  std::map<std::string, Eigen::MatrixXd> matrices;
  const auto put = [&](const std::string& name, const RegionValue& v, double number) {
    const auto [at, is_new] = matrices.try_emplace(name);
    if (is_new)
      at->second.setConstant(Eigen::Index(rois.names().size()), Eigen::Index(units.names().size()),
                             kNaN);
    at->second(rois(v.roi), units(v.unit.participant + "\t" + v.unit.session)) = number;
  };
  for (const auto& v : values) {
    const std::string contrast = or_missing(v.unit.contrast);
    const std::string group = contrast == "n/a" ? "none" : contrast;
    put("/values/" + v.statistic + "/" + group, v, v.value);
    put("/coverage/" + group, v, v.coverage);
    put("/n_voxels/" + group, v, double(v.n_voxels));
  }
  size_t bytes = size_t{1} << 18;
  for (const auto& [name, m] : matrices) bytes += size_t(m.size()) * sizeof(double) + 4096;
  const auto add_names = [&](const std::vector<std::string>& names) {
    for (const auto& name : names) bytes += 256 + name.size();
  };
  add_names(participants);
  add_names(sessions);
  add_names(rois.names());
  Hdf5File file(path, Hdf5File::Mode::create, 1, bytes);
  file.write_attribute("/", "format", std::string("sociometer-roi-values"));
  file.write_attribute("/", "format_version", 1);
  file.write_attribute("/", "software", "Sociometer " + version());
  file.write("/participants", participants);
  file.write("/sessions", sessions);
  file.write("/rois", rois.names());
  for (const char* group : {"/values", "/coverage", "/n_voxels"}) file.make_group(group);
  std::set<std::string> made;
  for (const auto& [statistic, contrast] : tables)
    if (made.insert(statistic).second) file.make_group("/values/" + statistic);
  for (const auto& [name, m] : matrices) file.write(name, m);
  file.close();
}

/// The rows of a table.
std::vector<RegionValue> values_in(const Table& table) {
  const std::string& path = table.path;
  const auto needed = [&](const char* name) {
    const int column = table.find(name);
    if (column < 0)
      fail(ErrorCode::bad_input,
           "{} has no column '{}'; a table of region values has participant_id, roi, contrast, "
           "statistic and value (as `roi extract` writes it); its columns are {}",
           path, name, fmt::join(table.names, ", "));
    return column;
  };
  const bool older = table.find("participant_id") < 0 && table.find("participant") >= 0;
  const int participant = needed(older ? "participant" : "participant_id"), roi = needed("roi"),
            contrast = needed("contrast"), statistic = needed("statistic"), value = needed("value");
  const auto number = [&](size_t row, const char* name, double missing) {
    const int column = table.find(name);
    return column < 0 ? missing : number_in(table, row, column);
  };
  std::vector<RegionValue> values;
  std::set<std::tuple<std::string, std::string, std::string, std::string, std::string>> seen;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const auto cell = [&](int column) { return table.rows[row][size_t(column)]; };
    const auto text = [&](const char* name) {
      const int column = table.find(name);
      return column < 0 || is_missing(cell(column)) ? std::string() : cell(column);
    };
    RegionValue v;
    v.unit = {cell(participant), text(table.find("session_id") >= 0 ? "session_id" : "session"),
              cell(contrast)};
    v.roi = cell(roi);
    v.statistic = cell(statistic);
    v.value = number_in(table, row, value);
    if (std::isinf(v.value))
      fail(ErrorCode::bad_input, "{} line {}: the value is '{}'; it must be a number or n/a", path,
           table.line_numbers[row], cell(value));
    v.coverage = number(row, "coverage", kNaN);
    v.vif = number(row, "vif", kNaN);
    v.efficiency = number(row, "efficiency", kNaN);
    v.regressor_sd = number(row, "regressor_sd", kNaN);
    v.correlation = number(row, "correlation", kNaN);
    v.correlated_with = text("correlated_with");
    if (!seen.insert({v.unit.participant, v.unit.session, v.roi, v.unit.contrast, v.statistic})
             .second)
      fail(ErrorCode::bad_input,
           "{} line {}: participant {}, region {}, contrast {}, statistic {} occurs twice", path,
           table.line_numbers[row], v.unit.participant, v.roi, v.unit.contrast, v.statistic);
    values.push_back(std::move(v));
  }
  if (values.empty()) fail(ErrorCode::bad_input, "{} has no rows", path);
  return values;
}

/// The dictionary beside a table; null without one.
/// @param file  gets it.
Json dictionary_beside(const std::string& table_path, std::optional<InputFile>& file) {
  fs::path sidecar(table_path);
  sidecar.replace_extension(".json");
  if (!fs::exists(sidecar)) return nullptr;
  auto [json, read] = read_json_file(sidecar.string());
  if (!json.is_object())
    fail(ErrorCode::bad_input, "{} is no dictionary of columns (a JSON object)", sidecar.string());
  file = std::move(read);
  return std::move(json);
}

std::string text_in(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string()
             ? json[key].get<std::string>()
             : std::string();
}

}  // namespace

Unit unit_of_path(const std::string& path) {
  const BidsName name = bids_name(path);
  const std::string& session = name.label("ses");
  return {participant_in(path), session.empty() ? "" : "ses-" + session, name.label("contrast")};
}

void write_region_values(const std::vector<RegionValue>& values,
                         const std::vector<KnownRegion>& regions, RegionValuesRecord record,
                         const Provenance& provenance, const std::string& prefix,
                         OutputSet& outputs) {
  outputs.write(prefix + "roi_values.tsv", as_tsv(values));
  outputs.write(prefix + "roi_values.json",
                to_text(dictionary(regions, std::move(record), provenance)));
  write_hdf5(values, outputs.stage(prefix + "roi_values.h5").string());
}

StoredRegionValues read_region_values(const std::string& path) {
  const Table table = read_table(path);
  StoredRegionValues out;
  out.file = table.file();
  out.values = values_in(table);
  const Json json = dictionary_beside(path, out.dictionary);
  if (json.is_object() && json.contains("Record"))
    require_record(json, RecordKind::region_values, "the dictionary beside " + path);
  out.map_statistic = text_in(json, "MapStatistic");
  if (json.contains("Regions") && json["Regions"].is_object())
    for (const auto& [name, region] : json["Regions"].items())
      out.regions[name] = {text_in(region, "Role"), text_in(region, "Note")};
  return out;
}

std::vector<InputFile> StoredRegionValues::files() const {
  std::vector<InputFile> out{file};
  if (dictionary) out.push_back(*dictionary);
  return out;
}

void require_effects(const StoredRegionValues& values, const std::string& statistic) {
  if (is_no_effect(statistic) || statistic == "sd")
    fail(ErrorCode::bad_input,
         "{}: {} is no effect; signals are compared by their effects: choose another statistic of "
         "the table",
         values.file.path, statistic);
  if (is_no_effect(values.map_statistic))
    fail(ErrorCode::bad_input,
         "the values of {} are of maps of {}; signals are compared by their effects: extract the "
         "effect maps",
         values.file.path, values.map_statistic);
}

}  // namespace sociometer
