#include "cli/jobs/group/group_models.hpp"

#include <cmath>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/group/group_values.hpp"
#include "engine/core/error.hpp"
#include "engine/group/group_analysis.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::cli {
namespace {

using Eigen::Index;

/// In the order of the effects.
std::shared_ptr<const GroupData> read_variances(const std::vector<std::string>& paths,
                                                const GroupInputs& inputs, int n_threads) {
  std::vector<MapFile> files;
  Index rows = 0;
  for (const std::string& path : paths) {
    const NiftiHeader header = read_nifti_header(path);
    require_same_grid(inputs.mask.grid, inputs.names[0], header.grid, path);
    files.push_back({path, header.n_volumes});
    rows += header.n_volumes;
  }
  Index expected = 0;
  for (const auto& row : inputs.rows) expected += row.minus ? 2 : 1;
  if (rows != expected)
    fail(ErrorCode::shape_mismatch, "--variances have {} volumes for {} effect maps", rows,
         expected);
  // The errors of two maps of a difference are independent: their variances add up.
  return paired_values(read_group_values(files, inputs.mask, nullptr, inputs.memory, inputs.scratch,
                                         inputs.data->in_memory(), n_threads),
                       pairs_of(inputs.rows), 1);
}

ModelMap model_map(const char* stat, const std::string& description, Eigen::MatrixXd values) {
  return {stat, description, std::move(values)};
}

/// What the sidecars say of the method, and its own maps.
void describe(const GroupModelArguments& a, const GroupModelPlan& plan, GroupFit& engine,
              GroupModelFit& fit) {
  Json& json = fit.json;
  if (plan.method == GroupMethod::ols) {
    json["VarianceGroups"] =
        plan.variance_groups.empty()
            ? "one"
            : "as given: variance of the least-squares effect, Satterthwaite's "
              "degrees of freedom; shuffles compare z of Welch's v";
    return;
  }
  if (plan.method == GroupMethod::robust) {
    json["HuberK"] = a.huber_k;
    json["Scale"] = "median absolute residual / 0.6745";
    fit.maps.push_back(
        model_map("scale", "robust standard deviation of the residuals", engine.scale));
    fit.maps.push_back(
        model_map("leastweight", "smallest weight of a participant", engine.least_weight));
    return;
  }
  json["FirstLevelVariances"] = "known";
  fit.maps.push_back(model_map("q", "Cochran's Q of the fixed-effects fit", engine.q));
  if (plan.method == GroupMethod::fixed) {
    json["DegreesOfFreedom"] = "infinite";
    return;
  }
  json["BetweenVariance"] = name_of(plan.between);
  json["KnappHartung"] = a.knapp_hartung;
  fit.maps.push_back(
      model_map("tau2",
                "between-participant variance" +
                    std::string(engine.tau2.rows() > 1 ? ", one volume per variance group" : ""),
                engine.tau2.transpose()));
  fit.maps.push_back(
      model_map("i2", "share of the between-participant variance in the total, I2", engine.i2));
}

}  // namespace

void add_group_model_options(CLI::App& c, GroupModelArguments& a) {
  c.add_option("--method", a.method,
               "ols; mixed (first-level variances known, variance between participants estimated); "
               "fixed (the same without variance between participants); robust (Huber)")
      ->capture_default_str();
  c.add_option(
      "--variances", a.variances,
      "First-level variance maps in the order of the effects, for mixed and fixed (default: "
      "those beside the effects in a folder)");
  c.add_option("--between-variance", a.between,
               "Estimator of the variance between participants: reml or dersimonian-laird")
      ->capture_default_str();
  c.add_flag("--knapp-hartung", a.knapp_hartung,
             "mixed: scale variances by the weighted residuals (3dMEMA's default)");
  c.add_option("--huber-k", a.huber_k, "robust: tuning constant")->capture_default_str();
}

void check_group_model_options(const GroupModelArguments& a, bool variances_beside_effects) {
  const auto method = value_of<GroupMethod>(a.method, "--method");
  if (takes_variances(method) && a.variances.empty() && !variances_beside_effects)
    fail(ErrorCode::usage, "--method {} needs first-level variances; give --variances", a.method);
  if (!takes_variances(method) && !a.variances.empty())
    fail(ErrorCode::usage,
         "--method {} does not use --variances; take mixed or fixed, or leave "
         "them out",
         a.method);
  value_of<BetweenVariance>(a.between, "--between-variance");
  if (a.method != "mixed" && (a.knapp_hartung || a.between != "reml"))
    fail(ErrorCode::usage,
         "--knapp-hartung and --between-variance belong to --method mixed, not {}", a.method);
  if (!(a.huber_k > 0) || !std::isfinite(a.huber_k))
    fail(ErrorCode::usage, "--huber-k is {}; it must be positive", a.huber_k);
}

GroupModelFit fit_group_model(GroupModelArguments a, bool allow_statistics, GroupInputs& inputs,
                              int n_threads) {
  GroupModelPlan plan;
  plan.method = value_of<GroupMethod>(a.method, "--method");
  plan.between = value_of<BetweenVariance>(a.between, "--between-variance");
  plan.knapp_hartung = a.knapp_hartung;
  plan.huber_k = a.huber_k;
  plan.variance_groups = inputs.variance_groups;
  plan.min_participants = inputs.min_participants;
  plan.memory = inputs.memory;
  plan.n_threads = n_threads;
  std::shared_ptr<const GroupData> variances;
  if (takes_variances(plan.method)) {
    if (a.variances.empty()) a.variances = inputs.variances;
    check_variance_pairs(inputs.effects, a.variances, allow_statistics);
    for (const std::string& path : a.variances)
      inputs.files.push_back(
          {{"Path", path}, {"XXH3", input_file("", checksum_of_file(path)).checksum}});
    variances = read_variances(a.variances, inputs, n_threads);
  }
  if (plan.method == GroupMethod::robust && !inputs.variance_groups.empty())
    fail(ErrorCode::usage, "--method robust has no variance groups; leave --variance-groups out");
  GroupFit fitted = fit_group(*inputs.data, variances.get(), inputs.design, inputs.contrasts, plan);
  if (variances) inputs.data = usable_effects(inputs.data, variances);
  if (fitted.n_unusable_effects > 0)
    warn(
        fmt::format("{} effects in {} voxels have a variance that is zero, negative or not "
                    "finite: those participants are left out of those voxels",
                    fitted.n_unusable_effects, fitted.n_unusable_voxels));
  GroupModelFit fit;
  describe(a, plan, fitted, fit);
  fit.contrasts = std::move(fitted.contrasts);
  return fit;
}

void add_model_maps(MapWriter& writer, const GroupNaming& naming, const GroupModelFit& fit,
                    const Json& model) {
  for (const ModelMap& map : fit.maps) {
    Json json;
    json["Description"] = map.description;
    for (const auto& [key, value] : model.items()) json[key] = value;
    writer.add(naming.model() + "stat-" + map.stat + "_statmap", map.values, writer.type(), json);
  }
}

}  // namespace sociometer::cli
