#include <memory>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/group_inputs.hpp"
#include "cli/group_maps.hpp"
#include "cli/log.hpp"
#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "engine/group/group_fit.hpp"

namespace sociometer::cli {
namespace {

struct GroupArguments {
  GroupInputArguments inputs;
  std::string output, prefix, method = "ols", map_type = "float32";
};

void check_arguments(const GroupArguments& a) {
  if (a.method != "ols") fail(ErrorCode::usage, "unknown --method '{}'; known: ols", a.method);
}

Json model_json(const GroupArguments& a, const GroupInputs& inputs) {
  Json json;
  json["Method"] = a.method;
  json["Participants"] = inputs.names.size();
  json["DesignColumns"] = inputs.design.names;
  json["VarianceGroups"] = inputs.variance_groups.empty()
                               ? Json("one")
                               : Json("as given: Welch's v, Satterthwaite's degrees of freedom");
  json["MinParticipants"] = inputs.min_participants;
  json["Zeros"] = a.inputs.zeros;
  json["Inputs"] = inputs.files;
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

int run_group(const GroupArguments& a, const GlobalOptions& global) {
  set_log_level(parse_log_level(global.log_level));
  check_arguments(a);
  const ScalarType type = parse_map_type(a.map_type);
  const GroupInputs inputs = load_group_inputs(a.inputs, global.threads());
  const auto patterns = presence_patterns(inputs.values, inputs.min_participants);
  OutputSet outputs(a.output);
  MapWriter writer(outputs, a.prefix, inputs.mask, type);
  const Json model = model_json(a, inputs);
  FailedVoxels failed;
  for (const auto& contrast : inputs.contrasts) {
    const GroupMaps maps =
        inputs.variance_groups.empty()
            ? fit_ols(inputs.values, patterns, inputs.design, contrast, global.threads())
            : fit_variance_groups(inputs.values, patterns, inputs.design, contrast,
                                  inputs.variance_groups, global.threads());
    failed.count(maps);
    add_group_maps(writer, contrast, maps, model);
  }
  add_presence_map(writer, inputs, model);
  writer.flush(global.threads());
  outputs.write(writer.prefixed("design.tsv"), group_design_tsv(inputs));
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  outputs.commit();
  return failed.report() ? kDoneWithFailures : kDone;
}

}  // namespace

void add_group_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand("group", "Group statistics from the effect maps of participants");
  auto a = std::make_shared<GroupArguments>();
  add_group_input_options(*c, a->inputs);
  c->add_option("--method", a->method, "ols")->capture_default_str();
  c->add_option("--map-type", a->map_type, "float32 or float64 (p maps are always float64)")
      ->capture_default_str();
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer group --effects "
      "sub-*/sub-*_contrast-match_stat-effect_statmap.nii.gz "
      "--design group.tsv --contrast 'anxiety' 'patientsMinusControls=patients - controls' -o "
      "group");
  c->callback([a, &global, &exit_code] { exit_code = run_group(*a, global); });
}

}  // namespace sociometer::cli
