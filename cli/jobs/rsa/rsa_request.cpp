#include "cli/jobs/rsa/rsa_request.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "cli/jobs/given.hpp"
#include "cli/jobs/rsa/rsa_preset.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace {

void check_conditions(const RsaRequest& a) {
  const bool trials = a.conditions.empty();
  if (a.by_run && trials)
    fail(ErrorCode::usage, "--by-run makes a pattern per condition and run: give --conditions");
  if (a.chosen_dissimilarity() == Dissimilarity::crossnobis && trials)
    fail(ErrorCode::usage,
         "crossnobis compares what recurs in several runs, and a trial does not: give --conditions "
         "COLUMN");
  if (a.chosen_dissimilarity() == Dissimilarity::crossnobis && a.by_run)
    fail(ErrorCode::usage,
         "crossnobis takes its runs apart itself: give --conditions without --by-run");
  if (!a.model_rdms.empty() && (trials || a.by_run))
    fail(ErrorCode::usage,
         "--model-rdm has a row per condition; it goes with --conditions, without --by-run");
  if (!a.values.empty() && trials)
    fail(ErrorCode::usage, "--values has values of conditions: give --conditions");
  if (a.pairs == PairChoice::between_runs && a.unit() == PatternUnit::condition)
    fail(ErrorCode::usage,
         "--pairs between-runs needs patterns of single runs: give --by-run, or --dissimilarity "
         "crossnobis, which has no products within a run");
}

void check_noise(const RsaRequest& a) {
  if (a.chosen_dissimilarity() == Dissimilarity::mahalanobis &&
      a.chosen_normalisation() != NoiseNormalisation::multivariate)
    fail(ErrorCode::usage,
         "mahalanobis is the Euclidean distance after multivariate normalisation; --normalisation "
         "is {}: give --dissimilarity euclidean",
         name_of(*a.normalisation));
  const bool normalised = a.chosen_normalisation() != NoiseNormalisation::none;
  if (!a.residuals.empty() && !normalised)
    fail(ErrorCode::usage, "--residuals are for --normalisation univariate or multivariate");
  if (normalised && a.residuals.empty() && a.conditions.empty())
    fail(ErrorCode::usage,
         "--normalisation {} needs noise: give --residuals, or --conditions, whose trials differ "
         "within a run by noise",
         name_of(a.chosen_normalisation()));
}

void check_nuisance(const RsaRequest& a) {
  if (a.comparison == RdmComparison::weighted_regression &&
      a.chosen_dissimilarity() == Dissimilarity::correlation)
    fail(
        ErrorCode::usage,
        "weighted-regression has weights of squared distances, and --dissimilarity is correlation: "
        "give euclidean, mahalanobis or crossnobis, or --compare regression");
  if (!a.nuisance.empty() && !takes_nuisance(a.comparison))
    fail(ErrorCode::usage,
         "--compare {} takes no nuisance RDMs; spearman, pearson and regression do",
         name_of(a.comparison));
  for (const auto& name : a.nuisance)
    if (name == "trials" && a.unit() == PatternUnit::trial)
      fail(ErrorCode::usage,
           "--nuisance trials is about the numbers of trials in means: give --conditions");
  for (const auto& name : a.nuisance)
    if ((name == "run" || name == "time") && a.unit() == PatternUnit::condition)
      fail(ErrorCode::usage,
           "--nuisance {} is about patterns of single runs: conditions over runs have none; give "
           "--by-run",
           name);
  std::set<std::string> names;
  for (const auto* list : {&a.models, &a.nuisance})
    for (const auto& word : *list)
      if (const std::string name = word.substr(0, word.rfind(":category"));
          !names.insert(name).second)
        fail(ErrorCode::usage, "'{}' is named twice", name);
  for (const auto& [name, file] : a.model_rdms)
    if (!names.insert(name).second) fail(ErrorCode::usage, "'{}' is named twice", name);
}

void check_bootstraps(const RsaRequest& a) {
  if (a.bootstraps == 0) return;
  constexpr uint64_t kLeast = 100;
  if (a.bootstraps < kLeast)
    fail(ErrorCode::usage, "--bootstraps is {}: a variance needs {} drawings at least",
         a.bootstraps, kLeast);
  if (a.unit() != PatternUnit::condition)
    fail(ErrorCode::usage,
         "--bootstraps draws conditions, a pattern each: give --conditions, without --by-run");
  if (!is_centred(a.comparison))
    fail(ErrorCode::usage,
         "--bootstraps is for a test against 0, and --compare {} is above 0 even for unrelated "
         "patterns; use spearman, kendall, pearson or regression",
         name_of(a.comparison));
}

void check_importance(const RsaRequest& a) {
  const ImportanceRequest& i = a.importance;
  if (!i.score.empty() && (!i.overlap || i.participants.empty()))
    fail(ErrorCode::usage,
         "--overlap-with {} relates the overlap of voxels to a column of --participants; give "
         "--overlap and --participants FILE",
         i.score);
  if (!i.participants.empty() && i.score.empty())
    fail(ErrorCode::usage, "--participants is a table for --overlap-with COLUMN, which is missing");
  if (!(i.top > 0 && i.top <= 1))
    fail(ErrorCode::usage, "--importance-top is {}; it must be above 0 and at most 1", i.top);
  if (!i.wanted()) {
    if (i.method)
      fail(ErrorCode::usage,
           "--importance {} changes nothing without --overlap or --importance-maps",
           name_of(*i.method));
    return;
  }
  if (!a.wants_regions())
    fail(ErrorCode::usage,
         "importances are of the voxels of a region: give --rois, --atlas or --set");
  if (!has_importance(a.comparison))
    fail(ErrorCode::usage,
         "--compare {} has no importances of voxels: give spearman, pearson or regression",
         name_of(a.comparison));
  if (i.method == ImportanceMethod::contribution && !has_contributions(a.comparison))
    fail(ErrorCode::usage,
         "--importance contribution needs a comparison that is linear in the distances, and "
         "--compare is {}: give jackknife, or --compare pearson or regression",
         name_of(a.comparison));
  if (i.overlap && a.comparison == RdmComparison::weighted_regression)
    fail(ErrorCode::usage,
         "--overlap has no baseline with --compare weighted-regression: weights stay with their "
         "pairs when models are permuted; use regression, spearman or pearson");
  if (i.overlap && a.models.size() + a.model_rdms.size() < 2)
    fail(ErrorCode::usage, "--overlap is of two models, and one is given (--model)");
}

}  // namespace

Dissimilarity RsaRequest::chosen_dissimilarity() const {
  return dissimilarity.value_or(unit() == PatternUnit::condition ? Dissimilarity::crossnobis
                                                                 : Dissimilarity::correlation);
}

NoiseNormalisation RsaRequest::chosen_normalisation(bool in_maps) const {
  if (normalisation) return *normalisation;
  if (chosen_dissimilarity() == Dissimilarity::mahalanobis) return NoiseNormalisation::multivariate;
  if (chosen_dissimilarity() == Dissimilarity::crossnobis)
    return in_maps ? NoiseNormalisation::univariate : NoiseNormalisation::multivariate;
  return NoiseNormalisation::none;
}

PairChoice RsaRequest::chosen_pair_choice() const {
  return pairs.value_or(unit() == PatternUnit::condition ? PairChoice::all
                                                         : PairChoice::between_runs);
}

RsaOptions RsaRequest::options(bool in_maps) const {
  return {chosen_dissimilarity(), chosen_normalisation(in_maps), comparison, item_permutations,
          tests.seed};
}

void check(const RsaRequest& a) {
  require_given(!a.trials.empty(), "--trials");
  require_given(!a.output.empty(), "--output");
  if (a.preset) return check_preset(a);
  if (a.models.empty() && a.model_rdms.empty())
    fail(ErrorCode::usage, "no model: give --model COLUMN or --model-rdm NAME=FILE");
  if (!a.wants_regions() && !a.searchlight_mm)
    fail(ErrorCode::usage, "nowhere to look: give --rois, --atlas, --set or --searchlight");
  if (!a.regions.rois.empty() || a.regions.atlas.given()) check(a.regions);
  if (a.searchlight_mm && !(*a.searchlight_mm > 0 && std::isfinite(*a.searchlight_mm)))
    fail(ErrorCode::usage, "--searchlight is {} mm; the radius must be above 0", *a.searchlight_mm);
  if (!(a.tests.level > 0 && a.tests.level < 1))
    fail(ErrorCode::usage, "--level is {}; it must be between 0 and 1", a.tests.level);
  check_conditions(a);
  check_noise(a);
  check_nuisance(a);
  check_bootstraps(a);
  check_importance(a);
}

}  // namespace sociometer::jobs
