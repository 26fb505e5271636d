#include "cli/options/permutation_options.hpp"

#include <algorithm>
#include <cmath>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/group/shuffling.hpp"

namespace sociometer::cli {

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
  c.add_option("--seed", a.seed, "Of random shuffles")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
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

namespace {

/// What --permutations alone gives a meaning.
void check_that_nothing_is_shuffled(const GroupPermutationArguments& a) {
  const auto refuse = [](const std::string& what) {
    fail(ErrorCode::usage, "{} needs --permutations N", what);
  };
  if (a.statistics != std::vector<std::string>{"voxel"})
    refuse(fmt::format("--statistic {}", fmt::join(a.statistics, ",")));
  if (a.exchange != "auto") refuse("--exchange " + a.exchange);
  if (a.block_exchange != "within") refuse("--block-exchange " + a.block_exchange);
  if (a.over_contrasts) refuse("--correct-contrasts");
  if (a.cluster_threshold) refuse("--cluster-forming-threshold");
  if (value_of<TailMethod>(a.tail, "--tail") != TailMethod::none) refuse("--tail " + a.tail);
}

void check_tfce(const GroupPermutationArguments& a) {
  value_of<TfceSteps>(a.tfce_steps, "--tfce-steps");
  if (a.tfce_connectivity != 6 && a.tfce_connectivity != 18 && a.tfce_connectivity != 26)
    fail(ErrorCode::usage, "--tfce-connectivity is {}; it must be 6, 18 or 26",
         a.tfce_connectivity);
  for (const auto& [option, value] : {std::pair{"--tfce-e", a.tfce_e}, {"--tfce-h", a.tfce_h}})
    if (!(value >= 0 && value <= 10))
      fail(ErrorCode::usage, "{} is {}; it must be 0 to 10", option, value);
  if (a.tfce_uncorrected && std::ranges::find(a.statistics, "tfce") == a.statistics.end())
    fail(ErrorCode::usage, "--tfce-uncorrected needs tfce in --statistic, which is {}",
         fmt::join(a.statistics, ","));
}

}  // namespace

void check_permutation_options(const GroupPermutationArguments& a, const std::string& method) {
  constexpr long kMost = 1'000'000'000;
  for (const auto& s : a.statistics)
    if (s != "voxel" && s != "tfce" && s != "extent" && s != "mass")
      fail(ErrorCode::usage, "unknown --statistic '{}'; known: voxel, tfce, extent, mass", s);
  if (a.permutations < 0 || a.permutations > kMost)
    fail(ErrorCode::usage, "--permutations is {}; it must be 0 to {}", a.permutations, kMost);
  if (a.exchange != "auto" && a.exchange != "flips" && a.exchange != "permutations" &&
      a.exchange != "both")
    fail(ErrorCode::usage, "--exchange is '{}'; it must be auto, flips, permutations or both",
         a.exchange);
  value_of<BlockExchange>(a.block_exchange, "--block-exchange");
  if (a.permute != "statistic" && a.permute != "z")
    fail(ErrorCode::usage, "--permute-as is '{}'; it must be statistic or z", a.permute);
  if (a.cluster_threshold && !(*a.cluster_threshold > 0 && std::isfinite(*a.cluster_threshold)))
    fail(ErrorCode::usage, "--cluster-forming-threshold is {}; it must be above 0",
         *a.cluster_threshold);
  check_tfce(a);
  if (!(a.tail_p > 0 && a.tail_p <= 1))
    fail(ErrorCode::usage, "--tail-p is {}; it must be above 0 and at most 1", a.tail_p);
  value_of<TailMethod>(a.tail, "--tail");
  if (a.permutations == 0)
    check_that_nothing_is_shuffled(a);
  else if (method != "ols")
    fail(ErrorCode::usage, "--permutations tests the ols model; leave out --method {}", method);
}

}  // namespace sociometer::cli
