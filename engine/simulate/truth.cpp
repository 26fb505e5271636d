#include "engine/simulate/truth.hpp"

namespace sociometer {
namespace {

const char* const kOutcomeSignal = "feedback:outcome_update";
const char* const kRankSignal = "feedback:rank_update_unsigned";
/// The occipital pole of the phantom is its visual cortex.
constexpr double kSensoryRadiusMm = 22;

Eigen::VectorXd inside(const Phantom& phantom, RegionRole role) {
  Eigen::VectorXd map = Eigen::VectorXd::Zero(phantom.brain.n_voxels());
  // vACC and vmPFC are adjacent: other regions end where a control region begins.
  for (const bool control : {false, true})
    for (const auto& region : study_regions())
      if (control ? region.role == RegionRole::control : region.role == role)
        for (const auto v : voxels_within(phantom.brain, region.centre_mm, region.radius_mm))
          map[v] = !control || role == RegionRole::control;
  return map;
}

}  // namespace

const std::vector<std::string>& truth_columns() {
  static const std::vector<std::string> names{"choice", "feedback", kOutcomeSignal, kRankSignal,
                                              "reciprocity"};
  return names;
}

DesignOptions truth_design_options() {
  DesignOptions options;
  options.drift = DriftModel::none;
  options.modulators = {{"feedback", {"outcome_update", "rank_update_unsigned"}}};
  return options;
}

double response_peak(double duration_s, double tr_s) {
  const auto n = Eigen::Index(std::ceil((32 + duration_s) / tr_s)) + 2;
  const Eigen::VectorXd frames = Eigen::VectorXd::LinSpaced(n, 0, double(n - 1) * tr_s);
  const DesignOptions options = truth_design_options();
  return nilearn_regressors({"event", {0}, {duration_s}, {1}}, frames, options.hrf,
                            options.fine_grid)
      .values.maxCoeff();
}

ResponseMaps make_response_maps(const Phantom& phantom) {
  ResponseMaps maps;
  maps.reward = inside(phantom, RegionRole::reward);
  maps.rejection = inside(phantom, RegionRole::rejection);
  maps.control = inside(phantom, RegionRole::control);
  maps.sensory = Eigen::VectorXd::Zero(phantom.brain.n_voxels());
  for (const auto v : voxels_within(phantom.brain, {0, -92, 4}, kSensoryRadiusMm))
    maps.sensory[v] = phantom.grey[v];
  return maps;
}

Eigen::MatrixXd person_effects(const Phantom& phantom, const ResponseMaps& maps,
                               const SimulationSettings& settings, const Person& person) {
  const TimingSettings& timing = settings.timing;
  const Eigen::VectorXd unit = settings.noise.baseline / 100 * phantom.baseline;  // one percent
  const Eigen::VectorXd event =
      person.event_scale * (settings.response.event_percent * phantom.grey +
                            settings.response.sensory_percent * maps.sensory);
  const double choice = response_peak(timing.choice_s, timing.tr_s),
               feedback = response_peak(timing.feedback_event_s, timing.tr_s),
               reciprocity = response_peak(timing.reciprocity_s, timing.tr_s);
  Eigen::MatrixXd effects(phantom.brain.n_voxels(), Eigen::Index(truth_columns().size()));
  effects.col(0) = event / choice;
  effects.col(1) = event / feedback;
  effects.col(2) = (person.reward.outcome_percent * maps.reward +
                    person.rejection.outcome_percent * maps.rejection +
                    person.control.outcome_percent * maps.control) /
                   feedback;
  effects.col(3) =
      (person.reward.rank_percent * maps.reward + person.rejection.rank_percent * maps.rejection +
       person.control.rank_percent * maps.control) /
      feedback;
  effects.col(4) = event / reciprocity;
  return unit.asDiagonal() * effects;
}

Person mean_person(const SimulationSettings& settings) {
  Person person;
  person.reward = mean_response(settings.response, RegionRole::reward);
  person.rejection = mean_response(settings.response, RegionRole::rejection);
  person.control = mean_response(settings.response, RegionRole::control);
  return person;
}

Eigen::VectorXd noise_factors(const ResponseMaps& maps, const NoiseSettings& settings) {
  const ByRole& f = settings.role_factor;
  return 1 + (f.reward - 1) * maps.reward.array() + (f.rejection - 1) * maps.rejection.array() +
         (f.control - 1) * maps.control.array();
}

Eigen::MatrixXd truth_regressors(const Events& events, double tr_s, Eigen::Index n_scans) {
  const DesignMatrix design =
      make_design(events, std::nullopt, tr_s, n_scans, truth_design_options());
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(n_scans, Eigen::Index(truth_columns().size()));
  for (size_t c = 0; c < truth_columns().size(); ++c)
    if (const auto found = design.find(truth_columns()[c]); found >= 0)
      out.col(Eigen::Index(c)) = design.values.col(found);
  return out;
}

}  // namespace sociometer
