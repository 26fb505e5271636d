#include "cli/options/mixed_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options/bind.hpp"
#include "cli/options/joined_tables_options.hpp"

namespace sociometer::cli {
namespace {

void add_made_columns(CLI::App& c, MadeColumnsRequest& a) {
  c.add_option("--lag", a.lags,
               "COLUMN[:N]: add COLUMN_lagN, its value N trials (1) before in the same run")
      ->delimiter(',');
  c.add_option("--lead", a.leads, "COLUMN[:N]: add COLUMN_leadN, its value N trials later")
      ->delimiter(',');
  c.add_option("--stay", a.stays,
               "Add COLUMN_stay: 1 if the next trial of the run has the same value, else 0")
      ->delimiter(',');
  c.add_option("--within", a.within,
               "Columns within which trials follow each other (default: the participant, "
               "session and run of a file)")
      ->delimiter(',');
  c.add_option("--order", a.order, "Column of numbers that sorts trials (default: order of rows)");
  c.add_flag("--consecutive", a.consecutive,
             "Trials are neighbours only if their --order differs by 1");
  c.add_option("--center-within", a.centred,
               "Add COLUMN_within, the deviation from the participant's mean, and COLUMN_between, "
               "that mean")
      ->delimiter(',');
  c.add_option("--zscore", a.standardised,
               "Add COLUMN_z: less the mean, over the standard deviation of all rows")
      ->delimiter(',');
}

void add_model(CLI::App& c, MixedRequest& a) {
  c.add_option("--formula", a.formula,
               "As in lme4: response ~ effects + (1 + slopes | group) ..; see the reference");
  add_choice(c, "--family", a.family, "linear, or logistic for a response of two values");
  add_choice(c, "--criterion", a.criterion,
             "linear: reml (restricted likelihood) or ml (to compare fixed effects)");
  add_choice(c, "--coding", a.coding,
             "Of categories: treatment (each level less the reference) or sum (less the mean)");
  c.add_option("--factor", a.categories, "Columns of numbers that are categories")->delimiter(',');
  c.add_option("--reference", a.references,
               "COLUMN=LEVEL: the reference of a category; of a logistic response, its 0");
  c.add_option(
       "--mediation", a.mediation,
       "X,M,Y: mediation of X on Y by M within participants, beside or instead of a formula")
      ->delimiter(',');
}

}  // namespace

void add_mixed_options(CLI::App& c, MixedRequest& a) {
  c.add_option("tables", a.tables, "Tables with a row per trial, stacked: TSV or CSV")->required();
  add_joined_tables_options(c, a.join, a.join_by, a.participant,
                            "Tables whose columns are added to the rows of the same trial");
  c.add_option("--where", a.where,
               "COLUMN=VALUE: keep these rows only, before columns are made; all must hold");
  add_model(c, a);
  add_made_columns(c, a.columns);
  c.add_option("--level", a.level, "Level of intervals")->capture_default_str();
  c.add_option("--alpha", a.alpha, "p below which an effect counts as shown")
      ->capture_default_str();
  c.add_option("--bootstraps", a.bootstraps, "Mediation: drawings of participants")
      ->capture_default_str();
  c.add_option("--seed", a.seed, "Of the drawings")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  c.add_option("-o,--output", a.output, "Folder for the results")->required();
  c.add_option("--prefix", a.prefix, "Before the names of all files");
}

}  // namespace sociometer::cli
