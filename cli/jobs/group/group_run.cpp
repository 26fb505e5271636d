#include "cli/jobs/group/group_run.hpp"

#include <charconv>
#include <filesystem>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <malloc.h>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/group/group_maps.hpp"
#include "cli/jobs/group/group_permutation.hpp"
#include "cli/jobs/group/shuffle_checkpoint.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "engine/group/group_analysis.hpp"
#include "io/bytes/path_glob.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

Json model_json(const GroupArguments& a, const GroupInputs& inputs, const Json& method) {
  Json json;
  json["Method"] = a.model.method;
  for (const auto& [key, value] : method.items()) json[key] = value;
  for (const auto& [key, value] : inputs.effects_json.items()) json[key] = value;
  std::set<std::string> people;
  for (const auto& row : inputs.rows)
    people.insert(row.participant.empty() ? row.name : row.participant);
  json["Participants"] = people.size();
  if (people.size() < inputs.rows.size()) json["Maps"] = inputs.rows.size();
  if (!inputs.design_json.empty()) json["Design"] = inputs.design_json;
  json["DesignColumns"] = inputs.design.names;
  json["MinParticipants"] = inputs.min_participants;
  json["Zeros"] = a.inputs.zeros;
  json["Inputs"] = inputs.files;
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

/// The I and N of --shard I/N.
struct Shard {
  uint64_t number = 1, of = 1;
};

Shard parse_shard(const GroupArguments& a) {
  if (a.shard.empty()) return {};
  Shard shard;
  const char *end = a.shard.data() + a.shard.size(), *slash = nullptr;
  const auto first = std::from_chars(a.shard.data(), end, shard.number);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') slash = first.ptr;
  const auto second = std::from_chars(slash ? slash + 1 : end, end, shard.of);
  if (!slash || second.ec != std::errc() || second.ptr != end)
    fail(ErrorCode::usage, "--shard is '{}'; it must be I/N, as in 2/8", a.shard);
  if (shard.number < 1 || shard.number > shard.of)
    fail(ErrorCode::usage, "--shard is {}; the first number must be 1 to {}", a.shard, shard.of);
  if (a.permutation.permutations == 0)
    fail(ErrorCode::usage, "--shard {} needs --permutations N: it splits shuffles", a.shard);
  return shard;
}

void check_options(GroupArguments& a) {
  check_group_input_options(a.inputs, a.permutation.permutations > 0);
  check_group_model_options(a.model, has_folder(expand_globs(a.inputs.effects.effects)));
  check_group_inference_options(a.inference, a.model.method);
  a.permutation.cluster_p = a.inference.forming_p;
  a.permutation.cluster_connectivity = a.inference.connectivity;
  a.permutation.sided = a.inference.sided;
  check_permutation_options(a.permutation, a.model.method);
  if (!a.inputs.memory.empty()) parse_memory(a.inputs.memory);  // told before hours of reading
  if (!a.checkpoint.empty() && a.permutation.permutations == 0)
    fail(ErrorCode::usage, "--checkpoint {} needs --permutations N: it keeps shuffles",
         a.checkpoint);
  if (!(a.checkpoint_every_s >= 0))
    fail(ErrorCode::usage, "--checkpoint-every is {} s; it must be 0 or more",
         a.checkpoint_every_s);
}

/// What the data are for decides how much memory they need, and where they go if they do not fit.
void plan_memory(GroupArguments& a) {
  if (a.inputs.memory.empty()) return;
  const bool shuffled = a.permutation.permutations > 0;
  a.inputs.with_shuffles = shuffled;
  a.inputs.with_variances = takes_variances(value_of<GroupMethod>(a.model.method, "--method"));
  a.inputs.smoothness = !a.inference.no_tables || !a.inference.corrections.empty();
  if (a.inputs.scratch.empty()) {
    std::error_code ignored;
    std::filesystem::path folder = std::filesystem::absolute(a.output, ignored).lexically_normal();
    while (!folder.empty() && folder != folder.root_path() &&
           !std::filesystem::is_directory(folder, ignored))
      folder = folder.parent_path();
    a.inputs.scratch = folder.string();
  }
#ifdef __GLIBC__
  // Blocks that are given back must go back to the system, or they add up.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

void write_shard(const GroupArguments& a, OutputSet& outputs, ShufflePart part) {
  part.done = true;
  const std::string name =
      fmt::format("{}shard-{}-of-{}.h5", name_prefix(a.prefix), part.shard, part.n_shards);
  write_shuffle_part(outputs.stage(name).string(), part);
  outputs.commit();
  info(fmt::format("shuffles of shard {} of {} are in {}", part.shard, part.n_shards,
                   (outputs.folder() / name).string()));
}

/// How many voxels pass the family-wise level by permutation, of each statistic that was permuted.
std::string passing_text(const GroupPermutation& permutation, size_t contrast,
                         const GroupArguments& a) {
  std::string text;
  for (const PeakColumn& column : permutation.peak_columns(contrast)) {
    const auto passing = (column.values.array() <= a.inference.alpha).count();
    text += fmt::format("; {} voxels at {} <= {:g}", passing, column.name, a.inference.alpha);
  }
  const double least = permutation.least_p(contrast);
  if (!text.empty() && least > a.inference.alpha)
    text +=
        fmt::format(", of which there can be none: no p of these shuffles is below {:.3g}", least);
  return text;
}

}  // namespace

void add_group_options(CLI::App& c, GroupArguments& a) {
  add_group_input_options(c, a.inputs);
  add_group_model_options(c, a.model);
  add_group_inference_options(c, a.inference);
  add_group_permutation_options(c, a.permutation);
  c.add_option("--shard", a.shard,
               "I/N: do part I of N of the shuffles alone, for `sociometer merge`");
  c.add_option("--checkpoint", a.checkpoint,
               "File that keeps the shuffles done; a run that was killed goes on from it");
  c.add_option("--checkpoint-every", a.checkpoint_every_s, "Seconds between its writes")
      ->capture_default_str();
  c.add_option("--map-type", a.map_type, "float32 or float64 (p maps are always float64)")
      ->capture_default_str();
  c.add_flag("--log-p", a.log_p, "Maps of -log10 p beside all maps of p");
  c.add_option("--prefix", a.prefix, "Put before every file name");
  c.add_option("-o,--output", a.output, "Output folder")->required();
}

int run_group(GroupArguments a, const GlobalOptions& global, const Json& options,
              const ShardParts* shards) {
  check_options(a);
  const Shard shard = parse_shard(a);
  const ScalarType type = parse_map_type(a.map_type);
  plan_memory(a);
  const Stopwatch watch;
  GroupInputs inputs =
      load_group_inputs(a.inputs,
                        takes_variances(value_of<GroupMethod>(a.model.method, "--method")) &&
                            a.model.variances.empty(),
                        global.threads());
  debug(fmt::format("{} maps of {} voxels were read after {}", inputs.names.size(),
                    inputs.mask.n_voxels(), duration_text(watch.seconds())));
  inputs.naming = naming_after(inputs.naming, a.prefix);
  const GroupModelFit fit =
      fit_group_model(a.model, a.inputs.effects.allow_statistics, inputs, global.threads());
  debug("models were fitted after " + duration_text(watch.seconds()));
  const Json data_files = inputs.files;
  GroupInference inference(a.inference, inputs, global.threads());
  GroupPermutation permutation(a.permutation, inputs, fit.contrasts, global.threads());
  // Whether it can be written is told before hours of shuffles; a run that is killed in them leaves
  // no folder.
  // Shards are parts: they lie together, and one that is made again is the same or is refused.
  const OutputPolicy policy = a.shard.empty() ? output_policy(global, "group", a.prefix)
                                              : OutputPolicy{"", global.overwrite};
  { const OutputSet tried(a.output, policy); }
  ShufflePart part;
  part.run = shuffle_run_json(options, data_files, permutation.tests_json());
  part.shard = shard.number;
  part.n_shards = shard.of;
  ShuffleCheckpoint checkpoint(a.checkpoint, a.checkpoint_every_s, part);
  if (shards) {
    require_same_run(shards->parts[0].run, shards->paths[0], part.run, "what merge finds");
    permutation.take(joined_shards(*shards), global.threads());
  } else {
    part.contrasts = permutation.shuffle(shard.number, shard.of, checkpoint, global.threads());
    if (!a.shard.empty()) {
      OutputSet outputs(a.output, policy);
      write_shard(a, outputs, std::move(part));
      checkpoint.remove();
      return kDone;
    }
    permutation.take(results_of(std::move(part.contrasts)), global.threads());
  }
  OutputSet outputs(a.output, policy);
  MapWriter writer(outputs, a.prefix, inputs.mask, type);
  writer.set_log_p(a.log_p);
  const Json model = model_json(a, inputs, fit.json);
  FailedVoxels failed;
  Summary summary(fmt::format("group of {} maps: {} voxels, method {}", inputs.names.size(),
                              inputs.mask.n_voxels(), a.model.method));
  for (size_t c = 0; c < inputs.contrasts.size(); ++c) {
    failed.count(fit.contrasts[c]);
    add_group_maps(writer, inputs.naming, inputs.contrasts[c], fit.contrasts[c], model);
    inference.add_contrast(writer, outputs, inputs.contrasts[c], fit.contrasts[c], model,
                           permutation.peak_columns(c));
    summary.add(inputs.contrasts[c].spec.name,
                peak_text(fit.contrasts[c].z, inputs.mask, inputs.contrasts[c].is_t()) +
                    passing_text(permutation, c, a));
  }
  permutation.add_maps(writer, outputs, model);
  inference.add_conjunctions(writer, outputs, fit.contrasts, model);
  for (const auto& [name, text] : inference.findings()) summary.add(name, text);
  add_model_maps(writer, inputs.naming, fit, model);
  add_presence_map(writer, inputs, model);
  writer.flush(global.threads());
  outputs.write(writer.prefixed("design.tsv"), group_design_tsv(inputs));
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  write_configuration(outputs, a.prefix);
  outputs.commit();
  checkpoint.remove();
  summary.tell(a.output, a.prefix);
  return failed.report() ? kDoneWithFailures : kDone;
}

}  // namespace sociometer::cli
