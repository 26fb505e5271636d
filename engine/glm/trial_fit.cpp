#include "engine/glm/trial_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

using Row = TileSolver::Row;
/// Functions of one trial: response, time and dispersion derivative.
constexpr size_t kMostOwn = 3;

/// D = L L' of one trial for all lanes, and L^-1 applied to vectors.
class SmallFactor {
 public:
  /// @param own  lower triangle by rows, columns of the array.
  SmallFactor(const Eigen::ArrayXXd& own, Eigen::Index first, size_t n) : n_(n) {
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j <= i; ++j) {
        Row sum = own.col(first + Eigen::Index(i * (i + 1) / 2 + j));
        for (size_t k = 0; k < j; ++k) sum -= l_[i][k] * l_[j][k];
        l_[i][j] = i == j ? Row(sum.sqrt()) : Row(sum / l_[j][j]);
      }
  }
  void forward(std::array<Row, kMostOwn>& x) const {
    for (size_t i = 0; i < n_; ++i) {
      for (size_t k = 0; k < i; ++k) x[i] -= l_[i][k] * x[k];
      x[i] /= l_[i][i];
    }
  }
  void backward(std::array<Row, kMostOwn>& x) const {
    for (size_t i = n_; i-- > 0;) {
      for (size_t k = i + 1; k < n_; ++k) x[i] -= l_[k][i] * x[k];
      x[i] /= l_[i][i];
    }
  }

 private:
  size_t n_;
  std::array<std::array<Row, kMostOwn>, kMostOwn> l_;
};

/// Shared columns that a trial's coefficients use, ascending.
std::vector<Eigen::Index> used_shared(const TrialParts& parts) {
  std::set<Eigen::Index> used;
  for (const auto& c : parts.coefficients)
    for (const auto& [column, weight] : c.on_shared) used.insert(column);
  return {used.begin(), used.end()};
}

/// Kept scans of ascending voxels, (n_kept, n).
Eigen::MatrixXd read_voxels(const SeriesRun& run, const Eigen::Index* voxels, Eigen::Index n) {
  Eigen::MatrixXd y(run.design.n_kept, n);
  Eigen::Array<double, kWidth, Eigen::Dynamic> tile(kWidth, run.design.n_kept);
  for (Eigen::Index i = 0; i < n; ++i) {  // voxels ascend: few tiles are read twice
    const Eigen::Index first = voxels[i] / kWidth * kWidth;
    if (i == 0 || first != voxels[i - 1] / kWidth * kWidth) run.read_tile(first, tile.data());
    y.col(i) = tile.row(voxels[i] - first).transpose().matrix();
  }
  return y;
}

Eigen::Index lower(Eigen::Index i, Eigen::Index j) {
  return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

}  // namespace

namespace {

/// An orthonormal basis of columns, and the coefficients of the columns from coordinates on it.
struct Basis {
  Eigen::MatrixXd z, to_columns;
  /// @param independent  the columns are known to be; without, a decomposition of any rank is
  /// taken, for ten times the cost.
  Basis(const Eigen::MatrixXd& columns, bool independent) {
    if (independent) {
      const Eigen::Index n = columns.cols();
      const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
      z = qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), n);
      to_columns = qr.matrixQR().topRows(n).triangularView<Eigen::Upper>().solve(
          Eigen::MatrixXd::Identity(n, n));
      return;
    }
    const EstimableSpace space(columns);
    z = space.basis();
    to_columns = space.betas_from_coordinates();
  }
};

}  // namespace

/// The model of all trials and what each trial adds, whitened by one set of noise parameters.
struct TrialFit::Whitened {
  std::unique_ptr<const SeriesWhitening> whitening;
  /// Rows on whitened series: d_all of the shared columns, then Q'R: (n_shared + n_own, n_rows).
  Eigen::MatrixXd projector;
  Eigen::MatrixXd crosses;    ///< (n_shared, n_own) of the shared columns' M^-1 S'W Q
  Eigen::VectorXd own;        ///< Q'R Q of the pairs
  Eigen::MatrixXd row_pairs;  ///< covariance of the shared columns, (n_shared, n_shared)

  Whitened(const TrialFit& fit, std::unique_ptr<const SeriesWhitening> how)
      : whitening(std::move(how)) {
    const RunDesign& design = fit.design_;
    const std::vector<Eigen::Index> kept = list_kept_scans(design);
    const Eigen::MatrixXd z = whitening->whiten(design.space.basis());
    const Eigen::MatrixXd q = whitening->whiten(fit.plan_.model->own_columns()(kept, Eigen::all));
    const Eigen::MatrixXd more = whitening->nuisance();
    Eigen::MatrixXd s(z.rows(), z.cols() + more.cols());
    s.leftCols(z.cols()) = z;
    if (more.cols() > 0) s.rightCols(more.cols()) = more;
    const Basis basis(s, more.cols() == 0);
    const Eigen::MatrixXd shared = fit.shared_on_basis_ * basis.to_columns.topRows(z.cols());
    const Eigen::MatrixXd on_basis = basis.z.transpose() * q;
    const Eigen::MatrixXd rest = q - basis.z * on_basis;
    projector.resize(shared.rows() + q.cols(), z.rows());
    projector.topRows(shared.rows()) = shared * basis.z.transpose();
    projector.bottomRows(q.cols()) = rest.transpose();
    crosses = shared * on_basis;
    own.resize(Eigen::Index(fit.pairs_.size() / 2));
    for (Eigen::Index p = 0; p < own.size(); ++p)
      own[p] = rest.col(fit.pairs_[size_t(2 * p)]).dot(rest.col(fit.pairs_[size_t(2 * p + 1)]));
    row_pairs = shared * shared.transpose();
  }
};

TrialBasis trial_basis_for(const NoiseModel& noise) {
  return noise.streams() && noise.order > 0 ? TrialBasis::responses : TrialBasis::orthonormal;
}

TrialFit::TrialFit(const RunDesign& design, const TrialPlan& plan, const GlsSystem* system)
    : design_(design), plan_(plan), system_(system) {
  const auto& shared = plan.model->shared_columns();
  shared_on_basis_ = design.space.betas_from_coordinates()(shared, Eigen::all);
  list_products();
  if (system) make_extras();
}

void TrialFit::list_products() {
  for (const auto& parts : plan_.model->parts()) {
    first_pair_.push_back(Eigen::Index(pairs_.size() / 2));
    first_cross_.push_back(Eigen::Index(crosses_.size() / 2));
    for (Eigen::Index i = 0; i < parts.n_own; ++i)
      for (Eigen::Index j = 0; j <= i; ++j) {
        pairs_.push_back(int(parts.first_own + i));
        pairs_.push_back(int(parts.first_own + j));
      }
    used_shared_.push_back(used_shared(parts));
    for (Eigen::Index column : used_shared_.back())
      for (Eigen::Index q = 0; q < parts.n_own; ++q) {
        crosses_.push_back(int(column));
        crosses_.push_back(int(parts.first_own + q));
      }
  }
}

void TrialFit::make_extras() {
  const kernels::NormalSystem& s = system_->kernel();
  const auto terms = gls_terms(design_, s.head_corner);
  const Eigen::Index n_extras = design_.n_extras, first = design_.n_modelled();
  matrices_.resize(n_extras * s.n, s.n_terms);
  constant_terms_.resize(n_extras, s.n_terms);
  own_terms_.resize(Eigen::Index(pairs_.size() / 2), s.n_terms);
  for (Eigen::Index t = 0; t < s.n_terms; ++t) {
    const Eigen::MatrixXd& term = terms[size_t(t)];
    for (Eigen::Index k = 0; k < n_extras; ++k)
      for (Eigen::Index j = 0; j < s.n; ++j)
        matrices_(k * s.n + j, t) = term(first + k, s.working_of[j]);
    constant_terms_.col(t) = (term * design_.constant_on_working).tail(n_extras);
    for (Eigen::Index p = 0; p < own_terms_.rows(); ++p)
      own_terms_(p, t) = term(first + pairs_[size_t(2 * p)], first + pairs_[size_t(2 * p + 1)]);
  }
  // Products with the first and last scans come last; most responses are 0 there.
  for (Eigen::Index k = 0; k < n_extras; ++k) {
    const bool ends =
        !design_.head.col(first + k).isZero(0) || !design_.tail.col(first + k).isZero(0);
    n_terms_.push_back(ends ? s.n_terms : s.order + 1);
  }
  rows_.setZero(shared_on_basis_.rows(), s.n);
  rows_.rightCols(design_.rank()) = shared_on_basis_;
  extras_ = {.n_extras = int(n_extras),
             .first_working = int(first),
             .matrices = matrices_.data(),
             .n_terms_of = n_terms_.data(),
             .constant_terms = constant_terms_.data(),
             .n_pairs = int(pairs_.size() / 2),
             .pairs = pairs_.data(),
             .own_terms = own_terms_.data(),
             .n_rows = int(rows_.rows()),
             .rows = rows_.data(),
             .n_crosses = int(crosses_.size() / 2),
             .crosses = crosses_.data()};
}

TrialFit::Tiles::Tiles(const TrialFit& fit, const kernels::KernelSet& kernels)
    : fit_(fit), kernels_(kernels) {
  const Eigen::Index n_shared = fit.shared_on_basis_.rows();
  shared_.setZero(kWidth, n_shared);
  on_residual_.setZero(kWidth, fit.plan_.model->own_columns().cols());
  own_.setOnes(kWidth, Eigen::Index(fit.pairs_.size() / 2));
  crosses_.setZero(kWidth, Eigen::Index(fit.crosses_.size() / 2));
  row_pairs_.setZero(kWidth, n_shared * (n_shared + 1) / 2);
  if (!fit.system_) return;
  if (!fit.system_->kernel().white) {
    work_.resize(size_t(kernels::extras_work_size(fit.system_->kernel().n,
                                                  fit.system_->kernel().n_working, fit.extras_)));
    return;
  }
  fit.set_white(*this);
}

/// Under white noise the trials' own columns are orthonormal, and orthogonal to the model.
void TrialFit::set_white(Tiles& tiles) const {
  for (size_t p = 0; p < pairs_.size() / 2; ++p)
    tiles.own_.col(Eigen::Index(p)).setConstant(pairs_[2 * p] == pairs_[2 * p + 1] ? 1.0 : 0.0);
  const Eigen::MatrixXd products = shared_on_basis_ * shared_on_basis_.transpose();
  for (Eigen::Index i = 0; i < products.rows(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j)
      tiles.row_pairs_.col(lower(i, j)).setConstant(products(i, j));
}

void TrialFit::Tiles::solve_extras(const double* sums, const double* noise_coefficients) {
  const kernels::NormalSystem& s = fit_.system_->kernel();
  const LagSums::Rows rows(fit_.design_);
  if (s.white) {
    const Eigen::Map<const Row> shift(sums + rows.shift_at * kWidth);
    for (Eigen::Index k = 0; k < on_residual_.cols(); ++k) {
      on_residual_.col(k) = Eigen::Map<const Row>(sums + (fit_.extras_.first_working + k) * kWidth);
      if (!s.has_constant) on_residual_.col(k) += shift * fit_.constant_terms_(k, 0);
    }
    return;
  }
  kernels_.solve_extras(
      s, fit_.extras_,
      {int(rows.lags_at), int(rows.head_at), int(rows.recent_at), int(rows.shift_at)}, sums,
      noise_coefficients, work_.data(),
      {on_residual_.data(), own_.data(), crosses_.data(),
       fit_.plan_.with_variance ? row_pairs_.data() : nullptr});
}

void TrialFit::Tiles::solve(const double* sums, Eigen::Index first, const TileSolver& solver,
                            const RunEstimates& estimates, TrialResults& out) {
  const Eigen::MatrixXd& on_basis = fit_.shared_on_basis_;
  shared_.setZero();
  kernels_.accumulate_products(on_basis.data(), on_basis.rows(), int(on_basis.cols()),
                               int(on_basis.rows()), solver.coordinates(), shared_.data());
  solve_extras(sums, solver.noise_coefficients());
  std::array<Eigen::Index, size_t(kWidth)> voxels{};
  const Eigen::Index n = std::min(kWidth, estimates.mean.size() - first);
  for (Eigen::Index i = 0; i < n; ++i) voxels[size_t(i)] = first + i;
  fit_.write(*this, voxels.data(), n, estimates, out);
}

void TrialFit::write(Tiles& tiles, const Eigen::Index* voxels, Eigen::Index n,
                     const RunEstimates& estimates, TrialResults& out) const {
  for (size_t trial = 0; trial < plan_.model->parts().size(); ++trial)
    write_trial(tiles, trial, voxels, n, estimates, out);
}

void TrialFit::write_trial(const Tiles& tiles, size_t trial, const Eigen::Index* voxels,
                           Eigen::Index n, const RunEstimates& estimates, TrialResults& out) const {
  const TrialParts& parts = plan_.model->parts()[trial];
  if (parts.coefficients.empty()) return;
  const size_t n_own = size_t(parts.n_own);
  const SmallFactor factor(tiles.own_, first_pair_[trial], n_own);
  std::array<Row, kMostOwn> z, gain;
  for (size_t q = 0; q < n_own; ++q)
    z[q] = tiles.on_residual_.col(parts.first_own + Eigen::Index(q));
  factor.forward(z);
  Row explained = Row::Zero();
  for (size_t q = 0; q < n_own; ++q) explained += z[q].square();
  const std::vector<Eigen::Index>& used = used_shared_[trial];
  Row amplitude = Row::Zero(), first = amplitude, unit = amplitude, lengths = amplitude;
  for (size_t c = 0; c < parts.coefficients.size(); ++c) {
    const TrialCoefficient& weights = parts.coefficients[c];
    Row b = Row::Zero();
    for (const auto& [column, weight] : weights.on_shared) b += weight * tiles.shared_.col(column);
    for (size_t q = 0; q < n_own; ++q) {
      gain[q].setConstant(weights.on_own[Eigen::Index(q)]);
      for (const auto& [column, weight] : weights.on_shared) {
        const auto at = std::lower_bound(used.begin(), used.end(), column) - used.begin();
        gain[q] -=
            weight * tiles.crosses_.col(first_cross_[trial] + at * parts.n_own + Eigen::Index(q));
      }
    }
    factor.forward(gain);
    for (size_t q = 0; q < n_own; ++q) b += gain[q] * z[q];
    lengths += parts.squared_lengths[c] * b.square();
    if (c > 0) continue;
    first = b;
    for (size_t q = 0; q < n_own; ++q) unit += gain[q].square();
    for (const auto& [i, wi] : weights.on_shared)
      for (const auto& [j, wj] : weights.on_shared)
        unit += wi * wj * tiles.row_pairs_.col(lower(i, j));
  }
  amplitude = parts.coefficients.size() == 1
                  ? first
                  : Row((first < 0).select(-lengths.sqrt(), lengths.sqrt()));
  const double dof = estimates.dof - double(n_own);
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Index v = voxels[i];
    const double s2 = estimates.residual_variance[v];
    if (std::isnan(s2)) continue;
    out.amplitude(Eigen::Index(trial), v) = amplitude[i];
    if (out.variance.size() > 0 && s2 > 0 && dof > 0)
      out.variance(Eigen::Index(trial), v) =
          std::max(0.0, s2 * estimates.dof - explained[i]) / dof * unit[i];
  }
}

void TrialFit::solve_group(const Whitened& whitened, const SeriesRun& run,
                           const Eigen::Index* voxels, Eigen::Index n, Tiles& tiles,
                           const RunEstimates& estimates, TrialResults& out) const {
  const Eigen::Index n_shared = shared_on_basis_.rows(), n_own = design_.n_extras;
  const Eigen::MatrixXd products =
      whitened.projector * whitened.whitening->whiten(read_voxels(run, voxels, n));
  tiles.shared_.topRows(n) = products.topRows(n_shared).transpose().array();
  tiles.on_residual_.topRows(n) = products.bottomRows(n_own).transpose().array();
  for (size_t p = 0; p < pairs_.size() / 2; ++p)
    tiles.own_.col(Eigen::Index(p)).setConstant(whitened.own[Eigen::Index(p)]);
  for (size_t c = 0; c < crosses_.size() / 2; ++c)
    tiles.crosses_.col(Eigen::Index(c))
        .setConstant(whitened.crosses(crosses_[2 * c], crosses_[2 * c + 1]));
  for (Eigen::Index i = 0; i < n_shared; ++i)
    for (Eigen::Index j = 0; j <= i; ++j)
      tiles.row_pairs_.col(lower(i, j)).setConstant(whitened.row_pairs(i, j));
  write(tiles, voxels, n, estimates, out);
}

/// One covariance for all voxels, and drift that is projected out of the whitened data as it is:
/// least squares of whitened trials and series.
void TrialFit::solve_pooled(const SeriesRun& run, const SeriesWhitening& whitening,
                            const std::vector<Eigen::Index>& voxels, const RunEstimates& e,
                            TrialResults& out) const {
  require(plan_.split != nullptr, "pooled noise needs the trials' responses");
  const std::vector<Eigen::Index> kept = list_kept_scans(design_);
  SingleTrials whitened = *plan_.split;
  whitened.columns = whitening.whiten(plan_.split->columns(kept, Eigen::all));
  whitened.model.values = whitening.whiten(design_.design);
  for (size_t c = 0; c < design_.drift_columns.size(); ++c)
    if (design_.drift_columns[c])
      whitened.model.values.col(Eigen::Index(c)) = design_.design.col(Eigen::Index(c));
  const auto& parts = plan_.model->parts();
  const bool peak = std::any_of(parts.begin(), parts.end(),
                                [](const auto& p) { return p.coefficients.size() > 1; });
  const std::vector<uint8_t> all(kept.size(), 1);
  const TrialModel model(whitened, all, peak ? TrialAmplitude::peak : TrialAmplitude::response,
                         TrialBasis::orthonormal, plan_.split);
  const RunDesign design(whitened.model.values, all, 0, model.own_columns());
  const TrialPlan plan{&model, plan_.with_variance};
  const TrialFit fit(design, plan, nullptr);
  Eigen::MatrixXd projector(fit.shared_on_basis_.rows() + design.n_extras, design.n_kept);
  projector.topRows(fit.shared_on_basis_.rows()) =
      fit.shared_on_basis_ * design.space.basis().transpose();
  projector.bottomRows(design.n_extras) = model.own_columns().transpose();
  parallel_for(
      (Eigen::Index(voxels.size()) + kWidth - 1) / kWidth, run.plan.n_threads,
      [&](Eigen::Index tile) {
        Tiles tiles(fit, *run.plan.kernels);
        fit.set_white(tiles);
        const Eigen::Index* first = voxels.data() + tile * kWidth;
        const Eigen::Index n = std::min(kWidth, Eigen::Index(voxels.size()) - tile * kWidth);
        const Eigen::MatrixXd products = projector * whitening.whiten(read_voxels(run, first, n));
        const Eigen::Index n_shared = fit.shared_on_basis_.rows();
        tiles.shared_.topRows(n) = products.topRows(n_shared).transpose().array();
        tiles.on_residual_.topRows(n) = products.bottomRows(design.n_extras).transpose().array();
        fit.write(tiles, first, n, e, out);
      });
  for (size_t t = 0; t < parts.size(); ++t)
    if (parts[t].coefficients.empty()) {
      out.amplitude.row(Eigen::Index(t)).setConstant(kNaN);
      if (out.variance.size() > 0) out.variance.row(Eigen::Index(t)).setConstant(kNaN);
    }
}

void TrialFit::solve_series(const SeriesRun& run, const SeriesNoise& noise, const RunEstimates& e,
                            TrialResults& out) const {
  std::vector<Eigen::Index> order;  // voxels that share parameters, one after another
  for (Eigen::Index v = 0; v < e.mean.size(); ++v)
    if (!std::isnan(e.residual_variance[v])) order.push_back(v);
  const auto same = [&](Eigen::Index a, Eigen::Index b) {
    return (e.noise.col(a).array() == e.noise.col(b).array() ||
            (e.noise.col(a).array().isNaN() && e.noise.col(b).array().isNaN()))
        .all();
  };
  const auto before = [&](Eigen::Index a, Eigen::Index b) {
    for (Eigen::Index k = 0; k < e.noise.rows(); ++k) {
      const double x = e.noise(k, a), y = e.noise(k, b);
      if (std::isnan(x) != std::isnan(y)) return std::isnan(y);
      if (!std::isnan(x) && x != y) return x < y;
    }
    return a < b;
  };
  std::sort(order.begin(), order.end(), before);
  std::vector<size_t> starts;
  for (size_t i = 0; i < order.size(); ++i)
    if (i == 0 || !same(order[i - 1], order[i])) starts.push_back(i);
  starts.push_back(order.size());
  const auto solve = [&](const Whitened& whitened, size_t first, size_t last, Tiles& tiles) {
    for (size_t at = first; at < last; at += size_t(kWidth))
      solve_group(whitened, run, order.data() + at,
                  Eigen::Index(std::min(last - at, size_t(kWidth))), tiles, e, out);
  };
  const auto n_groups = Eigen::Index(starts.size()) - 1;
  if (run.plan.noise_model.pools()) {
    if (!order.empty())
      solve_pooled(run, *noise.whitening(run.design, run.plan, e.noise.col(order[0])), order, e,
                   out);
    return;
  }
  parallel_for(n_groups, run.plan.n_threads, [&](Eigen::Index group) {
    const size_t first = starts[size_t(group)], last = starts[size_t(group) + 1];
    Tiles tiles(*this, *run.plan.kernels);
    const Whitened whitened(*this,
                            noise.whitening(run.design, run.plan, e.noise.col(order[first])));
    solve(whitened, first, last, tiles);
  });
}

}  // namespace sociometer
