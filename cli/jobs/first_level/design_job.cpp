#include "cli/jobs/first_level/design_job.hpp"

#include <fmt/format.h>

#include "cli/jobs/first_level/design_record.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

size_t number_of_runs(const DesignJobRequest& a) {
  const size_t named = runs_of(a.design);
  return named > 0 ? named : std::max(a.n_scans.size(), size_t(1));
}

std::vector<RunInput> run_inputs(const DesignJobRequest& a) {
  std::vector<RunInput> runs;
  for (size_t r = 0; r < number_of_runs(a); ++r) {
    RunInput run;
    run.name = fmt::format("run {}", r + 1);
    run.tr_s = a.design.tr_s.value_or(0);
    if (!a.n_scans.empty()) run.n_scans = a.n_scans.size() == 1 ? a.n_scans[0] : a.n_scans.at(r);
    runs.push_back(run);
  }
  return runs;
}

std::string vif_table(const DesignMatrix& design, const DesignDiagnostics& after,
                      const std::vector<TrialDiagnostics>& before) {
  std::vector<std::vector<std::string>> rows;
  for (Eigen::Index j = 0; j < design.n_columns(); ++j) {
    double trials = kMissing;
    for (const auto& t : before)
      for (size_t i = 0; i < t.names.size(); ++i)
        if (t.names[i] == design.names[size_t(j)]) trials = t.diagnostics.vif[Eigen::Index(i)];
    rows.push_back({design.names[size_t(j)], to_string(design.roles[size_t(j)]),
                    format_number(trials), format_number(after.vif[j])});
  }
  return to_tsv({"column", "role", "vif_before_convolution", "vif"}, rows);
}

struct Resolved {
  std::vector<ResolvedContrast> contrasts;
  std::vector<std::string> refused;
};

Resolved resolve_all(const std::vector<ContrastSpec>& specs, const RunDesigns& runs) {
  std::vector<std::vector<std::string>> columns;
  std::vector<EstimableSpace> spaces;
  for (size_t r = 0; r < runs.designs.size(); ++r) {
    columns.push_back(runs.designs[r].names);
    spaces.emplace_back(kept_rows(runs.designs[r], runs.kept[r]));
  }
  Resolved out;
  for (const auto& spec : specs) {
    out.contrasts.push_back(resolve_contrast(spec, columns, spaces));
    if (!out.contrasts.back().usable())
      out.refused.push_back(
          fmt::format("contrast {} is refused: {}", spec.name, out.contrasts.back().why_not[0]));
  }
  return out;
}

/// Efficiency of each contrast in one run, as rows of the table over runs.
void add_efficiencies(const DesignChecksRecord& checks, size_t r,
                      std::vector<std::vector<std::string>>& rows) {
  for (const auto& contrast : *checks.contrasts)
    rows.push_back({std::to_string(r + 1), contrast.name, format_number(contrast.efficiency)});
}

}  // namespace

void check(const DesignJobRequest& a) {
  constexpr long kMostScans = 100000;
  for (long n : a.n_scans)
    if (n < 2 || n > kMostScans)
      fail(ErrorCode::usage, "--n-scans is {}; it must be positive: at least 2, at most {}", n,
           kMostScans);
  if (!a.design.designs.empty()) return;
  if (!a.design.tr_s) fail(ErrorCode::usage, "--tr is needed to make a design from events");
  const size_t n_runs = number_of_runs(a);
  if (a.n_scans.size() != n_runs && a.n_scans.size() != 1)
    fail(ErrorCode::usage, "{} value(s) of --n-scans for {} run(s); give one, or one per run",
         a.n_scans.size(), n_runs);
}

JobSummary design(const DesignJobRequest& a, const Session& session) {
  Journal& journal = session.journal;
  check(a);
  auto specs = contrast_specs(a.design);
  const auto inputs = run_inputs(a);
  const RunDesigns runs = load_designs(a.design, inputs, journal);
  specs.insert(specs.end(), runs.contrasts.begin(), runs.contrasts.end());
  for (const auto& w : runs.warnings) journal.warn(w);
  const Resolved resolved = resolve_all(specs, runs);

  OutputSet outputs(a.output, session.policy("design", a.prefix));
  const std::string prefix = name_prefix(a.prefix);
  std::vector<std::vector<std::string>> efficiency_rows;
  for (size_t r = 0; r < runs.designs.size(); ++r) {
    const DesignMatrix& design = runs.designs[r];
    const Eigen::MatrixXd values = kept_rows(design, runs.kept[r]);
    const DesignDiagnostics d = diagnose(values);
    const auto trials = runs.events.empty() ? std::vector<TrialDiagnostics>{}
                                            : diagnose_trials(runs.events[r], runs.options);
    for (const auto& w : collinearity_warnings(design, d, inputs[r].name)) journal.warn(w);
    const std::string run =
        prefix + (runs.designs.size() == 1 ? "" : fmt::format("run-{}_", r + 1));
    DesignRecord record = design_record(a.design, runs, r, design, d);
    record.checks = design_checks(design, values, d, trials, resolved.contrasts, r);
    add_efficiencies(record.checks, r, efficiency_rows);
    outputs.write(run + "vif.tsv", vif_table(design, d, trials));
    outputs.write(run + "correlation.tsv", square_to_tsv(design.names, d.correlation));
    write_design_files(outputs, run, inputs[r].name, design, d, record, session.provenance);
  }
  if (!resolved.contrasts.empty())
    outputs.write(prefix + "efficiency.tsv",
                  to_tsv({"run", "contrast", "efficiency"}, efficiency_rows));
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(journal, a.output, a.prefix);
  for (const auto& line : resolved.refused) journal.warn(line);
  return {resolved.refused};
}

}  // namespace sociometer::jobs
