#include "cli/jobs/group/group_models.hpp"

#include <fmt/format.h>

#include "cli/jobs/group/group_values.hpp"
#include "engine/core/error.hpp"
#include "engine/group/group_analysis.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {
namespace {

using Eigen::Index;

/// In the order of the effects; lists their files.
std::shared_ptr<const GroupData> read_variances(const std::vector<std::string>& paths,
                                                GroupInputs& inputs, const Session& session) {
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
  const ReadMaps read = read_group_values(files, inputs.mask, nullptr, inputs.memory,
                                          inputs.scratch, inputs.data->in_memory(), session);
  inputs.files.insert(inputs.files.end(), read.files.begin(), read.files.end());
  inputs.read.add(read.files);
  // The errors of the two maps of a difference are independent, so their variances add up.
  return paired_values(read.data, pairs_of(inputs.rows), 1);
}

ModelMap model_map(const char* stat, const std::string& description, Eigen::MatrixXd values) {
  return {stat, description, std::move(values)};
}

/// Adds what the method says in records, and its own maps.
void describe(const GroupModelPlan& plan, const GroupFit& engine, GroupModelFit& fit) {
  GroupMethodRecord& record = fit.record;
  if (plan.method == GroupMethod::ols) {
    record.variance_groups =
        plan.variance_groups.empty()
            ? "one"
            : "as given: variance of the least-squares effect, Satterthwaite's "
              "degrees of freedom; shuffles compare z of Welch's v";
    return;
  }
  if (plan.method == GroupMethod::robust) {
    record.huber_k = plan.huber_k;
    record.scale = "median absolute residual / 0.6745";
    fit.maps.push_back(
        model_map("scale", "robust standard deviation of the residuals", engine.scale));
    fit.maps.push_back(
        model_map("leastweight", "smallest weight of a participant", engine.least_weight));
    return;
  }
  record.first_level_variances = "known";
  fit.maps.push_back(model_map("q", "Cochran's Q of the fixed-effects fit", engine.q));
  if (plan.method == GroupMethod::fixed) {
    record.dof = "infinite";
    return;
  }
  record.between_variance = name_of(plan.between);
  record.knapp_hartung = plan.knapp_hartung;
  fit.maps.push_back(
      model_map("tau2",
                "between-participant variance" +
                    std::string(engine.tau2.rows() > 1 ? ", one volume per variance group" : ""),
                engine.tau2.transpose()));
  fit.maps.push_back(
      model_map("i2", "share of the between-participant variance in the total, I2", engine.i2));
}

}  // namespace

GroupModelFit fit_group_model(const GroupRequest& a, GroupInputs& inputs, const Session& session) {
  GroupModelPlan plan;
  plan.method = a.model.method;
  plan.between = a.model.between;
  plan.knapp_hartung = a.model.knapp_hartung;
  plan.huber_k = a.model.huber_k;
  plan.variance_groups = inputs.variance_groups;
  plan.min_participants = inputs.min_participants;
  plan.memory = inputs.memory;
  plan.n_threads = session.threads;
  std::shared_ptr<const GroupData> variances;
  if (takes_variances(plan.method)) {
    const auto& paths = a.maps.variances.empty() ? inputs.variances : a.maps.variances;
    check_variance_pairs(inputs.effects, paths, a.maps.allow_statistics);
    variances = read_variances(paths, inputs, session);
  }
  GroupFit fitted = fit_group(*inputs.data, variances.get(), inputs.design, inputs.contrasts, plan);
  if (variances) inputs.data = usable_effects(inputs.data, variances);
  if (fitted.n_unusable_effects > 0)
    session.journal.warn(
        fmt::format("{} effects in {} voxels have a variance that is zero, negative or not "
                    "finite: those participants are left out of those voxels",
                    fitted.n_unusable_effects, fitted.n_unusable_voxels));
  GroupModelFit fit;
  describe(plan, fitted, fit);
  fit.contrasts = std::move(fitted.contrasts);
  return fit;
}

void add_model_maps(MapWriter& writer, const GroupNaming& naming, const GroupModelFit& fit,
                    const GroupFacts& facts) {
  for (const ModelMap& map : fit.maps)
    writer.add(naming.model() + "stat-" + map.stat + "_statmap", map.values, writer.type(),
               GroupMapRecord::of(map.description, facts));
}

}  // namespace sociometer::jobs
