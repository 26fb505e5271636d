#include "cli/jobs/group/group_models.hpp"

#include <cmath>
#include <limits>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/group/group_values.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/group/mixed_effects.hpp"
#include "engine/group/robust.hpp"
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
  return values_of_rows(read_group_values(files, inputs.mask, nullptr, inputs.memory,
                                          inputs.data->in_memory(), n_threads),
                        inputs.rows, 1);
}

/// Effects without those that have no variance to weigh them by: they are no values.
class UsableEffects : public GroupData {
 public:
  UsableEffects(std::shared_ptr<const GroupData> effects,
                std::shared_ptr<const GroupData> variances)
      : effects_(std::move(effects)), variances_(std::move(variances)) {}
  Index n_participants() const override { return effects_->n_participants(); }
  Index n_voxels() const override { return effects_->n_voxels(); }
  GroupBlock block(Index first, Index n, Eigen::MatrixXd& space) const override {
    Eigen::MatrixXd own, of_variances;
    const GroupBlock variances = variances_->block(first, n, of_variances);
    space = effects_->block(first, n, own);
    for (Index v = 0; v < n; ++v)
      for (Index i = 0; i < space.rows(); ++i)
        if (!(std::isfinite(variances(i, v)) && variances(i, v) > 0))
          space(i, v) = std::numeric_limits<double>::quiet_NaN();
    return {space.data(), space.rows(), n, Eigen::OuterStride<>(space.rows())};
  }

 private:
  std::shared_ptr<const GroupData> effects_, variances_;
};

/// Counts the effects of a block that are there in `all` and not among the usable.
struct UnusableCount {
  Index values = 0, voxels = 0;
  void add(const GroupBlock& all, const GroupBlock& usable) {
    for (Index v = 0; v < all.cols(); ++v) {
      const Index here =
          all.col(v).array().isFinite().count() - usable.col(v).array().isFinite().count();
      values += here;
      voxels += here > 0;
    }
  }
  void warn() const {
    if (values > 0)
      cli::warn(
          fmt::format("{} effects in {} voxels have a variance that is zero, negative or not "
                      "finite: those participants are left out of those voxels",
                      values, voxels));
  }
};

/// Calls fit(first voxel, number of voxels) for all voxels, a block after the other.
/// @param copies  of a block's values that are in memory together.
template <typename Fit>
void for_blocks(const GroupInputs& inputs, double copies, double bytes_per_thread, int threads,
                const Fit& fit) {
  const double column = 8 * double(inputs.data->n_participants());
  const Index block = inputs.memory.block_size(copies * column, threads * bytes_per_thread,
                                               "a block of voxels takes");
  const Index n = inputs.data->n_voxels();
  for (Index first = 0; first < n; first += block) fit(first, std::min(block, n - first));
}

std::vector<Eigen::MatrixXd> contrast_rows(const GroupInputs& inputs) {
  std::vector<Eigen::MatrixXd> rows;
  for (const auto& contrast : inputs.contrasts) rows.push_back(contrast.rows);
  return rows;
}

GroupModelFit fit_least_squares(const GroupInputs& inputs, int n_threads) {
  GroupModelFit fit;
  fit.contrasts.resize(inputs.contrasts.size());
  const Index n_voxels = inputs.data->n_voxels();
  const double thread = 8.0 * 3 * double(kGroupBlock * inputs.data->n_participants());
  const int threads = inputs.memory.threads(thread, n_threads);
  Eigen::MatrixXd space;
  for_blocks(inputs, 1, thread, threads, [&](Index first, Index n) {
    const GroupBlock values = inputs.data->block(first, n, space);
    const auto patterns = presence_patterns(values, inputs.min_participants);
    for (size_t c = 0; c < inputs.contrasts.size(); ++c) {
      const GroupContrast& contrast = inputs.contrasts[c];
      const GroupMaps maps = inputs.variance_groups.empty()
                                 ? fit_ols(values, patterns, inputs.design, contrast, threads)
                                 : fit_variance_groups(values, patterns, inputs.design, contrast,
                                                       inputs.variance_groups, threads);
      put_block(fit.contrasts[c], maps, first, n_voxels);
    }
  });
  fit.json["VarianceGroups"] =
      inputs.variance_groups.empty()
          ? "one"
          : "as given: variance of the least-squares effect, Satterthwaite's "
            "degrees of freedom; shuffles compare z of Welch's v";
  return fit;
}

GroupModelFit fit_known_variances(const GroupModelArguments& a, GroupInputs& inputs,
                                  int n_threads) {
  const auto variances = read_variances(a.variances, inputs, n_threads);
  const auto effects = inputs.data;
  inputs.data = std::make_shared<UsableEffects>(effects, variances);
  MixedOptions options;
  options.between = a.method == "fixed"   ? BetweenVariance::none
                    : a.between == "reml" ? BetweenVariance::reml
                                          : BetweenVariance::dersimonian_laird;
  options.knapp_hartung = a.knapp_hartung;
  options.variance_groups = inputs.variance_groups;
  options.min_participants = inputs.min_participants;
  options.n_threads = n_threads;
  options.finish = false;
  const Index n_voxels = effects->n_voxels();
  MixedEffectsMaps maps(0, 0, 0, {});
  UnusableCount unusable;
  Eigen::MatrixXd space_all, space_usable, space_variances;
  for_blocks(inputs, 5, 0, n_threads, [&](Index first, Index n) {
    const GroupBlock usable = inputs.data->block(first, n, space_usable);
    unusable.add(effects->block(first, n, space_all), usable);
    const MixedEffectsMaps part =
        fit_mixed_effects(usable, variances->block(first, n, space_variances), inputs.design.values,
                          contrast_rows(inputs), options);
    maps.put(part, first, n_voxels);
    put_voxels(maps.tau2, part.tau2, first, n_voxels);
    put_voxels(maps.q, part.q, first, n_voxels);
    put_voxels(maps.i2, part.i2, first, n_voxels);
  });
  unusable.warn();
  maps.finish();
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
  options.finish = false;
  const Index n_voxels = inputs.data->n_voxels();
  RobustMaps maps;
  Eigen::MatrixXd space;
  for_blocks(inputs, 1, 0, n_threads, [&](Index first, Index n) {
    const RobustMaps part = fit_robust(inputs.data->block(first, n, space), inputs.design.values,
                                       contrast_rows(inputs), options);
    maps.put(part, first, n_voxels);
    put_voxels(maps.scale, part.scale, first, n_voxels);
    put_voxels(maps.least_weight, part.least_weight, first, n_voxels);
  });
  maps.finish();
  GroupModelFit fit;
  fit.contrasts = std::move(maps.contrasts);
  fit.json["HuberK"] = a.huber_k;
  fit.json["Scale"] = "median absolute residual / 0.6745";
  fit.maps.push_back({"scale", "robust standard deviation of the residuals", maps.scale});
  fit.maps.push_back({"leastweight", "smallest weight of a participant", maps.least_weight});
  return fit;
}

}  // namespace

bool takes_variances(const std::string& method) { return method == "mixed" || method == "fixed"; }

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
  static const std::set<std::string> known{"ols", "mixed", "fixed", "robust"};
  if (!known.count(a.method))
    fail(ErrorCode::usage, "unknown --method '{}'; known: ols, mixed, fixed, robust", a.method);
  if (takes_variances(a.method) && a.variances.empty() && !variances_beside_effects)
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

GroupModelFit fit_group_model(GroupModelArguments a, bool allow_statistics, GroupInputs& inputs,
                              int n_threads) {
  if (takes_variances(a.method)) {
    if (a.variances.empty()) a.variances = inputs.variances;
    check_variance_pairs(inputs.effects, a.variances, allow_statistics);
    for (const std::string& path : a.variances)
      inputs.files.push_back(
          {{"Path", path}, {"XXH3", input_file("", checksum_of_file(path)).checksum}});
  }
  if (a.method == "robust" && !inputs.variance_groups.empty())
    fail(ErrorCode::usage, "--method robust has no variance groups; leave --variance-groups out");
  if (a.method == "ols") return fit_least_squares(inputs, n_threads);
  if (a.method == "robust") return fit_huber(a, inputs, n_threads);
  return fit_known_variances(a, inputs, n_threads);
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
