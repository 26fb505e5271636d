#include "cli/jobs/group/group_request.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/given.hpp"
#include "cli/jobs/group/group_effects.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/output_set.hpp"
#include "io/bytes/path_glob.hpp"

namespace sociometer::jobs {
namespace {

void check_participants(const ParticipantsRequest& a) {
  if (!a.table.empty()) return;
  const auto refuse = [](const char* option) {
    fail(ErrorCode::usage, "{} needs --participants, the table that has the columns", option);
  };
  if (!a.covariates.empty()) refuse("--covariates");
  if (!a.factors.empty()) refuse("--factor");
  if (!a.interactions.empty()) refuse("--interactions");
  if (a.missing != ParticipantsRequest{}.missing || !a.missing_in.empty())
    refuse("--missing-covariates");
  if (a.center != ParticipantsRequest{}.center) refuse("--center-covariates");
  if (a.in_order) refuse("--in-order");
}

void check_design(const GroupDesignRequest& a) {
  check_participants(a.participants);
  if (!a.table.empty() && !a.participants.table.empty())
    fail(ErrorCode::usage, "--design and --participants both make the design; give one of them");
  if (a.add_intercept && a.no_intercept)
    fail(ErrorCode::usage, "--add-intercept and --no-intercept contradict each other");
  if (a.table.empty() && a.participants.table.empty() && a.no_intercept)
    fail(ErrorCode::usage, "--no-intercept needs --design or --participants");
}

void check_model(const GroupModelRequest& a, const EffectMapsRequest& maps) {
  const std::string method = name_of(a.method);
  if (takes_variances(a.method) && maps.variances.empty() &&
      !has_folder(expand_globs(maps.effects)))
    fail(ErrorCode::usage, "--method {} needs first-level variances; give --variances", method);
  if (!takes_variances(a.method) && !maps.variances.empty())
    fail(ErrorCode::usage,
         "--method {} does not use --variances; take mixed or fixed, or leave "
         "them out",
         method);
  if (a.method != GroupMethod::mixed &&
      (a.knapp_hartung || a.between != GroupModelRequest{}.between))
    fail(ErrorCode::usage,
         "--knapp-hartung and --between-variance belong to --method mixed, not {}", method);
  if (!(a.huber_k > 0) || !std::isfinite(a.huber_k))
    fail(ErrorCode::usage, "--huber-k is {}; it must be positive", a.huber_k);
  if (a.method == GroupMethod::robust && !a.variance_groups.empty())
    fail(ErrorCode::usage, "--method robust has no variance groups; leave --variance-groups out");
}

void check_connectivity(const char* option, int connectivity) {
  if (connectivity != 6 && connectivity != 18 && connectivity != 26)
    fail(ErrorCode::usage, "{} is {}; it must be 6, 18 or 26", option, connectivity);
}

void check_numbers(const GroupInferenceRequest& a) {
  const auto in_unit = [](double value, const char* option, double most) {
    if (!(value > 0) || !(value < most))
      fail(ErrorCode::usage, "{} is {}; it must lie between 0 and {}", option, value, most);
  };
  in_unit(a.forming_p, "--cluster-forming-p", 0.5);
  in_unit(a.alpha, "--alpha", 0.5);
  in_unit(a.interval, "--interval", 1);
  check_connectivity("--connectivity", a.connectivity);
  if (a.min_cluster < 1)
    fail(ErrorCode::usage, "--min-cluster-size is {}; at least 1", a.min_cluster);
  if (!(a.peak_distance_mm >= 0) || !std::isfinite(a.peak_distance_mm))
    fail(ErrorCode::usage, "--peak-distance is {} mm; it must be 0 or more", a.peak_distance_mm);
  for (const auto& [option, scale] :
       {std::pair{"--bayes-scale", a.bayes_scale}, {"--bayes-slope-scale", a.bayes_slope_scale}})
    if (!(scale > 0) || !std::isfinite(scale))
      fail(ErrorCode::usage, "{} is {}; it must be positive", option, scale);
}

void check_inference(const GroupInferenceRequest& a, const GroupModelRequest& model) {
  check_numbers(a);
  if (!a.atlas_labels.empty() && a.atlas_labels.size() != a.atlases.size())
    fail(ErrorCode::usage, "{} --atlas-labels for {} --atlas; give one table per atlas",
         a.atlas_labels.size(), a.atlases.size());
  if (!a.effect_sizes && !a.bayes_factors) return;
  if (model.method != GroupMethod::ols)
    fail(
        ErrorCode::usage,
        "--effect-size and --bayes-factor belong to --method ols, not {}: they are in units of the "
        "residual standard deviation of least squares",
        name_of(model.method));
  if (!model.variance_groups.empty())
    fail(
        ErrorCode::usage,
        "--effect-size and --bayes-factor need one residual variance; leave --variance-groups out");
}

std::string words_of(const std::vector<ShuffledMap>& maps) {
  std::string words;
  for (const ShuffledMap map : maps) words += (words.empty() ? "" : ",") + name_of(map);
  return words;
}

/// Refuses options that have a meaning only with permutations.
void check_that_nothing_is_shuffled(const GroupRequest& request) {
  const GroupPermutationRequest& a = request.permutation;
  const auto refuse = [](const std::string& what) {
    fail(ErrorCode::usage, "{} needs --permutations N", what);
  };
  if (a.statistics != GroupPermutationRequest{}.statistics)
    refuse("--statistic " + words_of(a.statistics));
  if (a.exchange) refuse("--exchange " + name_of(*a.exchange));
  if (a.block_exchange != GroupPermutationRequest{}.block_exchange)
    refuse("--block-exchange " + name_of(a.block_exchange));
  if (a.correct_contrasts) refuse("--correct-contrasts");
  if (a.cluster_threshold) refuse("--cluster-forming-threshold");
  if (a.tail != TailMethod::none) refuse("--tail " + name_of(a.tail));
  if (request.shard)
    fail(ErrorCode::usage, "--shard {}/{} needs --permutations N: it splits shuffles",
         request.shard->number, request.shard->of);
  if (!request.checkpoint.empty())
    fail(ErrorCode::usage, "--checkpoint {} needs --permutations N: it keeps shuffles",
         request.checkpoint);
}

void check_tfce(const GroupPermutationRequest& a) {
  check_connectivity("--tfce-connectivity", a.tfce_connectivity);
  for (const auto& [option, value] : {std::pair{"--tfce-e", a.tfce_e}, {"--tfce-h", a.tfce_h}})
    if (!(value >= 0 && value <= 10))
      fail(ErrorCode::usage, "{} is {}; it must be 0 to 10", option, value);
  if (a.tfce_uncorrected && !a.wants(ShuffledMap::tfce))
    fail(ErrorCode::usage, "--tfce-uncorrected needs tfce in --statistic, which is {}",
         words_of(a.statistics));
}

void check_permutation(const GroupRequest& request) {
  const GroupPermutationRequest& a = request.permutation;
  constexpr int64_t kMost = 1'000'000'000;
  if (a.permutations < 0 || a.permutations > kMost)
    fail(ErrorCode::usage, "--permutations is {}; it must be 0 to {}", a.permutations, kMost);
  if (!a.blocks.empty() && a.permutations == 0)
    fail(ErrorCode::usage,
         "--blocks {} needs --permutations N: blocks say what may change places; for several maps "
         "of a participant in the model itself give --within",
         a.blocks);
  if (a.cluster_threshold && !(*a.cluster_threshold > 0 && std::isfinite(*a.cluster_threshold)))
    fail(ErrorCode::usage, "--cluster-forming-threshold is {}; it must be above 0",
         *a.cluster_threshold);
  check_tfce(a);
  if (!(a.tail_p > 0 && a.tail_p <= 1))
    fail(ErrorCode::usage, "--tail-p is {}; it must be above 0 and at most 1", a.tail_p);
  if (a.permutations == 0)
    check_that_nothing_is_shuffled(request);
  else if (request.model.method != GroupMethod::ols)
    fail(ErrorCode::usage, "--permutations tests the ols model; leave out --method {}",
         name_of(request.model.method));
}

}  // namespace

bool GroupPermutationRequest::wants(ShuffledMap map) const {
  return std::ranges::find(statistics, map) != statistics.end();
}

void check(const GroupRequest& request) {
  require_given(!request.maps.effects.empty(), "--effects");
  if (!request.prefix.empty()) check_output_name(request.prefix);
  check_design(request.design);
  check_model(request.model, request.maps);
  check_inference(request.inference, request.model);
  if (request.shard && (request.shard->number < 1 || request.shard->number > request.shard->of))
    fail(ErrorCode::usage, "--shard is {}/{}; the first number must be 1 to {}",
         request.shard->number, request.shard->of, request.shard->of);
  check_permutation(request);
  if (!(request.checkpoint_every_s >= 0))
    fail(ErrorCode::usage, "--checkpoint-every is {} s; it must be 0 or more",
         request.checkpoint_every_s);
}

}  // namespace sociometer::jobs
