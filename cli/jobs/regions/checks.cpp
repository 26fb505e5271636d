#include <algorithm>
#include <set>

#include "cli/jobs/regions/dissociate_request.hpp"
#include "cli/jobs/regions/extract_request.hpp"
#include "cli/jobs/regions/individual_request.hpp"
#include "cli/jobs/regions/make_request.hpp"
#include "cli/jobs/regions/test_request.hpp"
#include "engine/core/error.hpp"

/// Checks of requests before any file is read.
namespace sociometer::jobs {
namespace {

void check_values(const ExtractRequest& r) {
  if (r.wants(RegionStatistic::psc) && !r.event_height && !r.event_duration_s)
    fail(ErrorCode::usage,
         "psc is the height of a response over the mean signal, and the height depends on the "
         "event: give --event-duration SECONDS, or --event-height H");
  if (r.event_height && r.event_duration_s)
    fail(ErrorCode::usage, "--event-height and --event-duration exclude each other");
  if (!(r.min_coverage >= 0 && r.min_coverage <= 1))
    fail(ErrorCode::usage, "--min-coverage is {}; it must lie between 0 and 1", r.min_coverage);
  if (r.maps.empty() && r.contrasts.empty())
    fail(ErrorCode::usage, "--estimates need at least one --contrast NAME=EXPRESSION");
  if (!r.maps.empty() && !r.contrasts.empty())
    fail(ErrorCode::usage, "--contrast is for --estimates; maps hold the contrast of their name");
}

void check_series(const ExtractRequest& r) {
  if (r.statistics.size() != 1)
    fail(ErrorCode::usage, "--series takes one --statistic, not {}", r.statistics.size());
  require_statistic_of_scans(r.statistics[0]);
}

void refuse_repeats(const std::vector<std::string>& names, const char* option) {
  std::set<std::string> seen;
  for (const auto& name : names)
    if (!seen.insert(name).second) fail(ErrorCode::usage, "{} names {} twice", option, name);
}

void check_options(const RegionTestOptions& o) {
  if (!(o.level > 0 && o.level < 1))
    fail(ErrorCode::usage, "--level is {}; it must lie between 0 and 1", o.level);
  if (!(o.cauchy_scale > 0) || !(o.regression_scale > 0))
    fail(ErrorCode::usage, "a prior scale is {}; it must be positive",
         std::min(o.cauchy_scale, o.regression_scale));
  constexpr uint64_t kMostPermutations = 10'000'000;
  if (o.permutations > kMostPermutations)
    fail(ErrorCode::usage, "--permutations is {}; at most {}", o.permutations, kMostPermutations);
}

void check_options(const DissociationOptions& o) {
  check_options(o.tests);
  if (!(o.rule.alpha > 0 && o.rule.alpha < 0.5))
    fail(ErrorCode::usage, "--alpha is {}; it must lie between 0 and .5", o.rule.alpha);
  if (!(o.rule.evidence > 1))
    fail(ErrorCode::usage, "--evidence is {}; a Bayes factor that supports is above 1",
         o.rule.evidence);
  if (!(o.rule.equivalence_d > 0))
    fail(ErrorCode::usage, "--equivalence is {}; it must be above 0 (inf: not asked for)",
         o.rule.equivalence_d);
  constexpr uint64_t kMostBootstraps = 10'000'000;
  if (o.bootstraps > kMostBootstraps)
    fail(ErrorCode::usage, "--bootstraps is {}; at most {}", o.bootstraps, kMostBootstraps);
}

void check_signals(const std::vector<std::vector<std::string>>& sets) {
  for (const auto& set : sets) {
    if (set.size() < 2)
      fail(ErrorCode::usage,
           "--signals needs two contrasts or more: X Y, or several sets as X,Y X,Z");
    refuse_repeats(set, "--signals");
  }
}

void check_voxelwise(const DissociateRequest& r) {
  if (!r.table.empty()) fail(ErrorCode::usage, "give a table of region values or --maps, not both");
  if (!r.regions.empty() || r.units)
    fail(ErrorCode::usage, "{} goes with a table of region values, not with --maps",
         r.regions.empty() ? "--units" : "--regions");
  check_options(r.options);
  if (!(r.voxelwise.threshold_p > 0 && r.voxelwise.threshold_p < 1))
    fail(ErrorCode::usage, "--threshold-p is {}; it must lie between 0 and 1",
         r.voxelwise.threshold_p);
  if (r.voxelwise.min_participants < 2)
    fail(ErrorCode::usage, "--min-participants is {}; it must be 2 or more",
         r.voxelwise.min_participants);
}

void check_table(const DissociateRequest& r) {
  if (r.table.empty())
    fail(ErrorCode::usage, "give the table of `roi extract`, or --maps for the voxelwise analysis");
  if (!r.voxelwise.reference.empty() || !r.voxelwise.mask.empty() || r.voxelwise.negative)
    fail(ErrorCode::usage, "--reference, --mask and --negative go with --maps, not with a table");
  if (r.regions.size() < 2)
    fail(ErrorCode::usage, "--regions needs two regions or more; there are {}", r.regions.size());
  refuse_repeats(r.regions, "--regions");
  check_options(r.options);
}

}  // namespace

void check(const RegionRequest& r) {
  if (r.rois.empty() && r.atlas.image.empty())
    fail(ErrorCode::usage, "name the regions: --rois TABLE or IMAGE.., or --atlas IMAGE");
  if (r.atlas.image.empty() && r.atlas.given())
    fail(ErrorCode::usage, "--labels and --label are about an --atlas, and none is given");
}

void check(const MakeRequest& r) {
  if (r.radius_mm && r.sets.empty())
    fail(ErrorCode::usage, "--radius is for the regions of --set, and none is asked for");
}

bool ExtractRequest::wants(RegionStatistic statistic) const {
  return std::find(statistics.begin(), statistics.end(), statistic) != statistics.end();
}

void check(const ExtractRequest& r) {
  const int kinds = int(!r.maps.empty()) + int(!r.estimates.empty()) + int(!r.series.empty());
  if (kinds != 1)
    fail(ErrorCode::usage, "give one of --maps, --estimates and --series; {} are given", kinds);
  if (r.series.empty())
    check_values(r);
  else
    check_series(r);
  check(r.regions);
}

void check(const TestRequest& r) {
  check_options(r.options);
  if (r.test == RegionTestKind::paired && r.pairs.empty())
    fail(ErrorCode::usage, "--test paired needs --pair CONTRAST,CONTRAST");
  if (r.test == RegionTestKind::two_sample && (r.participants.empty() || r.group.empty()))
    fail(ErrorCode::usage, "--test two-sample needs --participants TABLE and --group COLUMN");
  if (r.test == RegionTestKind::regression && (r.participants.empty() || r.covariates.empty()))
    fail(ErrorCode::usage,
         "--test regression needs --participants TABLE and --covariates COLUMN..");
}

void check(const DissociateRequest& r) {
  check_signals(r.signal_sets);
  if (r.voxelwise.maps.empty())
    check_table(r);
  else
    check_voxelwise(r);
}

void check(const IndividualRequest& r) {
  check_options(r.options.tests);
  refuse_repeats(r.scores, "--scores");
  refuse_repeats(r.covariates, "--covariates");
  refuse_repeats(r.regions, "--regions");
  refuse_repeats(r.signals, "--signals");
  for (const auto& covariate : r.covariates)
    if (std::count(r.scores.begin(), r.scores.end(), covariate) > 0)
      fail(ErrorCode::usage, "{} is among both --scores and --covariates", covariate);
  if (!(r.options.alpha > 0 && r.options.alpha < 1))
    fail(ErrorCode::usage, "--alpha is {}; it must lie between 0 and 1", r.options.alpha);
  if (!(r.options.evidence > 1))
    fail(ErrorCode::usage, "--evidence is {}; a Bayes factor that supports is above 1",
         r.options.evidence);
}

}  // namespace sociometer::jobs
