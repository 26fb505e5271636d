#include "engine/glm/noise_strategy.hpp"

#include <algorithm>

#include "engine/core/error.hpp"
#include "engine/glm/noise/kinds.hpp"

namespace sociometer {
namespace {

void check_run_starts(const std::vector<Eigen::Index>& starts, Eigen::Index n_scans) {
  for (size_t i = 0; i < starts.size(); ++i)
    if (i == 0 ? starts[i] != 0 : starts[i] <= starts[i - 1] || starts[i] >= n_scans)
      fail(ErrorCode::usage,
           "the run starts must begin with 0 and ascend below the {} scans; its number {} is {}",
           n_scans, i + 1, starts[i]);
}

/// The model for an image that holds several runs.
/// @param starts  their first scans; with a single one the model is unchanged.
void set_run_starts(NoiseModel& model, const std::vector<Eigen::Index>& starts) {
  using BetweenRuns = NoiseStrategy::BetweenRuns;
  if (starts.size() < 2) return;
  if (!model.run_starts.empty() && model.run_starts != starts)
    fail(ErrorCode::usage, "the run starts are {}, the RunStart of its design {}",
         fmt::join(model.run_starts, " "), fmt::join(starts, " "));
  const BetweenRuns between = strategy_of(model).between_runs();
  if (between == BetweenRuns::crosses)
    fail(ErrorCode::bad_input,
         "by its RunStart ({}) the design is of {} runs in one image, and {} would carry noise "
         "from one run into the next; use the noise model arma11 or ols, or each run as an image "
         "with a design of its own",
         fmt::join(starts, ","), starts.size(), to_string(model));
  if (between == BetweenRuns::apart) model.run_starts = starts;
}

class NoWhitening : public SeriesWhitening {
 public:
  Eigen::MatrixXd whiten(const Eigen::MatrixXd& columns) const override { return columns; }
};

}  // namespace

std::unique_ptr<const SeriesWhitening> no_whitening() { return std::make_unique<NoWhitening>(); }

const std::vector<const NoiseStrategy*>& noise_strategies() {
  static const std::vector<const NoiseStrategy*> all{
      &white_noise(),   &autoregressive_noise(), &nilearn_noise(),  &arma_noise(),
      &mixture_noise(), &spm_ar1_noise(),        &spm_fast_noise(), &tukey_noise()};
  return all;
}

const NoiseStrategy& strategy_of(NoiseModel::Kind kind) {
  const auto& all = noise_strategies();
  const auto found =
      std::ranges::find_if(all, [&](const NoiseStrategy* s) { return s->kind() == kind; });
  require(found != all.end(), "every kind of noise model has a strategy");
  return **found;
}

const StreamedNoise& streamed_noise(const NoiseModel& model) {
  const StreamedNoise* noise = strategy_of(model).streamed();
  require(noise != nullptr, "sums are for noise models that stream");
  return *noise;
}

const SeriesNoise& series_noise(const NoiseModel& model) {
  const SeriesNoise* noise = strategy_of(model).series();
  require(noise != nullptr, "a series is for noise models that do not stream");
  return *noise;
}

NoiseModel noise_model_of_run(NoiseModel model, const RunTiming& run) {
  check_run_starts(model.run_starts, run.n_scans);
  set_run_starts(model, run.starts);
  model.tr_s = run.tr_s;
  strategy_of(model).adapt(model, run);
  return model;
}

bool is_white(const NoiseModel& model) { return strategy_of(model).is_white(); }

bool needs_equal_times(const NoiseModel& model) { return strategy_of(model).needs_equal_times(); }

bool separates_runs(const NoiseModel& model) {
  return strategy_of(model).between_runs() == NoiseStrategy::BetweenRuns::apart;
}

bool tapers(const NoiseModel& model) { return describe(model).tukey_lags.has_value(); }

bool has_one_process(const NoiseModel& model) { return strategy_of(model).has_one_process(); }

NoiseDescription describe(const NoiseModel& model) {
  NoiseDescription out = strategy_of(model).describe(model);
  if (model.can_smooth()) out.smoothing_fwhm_mm = model.smoothing_fwhm_mm;
  return out;
}

}  // namespace sociometer
