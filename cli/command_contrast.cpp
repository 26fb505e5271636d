#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/design_inputs.hpp"
#include "cli/log.hpp"
#include "cli/map_writer.hpp"
#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "io/byte_stream.hpp"
#include "io/estimates_file.hpp"

namespace sociometer::cli {
namespace {

struct ContrastArguments {
  std::vector<std::string> estimates, contrasts, f_contrasts;
  std::string output, prefix, fixed_effects = "precision", map_type = "float32";
};

struct Store {
  Mask mask;
  std::vector<StoredRun> runs;
  std::vector<std::unique_ptr<RunDesign>> designs;
  std::vector<std::string> names;
  Json inputs = Json::array();
};

Store read_stores(const std::vector<std::string>& paths) {
  Store store;
  for (size_t i = 0; i < paths.size(); ++i) {
    Mask mask;
    auto runs = read_estimates(paths[i], mask);
    if (i == 0) store.mask = mask;
    require_same_grid(store.mask.grid, paths[0], mask.grid, paths[i]);
    if (mask.voxels != store.mask.voxels)
      fail(ErrorCode::shape_mismatch,
           "{} has {} voxels in its mask, {} has {} or others; fit all runs with the same --mask",
           paths[0], store.mask.n_voxels(), paths[i], mask.n_voxels());
    store.inputs.push_back(
        {{"Path", paths[i]}, {"CRC32", input_file("", crc32_of_file(paths[i])).crc32}});
    for (auto& run : runs) store.runs.push_back(std::move(run));
  }
  for (const auto& run : store.runs) {
    if (run.scaling != store.runs[0].scaling)
      fail(ErrorCode::bad_input,
           "{} was scaled '{}' and {} '{}': their effects have different units; fit them alike",
           store.runs[0].source, to_string(store.runs[0].scaling), run.source,
           to_string(run.scaling));
    store.designs.push_back(
        std::make_unique<RunDesign>(run.design.values, run.kept, run.noise_model.order));
    store.designs.back()->set_roles(run.design.roles);
    store.names.push_back(run.source);
  }
  return store;
}

ContrastMaps maps_of(const ResolvedContrast& contrast, const Store& store,
                     FixedEffects fixed_effects, int n_threads) {
  std::vector<ContrastValues> values(store.runs.size());
  std::vector<const ContrastValues*> pointers;
  std::vector<double> dof;
  for (size_t r = 0; r < store.runs.size(); ++r) {
    if (contrast.usable_in(r))
      values[r] = contrast_values(*store.designs[r], store.runs[r].estimates,
                                  store.runs[r].noise_model, {contrast.rows[r]}, n_threads)[0];
    pointers.push_back(&values[r]);
    dof.push_back(store.runs[r].estimates.dof);
  }
  return combine_runs(contrast, pointers, dof, fixed_effects, n_threads);
}

Eigen::Index failed_voxels(const Store& store) {
  Eigen::Index n = 0;
  for (size_t v = 0; v < store.mask.voxels.size(); ++v)
    n += std::any_of(store.runs.begin(), store.runs.end(), [&](const StoredRun& run) {
      return run.estimates.status[v] != VoxelStatus::ok;
    });
  return n;
}

int run_contrast(const ContrastArguments& a, const GlobalOptions& global) {
  set_log_level(parse_log_level(global.log_level));
  const auto specs = contrast_specs(a.contrasts, a.f_contrasts);
  if (specs.empty()) fail(ErrorCode::usage, "give at least one --contrast or --f-contrast");
  const FixedEffects fixed_effects = parse_fixed_effects(a.fixed_effects);
  const ScalarType type = parse_map_type(a.map_type);
  const Store store = read_stores(a.estimates);
  std::vector<std::vector<std::string>> columns;
  std::vector<EstimableSpace> spaces;
  for (size_t r = 0; r < store.runs.size(); ++r) {
    columns.push_back(store.runs[r].design.names);
    spaces.push_back(store.designs[r]->space);
  }
  OutputSet outputs(a.output);
  MapWriter writer(outputs, a.prefix, store.mask, type);
  Json common;
  common["Runs"] = Json::array();
  for (const auto& run : store.runs)
    common["Runs"].push_back({{"Run", run.source},
                              {"NoiseModel", to_string(run.noise_model)},
                              {"DegreesOfFreedom", run.estimates.dof}});
  common["Scaling"] = to_string(store.runs[0].scaling);
  common["FixedEffects"] = to_string(fixed_effects);
  common["Estimates"] = store.inputs;
  common["Software"] = software_json();
  common["CommandLine"] = command_line();
  std::vector<std::string> refused;
  for (const auto& spec : specs) {
    const ResolvedContrast contrast = resolve_contrast(spec, columns, spaces);
    if (contrast.usable())
      writer.add_contrast(contrast, maps_of(contrast, store, fixed_effects, global.threads()),
                          store.names, common);
    else
      refused.push_back(fmt::format("contrast {} is refused: {}", spec.name, contrast.why_not[0]));
  }
  if (refused.size() == specs.size()) fail(ErrorCode::bad_input, "{}", refused.front());
  writer.flush(global.threads());
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  outputs.commit();
  for (const auto& line : refused) warn(line);
  const Eigen::Index failed = failed_voxels(store);
  if (failed > 0)
    warn(fmt::format("voxels without statistics in some run (NaN in the maps): {}", failed));
  return refused.empty() && failed == 0 ? kDone : kDoneWithFailures;
}

}  // namespace

void add_contrast_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand("contrast", "New contrasts from estimates.h5, without the images");
  auto a = std::make_shared<ContrastArguments>();
  c->add_option("estimates", a->estimates, "estimates.h5 of one or more fits on the same mask")
      ->required();
  c->add_option("--contrast", a->contrasts, "t contrasts: NAME=EXPRESSION or NAME=[weights]");
  c->add_option("--f-contrast", a->f_contrasts, "F contrasts: NAME=EXPRESSION;EXPRESSION..");
  c->add_option("--fixed-effects", a->fixed_effects,
                "Runs combined by precision, equal, or as nilearn")
      ->capture_default_str();
  c->add_option("--map-type", a->map_type, "float32 or float64 (p maps are always float64)")
      ->capture_default_str();
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer contrast out/estimates.h5 --contrast 'sum=0.5*match + 0.5*rank' -o "
      "more");
  c->callback([a, &global, &exit_code] { exit_code = run_contrast(*a, global); });
}

}  // namespace sociometer::cli
