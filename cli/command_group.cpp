#include <memory>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/group_inference.hpp"
#include "cli/group_inputs.hpp"
#include "cli/group_maps.hpp"
#include "cli/group_models.hpp"
#include "cli/group_permutation.hpp"
#include "cli/log.hpp"
#include "cli/software.hpp"
#include "engine/group/group_fit.hpp"

namespace sociometer::cli {
namespace {

struct GroupArguments {
  GroupInputArguments inputs;
  GroupModelArguments model;
  GroupInferenceArguments inference;
  GroupPermutationArguments permutation;
  std::string output, prefix, map_type = "float32";
};

Json model_json(const GroupArguments& a, const GroupInputs& inputs, const Json& method) {
  Json json;
  json["Method"] = a.model.method;
  for (const auto& [key, value] : method.items()) json[key] = value;
  json["Participants"] = inputs.names.size();
  json["DesignColumns"] = inputs.design.names;
  json["MinParticipants"] = inputs.min_participants;
  json["Zeros"] = a.inputs.zeros;
  json["Inputs"] = inputs.files;
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

int run_group(GroupArguments a, const GlobalOptions& global) {
  set_log_level(parse_log_level(global.log_level));
  check_group_model_options(a.model);
  check_group_inference_options(a.inference, a.model.method);
  a.permutation.cluster_p = a.inference.forming_p;
  a.permutation.cluster_connectivity = a.inference.connectivity;
  a.permutation.sided = a.inference.sided;
  check_permutation_options(a.permutation, a.inputs, a.model.method);
  const ScalarType type = parse_map_type(a.map_type);
  GroupInputs inputs = load_group_inputs(a.inputs, global.threads());
  const GroupModelFit fit = fit_group_model(a.model, a.inputs.effects, inputs, global.threads());
  GroupInference inference(a.inference, inputs, global.threads());
  GroupPermutation permutation(a.permutation, inputs, fit.contrasts);
  OutputSet outputs(a.output);
  permutation.run(global.threads());
  MapWriter writer(outputs, a.prefix, inputs.mask, type);
  const Json model = model_json(a, inputs, fit.json);
  FailedVoxels failed;
  for (size_t c = 0; c < inputs.contrasts.size(); ++c) {
    failed.count(fit.contrasts[c]);
    add_group_maps(writer, inputs.contrasts[c], fit.contrasts[c], model);
    inference.add_contrast(writer, outputs, inputs.contrasts[c], fit.contrasts[c], model,
                           permutation.peak_columns(c));
  }
  permutation.add_maps(writer, outputs, model);
  inference.add_conjunctions(writer, outputs, fit.contrasts, model);
  add_model_maps(writer, fit, model);
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
  add_group_model_options(*c, a->model);
  add_group_inference_options(*c, a->inference);
  add_group_permutation_options(*c, a->permutation);
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
