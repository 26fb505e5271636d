#include <array>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/simulation/power_tables.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::cli {
namespace {

struct PowerArguments {
  PowerRequest request;
  std::vector<double> shared_effect, noise_sd;
  std::string prefix, output;
};

/// One value stands for both.
void take_pair(const std::vector<double>& given, std::array<double, 2>& pair) {
  if (!given.empty()) pair = {given.front(), given.back()};
}

int run_power(PowerArguments& a, const GlobalOptions& global) {
  PowerRequest& request = a.request;
  take_pair(a.shared_effect, request.plan.people.shared_effect);
  take_pair(a.noise_sd, request.plan.people.noise_sd);
  const int n_threads = global.threads();
  const PowerInputs inputs = load(request, n_threads);
  for (const auto& line : inputs.warnings) warn(line);
  const std::string prefix = name_prefix(a.prefix);
  OutputSet outputs(a.output, output_policy(global, "power", a.prefix));
  const auto rows = power_rows(inputs.plan, inputs.designs, n_threads);
  const auto sentences = power_sentences(request, inputs, rows);
  std::string text;
  for (const auto& line : sentences) text += line + "\n";
  outputs.write(prefix + "power.tsv", power_tsv(inputs, rows));
  outputs.write(prefix + "power.json", to_text(power_json(request, inputs, rows, sentences)));
  outputs.write(prefix + "power.txt", text);
  draw_power_of(request, inputs, rows, outputs.stage(prefix + "power.png").string());
  write_configuration(outputs, a.prefix);
  outputs.commit();
  fmt::print("{}", text);
  return kDone;
}

void add_study_options(CLI::App& c, PowerRequest& r) {
  c.add_option("--participants", r.plan.participants, "Numbers of participants, ascending")
      ->capture_default_str();
  c.add_option("--trials", r.trials, "Trials of each run of the simulated game (default: 60)");
  c.add_option("--runs", r.runs, "Runs of each person (default: 2)");
  c.add_option("--schedules", r.people,
               "Simulated people whose schedules and choices give the designs (default: 12)");
  c.add_option("--settings", r.settings, "JSON of the game, its timing and people, as `simulate`");
  c.add_option("--events", r.events,
               "Events tables with both signals instead of the game: one per run; several people "
               "by their sub-LABEL");
  c.add_option("--tr", r.tr_s, "Repetition time of --events, s");
  c.add_option("--n-scans", r.n_scans, "Scans of each run of --events, or one for all");
  c.add_option("--modulators", r.signals,
               "TYPE:X,Y of --events (default: feedback:outcome_update,rank_update_unsigned)");
}

void add_assumptions(CLI::App& c, PowerArguments& a) {
  PowerAssumptions& p = a.request.plan.people;
  auto* percent = c.add_option("--effect", a.request.plan.effects,
                               "Own effects (X in A, Y in B), percent signal change per standard "
                               "deviation of the regressor")
                      ->capture_default_str();
  c.add_option("--effect-d", a.request.effect_d,
               "Own effects as d: over the standard deviation of estimates over people")
      ->excludes(percent);
  c.add_option("--effect-ratio", p.effect_ratio, "Own effect of B over that of A")
      ->capture_default_str();
  c.add_option("--shared-effect", a.shared_effect,
               "Effect of the other's signal, percent: Y in A [X in B] (default: 0)")
      ->expected(1, 2);
  c.add_option("--between-sd", p.between_sd, "Spread of true effects over people, percent")
      ->capture_default_str();
  c.add_option("--noise-sd", a.noise_sd,
               "Noise of the regions' mean series, percent: A [B] (default: 0.5)")
      ->expected(1, 2);
  c.add_option("--noise-ar", a.request.noise_ar,
               "Correlation of the noise of one scan and the next")
      ->capture_default_str();
  c.add_option("--noise-correlation", p.noise_correlation, "Of both regions' noise")
      ->capture_default_str();
  c.add_option("--region-correlation", p.region_correlation,
               "Of the true effects of a signal in both regions")
      ->capture_default_str();
  c.add_option("--signal-correlation", p.signal_correlation,
               "Of the true effects of both signals in a region")
      ->capture_default_str();
  c.add_option("--score-correlation", p.score_correlation, "Of a score and A's true effect of X")
      ->capture_default_str();
  c.add_option("--other-score-correlation", p.other_score_correlation,
               "Of the score and A's true effect of Y")
      ->capture_default_str();
}

void add_rule_options(CLI::App& c, PowerRequest& r) {
  c.add_option("--alpha", r.plan.rule.alpha, "p below which a test counts")->capture_default_str();
  c.add_option("--evidence", r.plan.rule.evidence, "Bayes factor from which a zero is supported")
      ->capture_default_str();
  c.add_option("--equivalence", r.plan.rule.equivalence_d,
               "Half-width of the equivalence region of a zero in standard deviations, or inf")
      ->capture_default_str();
  c.add_option("--cauchy-scale", r.plan.rule.cauchy_scale, "Prior of the Bayes factors")
      ->capture_default_str();
  c.add_option("--slope-tests", r.plan.slope_tests,
               "Slopes tested together: alpha is divided by it (Bonferroni)")
      ->capture_default_str();
  c.add_option("--power", r.target, "Power to be reached")->capture_default_str();
  c.add_option("--studies", r.plan.studies, "Simulated studies per figure")
      ->check(CLI::Range(1, 10000000))
      ->capture_default_str();
  c.add_option("--seed", r.plan.seed, "Seed: the same gives the same bytes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

}  // namespace

void add_power_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand(
      "power",
      "How often a study would end with each claim, over participants, trials and effect size");
  auto a = std::make_shared<PowerArguments>();
  add_study_options(*c, a->request);
  add_assumptions(*c, *a);
  add_rule_options(*c, a->request);
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer power --participants 20 40 60 80 --trials 40 60 --effect 0.04 0.06 "
      "-o power");
  c->callback([a, &global, &exit_code] { exit_code = run_power(*a, global); });
}

}  // namespace sociometer::cli
