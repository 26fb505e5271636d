#include "engine/group/mixed_effects.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/group/grouped_variance.hpp"
#include "engine/group/kernels/kernels.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
constexpr Index kLanes = shuffle_kernels::kMixedLanes;
constexpr Index kMaxIterations = 200;
/// Convergence: change of tau2 relative to tau2 and the typical first-level variance.
constexpr double kSettled = 1e-10;
/// A pivot this small relative to its diagonal means linearly dependent columns.
constexpr double kSingular = 1e-12;
using Lane = Eigen::Array<double, kLanes, 1>;

using ByRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Voxels side by side.
class Tile {
 public:
  Tile(Index n, const ByRows& design)
      : n_(n),
        p_(design.cols()),
        y_(size_t(n)),
        v_(size_t(n)),
        present_(size_t(n)),
        weights_(size_t(n)) {
    for (auto* m : {&a_, &b_, &c_}) m->resize(size_t(p_ * p_));
    beta_.resize(size_t(p_));
    const auto rows = [](std::vector<Lane>& lanes) { return lanes.data()->data(); };
    task_ = {int(n),    int(p_),       p_ == 1 && (design.array() == 1).all(),
             kSingular, design.data(), rows(y_),
             rows(v_),  rows(present_)};
    point_ = {rows(a_),        rows(b_),
              rows(c_),        rows(weights_),
              rows(beta_),     trace_p.data(),
              trace_pp.data(), weighted_squares.data(),
              y_ppy_.data(),   smallest_pivot_.data()};
  }
  Tile(const Tile&) = delete;
  Tile& operator=(const Tile&) = delete;

  void load(const Eigen::Ref<const Eigen::MatrixXd>& effects,
            const Eigen::Ref<const Eigen::MatrixXd>& variances, Index first, Index count) {
    participants_.setZero();
    for (Index l = 0; l < kLanes; ++l)
      for (size_t i = 0; i < size_t(n_); ++i) {
        const double y = l < count ? effects(Index(i), first + l) : 0;
        const double v = l < count ? variances(Index(i), first + l) : 0;
        const bool ok = std::isfinite(y) && std::isfinite(v) && v > 0;
        y_[i][l] = ok ? y : 0;
        v_[i][l] = ok ? v : 1;
        present_[i][l] = ok ? 1 : 0;
        participants_[l] += present_[i][l];
      }
  }

  /// Weighted least squares at tau2, and the terms of the restricted likelihood's slope.
  void evaluate(const Lane& tau2) { kernels_.evaluate_mixed(task_, tau2.data(), point_); }

  /// The restricted log-likelihood at the last evaluated point, up to a constant.
  Lane log_likelihood(const Lane& tau2) const {
    Lane sum = -weighted_squares;
    // One logarithm for several weights: their product stays in range.
    constexpr Index kTogether = 8;
    for (Index first = 0; first < n_; first += kTogether) {
      Lane product = Lane::Ones();
      for (auto i = size_t(first); i < size_t(std::min(n_, first + kTogether)); ++i)
        product *= (present_[i] > 0).select(v_[i] + tau2, 1.0);
      sum -= product.log();
    }
    for (Index j = 0; j < p_; ++j) sum -= 2 * a_[at(j, j)].log();
    return 0.5 * sum;
  }

  /// Variance of the effects about their mean: a start above most maxima.
  Lane spread() {
    Lane mean = Lane::Zero(), squares = Lane::Zero();
    for (const Lane& y : y_) mean += y;
    mean /= participants_.max(1.0);
    for (size_t i = 0; i < y_.size(); ++i) squares += present_[i] * (y_[i] - mean).square();
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

  const shuffle_kernels::KernelSet& kernels_ = shuffle_kernels::best_kernels();
  Index n_, p_;
  std::vector<Lane> y_, v_, present_, weights_;
  std::vector<Lane> a_, b_, c_, beta_;
  Lane participants_, smallest_pivot_, y_ppy_;
  shuffle_kernels::MixedTile task_;
  shuffle_kernels::MixedPoint point_;
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
      fail(ErrorCode::usage,
           "variance groups need REML as the estimator of the variance between participants");
    return fit_grouped_variances(effects, variances, design, contrasts, n_groups, options);
  }
  MixedEffectsMaps maps(effects.cols(), design.cols(), 1, contrasts);
  const ByRows x = design;
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
