#include "cli/jobs/report/participant_data.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "engine/core/masked_values.hpp"
#include "engine/simulate/confounds.hpp"
#include "engine/stats/finite_values.hpp"
#include "engine/stats/quantiles.hpp"
#include "io/report/data_pictures.hpp"
#include "io/report/figures_in_text.hpp"
#include "io/report/page.hpp"

namespace sociometer::jobs {
namespace {

/// Measures of the data that are shown as maps, with their units.
struct DataMeasure {
  const char *statistic, *title, *unit;
  bool root = false;               ///< the square root of what is stored: a variance
  const char* saved_by = nullptr;  ///< a page without it says so, and names this word of --save
};
constexpr DataMeasure kMeasures[] = {
    {"tsnr", "Temporal signal-to-noise ratio", "tSNR", false, "tsnr"},
    {"residualvariance", "Residual standard deviation", "standard deviation", true,
     "residual-variance"},
    {"rsquared", "Variance that the design explains", "R squared"},
    {"mean", "Mean over scans", "signal"}};

const DataMeasure* measure_of(const std::string& name) {
  for (const DataMeasure& measure : kMeasures)
    if (name.ends_with(std::string("stat-") + measure.statistic)) return &measure;
  return nullptr;
}

/// "Residual standard deviation, run-1" of "run-1_stat-residualvariance".
std::string title_of(const DataMeasure& measure, const std::string& name) {
  const std::string run = name.substr(0, name.find("stat-"));
  return measure.title + (run.empty() ? "" : ", " + run.substr(0, run.size() - 1));
}

/// The values of a volume at the voxels of the mask, or all without one.
Eigen::VectorXd values_of(const ParticipantAnalysis& one, const Image& image, Eigen::Index volume,
                          const DataMeasure* measure) {
  Eigen::VectorXd values = image.values.col(volume);
  if (one.mask && !one.mask->mask.voxels.empty() && one.mask->mask.grid.n_voxels() == values.size())
    values = values_at(one.mask->mask, values);
  return measure && measure->root ? standard_deviations(values) : values;
}

Html status_table(const ParticipantAnalysis& one) {
  HtmlTable table;
  table.id = one.id + "-status";
  table.caption = "Voxels of the mask by how they were fitted";
  table.file_name = "voxel_status.tsv";
  table.columns = {{"status", false, ""}, {"voxels", true, ""}};
  for (const auto& [status, n] : one.found->fit->voxel_status)
    table.rows.push_back({{status, "", {}, {}}, number_cell(double(n), 0)});
  return html_table(table);
}

void add_measure(HtmlTable& table, const std::string& name, const std::string& path,
                 ParticipantAnalysis& one) {
  const Image& image = shown_image(one, path);
  constexpr Eigen::Index kMostVolumes = 12;  // more are series
  if (image.header.n_volumes > kMostVolumes) return;
  const DataMeasure* measure = measure_of(name);
  const std::string words = measure ? fmt::format("{} ({}{})", title_of(*measure, name),
                                                  measure->root ? "root of " : "", name)
                                    : name;
  for (Eigen::Index v = 0; v < image.values.cols(); ++v) {
    const SpreadOfValues spread = spread_of(values_of(one, image, v, measure));
    table.rows.push_back(
        {{image.values.cols() == 1 ? words : fmt::format("{} [{}]", words, v + 1), "", {}, {}},
         number_cell(spread.p5, -4),
         number_cell(spread.median, -4),
         number_cell(spread.p95, -4),
         number_cell(double(spread.n), 0)});
  }
}

/// Medians and percentiles of what fit saved of the data.
Html measures(ParticipantAnalysis& one, Warnings& faults) {
  HtmlTable table;
  table.id = one.id + "-measures";
  table.caption = "Measures of the data over the voxels of the mask";
  table.file_name = "data_measures.tsv";
  table.columns = {{"measure", false, ""},
                   {"p5", true, "5th percentile over voxels"},
                   {"median", true, ""},
                   {"p95", true, "95th percentile over voxels"},
                   {"voxels", true, "with a value"}};
  for (const auto& [name, path] : one.found->maps) {
    if (name == "mask" || name.ends_with("stat-status") || name.ends_with("stat-betas")) continue;
    attempt(faults, [&, map = name, file = path] {
      add_measure(table, map, file, one);
      return true;
    });
  }
  return table.rows.empty() ? Html() : html_table(table);
}

/// What is not there although readers look for it, and how to have it.
Html missing_measures(const ParticipantAnalysis& one) {
  Html out;
  for (const DataMeasure& measure : kMeasures) {
    if (!measure.saved_by) continue;
    const auto& maps = one.found->maps;
    if (std::any_of(maps.begin(), maps.end(),
                    [&](const auto& map) { return measure_of(map.first) == &measure; }))
      continue;
    out += html_missing(fmt::format(
        "{} is not shown, as fit did not save it: fit --save {}, or \"Save\": [\"{}\"] among a "
        "model's settings.",
        measure.title, measure.saved_by, measure.saved_by));
  }
  return out;
}

Html data_map(ParticipantAnalysis& one, const std::string& name, const std::string& path,
              const DataMeasure& measure) {
  const Image& image = shown_image(one, path);
  const Mask& mask = one.anatomy->mask;
  require_same_grid(image.header.grid, path, mask.grid, "the mask");
  const Eigen::VectorXd stored = values_at(mask, image.values.col(0));
  DataMap map;
  map.title = title_of(measure, name);
  map.values = on_grid(mask, measure.root ? standard_deviations(stored) : stored);
  map.unit = measure.unit;
  const std::string id = one.id + "-" + html_id(name);
  return html_figure(id, draw_data_map(map, *one.anatomy, id + "-map"), "Slices of " + map.title,
                     map.title + ".");
}

Html data_maps(ParticipantAnalysis& one, Warnings& faults) {
  Html out;
  if (!one.anatomy) return out;
  for (const auto& [name, path] : one.found->maps)
    if (const DataMeasure* measure = measure_of(name))
      attempt(faults, [&, map = name, file = path] {
        out += data_map(one, map, file, *measure);
        return true;
      });
  return out;
}

/// The six motion parameters of a design that has them as confounds: (n_scans, 6), mm and radians
/// as fMRIPrep writes them.
std::optional<Eigen::MatrixXd> motion_in(const ReportedDesign& design) {
  static constexpr const char* kNames[] = {"trans_x", "trans_y", "trans_z",
                                           "rot_x",   "rot_y",   "rot_z"};
  Eigen::MatrixXd motion(design.values.rows(), 6);
  if (motion.rows() == 0) return std::nullopt;
  for (int k = 0; k < 6; ++k) {
    const auto& columns = design.record.design.columns;
    const auto at =
        std::find_if(columns.begin(), columns.end(),
                     [name = kNames[k]](const auto& column) { return column.name == name; });
    if (at == columns.end()) return std::nullopt;
    motion.col(k) = design.values.col(at - columns.begin());
  }
  return motion;
}

Html motion_figure(const ParticipantAnalysis& one) {
  const std::vector<MotionTrace> traces = motion_traces(one);
  if (traces.empty())
    return html_missing(
        "Motion is not shown: the design has no columns trans_x .. rot_z to take it from.");
  const std::string id = one.id + "-motion";
  return html_figure(id, draw_motion(traces, id + "-picture"), "Framewise displacement over time",
                     "Framewise displacement (Power et al. 2012), from the motion parameters "
                     "among the confounds of the design.");
}

}  // namespace

const Image& shown_image(ParticipantAnalysis& analysis, const std::string& path) {
  const auto at = analysis.shown.find(path);
  if (at != analysis.shown.end()) return at->second;
  return analysis.shown.emplace(path, read_nifti(path)).first->second;
}

std::vector<MotionTrace> motion_traces(const ParticipantAnalysis& analysis) {
  std::vector<MotionTrace> traces;
  for (const auto& design : analysis.designs) {
    const auto motion = motion_in(design);
    if (!motion) continue;
    MotionTrace trace;
    trace.title = design.title;
    trace.tr_s = design.tr_s;
    trace.framewise_displacement_mm = framewise_displacement(*motion);
    traces.push_back(std::move(trace));
  }
  return traces;
}

Html data_parts(ParticipantAnalysis& one, Warnings& faults) {
  Html out;
  if (one.found->fit) out += status_table(one);
  out += measures(one, faults);
  out += missing_measures(one);
  out += data_maps(one, faults);
  out += motion_figure(one);
  return out;
}

}  // namespace sociometer::jobs
