#include "io/records/reporting_items.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/records/cluster_table_record.hpp"
#include "io/records/first_level_records.hpp"
#include "io/records/signature.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

/// Different values of one item, in order of appearance.
class Values {
 public:
  void add(const Json& value) {
    std::string text;
    if (value.is_string()) text = value.get<std::string>();
    if (value.is_number_integer()) text = fmt::format("{}", value.get<int64_t>());
    if (value.is_number_float()) text = fmt::format("{:.6g}", value.get<double>());
    if (value.is_array()) {
      std::vector<std::string> parts;
      for (const auto& one : value)
        if (one.is_number()) parts.push_back(fmt::format("{:.4g}", one.get<double>()));
      text = fmt::format("{}", fmt::join(parts, " x "));
    }
    if (!text.empty() && std::find(all_.begin(), all_.end(), text) == all_.end())
      all_.push_back(text);
  }
  std::string text(const std::string& unit = "") const {
    constexpr size_t kMost = 6;
    const size_t n = std::min(kMost, all_.size());
    std::string out = fmt::format("{}", fmt::join(all_.begin(), all_.begin() + long(n), "; "));
    if (n < all_.size()) out += fmt::format("; and {} more", all_.size() - n);
    return out.empty() || unit.empty() ? out : out + " " + unit;
  }
  bool any() const { return !all_.empty(); }

 private:
  std::vector<std::string> all_;
};

class Items {
 public:
  explicit Items(const std::vector<std::string>& files) {
    for (const auto& path : files) {
      if (!path.ends_with(".json")) continue;
      const Json json = parse_json(read_text(path, kMostJsonBytes), path);
      if (!json.is_object() || !json.contains("Record")) continue;
      take(header_of(json, path).kind, json, path);
    }
  }
  explicit Items(const std::vector<FoundRecord>& records) {
    for (const auto& record : records)
      if (record.header) take(record.header->kind, json_of(record), record.path);
  }

  std::vector<ReportingItem> list() {
    const char* const of_data = "the dataset's sidecars (*_bold.json) and the scanner's protocol";
    add("Participants", "Number analysed", people_.empty() ? "" : std::to_string(people_.size()));
    add("Participants", "Selection, exclusions", "", "participants.tsv and your own records");
    add("Acquisition", "Scanner, field strength, sequence, voxel size", "", of_data);
    add("Acquisition", "Repetition time", values_["tr"].text("s"), of_data);
    add("Acquisition", "Scans per run", values_["scans"].text(), of_data);
    add("Preprocessing", "Software and steps", "", "the report of the preprocessing (fMRIPrep)");
    add("Preprocessing", "Space", values_["space"].text(), of_data);
    add("Preprocessing", "Smoothing added here, FWHM", values_["smoothing"].text("mm"));
    add("First level", "Software", values_["software"].text());
    add("First level", "Haemodynamic response", values_["hrf"].text());
    add("First level", "Drift", values_["drift"].text());
    add("First level", "High-pass filter", values_["highpass"].text("Hz"));
    add("First level", "Serial correlation", values_["noise"].text());
    add("First level", "Scaling of the data", values_["scaling"].text());
    add("First level", "Modulators: centring, orthogonalisation", values_["modulators"].text());
    add("First level", "Censored scans",
        values_["tr"].any() || values_["scans"].any() ? std::to_string(censored_) : "");
    add("First level", "Contrasts", values_["contrasts"].text());
    add("First level", "Runs combined by", values_["fixed"].text());
    add("Group", "Model", values_["method"].text());
    add("Group", "Design", values_["columns"].text());
    add("Group", "Participants", values_["group_n"].text());
    add("Group", "Missing data", values_["missing"].text());
    add("Inference", "Cluster-forming p, uncorrected", values_["forming"].text());
    add("Inference", "Sides", values_["sided"].text());
    add("Inference", "Level", values_["alpha"].text());
    add("Inference", "Permutations", values_["shuffles"].text());
    add("Inference", "Smoothness, FWHM", values_["fwhm"].text("mm"));
    add("Inference", "Search volume", values_["tests"].text("voxels"));
    add("Results", "Coordinates", values_["space"].any() ? values_["space"].text() + ", in mm" : "",
        "the header of the maps");
    add("Sharing", "Maps", "unthresholded, with sidecars, beside this report");
    return std::move(items_);
  }

 private:
  void add(const char* section, const char* item, std::string value, const char* elsewhere = "") {
    items_.push_back({section, item, std::move(value), elsewhere});
  }
  void note(const char* key, const Json& value) { values_[key].add(value); }

  template <class T>
  void note_if(const char* key, const std::optional<T>& value) {
    if (value) note(key, *value);
  }

  void take(RecordKind kind, const Json& record, const std::string& path) {
    if (kind == RecordKind::fit || kind == RecordKind::map || kind == RecordKind::group)
      note_software(parse_record<SignatureRecord>(record, path).software);
    if (kind == RecordKind::fit) take_fit(parse_record<FitRecord>(record, path));
    if (kind == RecordKind::map)
      if (const auto map = parse_record<MapRecord>(record, path); map.contrast)
        note("contrasts", map.contrast->name);
    if (kind == RecordKind::group) take_group(parse_record<GroupRecord>(record, path));
    if (kind == RecordKind::cluster_table)
      take_clusters(parse_record<ClusterTableRecord>(record, path));
  }
  void note_software(const SoftwareRecord& software) {
    note("software", fmt::format("Sociometer {} (commit {})", software.version, software.commit));
  }
  void take_fit(const FitRecord& fit) {
    note_if("space", fit.spatial_reference);
    note("smoothing", fit.smoothing_fwhm_mm);
    note_if("hrf", fit.design.hrf);
    note("noise", fit.noise.model);
    note("scaling", fit.choices.scaling);
    note_if("fixed", fit.choices.fixed_effects);
    const ModulatorsRecord& modulators = fit.design.modulators;
    if (modulators.centering && modulators.orthogonalisation)
      note("modulators", fmt::format("centred: {}; orthogonalised: {}", *modulators.centering,
                                     *modulators.orthogonalisation));
    for (const auto& run : fit.runs) {
      note_if("tr", run.tr_s);
      note("scans", run.scans.scans);
      note_if("drift", run.settings.drift);
      note_if("highpass", run.settings.high_pass_hz);
      censored_ += run.scans.censored;
      note_person(run.bold);
    }
  }
  void note_person(const std::string& path) {
    const size_t at = path.rfind("/sub-");
    if (at == std::string::npos) return;
    people_.insert(path.substr(at + 1, path.find_first_of("_/", at + 1) - at - 1));
  }
  void take_group(const GroupRecord& group) {
    note("method", group.model.method);
    note("group_n", group.model.participants);
    note("missing",
         fmt::format("voxels with at least {} participants", group.model.min_participants));
    note("columns", fmt::format("{}", fmt::join(group.model.design_columns, ", ")));
    for (const auto& contrast : group.contrasts)
      if (const auto& p = contrast.permutation)
        note("shuffles", fmt::format("{} {}", p->shuffles, p->scheme));
  }
  void take_clusters(const ClusterTableRecord& table) {
    if (table.group) {
      note("forming", table.group->rule.forming_p);
      note("alpha", table.group->rule.alpha);
    } else {
      note("alpha", table.search.alpha);
    }
    note("sided", table.sided());
    note("tests", table.tests);
    if (table.field.value) note("fwhm", table.field.value->fwhm_mm);
  }

  std::map<std::string, Values> values_;
  std::set<std::string> people_;
  long censored_ = 0;
  std::vector<ReportingItem> items_;
};

}  // namespace

std::vector<ReportingItem> reporting_items_of(const std::vector<std::string>& files) {
  return Items(files).list();
}
std::vector<ReportingItem> reporting_items_of_records(const std::vector<FoundRecord>& records) {
  return Items(records).list();
}

}  // namespace sociometer
