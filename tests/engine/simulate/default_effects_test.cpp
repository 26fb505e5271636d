// Size of the simulator's default effects, by calculation: variance of a region's mean at the first
// level from the noise settings, between participants from the response settings.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/simulate/confounds.hpp"
#include "engine/simulate/play.hpp"
#include "engine/simulate/schedule_search.hpp"
#include "engine/simulate/streams.hpp"
#include "engine/simulate/truth.hpp"

namespace sociometer {
namespace {

constexpr int kGroupSize = 40;

const Phantom& small_head() {
  static const Phantom phantom = make_phantom(simulation_grid("tiny"));
  return phantom;
}

/// Voxels in the spheres of some regions.
std::vector<Eigen::Index> voxels_of(const std::vector<std::string>& names) {
  std::vector<char> inside(size_t(small_head().brain.n_voxels()), 0);
  for (const auto& name : names) {
    const StudyRegion& region = study_region(name);
    for (const auto v : voxels_within(small_head().brain, region.centre_mm, region.radius_mm))
      inside[size_t(v)] = 1;
  }
  std::vector<Eigen::Index> out;
  for (size_t v = 0; v < inside.size(); ++v)
    if (inside[v]) out.push_back(Eigen::Index(v));
  return out;
}

/// Variance of the mean over a region's voxels, signal units squared:
/// autocorrelated part and white part.
struct MeanNoise {
  double autocorrelated = 0, white = 0;
};

MeanNoise mean_noise(const std::vector<Eigen::Index>& voxels, const NoiseSettings& noise) {
  const Mask& brain = small_head().brain;
  const double n = double(voxels.size()), unit = noise.baseline / 100;
  // A field smoothed by a Gaussian of this width has correlation exp(-d^2 / 4 sigma^2).
  const double sigma = noise.fwhm_mm / std::sqrt(8 * std::log(2.0));
  MeanNoise out;
  for (const auto a : voxels)
    for (const auto b : voxels) {
      const double both =
          unit * unit * small_head().baseline[a] * small_head().baseline[b] / (n * n);
      const double mm =
          (brain.grid.world(brain.voxels[size_t(a)]) - brain.grid.world(brain.voxels[size_t(b)]))
              .squaredNorm();
      out.autocorrelated +=
          both * noise.ar_percent * noise.ar_percent * std::exp(-mm / (4 * sigma * sigma));
      if (a == b) out.white += both * noise.white_percent * noise.white_percent;
    }
  return out;
}

/// Variance of both signals' effects in one run by generalised least squares: events, signals,
/// drift, motion and constant.
Eigen::Vector2d run_variances(const Events& events, const Eigen::MatrixXd& motion,
                              const SimulationSettings& settings, const MeanNoise& noise) {
  DesignOptions options = truth_design_options();
  options.drift = DriftModel::cosine;
  const Eigen::Index n = motion.rows();
  const DesignMatrix design = make_design(events, std::nullopt, settings.timing.tr_s, n, options);
  Eigen::MatrixXd x(n, design.values.cols() + 6), v(n, n);
  x << design.values, motion;
  for (Eigen::Index s = 0; s < n; ++s)
    for (Eigen::Index t = 0; t < n; ++t)
      v(s, t) =
          noise.autocorrelated * std::pow(settings.noise.ar_coefficient, double(std::abs(s - t))) +
          (s == t ? noise.white : 0);
  const Eigen::MatrixXd information = x.transpose() * v.llt().solve(x);
  const Eigen::MatrixXd covariance =
      information.ldlt().solve(Eigen::MatrixXd::Identity(x.cols(), x.cols()));
  const auto a = design.find("feedback:outcome_update"),
             b = design.find("feedback:rank_update_unsigned");
  return {covariance(a, a), covariance(b, b)};
}

/// Mean over participants of the variances of both effects, two runs combined by precision.
Eigen::Vector2d first_level_variances(const MeanNoise& noise, const SimulationSettings& settings,
                                      int n_people) {
  const LearningSettings learning;
  const auto deciders = make_deciders(settings.game);
  Eigen::Vector2d sum = Eigen::Vector2d::Zero();
  for (int number = 1; number <= n_people; ++number) {
    const Person person = draw_person(settings, 1, number, n_people);
    const auto schedule = choose_schedule(settings, learning, 2, 60, 1, 1, number).schedule;
    const PlayedGame game = play(settings, learning, deciders, schedule, person, 1, number);
    const double parameters[] = {person.w, person.beta};
    const auto signals =
        trial_signals(*hybrid_learner(learning), learning, game.participant, parameters);
    Eigen::Vector2d precision = Eigen::Vector2d::Zero();
    for (size_t run = 0; run < 2; ++run) {
      const Eigen::MatrixXd motion =
          simulate_motion(settings.noise, game.runs[run].n_scans,
                          CounterRandom(1, stream_of(RandomUse::motion, uint64_t(number), run)));
      precision +=
          run_variances(events_of_run(game, run, settings.timing, signals), motion, settings, noise)
              .cwiseInverse();
    }
    sum += precision.cwiseInverse() / double(n_people);
  }
  return sum;
}

/// Mean over its standard error for this many participants, given the variance of true effects.
double expected_t(double mean, double variance_within, double slope, double rest) {
  const double between = mean * mean * (slope * slope + rest * rest);
  return mean / std::sqrt((between + variance_within) / kGroupSize);
}

double mean_effect(const std::vector<Eigen::Index>& voxels, Eigen::Index column) {
  const SimulationSettings settings;
  const Eigen::MatrixXd effects = person_effects(small_head(), make_response_maps(small_head()),
                                                 settings, mean_person(settings));
  double sum = 0;
  for (const auto v : voxels) sum += effects(v, column) / double(voxels.size());
  return sum;
}

TEST(DefaultEffects, GiveGroupTOfFiveForOutcomeAndTwoForRankAtFortyPeople) {
  const SimulationSettings settings;
  const ResponseSettings& r = settings.response;
  const auto striatum = voxels_of({"ventralStriatumL", "ventralStriatumR"});
  const auto network =
      voxels_of({"dACC", "vACC", "anteriorInsulaL", "anteriorInsulaR", "vlPFCL", "vlPFCR"});
  const int people = 8;  // for whom designs are made: they differ little
  const double outcome =
      first_level_variances(mean_noise(striatum, settings.noise), settings, people)[0];
  const double rank =
      first_level_variances(mean_noise(network, settings.noise), settings, people)[1];
  const double t_outcome =
      expected_t(mean_effect(striatum, 2), outcome, r.outcome_per_depression, r.effect_sd);
  const double t_rank = expected_t(mean_effect(network, 3), rank, r.rank_per_anxiety, r.effect_sd);
  RecordProperty("t_outcome", std::to_string(t_outcome));
  RecordProperty("t_rank", std::to_string(t_rank));
  EXPECT_NEAR(t_outcome, 5, 0.25);
  EXPECT_NEAR(t_rank, 2, 0.15);
}

}  // namespace
}  // namespace sociometer
