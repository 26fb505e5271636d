#include "cli/group_models.hpp"

#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "cli/log.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/group/mixed_effects.hpp"
#include "engine/group/robust.hpp"
#include "io/byte_stream.hpp"
#include "io/nifti.hpp"

namespace sociometer::cli {
namespace {

using Eigen::Index;

bool takes_variances(const std::string& method) { return method == "mixed" || method == "fixed"; }

std::string participant_of(const std::string& path) {
  const auto at = path.rfind("sub-");
  if (at == std::string::npos) return "";
  return path.substr(at, path.find_first_of("_/.", at) - at);
}

/// Variance maps pair with effect maps by their order; labels in the paths must not say otherwise.
void check_pairs(const std::vector<std::string>& effects,
                 const std::vector<std::string>& variances) {
  if (effects.size() != variances.size())
    fail(ErrorCode::shape_mismatch,
         "--effects has {} files, --variances {}; give one variance map per effect map, in the "
         "same order",
         effects.size(), variances.size());
  std::set<std::string> seen;
  for (size_t i = 0; i < effects.size(); ++i) {
    if (!seen.insert(variances[i]).second)
      fail(ErrorCode::bad_input, "{} is listed twice in --variances; give each map once",
           variances[i]);
    const std::string a = participant_of(effects[i]), b = participant_of(variances[i]);
    if (!a.empty() && !b.empty() && a != b)
      fail(ErrorCode::bad_input,
           "variance map {} is {} ({}) but effect map {} is {} ({}); give both in the same order",
           i + 1, b, variances[i], i + 1, a, effects[i]);
  }
}

/// (n_participants, n_voxels), in the order of the effects.
Eigen::MatrixXd read_variances(const std::vector<std::string>& paths, const GroupInputs& inputs,
                               int n_threads) {
  std::vector<Index> first_row;
  Index rows = 0;
  for (const std::string& path : paths) {
    const NiftiHeader header = read_nifti_header(path);
    require_same_grid(inputs.mask.grid, inputs.names[0], header.grid, path);
    first_row.push_back(rows);
    rows += header.n_volumes;
  }
  if (rows != inputs.values.rows())
    fail(ErrorCode::shape_mismatch, "--variances have {} volumes for {} effect maps", rows,
         inputs.values.rows());
  Eigen::MatrixXd out(rows, inputs.mask.n_voxels());
  parallel_for(Index(paths.size()), n_threads, [&](Index f) {
    const Eigen::MatrixXd values =
        read_nifti(paths[size_t(f)]).values(inputs.mask.voxels, Eigen::all);
    out.middleRows(first_row[size_t(f)], values.cols()) = values.transpose();
  });
  return out;
}

/// An effect without a variance to weigh it by is no value: it is taken out and counted.
void take_out_unusable(const Eigen::MatrixXd& variances, GroupInputs& inputs) {
  Index values = 0, voxels = 0;
  for (Index v = 0; v < variances.cols(); ++v) {
    Index here = 0;
    for (Index i = 0; i < variances.rows(); ++i) {
      if (!std::isfinite(inputs.values(i, v))) continue;
      if (std::isfinite(variances(i, v)) && variances(i, v) > 0) continue;
      inputs.values(i, v) = std::numeric_limits<double>::quiet_NaN();
      ++here;
    }
    values += here;
    voxels += here > 0;
  }
  if (values > 0)
    warn(
        fmt::format("{} effects in {} voxels have a variance that is zero, negative or not "
                    "finite: those participants are left out of those voxels",
                    values, voxels));
}

std::vector<Eigen::MatrixXd> contrast_rows(const GroupInputs& inputs) {
  std::vector<Eigen::MatrixXd> rows;
  for (const auto& contrast : inputs.contrasts) rows.push_back(contrast.rows);
  return rows;
}

GroupModelFit fit_least_squares(const GroupInputs& inputs, int n_threads) {
  GroupModelFit fit;
  const auto patterns = presence_patterns(inputs.values, inputs.min_participants);
  for (const auto& contrast : inputs.contrasts)
    fit.contrasts.push_back(
        inputs.variance_groups.empty()
            ? fit_ols(inputs.values, patterns, inputs.design, contrast, n_threads)
            : fit_variance_groups(inputs.values, patterns, inputs.design, contrast,
                                  inputs.variance_groups, n_threads));
  fit.json["VarianceGroups"] = inputs.variance_groups.empty()
                                   ? "one"
                                   : "as given: Welch's v, Satterthwaite's degrees of freedom";
  return fit;
}

GroupModelFit fit_known_variances(const GroupModelArguments& a, GroupInputs& inputs,
                                  int n_threads) {
  const Eigen::MatrixXd variances = read_variances(a.variances, inputs, n_threads);
  take_out_unusable(variances, inputs);
  MixedOptions options;
  options.between = a.method == "fixed"   ? BetweenVariance::none
                    : a.between == "reml" ? BetweenVariance::reml
                                          : BetweenVariance::dersimonian_laird;
  options.knapp_hartung = a.knapp_hartung;
  options.variance_groups = inputs.variance_groups;
  options.min_participants = inputs.min_participants;
  options.n_threads = n_threads;
  MixedEffectsMaps maps = fit_mixed_effects(inputs.values, variances, inputs.design.values,
                                            contrast_rows(inputs), options);
  GroupModelFit fit;
  fit.contrasts = std::move(maps.contrasts);
  fit.json["FirstLevelVariances"] = "known";
  fit.maps.push_back({"q", "Cochran's Q of the fixed-effects fit", maps.q});
  if (a.method == "fixed") {
    fit.json["DegreesOfFreedom"] = "infinite";
    return fit;
  }
  fit.json["BetweenVariance"] = a.between;
  fit.json["KnappHartung"] = a.knapp_hartung;
  fit.maps.push_back(
      {"tau2",
       "between-participant variance" +
           std::string(maps.tau2.rows() > 1 ? ", one volume per variance group" : ""),
       maps.tau2.transpose()});
  fit.maps.push_back({"i2", "share of the between-participant variance in the total, I2", maps.i2});
  return fit;
}

GroupModelFit fit_huber(const GroupModelArguments& a, const GroupInputs& inputs, int n_threads) {
  RobustOptions options;
  options.tuning = a.huber_k;
  options.min_participants = inputs.min_participants;
  options.n_threads = n_threads;
  RobustMaps maps = fit_robust(inputs.values, inputs.design.values, contrast_rows(inputs), options);
  GroupModelFit fit;
  fit.contrasts = std::move(maps.contrasts);
  fit.json["HuberK"] = a.huber_k;
  fit.json["Scale"] = "median absolute residual / 0.6745";
  fit.maps.push_back({"scale", "robust standard deviation of the residuals", maps.scale});
  fit.maps.push_back({"leastweight", "smallest weight of a participant", maps.least_weight});
  return fit;
}

}  // namespace

void add_group_model_options(CLI::App& c, GroupModelArguments& a) {
  c.add_option("--method", a.method,
               "ols; mixed (first-level variances known, variance between participants estimated); "
               "fixed (the same without variance between participants); robust (Huber)")
      ->capture_default_str();
  c.add_option("--variances", a.variances,
               "First-level variance maps in the order of the effects, for mixed and fixed");
  c.add_option("--between-variance", a.between,
               "Estimator of the variance between participants: reml or dersimonian-laird")
      ->capture_default_str();
  c.add_flag("--knapp-hartung", a.knapp_hartung,
             "mixed: scale variances by the weighted residuals (3dMEMA's default)");
  c.add_option("--huber-k", a.huber_k, "robust: tuning constant")->capture_default_str();
}

void check_group_model_options(const GroupModelArguments& a) {
  static const std::set<std::string> known{"ols", "mixed", "fixed", "robust"};
  if (!known.count(a.method))
    fail(ErrorCode::usage, "unknown --method '{}'; known: ols, mixed, fixed, robust", a.method);
  if (takes_variances(a.method) && a.variances.empty())
    fail(ErrorCode::usage, "--method {} needs first-level variances; give --variances", a.method);
  if (!takes_variances(a.method) && !a.variances.empty())
    fail(ErrorCode::usage,
         "--method {} does not use --variances; take mixed or fixed, or leave "
         "them out",
         a.method);
  if (a.between != "reml" && a.between != "dersimonian-laird")
    fail(ErrorCode::usage, "unknown --between-variance '{}'; known: reml, dersimonian-laird",
         a.between);
  if (a.method != "mixed" && (a.knapp_hartung || a.between != "reml"))
    fail(ErrorCode::usage,
         "--knapp-hartung and --between-variance belong to --method mixed, not {}", a.method);
  if (!(a.huber_k > 0) || !std::isfinite(a.huber_k))
    fail(ErrorCode::usage, "--huber-k is {}; it must be positive", a.huber_k);
}

GroupModelFit fit_group_model(const GroupModelArguments& a,
                              const std::vector<std::string>& effect_paths, GroupInputs& inputs,
                              int n_threads) {
  if (takes_variances(a.method)) {
    check_pairs(effect_paths, a.variances);
    for (const std::string& path : a.variances)
      inputs.files.push_back(
          {{"Path", path}, {"CRC32", input_file("", crc32_of_file(path)).crc32}});
  }
  if (a.method == "robust" && !inputs.variance_groups.empty())
    fail(ErrorCode::usage, "--method robust has no variance groups; leave --variance-groups out");
  if (a.method == "ols") return fit_least_squares(inputs, n_threads);
  if (a.method == "robust") return fit_huber(a, inputs, n_threads);
  return fit_known_variances(a, inputs, n_threads);
}

void add_model_maps(MapWriter& writer, const GroupModelFit& fit, const Json& model) {
  for (const ModelMap& map : fit.maps) {
    Json json;
    json["Description"] = map.description;
    for (const auto& [key, value] : model.items()) json[key] = value;
    writer.add("stat-" + map.stat + "_statmap", map.values, writer.type(), json);
  }
}

}  // namespace sociometer::cli
