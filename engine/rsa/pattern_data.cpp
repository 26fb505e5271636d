#include "engine/rsa/pattern_data.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/masked_values.hpp"

namespace sociometer {
namespace {

/// Whether the values of the trials of some run are all 0.
bool lacks_a_run(const Eigen::Ref<const Eigen::VectorXd>& values,
                 const std::vector<PatternTrial>& trials) {
  std::map<int, bool> has;
  for (size_t t = 0; t < trials.size(); ++t) has[trials[t].run] |= values[Eigen::Index(t)] != 0;
  return std::any_of(has.begin(), has.end(), [](const auto& run) { return !run.second; });
}

bool varies(const Eigen::Ref<const Eigen::VectorXd>& residuals) {
  const double squares = residuals.squaredNorm();
  return squares > 0 && std::isfinite(squares);
}

}  // namespace

std::vector<Eigen::Index> usable_voxels(const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                                        const std::vector<PatternTrial>& trials,
                                        const PatternNoise& noise) {
  const bool with_noise = noise.residuals.size() > 0;
  require(amplitudes.rows() == Eigen::Index(trials.size()), "an amplitude of every trial");
  require(!with_noise || noise.residuals.cols() == amplitudes.cols(), "noise of the same voxels");
  std::vector<Eigen::Index> usable;
  for (Eigen::Index v = 0; v < amplitudes.cols(); ++v) {
    const auto values = amplitudes.col(v);
    if (!values.allFinite() || lacks_a_run(values, trials)) continue;
    if (with_noise && !varies(noise.residuals.col(v))) continue;
    usable.push_back(v);
  }
  return usable;
}

PatternNoise joined_noise(std::vector<Eigen::MatrixXd> runs, Eigen::Index n_voxels, double dof) {
  for (Eigen::MatrixXd& run : runs) run.rowwise() -= run.colwise().mean();
  return {stacked(runs, n_voxels), dof};
}

}  // namespace sociometer
