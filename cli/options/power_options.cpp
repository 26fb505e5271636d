#include "cli/options/power_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/jobs/session.hpp"

namespace sociometer::cli {
namespace {

/// A single value stands for both.
CLI::Option* add_pair(CLI::App& c, const std::string& name, std::pair<double, double>& pair,
                      const std::string& help) {
  return c
      .add_option_function<std::vector<double>>(
          name,
          [&pair](const std::vector<double>& given) {
            pair = {given.front(), given.back()};
          },
          help)
      ->expected(1, 2);
}

void add_study_options(CLI::App& c, PowerRequest& r) {
  c.add_option("--participants", r.participants, "Numbers of participants, ascending")
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
  c.add_option("--modulators", r.modulators,
               "TYPE:X,Y of --events (default: feedback:outcome_update,rank_update_unsigned)");
}

void add_effect_options(CLI::App& c, PowerRequest& r) {
  auto* percent = c.add_option("--effect", r.effects,
                               "Own effects (X in A, Y in B), percent signal change per standard "
                               "deviation of the regressor")
                      ->capture_default_str();
  c.add_option_function<std::vector<double>>(
       "--effect-d",
       [&r](const std::vector<double>& effects) {
         r.effects = effects;
         r.unit = EffectUnit::d;
       },
       "Own effects as d: over the standard deviation of estimates over people")
      ->excludes(percent);
  c.add_option("--effect-ratio", r.effect_ratio, "Own effect of B over that of A")
      ->capture_default_str();
  add_pair(c, "--shared-effect", r.shared_effect,
           "Effect of the other's signal, percent: Y in A [X in B] (default: 0)");
  c.add_option("--between-sd", r.between_sd, "Spread of true effects over people, percent")
      ->capture_default_str();
}

void add_noise_options(CLI::App& c, PowerRequest& r) {
  add_pair(c, "--noise-sd", r.noise_sd,
           "Noise of the regions' mean series, percent: A [B] (default: 0.5)");
  c.add_option("--noise-ar", r.noise_ar, "Correlation of the noise of one scan and the next")
      ->capture_default_str();
  c.add_option("--noise-correlation", r.noise_correlation, "Of both regions' noise")
      ->capture_default_str();
  c.add_option("--region-correlation", r.region_correlation,
               "Of the true effects of a signal in both regions")
      ->capture_default_str();
  c.add_option("--signal-correlation", r.signal_correlation,
               "Of the true effects of both signals in a region")
      ->capture_default_str();
  c.add_option("--score-correlation", r.score_correlation, "Of a score and A's true effect of X")
      ->capture_default_str();
  c.add_option("--other-score-correlation", r.other_score_correlation,
               "Of the score and A's true effect of Y")
      ->capture_default_str();
}

void add_rule_options(CLI::App& c, PowerRequest& r) {
  c.add_option("--alpha", r.alpha, "p below which a test counts")->capture_default_str();
  c.add_option("--evidence", r.evidence, "Bayes factor from which a zero is supported")
      ->capture_default_str();
  c.add_option("--equivalence", r.equivalence_d,
               "Half-width of the equivalence region of a zero in standard deviations, or inf")
      ->capture_default_str();
  c.add_option("--cauchy-scale", r.cauchy_scale, "Prior of the Bayes factors")
      ->capture_default_str();
  c.add_option("--slope-tests", r.slope_tests,
               "Slopes tested together: alpha is divided by it (Bonferroni)")
      ->capture_default_str();
  c.add_option("--power", r.target, "Power to be reached")->capture_default_str();
  c.add_option("--studies", r.studies, "Simulated studies per figure")
      ->check(CLI::Range(1, kMostPowerStudies))
      ->capture_default_str();
  c.add_option("--seed", r.seed, "Seed: the same gives the same bytes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

}  // namespace

void add_power_options(CLI::App& c, PowerRequest& r) {
  add_study_options(c, r);
  add_effect_options(c, r);
  add_noise_options(c, r);
  add_rule_options(c, r);
  c.add_option("--prefix", r.prefix, "Put before every file name");
  c.add_option("-o,--output", r.output, "Output folder")->required();
}

}  // namespace sociometer::cli
