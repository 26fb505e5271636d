#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/jobs/read_files.hpp"
#include "cli/jobs/regions/extraction.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/roi/percent_signal.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/sidecar_fields.hpp"
#include "io/tables/design_tables.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// Values of the requested voxels of a 3D image.
/// @param inputs  gets the file.
std::vector<double> read_voxels(const std::string& path, const GridRule& rule,
                                const std::vector<uint32_t>& voxels,
                                std::vector<InputFile>& inputs) {
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
  inputs.push_back(source.finish_file());
  return values;
}

/// The sidecar of a map; without content if there is none.
struct Sidecar {
  std::string path;
  Json content;
  SidecarFields fields;
};

/// @param inputs  gets the file.
Sidecar sidecar_of(const std::string& map, std::vector<InputFile>& inputs) {
  std::string path = map;
  for (const std::string ending : {".nii.gz", ".nii"})
    if (path.ends_with(ending)) path.replace(path.size() - ending.size(), ending.size(), ".json");
  if (path == map || !fs::exists(path)) return {};
  auto [json, file] = read_json_file(path);
  inputs.push_back(std::move(file));
  SidecarFields fields = fields_in<SidecarFields>(json);
  return {std::move(path), std::move(json), std::move(fields)};
}

/// Its unit decides what percent signal change is relative to, so an odd one is refused.
Scaling scaling_of(const Sidecar& sidecar) {
  if (sidecar.fields.scaling) return parse_scaling(*sidecar.fields.scaling);
  if (sidecar.content.is_object() && sidecar.content.contains("Scaling"))
    RecordPlace{sidecar.path, "/Scaling"}.refuse(sidecar.content["Scaling"], "a text");
  return Scaling::none;
}

/// The designs that `fit` wrote beside a map, in the order of runs. @param inputs  gets the files.
std::vector<DesignMatrix> designs_beside(const std::string& map, std::vector<InputFile>& inputs) {
  const auto read = [&](const fs::path& path) {
    const Table table = read_table(path.string());
    inputs.push_back(table.file());
    return design_of(table);
  };
  const fs::path full(map);
  const std::string name = full.filename().string();
  const std::string prefix = name.substr(0, std::min(name.find("contrast-"), name.size()));
  std::vector<DesignMatrix> designs;
  if (const fs::path one = full.parent_path() / (prefix + "design.tsv"); fs::exists(one))
    return {read(one)};
  for (int run = 1;; ++run) {
    const fs::path path = full.parent_path() / fmt::format("{}run-{}_design.tsv", prefix, run);
    if (!fs::exists(path)) return designs;
    designs.push_back(read(path));
  }
}

/// What a map's sidecar says about the modulators of a run; empty if it does not.
std::vector<double> trial_sd_in(const Sidecar& sidecar, const DesignMatrix& design, size_t run) {
  const auto& runs = sidecar.fields.runs;
  if (!runs || runs->size() <= run) return {};
  const auto& known = (*runs)[run].modulator_sd;
  if (!known) return {};
  std::vector<double> out;
  for (const auto& name : design.names) {
    const auto found = std::find_if(known->begin(), known->end(),
                                    [&](const auto& entry) { return entry.first == name; });
    out.push_back(found == known->end() ? kNaN : found->second);
  }
  return out;
}

/// The expression of a map's contrast; empty if its sidecar does not have exactly one.
std::string only_expression(const Sidecar& sidecar) {
  if (!sidecar.fields.contrast) return "";
  const auto& all = sidecar.fields.contrast->expressions;
  return all && all->size() == 1 ? all->front() : "";
}

/// Weights of one participant's contrasts in the designs beside their maps; empty if the files do
/// not have them.
/// @param sidecars  of the maps.
std::vector<RunColumns> columns_beside(const std::vector<std::string>& maps,
                                       const std::vector<Sidecar>& sidecars,
                                       std::vector<InputFile>& inputs) {
  const std::vector<DesignMatrix> designs = designs_beside(maps[0], inputs);
  std::vector<std::string> known;
  for (const auto& design : designs)
    known.insert(known.end(), design.names.begin(), design.names.end());
  std::vector<std::string> expressions;
  for (const Sidecar& sidecar : sidecars) expressions.push_back(only_expression(sidecar));
  std::vector<RunColumns> runs;
  for (const auto& design : designs) {
    RunColumns run{design.values, {}, trial_sd_in(sidecars[0], design, runs.size())};
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
                                const RegionGather& gather, std::vector<InputFile>& inputs) {
  std::vector<std::vector<double>> maps;
  for (const auto& path : a.mean_maps) {
    const Unit of = unit_of_path(path);
    if (of.participant != unit.participant || of.session != unit.session) continue;
    maps.push_back(read_voxels(path, rule, gather.voxels(), inputs));
  }
  if (maps.empty())
    fail(ErrorCode::bad_input,
         "psc of {} needs its mean signal: give its map to --mean-maps (`fit --save mean` writes "
         "it)",
         unit.participant);
  return mean_of_maps(maps);
}

void add_psc_of_map(const Extraction& x, const Sidecar& sidecar, Extracted& e,
                    std::vector<InputFile>& inputs) {
  const ExtractRequest& a = x.request;
  const Scaling scaling = scaling_of(sidecar);
  if (scaling == Scaling::grand)
    fail(ErrorCode::bad_input,
         "psc of grand-mean scaled maps needs the grand mean: extract from estimates.h5");
  e.height = height_for(a, a.tr_s.value_or(0));
  std::vector<double> level(e.summaries.size(), kNaN);
  if (scaling == Scaling::none)
    level = baselines(x.gather, e.values, mean_signal(a, e.unit, x.rule, x.gather, inputs));
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

Extracted from_map(const Extraction& x, const std::string& path, const Sidecar& sidecar,
                   std::vector<InputFile>& inputs) {
  const ExtractRequest& a = x.request;
  Extracted e;
  e.unit = identified(path, true);
  e.source = path;
  e.values = read_voxels(path, x.rule, x.gather.voxels(), inputs);
  std::vector<double> mask;
  if (const std::string mask_path = mask_for(a, e.unit); !mask_path.empty())
    mask = read_voxels(mask_path, x.rule, x.gather.voxels(), inputs);
  drop_uncovered(e.values, mask, a.include_zeros);
  e.summaries = x.gather.summarise(e.values, x.parts());
  if (a.wants(RegionStatistic::psc)) add_psc_of_map(x, sidecar, e, inputs);
  if (!a.wants(RegionStatistic::eigenvariate))
    std::vector<double>().swap(e.values);  // frees the memory
  return e;
}

}  // namespace

Outcome from_maps(const Extraction& x, const std::vector<std::string>& paths) {
  Outcome out;
  std::vector<Sidecar> sidecars;
  for (const auto& path : paths) {
    sidecars.push_back(sidecar_of(path, out.inputs));
    out.extracted.push_back(from_map(x, path, sidecars.back(), out.inputs));
  }
  std::vector<InputFile> designs;
  try {
    add_collinearity(out.extracted, columns_beside(paths, sidecars, designs));
    out.inputs.insert(out.inputs.end(), designs.begin(), designs.end());
  } catch (const Error& error) {
    out.warning = fmt::format(
        "{}: the design beside {} cannot be used, vif, efficiency and regressor_sd are n/a: {}",
        out.extracted[0].unit.participant, paths[0], error.what());
  }
  keep_first_of_each_path(out.inputs);
  return out;
}

}  // namespace sociometer::jobs
