#include <algorithm>
#include <cmath>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/individual_inputs.hpp"
#include "cli/jobs/regions/individual_summary.hpp"
#include "cli/jobs/regions/individual_tables.hpp"
#include "cli/jobs/regions/roi_inputs.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "cli/options/roi_test_options.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::cli {
namespace {

struct IndividualArguments {
  IndividualRequest request;
  TestArguments tests;
  std::string units, prefix, output;
};

int run_individual(IndividualArguments& a, const GlobalOptions& global) {
  IndividualRequest& request = a.request;
  request.table = a.tests.table;
  request.choice = a.tests.choice;
  request.options.tests = checked_options(a.tests);
  if (!a.units.empty()) request.options.units = parse_slope_units(a.units);
  check(request);
  const IndividualInputs inputs = load(request);
  const IndividualDifferences result =
      individual_differences(inputs.data, inputs.options, global.threads());
  const auto sentences = individual_sentences(inputs.data, result, inputs.options);
  const std::string prefix = name_prefix(a.prefix);
  OutputSet outputs(a.output, output_policy(global, "roi-individual", a.prefix));
  outputs.write(prefix + "individual_slopes.tsv", slopes_tsv(inputs.data, result));
  outputs.write(prefix + "individual_comparisons.tsv", comparisons_tsv(inputs.data, result));
  outputs.write(prefix + "individual.json",
                to_text(individual_json(request, inputs, result, sentences)));
  std::string text;
  for (const auto& line : sentences) text += line + "\n";
  outputs.write(prefix + "individual.txt", text);
  draw_individual(inputs, result, outputs.stage(prefix + "individual.png").string());
  write_configuration(outputs, a.prefix);
  outputs.commit();
  fmt::print("{}", text);
  tell_written(a.output, a.prefix);
  const auto untested = std::count_if(result.slopes.begin(), result.slopes.end(),
                                      [](const ScoreSlope& s) { return std::isnan(s.slope.t); });
  if (untested > 0) warn(fmt::format("{} slope(s) not tested: no spread", untested));
  return untested > 0 ? kDoneWithFailures : kDone;
}

}  // namespace

void add_roi_individual_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand(
      "individual", "Individual differences: signals of regions against scores of participants");
  auto a = std::make_shared<IndividualArguments>();
  IndividualRequest& r = a->request;
  c->add_option("table", a->tests.table, "roi_values.tsv of `roi extract`")->required();
  c->add_option("--participants", r.participants,
                "Tables with participant_id and scores: participants.tsv, learning parameters ..")
      ->required();
  c->add_option("--scores", r.scores, "Their columns whose slopes are wanted")->required();
  c->add_option("--covariates", r.covariates, "Columns held constant");
  c->add_option("--regions", r.regions, "Regions (default: all of the table)");
  c->add_option("--signals", r.signals, "Contrasts (default: all of the table)");
  c->add_flag("--together", r.options.together,
              "Each score beside the other scores (default: each by itself)");
  c->add_option("--units", a->units,
                "In which slopes of two signals are compared: regressor-sd, participant-sd, given "
                "or given-and-participant-sd (default: the first where the table has it, else the "
                "last)");
  add_test_options(*c, a->tests);
  c->add_option("--regression-scale", a->tests.options.regression_scale,
                "Scale of the prior of slopes")
      ->capture_default_str();
  c->add_option("--alpha", r.options.alpha, "p after Holm below which a slope counts as shown")
      ->capture_default_str();
  c->add_option("--evidence", r.options.evidence,
                "Bayes factor from which a zero counts as supported")
      ->capture_default_str();
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi individual values/roi_values.tsv --participants "
      "study/participants.tsv \\\n    --scores social_anxiety depression --regions "
      "ventralStriatum dACC --signals outcome rank \\\n    -o individual");
  c->callback([a, &global, &exit_code] { exit_code = run_individual(*a, global); });
}

}  // namespace sociometer::cli
