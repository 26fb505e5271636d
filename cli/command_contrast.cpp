#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "cli/design_inputs.hpp"
#include "cli/log.hpp"
#include "cli/map_writer.hpp"
#include "cli/software.hpp"
#include "cli/stored_fit.hpp"
#include "cli/summary.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

struct ContrastArguments {
  std::vector<std::string> estimates, contrasts, f_contrasts;
  std::string output, prefix, fixed_effects = "precision", map_type = "float32";
};

Eigen::Index failed_voxels(const StoredFit& store) {
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
  const StoredFit store = read_stored_fit(a.estimates);
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
  Summary summary(fmt::format("{} voxels, {} run(s)", store.mask.n_voxels(), store.runs.size()));
  for (const auto& spec : specs) {
    const ResolvedContrast contrast = resolve_in(store, spec);
    if (contrast.usable()) {
      ContrastMaps maps = maps_of(contrast, store, fixed_effects, global.threads());
      summary.add(spec.name, peak_text(maps.z, store.mask));
      writer.add_contrast(contrast, std::move(maps), store.names, common);
    } else {
      refused.push_back(fmt::format("contrast {} is refused: {}", spec.name, contrast.why_not[0]));
    }
  }
  if (refused.size() == specs.size()) fail(ErrorCode::bad_input, "{}", refused.front());
  writer.flush(global.threads());
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  write_configuration(outputs, a.prefix);
  outputs.commit();
  summary.tell(a.output, a.prefix);
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
      "Example:\n  sociometer contrast maps/sub-01/sub-01_estimates.h5 \\\n"
      "    --contrast 'both=0.5*feedback:outcome_update + 0.5*feedback:rank_update_unsigned' \\\n"
      "    --prefix sub-01 -o more");
  c->callback([a, &global, &exit_code] { exit_code = run_contrast(*a, global); });
}

}  // namespace sociometer::cli
