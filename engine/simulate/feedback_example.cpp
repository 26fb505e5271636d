#include "engine/simulate/feedback_example.hpp"

#include <cmath>
#include <numbers>

#include "engine/core/random.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kScans = 160;
constexpr int kTrials = 30;
constexpr double kNoise = 12, kBaseline = 1000, kRho = 0.35;

/// Random number streams, disjoint between uses.
enum Stream : uint64_t { kSchedule = 1, kMotion = 100, kVoxelNoise = 1000 };

Grid example_grid() {
  Grid grid;
  grid.size = {22, 26, 20};
  grid.world_from_voxel.diagonal() << -4, 4, 4, 1;
  grid.world_from_voxel.col(3).head<3>() << 42, -62, -36;
  return grid;
}

Mask ellipsoid(const Grid& grid) {
  Mask mask{grid, {}};
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i) {
    const auto p = grid.position(i);
    double r2 = 0;
    for (size_t a = 0; a < 3; ++a) {
      const double half = 0.5 * double(grid.size[a] - 1);
      r2 += std::pow((double(p[a]) - half) / (half - 1), 2);
    }
    if (r2 < 1) mask.voxels.push_back(uint32_t(i));
  }
  return mask;
}

/// `height` inside a sphere, 0 outside.
Eigen::VectorXd sphere(const Mask& mask, const Eigen::Vector3d& centre_mm, double radius_mm,
                       double height) {
  Eigen::VectorXd values(mask.n_voxels());
  for (Eigen::Index i = 0; i < values.size(); ++i)
    values[i] =
        (mask.grid.world(mask.voxels[size_t(i)]) - centre_mm).norm() <= radius_mm ? height : 0;
  return values;
}

Events schedule(const CounterRandom& random) {
  Events events;
  double time = 4;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto draw = [&](uint64_t what) { return random.uniform(uint64_t(trial) * 8 + what); };
    const double rank = std::floor(1 + 8 * draw(0)), spots = std::floor(2 + 6 * draw(1));
    events.push_back({time, 2.0, "choice", 1, {{"match", kMissing}, {"rank", kMissing}}});
    time += 2.5 + 2 * draw(2);
    // Higher is better: rank 1 becomes 8. Every tenth trial hides the rank.
    const double shown = trial % 10 == 9 ? kMissing : 9 - rank;
    events.push_back(
        {time, 0.0, "feedback", 1, {{"match", rank <= spots ? 1.0 : 0.0}, {"rank", shown}}});
    time += 3 + 3 * draw(3);
    for (auto* event : {&events[events.size() - 2], &events.back()})
      event->onset_s = std::round(event->onset_s * 1000) / 1000;  // as rounded in the table
  }
  return events;
}

NamedColumns motion(const CounterRandom& random) {
  NamedColumns out{{"trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"},
                   Eigen::MatrixXd(kScans, 6)};
  for (Eigen::Index c = 0; c < 6; ++c) {
    double position = 0;
    for (Eigen::Index t = 0; t < kScans; ++t) {
      position += (c < 3 ? 0.02 : 0.0004) * random.normal(uint64_t(c) * 100000 + uint64_t(t));
      out.values(t, c) = std::round(position * 1e6) / 1e6;
    }
  }
  return out;
}

DesignOptions truth_options() {
  DesignOptions options;
  options.drift = DriftModel::none;
  options.modulators = {{"feedback", {"match", "rank"}}};
  return options;
}

FeedbackExample::Run make_run(const FeedbackExample& example, uint64_t seed, uint64_t number) {
  FeedbackExample::Run run;
  run.events = schedule(CounterRandom(seed, kSchedule + number));
  run.motion = motion(CounterRandom(seed, kMotion + number));
  const DesignMatrix design =
      make_design(run.events, std::nullopt, example.tr_s, kScans, truth_options());
  Eigen::MatrixXd effects = Eigen::MatrixXd::Zero(design.n_columns(), example.brain.n_voxels());
  for (const auto& [name, values] : example.true_effects)
    if (design.find(name) >= 0) effects.row(design.find(name)) = values.transpose();
  const Eigen::MatrixXd signal = effects.transpose() * design.values.transpose();

  run.bold = Eigen::MatrixXf::Zero(example.brain.grid.n_voxels(), kScans);
  for (Eigen::Index v = 0; v < example.brain.n_voxels(); ++v) {
    const CounterRandom random(seed, kVoxelNoise + 100000 * (number + 1) + uint64_t(v));
    double noise = kNoise * random.normal(0);  // from the stationary distribution
    for (Eigen::Index t = 0; t < kScans; ++t) {
      if (t > 0)
        noise = kRho * noise + kNoise * std::sqrt(1 - kRho * kRho) * random.normal(uint64_t(t));
      const double drift = 10 * std::cos(std::numbers::pi * (double(t) + 0.5) / double(kScans));
      const double moved = 40 * run.motion.values(t, 0);
      run.bold(example.brain.voxels[size_t(v)], t) =
          float(kBaseline + signal(v, t) + drift + moved + noise);
    }
  }
  return run;
}

}  // namespace

FeedbackExample make_feedback_example(uint64_t seed) {
  FeedbackExample example;
  example.brain = ellipsoid(example_grid());
  // The unit-height regressor of an impulse peaks at about 0.008 (1/50 of the box of one TR), so
  // these coefficients give responses of about 10 to 20 signal units.
  example.true_effects["choice"] = sphere(example.brain, {-20, -30, 10}, 12, 25);
  example.true_effects["feedback:match"] = sphere(example.brain, {12, 12, -6}, 12, 4000);
  example.true_effects["feedback:rank"] = sphere(example.brain, {8, 24, 20}, 12, 900);
  for (uint64_t r = 0; r < 2; ++r) example.runs.push_back(make_run(example, seed, r));
  return example;
}

}  // namespace sociometer
