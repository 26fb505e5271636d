#include "cli/permutation_options.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer::cli {

TailMethod tail_method_of(const std::string& text) {
  if (text == "none") return TailMethod::none;
  if (text == "gpd") return TailMethod::gpd;
  if (text == "gamma") return TailMethod::gamma;
  fail(ErrorCode::usage, "--tail is '{}'; it must be none, gpd or gamma", text);
}

TfceSteps tfce_steps_of(const std::string& text) {
  if (text == "exact") return TfceSteps::exact;
  if (text == "randomise") return TfceSteps::randomise;
  if (text == "palm") return TfceSteps::palm;
  if (text == "mrtrix") return TfceSteps::mrtrix;
  fail(ErrorCode::usage, "--tfce-steps is '{}'; it must be exact, randomise, palm or mrtrix", text);
}

void add_group_permutation_options(CLI::App& c, GroupPermutationArguments& a) {
  c.add_option(
      "--permutations", a.permutations,
      "Random shuffles besides the data as they are; smaller sets are taken whole (default: "
      "no permutation test)");
  c.add_option("--statistic", a.statistics, "voxel, tfce, extent, mass: what is permuted")
      ->delimiter(',')
      ->capture_default_str();
  c.add_option("--cluster-forming-threshold", a.cluster_threshold,
               "Statistic that forms clusters, instead of a p");
  c.add_option("--tfce-connectivity", a.tfce_connectivity, "Neighbours in TFCE: 6, 18 or 26")
      ->capture_default_str();
  c.add_option("--tfce-e", a.tfce_e, "Exponent of the extent")->capture_default_str();
  c.add_option("--tfce-h", a.tfce_h, "Exponent of the height")->capture_default_str();
  c.add_option("--tfce-steps", a.tfce_steps,
               "exact, or steps of height as in randomise, palm (over z) or mrtrix (over z)")
      ->capture_default_str();
  c.add_option("--permute-as", a.permute,
               "statistic (t or F) or z: what TFCE, clusters and their threshold are made from")
      ->capture_default_str();
  c.add_option(
       "--exchange", a.exchange,
       "flips, permutations, both, or auto: flips where a mean is tested, permutations where "
       "participants are compared")
      ->capture_default_str();
  c.add_option("--block-exchange", a.block_exchange,
               "within: observations change places in their --blocks; whole: blocks do")
      ->capture_default_str();
  c.add_option("--seed", a.seed, "Of random shuffles")->capture_default_str();
  c.add_option("--tail", a.tail,
               "none, gpd or gamma: distribution fitted to the shuffles, from which small p-values "
               "are read")
      ->capture_default_str();
  c.add_option("--tail-p", a.tail_p, "gpd: p-values below this are read from the tail")
      ->capture_default_str();
  c.add_flag(
      "--tfce-uncorrected", a.tfce_uncorrected,
      "Uncorrected and FDR p of TFCE, too: every shuffle's map is made, not its largest value");
  c.add_flag("--correct-contrasts", a.over_contrasts, "Family-wise error over all contrasts, too");
}

void check_permutation_options(const GroupPermutationArguments& a, const std::string& method) {
  for (const auto& s : a.statistics)
    if (s != "voxel" && s != "tfce" && s != "extent" && s != "mass")
      fail(ErrorCode::usage, "unknown --statistic '{}'; known: voxel, tfce, extent, mass", s);
  if (a.permutations < 0)
    fail(ErrorCode::usage, "--permutations is {}; it must be 0 or more", a.permutations);
  if (a.permutations == 0 && (a.statistics.size() > 1 || a.statistics[0] != "voxel"))
    fail(ErrorCode::usage, "--statistic {} needs --permutations N", fmt::join(a.statistics, ","));
  if (a.block_exchange != "within" && a.block_exchange != "whole")
    fail(ErrorCode::usage, "--block-exchange is '{}'; it must be within or whole",
         a.block_exchange);
  if (a.permute != "statistic" && a.permute != "z")
    fail(ErrorCode::usage, "--permute-as is '{}'; it must be statistic or z", a.permute);
  tfce_steps_of(a.tfce_steps);
  if (a.tfce_uncorrected &&
      std::find(a.statistics.begin(), a.statistics.end(), "tfce") == a.statistics.end())
    fail(ErrorCode::usage, "--tfce-uncorrected needs tfce in --statistic, which is {}",
         fmt::join(a.statistics, ","));
  if (tail_method_of(a.tail) != TailMethod::none && a.permutations == 0)
    fail(ErrorCode::usage, "--tail {} needs --permutations N", a.tail);
  if (!(a.tail_p > 0 && a.tail_p <= 1))
    fail(ErrorCode::usage, "--tail-p is {}; it must be above 0 and at most 1", a.tail_p);
  for (const char* known : {"auto", "flips", "permutations", "both"})
    if (a.exchange == known) {
      if (a.permutations > 0 && method != "ols")
        fail(ErrorCode::usage, "--permutations tests the ols model; leave out --method {}", method);
      return;
    }
  fail(ErrorCode::usage, "--exchange is '{}'; it must be auto, flips, permutations or both",
       a.exchange);
}

}  // namespace sociometer::cli
