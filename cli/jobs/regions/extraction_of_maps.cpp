#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/jobs/regions/extraction.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/roi/percent_signal.hpp"
#include "io/tables/design_tables.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// Values of the requested voxels of a 3D image.
std::vector<double> read_voxels(const std::string& path, const GridRule& rule,
                                const std::vector<uint32_t>& voxels,
                                std::string* checksum = nullptr) {
  NiftiSource source(path);
  if (source.n_volumes() != 1)
    fail(ErrorCode::bad_input, "{} has {} volumes; a map of one contrast has one", path,
         source.n_volumes());
  require_same_grid(rule.grid, rule.name, source.grid(), path);
  // One buffer per thread: page faults of a new one per map cost more than reading it.
  thread_local std::vector<std::byte> bytes;
  bytes.resize(source.volume_bytes());
  source.read(bytes);
  std::vector<double> values(voxels.size());
  decode_voxels(bytes, source.format(), voxels, values.data());
  const uint64_t sum = source.finish();
  if (checksum) *checksum = input_file("", sum).checksum;
  return values;
}

/// The sidecar of a map; null without one.
Json sidecar_json(const std::string& map) {
  std::string path = map;
  for (const std::string ending : {".nii.gz", ".nii"})
    if (path.ends_with(ending)) path.replace(path.size() - ending.size(), ending.size(), ".json");
  if (path == map || !fs::exists(path)) return nullptr;
  Json json = parse_json(read_text(path, kMostJsonBytes), path);
  return json.is_discarded() ? Json(nullptr) : json;
}

/// The designs that `fit` wrote beside a map, in the order of runs.
std::vector<DesignMatrix> designs_beside(const std::string& map) {
  const fs::path full(map);
  const std::string name = full.filename().string();
  const std::string prefix = name.substr(0, std::min(name.find("contrast-"), name.size()));
  std::vector<DesignMatrix> designs;
  if (const fs::path one = full.parent_path() / (prefix + "design.tsv"); fs::exists(one))
    return {read_design(one.string())};
  for (int run = 1;; ++run) {
    const fs::path path = full.parent_path() / fmt::format("{}run-{}_design.tsv", prefix, run);
    if (!fs::exists(path)) return designs;
    designs.push_back(read_design(path.string()));
  }
}

/// What a map's sidecar says about the modulators of a run; empty if it does not.
std::vector<double> trial_sd_in(const Json& json, const DesignMatrix& design, size_t run) {
  if (!json.is_object() || !json.contains("Runs") || !json["Runs"].is_array() ||
      json["Runs"].size() <= run)
    return {};
  const Json& of_run = json["Runs"][run];
  if (!of_run.is_object() || !of_run.contains("ModulatorSD")) return {};
  std::vector<double> out;
  for (const auto& name : design.names) {
    const Json& all = of_run["ModulatorSD"];
    const bool there = all.is_object() && all.contains(name) && all[name].is_number();
    out.push_back(there ? all[name].get<double>() : kNaN);
  }
  return out;
}

/// Weights of one participant's contrasts in the designs beside their maps; empty if the files do
/// not have them.
std::vector<RunColumns> columns_beside(const std::vector<std::string>& maps) {
  const std::vector<DesignMatrix> designs = designs_beside(maps[0]);
  std::vector<std::string> known;
  for (const auto& design : designs)
    known.insert(known.end(), design.names.begin(), design.names.end());
  std::vector<std::string> expressions;
  Json first;
  for (const auto& map : maps) {
    const Json json = sidecar_json(map);
    if (expressions.empty()) first = json;
    const bool tells = json.is_object() && json.contains("Contrast") &&
                       json["Contrast"].contains("Expressions") &&
                       json["Contrast"]["Expressions"].size() == 1;
    expressions.push_back(tells ? json["Contrast"]["Expressions"][0].get<std::string>() : "");
  }
  std::vector<RunColumns> runs;
  for (const auto& design : designs) {
    RunColumns run{design.values, {}, trial_sd_in(first, design, runs.size())};
    for (const auto& expression : expressions) {
      run.contrasts.emplace_back();
      if (expression.empty()) continue;
      const ContrastRow row = contrast_weights(expression, design.names, known, designs[0].names);
      if (row.missing.empty() && !row.weights.isZero(0)) run.contrasts.back() = row.weights;
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

/// Mean signal over runs, from the mean maps of the same participant and session.
std::vector<double> mean_signal(const ExtractRequest& a, const Unit& unit, const GridRule& rule,
                                const RegionGather& gather) {
  std::vector<std::vector<double>> maps;
  for (const auto& path : a.mean_maps) {
    const Unit of = unit_of_path(path);
    if (of.participant != unit.participant || of.session != unit.session) continue;
    maps.push_back(read_voxels(path, rule, gather.voxels()));
  }
  if (maps.empty())
    fail(ErrorCode::bad_input,
         "psc of {} needs its mean signal: give its map to --mean-maps (`fit --save mean` writes "
         "it)",
         unit.participant);
  return mean_of_maps(maps);
}

void add_psc_of_map(const ExtractRequest& a, const GridRule& rule, const RegionGather& gather,
                    Extracted& e) {
  const Json json = sidecar_json(e.source);
  const Scaling scaling = json.is_object() && json.contains("Scaling")
                              ? parse_scaling(json["Scaling"].get<std::string>())
                              : Scaling::none;
  if (scaling == Scaling::grand)
    fail(ErrorCode::bad_input,
         "psc of grand-mean scaled maps needs the grand mean: extract from estimates.h5");
  e.height = height_for(a, a.tr_s.value_or(0));
  std::vector<double> level(e.summaries.size(), kNaN);
  if (scaling == Scaling::none)
    level = baselines(gather, e.values, mean_signal(a, e.unit, rule, gather));
  for (size_t r = 0; r < level.size(); ++r)
    e.psc.push_back(percent_signal_change(e.summaries[r].mean, e.height, level[r], scaling, 0));
}

/// The mask of a map: the only one, or that of the same participant and session.
std::string mask_for(const ExtractRequest& a, const Unit& unit) {
  if (a.masks.empty()) return "";
  if (a.masks.size() == 1) return a.masks[0];
  for (const auto& path : a.masks) {
    const Unit of = unit_of_path(path);
    if (of.participant == unit.participant && of.session == unit.session) return path;
  }
  fail(ErrorCode::bad_input, "no mask of {} {} among the {} of --masks", unit.participant,
       unit.session, a.masks.size());
}

Extracted from_map(const Extraction& x, const std::string& path, InputFile& input) {
  const ExtractRequest& a = x.request;
  Extracted e;
  e.unit = identified(path, true);
  e.source = path;
  input.path = path;
  e.values = read_voxels(path, x.rule, x.gather.voxels(), &input.checksum);
  std::vector<double> mask;
  if (const std::string mask_path = mask_for(a, e.unit); !mask_path.empty())
    mask = read_voxels(mask_path, x.rule, x.gather.voxels());
  drop_uncovered(e.values, mask, a.include_zeros);
  e.summaries = x.gather.summarise(e.values, x.parts());
  if (a.wants(RegionStatistic::psc)) add_psc_of_map(a, x.rule, x.gather, e);
  if (!a.wants(RegionStatistic::eigenvariate))
    std::vector<double>().swap(e.values);  // frees the memory
  return e;
}

}  // namespace

Outcome from_maps(const Extraction& x, const std::vector<std::string>& paths) {
  Outcome out;
  for (const auto& path : paths) {
    InputFile input;
    out.extracted.push_back(from_map(x, path, input));
    out.inputs.push_back(std::move(input));
  }
  try {
    add_collinearity(out.extracted, columns_beside(paths));
  } catch (const Error&) {
    // Designs there that belong to another fit say nothing about these maps.
  }
  return out;
}

}  // namespace sociometer::jobs
