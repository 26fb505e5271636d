#include "io/tables/confound_strategies.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>

#include "engine/core/error.hpp"
#include "io/tables/json_object.hpp"

namespace sociometer {
namespace {

using Names = std::vector<std::string>;

/// "trans_x" with its derivative and squares, as selected by `how`.
Names expanded(const std::string& column, ConfoundExpansion how) {
  const bool full = how == ConfoundExpansion::full;
  Names out{column};
  if (full || how == ConfoundExpansion::derivatives) out.push_back(column + "_derivative1");
  if (full || how == ConfoundExpansion::power2) out.push_back(column + "_power2");
  if (full) out.push_back(column + "_derivative1_power2");
  return out;
}

/// One run's table while columns are being selected.
class Chooser {
 public:
  Chooser(const Table& table, const ConfoundStrategy& strategy)
      : strategy_(strategy), table_(table) {
    chosen_.kept.assign(table_.rows.size(), 1);
  }
  ChosenConfounds choose() {
    for (const ConfoundPart part : strategy_.parts) add_part(part);
    leave_out_non_steady_state();
    return std::move(chosen_);
  }

 private:
  void add_part(ConfoundPart part) {
    const auto& s = strategy_;
    switch (part) {
      case ConfoundPart::motion:
        return add_expanded({"trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"}, s.motion,
                            part);
      case ConfoundPart::wm_csf:
        return add_expanded({"csf", "white_matter"}, s.wm_csf, part);
      case ConfoundPart::global_signal:
        return add_expanded({"global_signal"}, s.global_signal, part);
      case ConfoundPart::compcor:
        return add_compcor();
      case ConfoundPart::high_pass:
        return add_cosines();
      case ConfoundPart::ica_aroma:
        return add_all("aroma_motion_", part);
      case ConfoundPart::scrub:
        return scrub();
      case ConfoundPart::non_steady_state:
        return;  // every strategy leaves these scans out
    }
  }
  void add(const std::string& column) {
    auto& columns = chosen_.columns;
    if (std::find(columns.begin(), columns.end(), column) == columns.end())
      columns.push_back(column);
  }
  void add_expanded(const Names& columns, ConfoundExpansion how, ConfoundPart part) {
    Names missing;
    for (const auto& column : columns)
      for (const auto& name : expanded(column, how))
        if (table_.find(name) >= 0)
          add(name);
        else
          missing.push_back(name);
    if (!missing.empty())
      fail(ErrorCode::bad_input, "{} lacks what the confound strategy {} ({}) needs: {}",
           table_.path, name_of(part), name_of(how), fmt::join(missing, ", "));
  }
  Names beginning_with(const std::string& start) const {
    Names out;
    for (const auto& name : table_.names)
      if (name.starts_with(start)) out.push_back(name);
    return out;
  }
  void add_all(const std::string& start, ConfoundPart part) {
    const Names columns = beginning_with(start);
    if (columns.empty())
      fail(ErrorCode::bad_input, "{} has no column {}*, which the confound strategy {} needs",
           table_.path, start, name_of(part));
    for (const auto& column : columns) add(column);
  }
  /// Short runs have none, since they have no slow drift to remove.
  void add_cosines() {
    const Names columns = beginning_with("cosine");
    if (columns.empty())
      chosen_.notes.push_back(table_.path + ": no cosine columns; high_pass adds none");
    for (const auto& column : columns) add(column);
  }

  void add_compcor() {
    using Kind = CompcorKind;
    const auto is_one_of = [kind = strategy_.compcor](std::initializer_list<Kind> kinds) {
      return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    };
    const auto facts = read_json_object(compcor_sidecar());
    if (is_one_of({Kind::temporal, Kind::temporal_anat_combined, Kind::temporal_anat_separated}))
      add_components(facts, "tCompCor", "");
    if (is_one_of({Kind::anat_combined, Kind::temporal_anat_combined}))
      add_components(facts, "aCompCor", "combined");
    if (is_one_of({Kind::anat_separated, Kind::temporal_anat_separated})) {
      add_components(facts, "aCompCor", "WM");
      add_components(facts, "aCompCor", "CSF");
    }
    if (!strategy_.has(ConfoundPart::high_pass)) {
      chosen_.notes.push_back(table_.path +
                              ": compcor components were taken from high-passed data; their cosine "
                              "columns are added (strategy high_pass)");
      add_cosines();
    }
  }
  std::string compcor_sidecar() const {
    std::string path = table_.path;
    if (path.ends_with(".gz")) path.resize(path.size() - 3);
    path = std::filesystem::path(path).replace_extension(".json").string();
    if (!std::filesystem::exists(path))
      fail(ErrorCode::bad_input,
           "the confound strategy compcor needs {}, which says what each component was made of; "
           "give the file, or the columns with --confound-columns",
           path);
    return path;
  }
  /// Components of one method and mask, the strongest first.
  void add_components(const nlohmann::json& facts, const std::string& method,
                      const std::string& mask) {
    std::vector<std::pair<double, std::string>> found;
    for (const auto& [name, fact] : facts.items()) {
      if (name.find("_comp_cor_") == std::string::npos || !fact.is_object()) continue;
      if (fact.value("Method", "") != method || !fact.value("Retained", true)) continue;
      if (!mask.empty() && fact.value("Mask", "") != mask) continue;
      if (table_.find(name) < 0) continue;
      found.emplace_back(-number_of(fact, "SingularValue"), name);
    }
    std::sort(found.begin(), found.end());
    const auto wanted = size_t(strategy_.n_compcor);
    const std::string what = method + (mask.empty() ? "" : " of mask " + mask);
    if (found.empty())
      fail(ErrorCode::bad_input, "{} has no component of {}; choose another --compcor", table_.path,
           what);
    if (wanted > found.size())
      chosen_.notes.push_back(fmt::format("{}: {} components of {} were asked for, {} are there",
                                          table_.path, wanted, what, found.size()));
    for (size_t i = 0; i < found.size() && (wanted == 0 || i < wanted); ++i) add(found[i].second);
  }
  static double number_of(const nlohmann::json& fact, const char* key) {
    return fact.contains(key) && fact[key].is_number() ? fact[key].get<double>() : 0;
  }

  /// Marks the rows in which a column exceeds a threshold; missing values do not.
  void mark_above(const std::string& column, double threshold, std::vector<uint8_t>& marks) const {
    const int at = table_.find(column);
    if (at < 0)
      fail(ErrorCode::bad_input, "{} has no column '{}', which the confound strategy scrub needs",
           table_.path, column);
    for (size_t row = 0; row < marks.size(); ++row)
      if (number_in(table_, row, at) > threshold) marks[row] = 1;
  }
  void scrub() {
    std::vector<uint8_t> marks(table_.rows.size(), 0);
    mark_above("framewise_displacement", strategy_.fd_threshold_mm, marks);
    mark_above("std_dvars", strategy_.std_dvars_threshold, marks);
    marks = with_short_stretches(marks, strategy_.scrub);
    chosen_.scrubbed = std::count(marks.begin(), marks.end(), 1);
    for (size_t row = 0; row < marks.size(); ++row)
      if (marks[row]) chosen_.kept[row] = 0;
  }
  void leave_out_non_steady_state() {
    std::vector<uint8_t> marks(table_.rows.size(), 0);
    for (const auto& column : beginning_with("non_steady_state")) mark_above(column, 0, marks);
    chosen_.non_steady_state = std::count(marks.begin(), marks.end(), 1);
    for (size_t row = 0; row < marks.size(); ++row)
      if (marks[row]) chosen_.kept[row] = 0;
  }

  const ConfoundStrategy& strategy_;
  const Table& table_;
  ChosenConfounds chosen_;
};

}  // namespace

bool ConfoundStrategy::has(ConfoundPart part) const {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

void check_strategy(const ConfoundStrategy& s) {
  if (s.scrub < 0) fail(ErrorCode::usage, "--scrub is {} scans; it must be 0 or more", s.scrub);
  if (!(s.fd_threshold_mm >= 0) || !(s.std_dvars_threshold >= 0))
    fail(ErrorCode::usage,
         "--fd-threshold is {} and --std-dvars-threshold {}; they must be 0 or more",
         s.fd_threshold_mm, s.std_dvars_threshold);
}

ChosenConfounds choose_confounds(const Table& table, const ConfoundStrategy& strategy) {
  return Chooser(table, strategy).choose();
}

void require_a_choice(const Table& table) {
  constexpr size_t kFew = 40;
  const auto has = [&](const char* name) { return table.find(name) >= 0; };
  const bool whole = has("trans_x") &&
                     (table.names.size() > kFew || (has("a_comp_cor_00") && has("global_signal")));
  if (!whole) return;
  fail(ErrorCode::bad_input,
       "{} is fMRIPrep's whole table ({} columns, many of them the same signal in other forms); "
       "choose with --confound-strategy ({}) or with --confound-columns",
       table.path, table.names.size(), fmt::join(all_names<ConfoundPart>(), ", "));
}

std::vector<uint8_t> with_short_stretches(const std::vector<uint8_t>& outliers, long shortest) {
  std::vector<uint8_t> out = outliers;
  if (std::find(outliers.begin(), outliers.end(), 1) == outliers.end()) return out;
  const long n = long(outliers.size());
  for (long first = 0; first < n;) {
    long end = first;
    while (end < n && outliers[size_t(end)] == outliers[size_t(first)]) ++end;
    if (!outliers[size_t(first)] && end - first < shortest)
      std::fill(out.begin() + first, out.begin() + end, uint8_t(1));
    first = end;
  }
  return out;
}

}  // namespace sociometer
