#include "engine/group/mixed_effects.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/group/grouped_variance.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
constexpr Index kLanes = 8;
constexpr Index kMaxIterations = 200;
/// Convergence: change of tau2 relative to tau2 and the typical first-level variance.
constexpr double kSettled = 1e-10;
/// A pivot this small relative to its diagonal means linearly dependent columns.
constexpr double kSingular = 1e-12;
using Lane = Eigen::Array<double, kLanes, 1>;

/// 8 voxels side by side: the same sums for each, so that the compiler can vectorise.
class Tile {
 public:
  Tile(Index n, const Eigen::MatrixXd& design)
      : n_(n), p_(design.cols()), design_(design), y_(n), v_(n), present_(n) {
    for (auto* m : {&a_, &b_, &c_}) m->resize(size_t(p_ * p_));
    beta_.resize(size_t(p_));
  }

  void load(const Eigen::Ref<const Eigen::MatrixXd>& effects,
            const Eigen::Ref<const Eigen::MatrixXd>& variances, Index first, Index count) {
    participants_.setZero();
    for (Index l = 0; l < kLanes; ++l)
      for (Index i = 0; i < n_; ++i) {
        const double y = l < count ? effects(i, first + l) : 0;
        const double v = l < count ? variances(i, first + l) : 0;
        const bool ok = std::isfinite(y) && std::isfinite(v) && v > 0;
        y_[i][l] = ok ? y : 0;
        v_[i][l] = ok ? v : 1;
        present_[i][l] = ok ? 1 : 0;
        participants_[l] += present_[i][l];
      }
  }

  /// Weighted least squares at tau2, and the terms of the restricted likelihood's slope.
  void evaluate(const Lane& tau2) {
    for (auto* m : {&a_, &b_, &c_}) std::fill(m->begin(), m->end(), Lane::Zero());
    std::fill(beta_.begin(), beta_.end(), Lane::Zero());
    Lane w_sum = Lane::Zero(), w2_sum = Lane::Zero();
    for (Index i = 0; i < n_; ++i) {
      const Lane w = present_[i] / (v_[i] + tau2), w2 = w * w, w3 = w2 * w;
      w_sum += w;
      w2_sum += w2;
      for (Index j = 0; j < p_; ++j) {
        const double xj = design_(i, j);
        beta_[j] += (xj * w) * y_[i];
        for (Index k = 0; k <= j; ++k) {
          const double xx = xj * design_(i, k);
          a_[at(j, k)] += xx * w;
          b_[at(j, k)] += xx * w2;
          c_[at(j, k)] += xx * w3;
        }
      }
    }
    factor();
    solve();
    const Lane half_b = whiten(b_, true), half_c = whiten(c_, false);
    trace_p = w_sum - half_b;
    trace_pp = w2_sum - 2 * half_c + squares_;
    weighted_squares.setZero();
    y_ppy_.setZero();
    for (Index i = 0; i < n_; ++i) {
      const Lane w = present_[i] / (v_[i] + tau2);
      Lane fitted = Lane::Zero();
      for (Index j = 0; j < p_; ++j) fitted += design_(i, j) * beta_[j];
      const Lane r = y_[i] - fitted;
      const Lane wr = w * r;
      weighted_squares += wr * r;
      y_ppy_ += wr * wr;
    }
  }

  /// The restricted log-likelihood at the last evaluated point, up to a constant.
  Lane log_likelihood(const Lane& tau2) const {
    Lane sum = -weighted_squares;
    // One logarithm for several weights: their product stays in range.
    constexpr Index kTogether = 8;
    for (Index first = 0; first < n_; first += kTogether) {
      Lane product = Lane::Ones();
      for (Index i = first; i < std::min(n_, first + kTogether); ++i)
        product *= (present_[i] > 0).select(v_[i] + tau2, 1.0);
      sum -= product.log();
    }
    for (Index j = 0; j < p_; ++j) sum -= 2 * a_[at(j, j)].log();
    return 0.5 * sum;
  }

  /// Variance of the effects about their mean: a start above most maxima.
  Lane spread() {
    Lane mean = Lane::Zero(), squares = Lane::Zero();
    for (Index i = 0; i < n_; ++i) mean += y_[i];
    mean /= participants_.max(1.0);
    for (Index i = 0; i < n_; ++i) squares += present_[i] * (y_[i] - mean).square();
    return squares / (participants_ - 1).max(1.0);
  }

  /// Fisher scoring's step from the last evaluated point.
  Lane step() const { return (y_ppy_ - trace_p) / trace_pp; }

  const std::vector<Lane>& beta() const { return beta_; }
  const Lane& participants() const { return participants_; }
  const Lane& smallest_pivot() const { return smallest_pivot_; }
  /// Cholesky factor of X'WX in one lane.
  Eigen::MatrixXd factor_of(Index lane) const {
    Eigen::MatrixXd l = Eigen::MatrixXd::Zero(p_, p_);
    for (Index j = 0; j < p_; ++j)
      for (Index k = 0; k <= j; ++k) l(j, k) = a_[at(j, k)][lane];
    return l;
  }

  Lane trace_p, trace_pp, weighted_squares;

 private:
  size_t at(Index j, Index k) const { return size_t(j * p_ + k); }

  void factor() {
    smallest_pivot_.setOnes();
    for (Index j = 0; j < p_; ++j) {
      const Lane diagonal = a_[at(j, j)].max(1e-300);
      for (Index k = 0; k < j; ++k) {
        Lane sum = a_[at(j, k)];
        for (Index m = 0; m < k; ++m) sum -= a_[at(j, m)] * a_[at(k, m)];
        a_[at(j, k)] = sum / a_[at(k, k)];
      }
      Lane pivot = a_[at(j, j)];
      for (Index m = 0; m < j; ++m) pivot -= a_[at(j, m)].square();
      smallest_pivot_ = smallest_pivot_.min(pivot / diagonal);
      a_[at(j, j)] = pivot.max(kSingular * diagonal).sqrt();
    }
  }

  void solve() {
    for (Index j = 0; j < p_; ++j) {
      for (Index k = 0; k < j; ++k) beta_[j] -= a_[at(j, k)] * beta_[k];
      beta_[j] /= a_[at(j, j)];
    }
    for (Index j = p_ - 1; j >= 0; --j) {
      for (Index k = j + 1; k < p_; ++k) beta_[j] -= a_[at(k, j)] * beta_[k];
      beta_[j] /= a_[at(j, j)];
    }
  }

  /// Trace of A^-1 M for a symmetric M given by its lower half, which is overwritten with
  /// L^-1 M L^-T; its squared norm, tr(A^-1 M A^-1 M), on request.
  Lane whiten(std::vector<Lane>& m, bool squares) {
    for (Index j = 0; j < p_; ++j)
      for (Index k = 0; k < j; ++k) m[at(k, j)] = m[at(j, k)];
    for (Index column = 0; column < p_; ++column)  // L^-1 M
      for (Index j = 0; j < p_; ++j) {
        for (Index k = 0; k < j; ++k) m[at(j, column)] -= a_[at(j, k)] * m[at(k, column)];
        m[at(j, column)] /= a_[at(j, j)];
      }
    for (Index row = 0; row < p_; ++row)  // (L^-1 M) L^-T
      for (Index j = 0; j < p_; ++j) {
        for (Index k = 0; k < j; ++k) m[at(row, j)] -= a_[at(j, k)] * m[at(row, k)];
        m[at(row, j)] /= a_[at(j, j)];
      }
    Lane trace = Lane::Zero();
    for (Index j = 0; j < p_; ++j) trace += m[at(j, j)];
    if (squares) {
      squares_.setZero();
      for (const Lane& x : m) squares_ += x.square();
    }
    return trace;
  }

  Index n_, p_;
  const Eigen::MatrixXd& design_;
  std::vector<Lane> y_, v_, present_;
  std::vector<Lane> a_, b_, c_, beta_;
  Lane participants_, smallest_pivot_, squares_, y_ppy_;
};

/// tau2 >= 0 where the slope of the restricted likelihood is zero, or 0 if the slope there is < 0.
/// @param tau2  starting value.
Lane maximise(Tile& tile, Lane tau2, const Lane& typical) {
  Lane low = Lane::Zero(), high = Lane::Constant(std::numeric_limits<double>::infinity());
  Eigen::Array<bool, kLanes, 1> settled = Eigen::Array<bool, kLanes, 1>::Constant(false);
  for (Index iteration = 0; iteration < kMaxIterations && !settled.all(); ++iteration) {
    tile.evaluate(tau2);
    const Lane step = tile.step();
    for (Index l = 0; l < kLanes; ++l) {
      if (settled[l]) continue;
      // Scoring may overshoot; the slope's sign brackets the root.
      (step[l] > 0 ? low : high)[l] = tau2[l];
      double next = std::max(0.0, tau2[l] + step[l]);
      if (!(next > low[l] && next < high[l]) && next > 0 && std::isfinite(high[l]))
        next = 0.5 * (low[l] + high[l]);
      settled[l] = !(std::abs(next - tau2[l]) > kSettled * (next + typical[l]));
      tau2[l] = next;
    }
  }
  return tau2;
}

/// The better of the maxima found from the moment estimate and from the spread of the effects,
/// or 0. With very unequal variances the restricted likelihood can have two maxima.
Lane most_likely(Tile& tile, const Lane& moments, const Lane& spread, const Lane& typical) {
  Lane best = Lane::Zero();
  tile.evaluate(best);
  Lane top = tile.log_likelihood(best);
  for (const Lane& start : {moments, spread}) {
    const Lane found = maximise(tile, start, typical);
    tile.evaluate(found);
    const Lane there = tile.log_likelihood(found);
    for (Index l = 0; l < kLanes; ++l)
      if (there[l] > top[l]) {
        top[l] = there[l];
        best[l] = found[l];
      }
  }
  return best;
}

void check(const Eigen::Ref<const Eigen::MatrixXd>& effects,
           const Eigen::Ref<const Eigen::MatrixXd>& variances,
           const Eigen::Ref<const Eigen::MatrixXd>& design,
           const std::vector<Eigen::MatrixXd>& contrasts, const MixedOptions& options) {
  if (effects.rows() != variances.rows() || effects.cols() != variances.cols())
    fail(ErrorCode::shape_mismatch, "{}x{} effects but {}x{} variances", effects.rows(),
         effects.cols(), variances.rows(), variances.cols());
  check_group_model(effects.rows(), design, contrasts);
  if (!options.variance_groups.empty() && Index(options.variance_groups.size()) != effects.rows())
    fail(ErrorCode::shape_mismatch, "{} variance groups for {} participants",
         options.variance_groups.size(), effects.rows());
}

/// Results of the voxels [first, first + count) of a tile.
void fit_tile(Tile& tile, Index first, Index count,
              const Eigen::Ref<const Eigen::MatrixXd>& effects,
              const Eigen::Ref<const Eigen::MatrixXd>& variances,
              const std::vector<Eigen::MatrixXd>& contrasts, Index n_columns,
              const MixedOptions& options, MixedEffectsMaps& maps) {
  tile.load(effects, variances, first, count);
  tile.evaluate(Lane::Zero());
  const Lane dof = tile.participants() - double(n_columns);
  const Lane q = tile.weighted_squares, trace_p = tile.trace_p;
  const Lane typical = (dof / trace_p).max(1e-300);
  Lane tau2 = Lane::Zero();
  if (options.between != BetweenVariance::none) tau2 = ((q - dof) / trace_p).max(0.0);
  // Lanes that cannot be fitted must not prevent the others from converging.
  const Eigen::Array<bool, kLanes, 1> enough = dof > 0 && tile.smallest_pivot() > kSingular;
  tau2 = enough.select(tau2, 0.0);
  if (options.between == BetweenVariance::reml)
    tau2 = most_likely(tile, tau2, enough.select(tile.spread(), 0.0), typical);
  tile.evaluate(tau2);
  for (Index l = 0; l < count; ++l) {
    const Index voxel = first + l;
    maps.n[voxel] = tile.participants()[l];
    if (!(dof[l] > 0) || maps.n[voxel] < double(options.min_participants)) {
      maps.status[size_t(voxel)] = GroupStatus::too_few;
      continue;
    }
    if (!(tile.smallest_pivot()[l] > kSingular)) {
      maps.status[size_t(voxel)] = GroupStatus::not_estimable;
      continue;
    }
    maps.dof[voxel] = options.between == BetweenVariance::none ? options.fixed_dof : dof[l];
    maps.q[voxel] = q[l];
    maps.tau2(0, voxel) = tau2[l];
    maps.i2[voxel] = tau2[l] / (tau2[l] + typical[l]);
    const double inflation = options.knapp_hartung ? tile.weighted_squares[l] / dof[l] : 1;
    for (Index j = 0; j < n_columns; ++j) maps.betas(j, voxel) = tile.beta()[size_t(j)][l];
    const Eigen::MatrixXd factor = tile.factor_of(l);
    for (size_t c = 0; c < contrasts.size(); ++c)
      put_contrast(maps.contrasts[c], contrasts[c], voxel, maps.betas.col(voxel), factor,
                   inflation);
  }
}

}  // namespace

MixedEffectsMaps::MixedEffectsMaps(Index n_voxels, Index n_columns, Index n_groups,
                                   const std::vector<Eigen::MatrixXd>& contrast_rows)
    : GroupModelMaps(n_voxels, n_columns, contrast_rows) {
  q.setConstant(n_voxels, std::numeric_limits<double>::quiet_NaN());
  i2 = q;
  tau2.setConstant(n_groups, n_voxels, std::numeric_limits<double>::quiet_NaN());
}

MixedEffectsMaps fit_mixed_effects(const Eigen::Ref<const Eigen::MatrixXd>& effects,
                                   const Eigen::Ref<const Eigen::MatrixXd>& variances,
                                   const Eigen::Ref<const Eigen::MatrixXd>& design,
                                   const std::vector<Eigen::MatrixXd>& contrasts,
                                   const MixedOptions& options) {
  check(effects, variances, design, contrasts, options);
  const Index n_groups =
      options.variance_groups.empty()
          ? 1
          : 1 + *std::max_element(options.variance_groups.begin(), options.variance_groups.end());
  if (n_groups > 1) {
    if (options.between != BetweenVariance::reml)
      fail(ErrorCode::usage, "variance groups need REML: leave --between-variance out");
    return fit_grouped_variances(effects, variances, design, contrasts, n_groups, options);
  }
  MixedEffectsMaps maps(effects.cols(), design.cols(), 1, contrasts);
  const Eigen::MatrixXd x = design;
  // Blocks of tiles, so that a tile's memory is allocated once for many voxels.
  constexpr Index kBlock = 64 * kLanes;
  const Index n_voxels = effects.cols();
  parallel_for((n_voxels + kBlock - 1) / kBlock, options.n_threads, [&](Index block) {
    Tile tile(effects.rows(), x);
    const Index last = std::min(n_voxels, (block + 1) * kBlock);
    for (Index first = block * kBlock; first < last; first += kLanes)
      fit_tile(tile, first, std::min(kLanes, last - first), effects, variances, contrasts,
               design.cols(), options, maps);
  });
  if (options.finish) maps.finish();
  return maps;
}

}  // namespace sociometer
