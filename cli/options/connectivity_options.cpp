#include "cli/options/connectivity_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options/design_options.hpp"
#include "cli/options/joined_tables_options.hpp"

namespace sociometer::cli {

void add_ppi_options(CLI::App& c, PpiRequest& a) {
  c.add_option("--series", a.series, "Tables of `roi extract --series`, one per run")->required();
  c.add_option("--seed", a.seed, "Their column that is the seed")->required();
  c.add_flag("--deconvolve", a.deconvolve,
             "Interactions of the seed's deconvolved activity, convolved again (after Gitelman et "
             "al. 2003)");
  c.add_option("--bins", a.bins, "Deconvolution: bins of a scan")->capture_default_str();
  add_model_options(c, a.design);
  // Interactions are made of events.
  for (const char* none : {"--design", "--model", "--node"})
    if (auto* option = c.get_option_no_throw(none)) c.remove_option(option);
  c.add_option("-o,--output", a.output, "Output folder")->required();
  c.add_option("--prefix", a.prefix, "Put before every file name");
}

void add_beta_series_options(CLI::App& c, BetaSeriesRequest& a) {
  c.add_option("tables", a.tables,
               "Tables with a row per trial and a column per region: "
               "trialRegions.tsv of `trials`")
      ->required();
  add_joined_tables_options(c, a.join, a.join_by, a.participant,
                            "Tables with the conditions of the trials: trials.tsv");
  c.add_option("--seed", a.seed, "Column of the seed's amplitudes")->required();
  c.add_option("--regions", a.regions, "Columns of the regions it is correlated with")
      ->delimiter(',')
      ->required();
  c.add_option("--by", a.by, "Column of the conditions (default: all trials together)");
  c.add_option("-o,--output", a.output, "Output folder")->required();
  c.add_option("--prefix", a.prefix, "Put before every file name");
}

}  // namespace sociometer::cli
