#include "engine/roi/claim_rates.hpp"

#include <cmath>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"

namespace sociometer {
namespace {

Eigen::Matrix4d root_of(const Eigen::Matrix4d& covariance) {
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(covariance);
  const Eigen::Vector4d values = solver.eigenvalues();
  if (!covariance.allFinite() || values[0] < -1e-9 * std::max(values[3], 1e-300))
    fail(ErrorCode::bad_input,
         "the covariance of effects is not positive semidefinite: its smallest eigenvalue is {}",
         values[0]);
  return solver.eigenvectors() * values.cwiseMax(0).cwiseSqrt().asDiagonal();
}

Eigen::MatrixXd draw(const RegionSignalWorld& world, const Eigen::Matrix4d& root, Eigen::Index n,
                     const CounterRandom& random) {
  Eigen::MatrixXd cells(n, 4);
  for (Eigen::Index i = 0; i < n; ++i) {
    Eigen::Vector4d z;
    for (int c = 0; c < 4; ++c) z[c] = random.normal(uint64_t(4 * i + c));
    cells.row(i) = (world.mean + root * z).transpose();
  }
  return cells;
}

/// Outcome of one study.
struct Outcome {
  Verdict verdict;
  bool expected, zeros, interaction;
};

Outcome judge_study(const Eigen::MatrixXd& cells, const EvidenceRule& rule) {
  const PairFigures figures = pair_figures(cells, rule);
  const PairVerdict v = judge({figures}, rule)[0];
  const MeanFigures interaction =
      mean_figures(cells.col(0) - cells.col(1) - cells.col(2) + cells.col(3), rule);
  return {v.verdict, v.signal_of_first == 0,
          zero_supported(figures.cell[0][1], rule) && zero_supported(figures.cell[1][0], rule),
          interaction.p < rule.alpha};
}

}  // namespace

RegionSignalWorld region_signal_world(const Eigen::Vector4d& mean, double noise_a, double noise_b,
                                      double between_regions, double between_signals) {
  RegionSignalWorld world{mean, {}};
  const Eigen::Vector4d sd(noise_a, noise_a, noise_b, noise_b);
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      const double regions = i / 2 == j / 2 ? 1 : between_regions;
      const double signals = i % 2 == j % 2 ? 1 : between_signals;
      world.covariance(i, j) = sd[i] * sd[j] * regions * signals;
    }
  return world;
}

ClaimRates claim_rates(const RegionSignalWorld& world, Eigen::Index n, uint64_t studies,
                       const EvidenceRule& rule, uint64_t seed, int n_threads) {
  if (n < 3) fail(ErrorCode::bad_input, "{} participants per study; at least 3 are needed", n);
  const Eigen::Matrix4d root = root_of(world.covariance);
  std::vector<Outcome> outcomes(studies);
  parallel_for(Eigen::Index(studies), n_threads, [&](Eigen::Index k) {
    outcomes[size_t(k)] = judge_study(draw(world, root, n, CounterRandom(seed, uint64_t(k))), rule);
  });
  ClaimRates rates;
  rates.studies = studies;
  const double share = 1 / double(studies);
  for (const Outcome& o : outcomes) {
    const bool selective = o.verdict == Verdict::selective_double_dissociation,
               dissociated = selective || o.verdict == Verdict::double_dissociation;
    rates.double_dissociation += share * dissociated;
    rates.selective += share * selective;
    rates.single_dissociation += share * (o.verdict == Verdict::single_dissociation);
    rates.alike += share * (o.verdict == Verdict::alike);
    rates.open += share * (o.verdict == Verdict::open);
    rates.as_expected += share * (dissociated && o.expected);
    rates.zeros += share * o.zeros;
    rates.interaction += share * o.interaction;
  }
  return rates;
}

}  // namespace sociometer
