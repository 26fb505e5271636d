#include "cli/options/rsa_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options/bind.hpp"
#include "cli/options/region_options.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
using namespace jobs;
namespace {

void add_model_rdms(CLI::App& c, RsaRequest& a) {
  c.add_option_function<std::vector<std::string>>(
      "--model-rdm",
      [&a](const std::vector<std::string>& words) {
        for (const auto& word : words) {
          const size_t equals = word.find('=');
          if (equals == std::string::npos || equals == 0 || equals + 1 == word.size())
            fail(ErrorCode::usage, "--model-rdm '{}' is not of the form NAME=FILE", word);
          a.model_rdms.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        }
      },
      "NAME=FILE: a table with a row and a column per condition, names first");
}

void add_pattern_options(CLI::App& c, RsaRequest& a) {
  c.add_option("--trials", a.trials,
               "Tables of `trials` ([PREFIX_]trials.tsv), one per participant; images are beside "
               "them");
  c.add_option("--trial-types", a.trial_types, "Conditions of the design whose trials are taken")
      ->delimiter(',');
  c.add_option("--conditions", a.conditions,
               "Column: patterns are means over trials with the same value (default: single "
               "trials)");
  c.add_flag("--by-run", a.by_run, "A pattern per condition and run");
  add_choice(c, "--dissimilarity", a.dissimilarity,
             "correlation, euclidean, mahalanobis or crossnobis (over pairs of different runs; "
             "default: crossnobis for --conditions without --by-run, else correlation)");
  add_choice(c, "--normalisation", a.normalisation,
             "Noise normalisation: none, univariate or multivariate (default: multivariate for "
             "mahalanobis and crossnobis, of which maps have univariate; else none)");
  c.add_option("--residuals", a.residuals,
               "Residual series from which noise is estimated, one per run (default: deviations of "
               "trials from their condition's mean in a run)");
}

void add_model_options(CLI::App& c, RsaRequest& a) {
  c.add_option(
      "--model", a.models,
      "Columns whose absolute differences are model RDMs; texts, and COLUMN:category: 0 same, 1 "
      "different");
  add_model_rdms(c, a);
  c.add_option(
      "--values", a.values,
      "Table with more columns for --model, a row per condition, and per participant if it "
      "has participant_id");
  c.add_option("--nuisance", a.nuisance,
               "RDMs to take out: run, time (s apart in the session), trials (1/n_i + 1/n_j of the "
               "means), or columns")
      ->delimiter(',');
  add_choice(c, "--compare", a.comparison,
             "spearman, kendall (tau-a), pearson, cosine, regression (all models together) or "
             "weighted-regression (by numbers of trials)");
  add_choice(c, "--pairs", a.pairs,
             "all, or between-runs: not those of one run, which share noise (default: between-runs "
             "for patterns of single runs)");
}

void add_importance_options(CLI::App& c, ImportanceRequest& i) {
  c.add_flag("--overlap", i.overlap,
             "Whether the same voxels matter for every two models: the correlation of their "
             "importances over a region's voxels, and what permuted models have");
  add_choice(c, "--importance", i.method,
             "Importance of a voxel: contribution (its share of the value) or jackknife (what is "
             "lost without it; default: contribution, with ranks jackknife)");
  c.add_option("--importance-top", i.top,
               "Share of the voxels, the most important ones, of which Dice's coefficient is")
      ->capture_default_str();
  c.add_option("--overlap-permutations", i.permutations,
               "Permutations of both models together, for the overlap that noise gives; 0: none")
      ->capture_default_str();
  c.add_option("--overlap-with", i.score,
               "Column of --participants that the overlap is related to over participants");
  c.add_option("--participants", i.participants, "Tables keyed by participant_id");
  c.add_flag("--importance-maps", i.maps, "A map of importances per participant, model and region");
}

}  // namespace

void add_rsa_options(CLI::App& c, RsaRequest& a) {
  add_pattern_options(c, a);
  add_model_options(c, a);
  add_importance_options(c, a.importance);
  add_choice(c, "--preset", a.preset,
             "babur2024: the tests of that paper (being-liked ratings, trial-wise rank belief, "
             "outcome belief, overlap of voxels), beside the figures it reports");
  add_region_options(c, a.regions);
  c.add_option("--set", a.sets,
               "Built-in regions of the study joined to one: rejection, striatum, control, all, or "
               "one of them");
  c.add_option("--searchlight", a.searchlight_mm,
               "Radius, mm: a map per participant and model, for `group`");
  c.add_option("--searchlight-least", a.searchlight_least,
               "Voxels of the mask in a sphere, with fewer it has no value")
      ->capture_default_str();
  c.add_option("--pattern-permutations", a.item_permutations,
               "Permutations of patterns within each participant; 0: none")
      ->capture_default_str();
  c.add_option(
       "--bootstraps", a.bootstraps,
       "Drawings of conditions with replacement, for a test of other participants and other "
       "conditions at once; 0: none")
      ->capture_default_str();
  add_choice(c, "--alternative", a.tests.alternative,
             "Over participants: two-sided, greater, less");
  c.add_option("--level", a.tests.level, "Level of intervals")->capture_default_str();
  c.add_option("--permutations", a.tests.permutations, "Sign flips over participants; 0: none")
      ->capture_default_str();
  c.add_option("--seed", a.tests.seed, "Seed of permutations and drawings")->capture_default_str();
  c.add_option("--prefix", a.prefix, "Put before every file name");
  c.add_option("-o,--output", a.output, "Output folder")->required();
}

}  // namespace sociometer::cli
