#include "engine/learning/ratings.hpp"

#include <cmath>

#include "engine/core/error.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// With two levels, an effect is a contrast of each participant's cells: F is
/// the square of its one-sample t.
RepeatedMeasuresEffect effect_of(const Eigen::VectorXd& contrast) {
  const auto n = double(contrast.size());
  RepeatedMeasuresEffect effect;
  effect.mean_difference = contrast.mean();
  effect.dof2 = n - 1;
  const double error = (contrast.array() - contrast.mean()).square().sum();
  const double explained = n * contrast.mean() * contrast.mean();
  effect.f = explained / (error / effect.dof2);
  effect.p = p_from_f(effect.f, 1, effect.dof2);
  effect.partial_eta_squared = explained / (explained + error);
  return effect;
}

}  // namespace

RepeatedMeasuresAnova repeated_measures_anova(const Eigen::MatrixXd& cells) {
  if (cells.rows() < 2 || cells.cols() != 4 || !cells.allFinite())
    fail(ErrorCode::bad_input,
         "a 2 x 2 analysis of variance needs 4 finite cells of at least 2 participants; there are "
         "{} x {}",
         cells.rows(), cells.cols());
  const auto contrast = [&](double a, double b, double c, double d) -> Eigen::VectorXd {
    return cells * Eigen::Vector4d(a, b, c, d);
  };
  RepeatedMeasuresAnova out{effect_of(contrast(-0.5, -0.5, 0.5, 0.5)),
                            effect_of(contrast(-0.5, 0.5, -0.5, 0.5)),
                            effect_of(contrast(1, -1, -1, 1)),
                            {}};
  for (Eigen::Index c = 0; c < 4; ++c) out.cell_means[c] = cells.col(c).mean();
  return out;
}

}  // namespace sociometer
