#include "cli/jobs/models/checked_runs.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/jobs/first_level/fit_request.hpp"
#include "engine/core/error.hpp"
#include "engine/glm/noise_model.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

/// What `fit` would refuse of a design that can be made; empty if nothing.
std::string why_unfittable(const StatsNode& node, const StudyRun& run, const ScanTiming& timing,
                           const ModelDesign& design) {
  if (run.header && run.header->n_volumes != timing.n_scans)
    return fmt::format("{} has {} rows, {} has {} volumes; they are not of the same run",
                       run.files.confounds, timing.n_scans, run.files.bold, run.header->n_volumes);
  const EstimableSpace space(design.design.values);
  const NoiseModel assumed =
      node.settings.trials ? default_series_noise_model() : default_noise_model();
  const int lost = node.settings.noise_model.value_or(assumed).lost_dof();
  if (space.rank() + lost >= timing.n_scans)
    return fmt::format(
        "its {} scans are too few for {} independent columns and {} noise parameters ({}); leave "
        "the run out",
        timing.n_scans, space.rank(), lost, run.files.bold);
  return "";
}

CheckedRun check_run(const StatsNode& node, const StudyRun& run) {
  CheckedRun out;
  out.label = run.files.run_label();
  out.participant = run.files.label("sub");
  out.problem = run.problem;
  if (!out.problem.empty()) return out;
  try {
    const RunTables t = read_run_tables(run);
    out.has_events = t.events.has_value();
    out.has_confounds = t.confounds.has_value();
    out.design = run_design(node, RunVariables(t.events, t.confounds), t.timing);
    out.problem = why_unfittable(node, run, t.timing, out.design);
  } catch (const Error& error) {
    out.problem = error.what();
  }
  return out;
}

void resolve_contrasts(const StatsNode& node, CheckedNode& out) {
  std::vector<ModelDesign> designs;
  std::vector<std::vector<std::string>> columns;
  std::vector<EstimableSpace> spaces;
  for (size_t r : out.designed) {
    const ModelDesign& design = out.runs[r].design;
    designs.push_back(design);
    columns.push_back(design.design.names);
    spaces.emplace_back(design.design.values);
  }
  out.columns = known_columns(node, designs);
  for (const auto& name : out.columns)
    for (const auto& design : designs)
      if (const auto j = design.design.find(name); j >= 0) {
        out.roles.push_back(design.design.roles[size_t(j)]);
        break;
      }
  ModelNotes notes;  // reported by the survey
  for (const auto& contrast : run_contrasts(node, designs, out.columns, notes))
    out.contrasts.push_back(resolve_contrast(contrast.spec, columns, spaces));
}

std::string why_missing(ColumnRole role, const CheckedRun& run) {
  switch (role) {
    case ColumnRole::task:
      return run.has_events ? "no such event or value in this run" : "the run has no events table";
    case ColumnRole::confound:
      return run.has_confounds ? "not among the run's confounds" : "the run has no confounds table";
    case ColumnRole::drift:
      return "the run is shorter than others";
    case ColumnRole::constant:
    case ColumnRole::given:
      break;
  }
  return "not in this run";
}

std::string number_text(double value) { return fmt::format("{:.6g}", value == 0 ? 0. : value); }

/// A row of a contrast: "any" or, if it has several rows, "any[2]".
std::string row_name(const ResolvedContrast& contrast, size_t row) {
  return contrast.spec.rows.size() == 1 ? contrast.spec.name
                                        : fmt::format("{}[{}]", contrast.spec.name, row + 1);
}

/// Cells of a block: a line per column of the design, a column per row of a contrast.
struct Block {
  std::vector<std::string> heads;               ///< names of contrasts
  std::vector<std::string> names;               ///< of the design's columns
  std::vector<std::vector<std::string>> cells;  ///< [line][head]
  std::vector<std::string> reasons;             ///< per line
  std::vector<std::string> refused;             ///< contrasts of this run, with the reason
};

/// @param d  position among the runs that have a design.
Block block_of(const CheckedNode& node, size_t d) {
  const CheckedRun& run = node.runs[node.designed[d]];
  Block block;
  for (const auto& contrast : node.contrasts) {
    for (size_t i = 0; i < contrast.spec.rows.size(); ++i)
      block.heads.push_back(row_name(contrast, i));
    if (!contrast.usable_in(d))
      block.refused.push_back(contrast.spec.name + ": n/a: " + contrast.why_not[d]);
  }
  for (size_t j = 0; j < node.columns.size(); ++j) {
    if (node.roles[j] == ColumnRole::drift) continue;
    const Eigen::Index at = run.design.design.find(node.columns[j]);
    std::vector<std::string> line;
    for (const auto& contrast : node.contrasts)
      for (size_t i = 0; i < contrast.spec.rows.size(); ++i) {
        const bool there =
            at >= 0 && contrast.usable_in(d) && Eigen::Index(i) < contrast.rows[d].rows();
        line.push_back(there ? number_text(contrast.rows[d](Eigen::Index(i), at)) : "n/a");
      }
    block.names.push_back(node.columns[j]);
    block.cells.push_back(std::move(line));
    block.reasons.push_back(at < 0 ? why_missing(node.roles[j], run) : "");
  }
  return block;
}

/// Aligned; contrasts that do not fit beside each other follow below.
std::string block_text(const Block& block) {
  constexpr size_t kWidth = 100;
  size_t first = 6;
  for (const auto& name : block.names) first = std::max(first, name.size());
  std::string text;
  size_t from = 0;
  do {
    size_t to = from, used = first + 2;
    while (to < block.heads.size() &&
           (to == from || used + std::max<size_t>(5, block.heads[to].size()) + 2 <= kWidth))
      used += std::max<size_t>(5, block.heads[to++].size()) + 2;
    std::string head = fmt::format("  {:<{}}", "column", first);
    for (size_t h = from; h < to; ++h)
      head += fmt::format("  {:>{}}", block.heads[h], std::max<size_t>(5, block.heads[h].size()));
    text += head + "\n";
    for (size_t i = 0; i < block.names.size(); ++i) {
      std::string line = fmt::format("  {:<{}}", block.names[i], first);
      for (size_t h = from; h < to; ++h)
        line +=
            fmt::format("  {:>{}}", block.cells[i][h], std::max<size_t>(5, block.heads[h].size()));
      text += line + (block.reasons[i].empty() ? "" : "  " + block.reasons[i]) + "\n";
    }
    from = to;
  } while (from < block.heads.size());
  for (const auto& line : block.refused) text += "  " + line + "\n";
  return text;
}

std::string count_of(size_t n) { return n == 1 ? "1 run" : fmt::format("{} runs", n); }

}  // namespace

CheckedNode check_runs(const StatsNode& node, const std::vector<StudyRun>& runs) {
  CheckedNode out;
  out.node = node.name;
  for (const auto& run : runs) {
    out.runs.push_back(check_run(node, run));
    if (out.runs.back().problem.empty()) out.designed.push_back(out.runs.size() - 1);
  }
  if (out.designed.empty()) return out;
  try {
    resolve_contrasts(node, out);
  } catch (const Error& error) {
    out.refusal = error.what();
    out.contrasts.clear();
  }
  return out;
}

std::vector<std::string> inestimable_contrasts(const CheckedNode& node,
                                               const std::set<std::string>& left_out) {
  std::vector<std::string> people, lines;
  for (size_t r : node.designed) {
    const std::string& person = node.runs[r].participant;
    if (!left_out.contains(person) && (people.empty() || people.back() != person))
      people.push_back(person);
  }
  for (const auto& contrast : node.contrasts) {
    if (!contrast.usable()) continue;  // nobody's: a warning says so
    for (const auto& person : people) {
      std::string why;
      bool any = false;
      for (size_t d = 0; d < node.designed.size(); ++d) {
        if (node.runs[node.designed[d]].participant != person) continue;
        any |= contrast.usable_in(d);
        if (why.empty()) why = contrast.why_not[d];
      }
      if (!any)
        lines.push_back(
            fmt::format("sub-{}: node '{}', contrast {}: can be estimated in none of "
                        "the participant's runs: {}",
                        person, node.node, contrast.spec.name, why));
    }
  }
  return lines;
}

std::string weights_text(const CheckedNode& node, size_t most_kinds) {
  std::string text;
  std::map<std::string, std::vector<size_t>> runs_of;  // runs by their block
  std::vector<std::string> order;
  for (size_t d = 0; d < node.designed.size() && node.refusal.empty(); ++d) {
    const std::string block = block_text(block_of(node, d));
    if (!runs_of.contains(block)) order.push_back(block);
    runs_of[block].push_back(node.designed[d]);
  }
  for (size_t k = 0; k < order.size(); ++k) {
    const auto& runs = runs_of.at(order[k]);
    if (k == most_kinds) {
      text += fmt::format("Node '{}': {} more kinds of runs\n", node.node, order.size() - k);
      break;
    }
    const std::string first = node.runs[runs.front()].label;
    text += fmt::format("Node '{}', {} of {}{}{}:\n{}", node.node, runs.size(),
                        count_of(node.runs.size()),
                        runs.size() == node.runs.size() ? ", all like "
                        : runs.size() > 1               ? ", as "
                                                        : ", ",
                        first, order[k]);
  }
  return text;
}

std::string columns_tsv(const CheckedNode& node) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : node.runs) {
    if (!run.problem.empty()) {
      rows.push_back({run.label, "n/a", "n/a", "n/a", run.problem});
      continue;
    }
    for (size_t j = 0; j < node.columns.size(); ++j) {
      const bool there = run.design.design.find(node.columns[j]) >= 0;
      rows.push_back({run.label, node.columns[j], to_string(node.roles[j]), there ? "1" : "n/a",
                      there ? "" : why_missing(node.roles[j], run)});
    }
  }
  return to_tsv({"run", "column", "role", "present", "reason"}, rows);
}

std::string weights_tsv(const CheckedNode& node) {
  std::vector<std::string> names{"run", "contrast", "row"};
  names.insert(names.end(), node.columns.begin(), node.columns.end());
  names.push_back("reason");
  std::vector<std::vector<std::string>> rows;
  for (size_t d = 0; d < node.designed.size(); ++d) {
    const CheckedRun& run = node.runs[node.designed[d]];
    for (const auto& contrast : node.contrasts)
      for (size_t i = 0; i < contrast.spec.rows.size(); ++i) {
        std::vector<std::string> row{run.label, contrast.spec.name, std::to_string(i + 1)};
        for (const auto& column : node.columns) {
          const Eigen::Index at = run.design.design.find(column);
          const bool there =
              at >= 0 && contrast.usable_in(d) && Eigen::Index(i) < contrast.rows[d].rows();
          row.push_back(there ? format_number(contrast.rows[d](Eigen::Index(i), at)) : "n/a");
        }
        row.push_back(contrast.why_not[d]);
        rows.push_back(std::move(row));
      }
  }
  return to_tsv(names, rows);
}

}  // namespace sociometer::jobs
