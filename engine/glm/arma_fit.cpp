#include "engine/glm/arma_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.hpp"
#include "engine/core/large_buffer.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Eigen::Index kWidth = kernels::kTileWidth;
/// Below this share of the series' squares the residual is rounding error.
constexpr double kLeastResidual = 1e-13;

/// Where a quadratic through a 3 x 3 neighbourhood has its minimum, in steps from its middle; the
/// middle where it has none nearby.
Eigen::Vector2d minimum_of_quadratic(const Eigen::Matrix3d& f) {
  Eigen::Vector2d gradient(0.5 * (f(2, 1) - f(0, 1)), 0.5 * (f(1, 2) - f(1, 0)));
  Eigen::Matrix2d hessian;
  hessian(0, 0) = f(2, 1) - 2 * f(1, 1) + f(0, 1);
  hessian(1, 1) = f(1, 2) - 2 * f(1, 1) + f(1, 0);
  hessian(0, 1) = hessian(1, 0) = 0.25 * (f(2, 2) - f(2, 0) - f(0, 2) + f(0, 0));
  if (!(hessian(0, 0) > 0) || !(hessian.determinant() > 1e-3 * hessian(0, 0) * hessian(1, 1)))
    return Eigen::Vector2d::Zero();
  const Eigen::Vector2d step = -hessian.inverse() * gradient;
  return step.allFinite() && step.cwiseAbs().maxCoeff() <= 1 ? step : Eigen::Vector2d::Zero();
}

/// The b, |b| < 1, with which lambda(a, b) has a given value.
double b_of_lambda(double a, double lambda) {
  const double c = lambda - a, half = 0.5 * (1 + a * a - 2 * a * lambda);
  if (std::abs(c) < 1e-12) return 0;
  return c / (half + std::sqrt(std::max(0.0, half * half - c * c)));
}

/// The minimum of a parabola through three points a step apart: where, and how much below the
/// middle one. Neither where a neighbour is not known or the middle is not the least.
struct Parabola {
  double step = 0, gain = 0;
  Parabola(double left, double middle, double right) {
    const double curvature = left - 2 * middle + right, slope = 0.5 * (right - left);
    if (!std::isfinite(curvature) || !(curvature > 0) || std::abs(slope) > curvature) return;
    step = -slope / curvature;
    gain = 0.5 * slope * slope / curvature;
  }
};

std::vector<Eigen::MatrixXd> empty_covariances(const std::vector<Eigen::MatrixXd>& contrasts,
                                               Eigen::Index n_voxels) {
  std::vector<Eigen::MatrixXd> out;
  for (const auto& c : contrasts)
    out.push_back(Eigen::MatrixXd::Constant(c.rows() * (c.rows() + 1) / 2, n_voxels, kNaN));
  return out;
}

/// C M^-1 C' of one voxel, lower triangles by rows.
void fill_covariances(const Eigen::LLT<Eigen::MatrixXd>& normal,
                      const std::vector<Eigen::MatrixXd>& contrasts, Eigen::Index voxel,
                      std::vector<Eigen::MatrixXd>& out) {
  for (size_t c = 0; c < contrasts.size(); ++c) {
    const Eigen::MatrixXd half = normal.matrixL().solve(contrasts[c].transpose());
    for (Eigen::Index i = 0, at = 0; i < half.cols(); ++i)
      for (Eigen::Index j = 0; j <= i; ++j) out[c](at++, voxel) = half.col(i).dot(half.col(j));
  }
}

}  // namespace

/// The noise (a, b) and the design whitened for it.
struct ArmaModel::Point {
  ArmaParameters parameters;
  ArmaWhitening whitening;
  Eigen::MatrixXd basis;               ///< C^-1 Z
  Eigen::VectorXd constant;            ///< C^-1 1
  Eigen::LLT<Eigen::MatrixXd> normal;  ///< of Z'R^-1Z
  double log_determinants = 0;         ///< ln|X'R^-1X| + ln|R|
  /// Q of C^-1 Z = Q D by rows, what the kernels multiply with; of grid points only.
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> q;
  bool valid = false;
};

/// Where the search of a voxel stands.
struct ArmaModel::BatchVoxel {
  /// Points of the grid that a voxel looks at, and L there: infinite where that is not allowed.
  struct Window {
    int a0 = 0, a1 = 0, b0 = 0, b1 = 0, step = 1;
    std::vector<double> values;
    int n_a() const { return (a1 - a0) / step + 1; }
    size_t place(int ia, int jb) const {
      return size_t((jb - b0) / step) * size_t(n_a()) + size_t((ia - a0) / step);
    }
    bool holds(int ia, int jb) const {
      return !values.empty() && ia >= a0 && ia <= a1 && jb >= b0 && jb <= b1 &&
             (ia - a0) % step == 0 && (jb - b0) % step == 0;
    }
    double& at(int ia, int jb) { return values[place(ia, jb)]; }
    double at(int ia, int jb) const { return values[place(ia, jb)]; }
  };
  bool usable = true;  ///< the series has a residual
  int a = 0, b = 0;    ///< best point
  double best = 0;
  Window window;
};

/// Voxels that are searched together.
struct ArmaModel::Batch {
  Eigen::Index first = 0, n = 0;
  const double* series = nullptr;  ///< (n, n_rows), one voxel after the other
  std::vector<BatchVoxel> voxels;
};

ArmaModel::ArmaModel(const Eigen::MatrixXd& basis, PseudoTimes times, const ArmaOptions& options,
                     double log_det_gram, Eigen::Index shortest_run,
                     const kernels::KernelSet& kernels)
    : basis_(basis),
      times_(std::move(times)),
      options_(options),
      log_det_gram_(log_det_gram),
      shortest_run_(shortest_run),
      kernels_(kernels) {
  require(Eigen::Index(times_.size()) == basis_.rows(), "one time per row of the basis");
  if (options.grid_level < 3 || options.grid_level > 7)
    fail(ErrorCode::usage, "the ARMA grid level is {}; it must be 3 to 7", options.grid_level);
  for (double largest : {options.max_a, options.max_b})
    if (!(largest >= 0.1 && largest < 1))
      fail(ErrorCode::usage, "the largest ARMA parameter is {}; it must lie between 0.1 and 1",
           largest);
  n_a_ = 1 << (options.grid_level + (options.negative ? 1 : 0));
  n_b_ = 2 << options.grid_level;
  const bool from_zero = options.search == ArmaOptions::Search::continuous && !options.negative;
  white_b_ = from_zero ? 0 : n_b_ / 2;
  const auto n_points = size_t(n_a_ + 1) * size_t(n_b_ + 1);
  points_.resize(n_points);
  made_.resize(n_points);
}

ArmaModel::~ArmaModel() = default;

/// The point of the grid at given indices, or between them.
///
/// AFNI's grid is even in a and b. Ours is even in a and in lambda: the likelihood is smooth in
/// these, while along b it changes all at once where b is near -a and lambda near 0.
ArmaParameters ArmaModel::parameters(double ia, double jb) const {
  const double low = options_.negative ? -options_.max_a : 0.0;
  ArmaParameters p{low + ia * (options_.max_a - low) / n_a_,
                   -options_.max_b + jb * 2 * options_.max_b / n_b_};
  // Steps that should meet 0 do.
  if (std::abs(p.a) < 1e-9) p.a = 0;
  if (std::abs(p.b) < 1e-9) p.b = 0;
  if (options_.search == ArmaOptions::Search::afni) return p;
  const double least = options_.negative ? ArmaParameters{p.a, -options_.max_b}.lambda() : 0.0;
  const double most =
      options_.white_noise_plus ? p.a : ArmaParameters{p.a, options_.max_b}.lambda();
  p.b = b_of_lambda(p.a, least + jb * (most - least) / n_b_);
  return p;
}

bool ArmaModel::allowed(const ArmaParameters& p) const {
  if (options_.search == ArmaOptions::Search::continuous) return true;  // by its making
  const double lambda = p.lambda();
  if (p.a == 0 && p.b == 0) return true;
  if (options_.negative) return std::abs(lambda) >= options_.cutoff;
  if (p.a < 0 || lambda < options_.cutoff) return false;
  return !options_.white_noise_plus || lambda <= p.a + 1e-12;
}

std::unique_ptr<ArmaModel::Point> ArmaModel::make_point(const ArmaParameters& p) const {
  auto point = std::make_unique<Point>();
  point->parameters = p;
  point->whitening = options_.search == ArmaOptions::Search::afni
                         ? ArmaWhitening::truncated(p, times_, options_.cutoff)
                         : ArmaWhitening::exact(p, times_);
  if (!point->whitening.valid()) return point;
  const Eigen::Index n = basis_.rows(), m = basis_.cols();
  point->basis = point->whitening.whiten(basis_);
  point->constant = point->whitening.whiten(Eigen::VectorXd::Ones(n));
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(m, m);
  normal.selfadjointView<Eigen::Lower>().rankUpdate(point->basis.transpose());
  point->normal.compute(normal.selfadjointView<Eigen::Lower>());
  if (point->normal.info() != Eigen::Success) return point;
  const auto diagonal = point->normal.matrixLLT().diagonal().array();
  point->log_determinants =
      2 * diagonal.log().sum() + log_det_gram_ + point->whitening.log_determinant();
  point->valid = std::isfinite(point->log_determinants);
  return point;
}

const ArmaModel::Point& ArmaModel::point(int index) const {
  std::call_once(made_[size_t(index)], [&] {
    const int jb = index / (n_a_ + 1);
    auto point = make_point(parameters(index % (n_a_ + 1), jb));
    if (point->valid)
      point->q = point->normal.matrixL().solve(point->basis.transpose()).transpose();
    points_[size_t(index)] = std::move(point);
  });
  return *points_[size_t(index)];
}

double ArmaModel::likelihood(const Point& p, double whitened_squares, double explained) const {
  const double q = whitened_squares - explained;
  if (!(q > kLeastResidual * whitened_squares)) return kNaN;
  return double(basis_.rows() - basis_.cols()) * std::log(q) + p.log_determinants;
}

/// Series of some voxels side by side, (n_rows, kWidth); lanes without a voxel are 0.
void ArmaModel::gather(const Batch& batch, const Eigen::Index* voxels, Eigen::Index n,
                       double* tile) const {
  const Eigen::Index n_rows = basis_.rows();
  constexpr Eigen::Index kRowsAtATime = 32;  // of the tile: they stay in the first-level cache
  for (Eigen::Index t0 = 0; t0 < n_rows; t0 += kRowsAtATime) {
    const Eigen::Index t1 = std::min(n_rows, t0 + kRowsAtATime);
    for (Eigen::Index lane = 0; lane < kWidth; ++lane) {
      const double* from = lane < n ? batch.series + voxels[lane] * n_rows : nullptr;
      for (Eigen::Index t = t0; t < t1; ++t) tile[t * kWidth + lane] = from ? from[t] : 0.0;
    }
  }
}

/// L of a tile's first n voxels at one point; NaN where there is none.
/// @param work  (n_rows + rank, kWidth).
void ArmaModel::evaluate_tile(const Point& p, const double* series, double* work, Eigen::Index n,
                              double* values) const {
  std::fill_n(values, n, kNaN);
  if (!p.valid) return;
  const Eigen::Index n_rows = basis_.rows(), m = basis_.cols();
  double *whitened = work, *products = work + n_rows * kWidth;
  alignas(64) double squares[kWidth];
  const ArmaWhitening& w = p.whitening;
  if (w.banded())
    kernels_.whiten_by_band(int(n_rows), w.reciprocals().data(), w.first().data(), w.band().data(),
                            series, whitened, squares);
  else
    kernels_.whiten_recursively(int(n_rows), w.reciprocals().data(), w.keep().data(),
                                w.gain().data(), series, whitened, squares);
  std::fill_n(products, m * kWidth, 0.0);
  kernels_.accumulate_products(p.q.data(), m, int(n_rows), int(m), whitened, products);
  Eigen::Array<double, kWidth, 1> explained = Eigen::Array<double, kWidth, 1>::Zero();
  for (Eigen::Index i = 0; i < m; ++i)
    explained += Eigen::Map<const Eigen::Array<double, kWidth, 1>>(products + i * kWidth).square();
  for (Eigen::Index lane = 0; lane < n; ++lane)
    values[lane] = likelihood(p, squares[lane], explained[lane]);
}

/// L of each request, into `values`; tiles of voxels that want the same point are one product.
void ArmaModel::evaluate(Batch& batch, std::vector<Request>& requests, std::vector<double>& values,
                         int n_threads) const {
  std::stable_sort(requests.begin(), requests.end(),
                   [](const Request& x, const Request& y) { return x.point < y.point; });
  std::vector<size_t> starts;  // of tiles
  for (size_t i = 0; i < requests.size();) {
    starts.push_back(i);
    const size_t last = std::min(requests.size(), i + size_t(kWidth));
    const int point = requests[i].point;
    while (i < last && requests[i].point == point) ++i;
  }
  starts.push_back(requests.size());
  values.assign(requests.size(), kNaN);
  const Eigen::Index n_rows = basis_.rows(), m = basis_.cols();
  parallel_for(Eigen::Index(starts.size()) - 1, n_threads, [&](Eigen::Index tile) {
    const size_t first = starts[size_t(tile)], n = starts[size_t(tile) + 1] - first;
    thread_local std::vector<double> series, work;
    series.resize(size_t(n_rows * kWidth));
    work.resize(size_t((n_rows + m) * kWidth));
    Eigen::Index voxels[kWidth];
    for (size_t r = 0; r < n; ++r) voxels[r] = requests[first + r].voxel;
    gather(batch, voxels, Eigen::Index(n), series.data());
    evaluate_tile(point(requests[first].point), series.data(), work.data(), Eigen::Index(n),
                  values.data() + first);
  });
}

/// The first level: every voxel at every point `step` apart, and at no correlation. A tile of
/// series is gathered once for all of them.
void ArmaModel::evaluate_everywhere(Batch& batch, int step, int n_threads) const {
  const int white_a = options_.negative ? n_a_ / 2 : 0, white_b = white_b_;
  const Eigen::Index n_rows = basis_.rows(), m = basis_.cols();
  batch.voxels.assign(size_t(batch.n), {});
  parallel_for((batch.n + kWidth - 1) / kWidth, n_threads, [&](Eigen::Index tile) {
    const Eigen::Index first = tile * kWidth, n = std::min(kWidth, batch.n - first);
    thread_local std::vector<double> series, work;
    series.resize(size_t(n_rows * kWidth));
    work.resize(size_t((n_rows + m) * kWidth));
    Eigen::Index voxels[kWidth];
    for (Eigen::Index lane = 0; lane < n; ++lane) voxels[lane] = first + lane;
    gather(batch, voxels, n, series.data());
    double values[kWidth];
    evaluate_tile(point(index(white_a, white_b)), series.data(), work.data(), n, values);
    for (Eigen::Index lane = 0; lane < n; ++lane) {
      auto& voxel = batch.voxels[size_t(first + lane)];
      voxel = {!std::isnan(values[lane]), white_a, white_b, values[lane], {}};
      voxel.window = {0, n_a_, 0, n_b_, step, {}};
      voxel.window.values.assign(size_t(voxel.window.n_a()) * size_t(n_b_ / step + 1),
                                 std::numeric_limits<double>::infinity());
    }
    for (int jb = 0; jb <= n_b_; jb += step)
      for (int ia = 0; ia <= n_a_; ia += step) {
        if (!allowed(parameters(ia, jb))) continue;
        evaluate_tile(point(index(ia, jb)), series.data(), work.data(), n, values);
        for (Eigen::Index lane = 0; lane < n; ++lane) {
          auto& voxel = batch.voxels[size_t(first + lane)];
          if (!std::isnan(values[lane])) voxel.window.at(ia, jb) = values[lane];
        }
      }
  });
  for (auto& voxel : batch.voxels) take_best(voxel);
}

/// Moves to the best point of the window; the one before it stays where none is better.
void ArmaModel::take_best(BatchVoxel& voxel) const {
  if (!voxel.usable) return;
  const auto& w = voxel.window;
  for (int jb = w.b0; jb <= w.b1; jb += w.step)
    for (int ia = w.a0; ia <= w.a1; ia += w.step)
      if (w.at(ia, jb) < voxel.best) {
        voxel.best = w.at(ia, jb);
        voxel.a = ia;
        voxel.b = jb;
      }
}

/// Evaluates points `step` apart within `reach` of each voxel's best, and moves to the best of
/// them.
void ArmaModel::look(Batch& batch, int step, int reach, int n_threads) const {
  std::vector<Request> requests;
  std::vector<double> values;
  for (Eigen::Index v = 0; v < batch.n; ++v) {
    auto& voxel = batch.voxels[size_t(v)];
    if (!voxel.usable) continue;
    const BatchVoxel::Window known = std::move(voxel.window);
    auto& w = voxel.window;
    w = {std::max(0, voxel.a - reach),
         std::min(n_a_, voxel.a + reach),
         std::max(0, voxel.b - reach),
         std::min(n_b_, voxel.b + reach),
         step,
         {}};
    w.values.assign(size_t(w.n_a()) * size_t((w.b1 - w.b0) / step + 1),
                    std::numeric_limits<double>::infinity());
    for (int jb = w.b0; jb <= w.b1; jb += step)
      for (int ia = w.a0; ia <= w.a1; ia += step) {
        if (known.holds(ia, jb))
          w.at(ia, jb) = known.at(ia, jb);
        else if (allowed(parameters(ia, jb)))
          requests.push_back({index(ia, jb), v});
      }
  }
  evaluate(batch, requests, values, n_threads);
  for (size_t r = 0; r < requests.size(); ++r)
    if (!std::isnan(values[r]))
      batch.voxels[size_t(requests[r].voxel)].window.at(requests[r].point % (n_a_ + 1),
                                                        requests[r].point / (n_a_ + 1)) = values[r];
  for (auto& voxel : batch.voxels) take_best(voxel);
}

/// AFNI's way from coarse to fine: each level looks at every second point of the last, around the
/// best so far.
void ArmaModel::search(Batch& batch, int n_threads) const {
  const int power_a = options_.grid_level + (options_.negative ? 1 : 0);
  const int first_level = power_a - 2;
  evaluate_everywhere(batch, 1 << first_level, n_threads);
  for (int level = first_level - 1; level >= 0; --level)
    look(batch, 1 << level, 2 << level, n_threads);
}

/// Ljung-Box statistic of whitened residuals, with AFNI's number of lags.
double ArmaModel::ljung_box(const Eigen::VectorXd& r) const {
  const Eigen::Index n = r.size();
  const auto run = double(shortest_run_);
  const auto lags =
      std::min(Eigen::Index(double(basis_.cols()) + 2 +
                            std::min(std::floor(run / 8), std::rint(3 * std::log(run)))),
               Eigen::Index(std::floor(run / 2)));
  std::vector<double> sums(size_t(lags) + 1, 0.0), pairs(size_t(lags) + 1, 0.0);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = std::max<Eigen::Index>(0, i - lags); j < i; ++j) {
      const int64_t lag = times_[size_t(i)] - times_[size_t(j)];
      if (lag > lags) continue;
      sums[size_t(lag)] += r[i] * r[j];
      pairs[size_t(lag)] += 1;
    }
  const double squares = r.squaredNorm();
  double statistic = 0;
  for (size_t k = 1; k <= size_t(lags); ++k)
    if (pairs[k] > 1) statistic += std::pow(sums[k] / squares, 2) / pairs[k];
  return double(n) * (double(n) + 2) * statistic;
}

/// Moves on from best points at the edge of what was looked at: the neighbours of the last one are
/// known.
void ArmaModel::go_to_interior(Batch& batch, int n_threads) const {
  for (int round = 0; round < n_a_ + n_b_; ++round) {
    bool moved = false;
    std::vector<std::pair<int, int>> before;
    for (const auto& voxel : batch.voxels) before.emplace_back(voxel.a, voxel.b);
    look(batch, 1, 1, n_threads);
    for (size_t v = 0; v < before.size(); ++v)
      moved = moved || before[v] != std::pair(batch.voxels[v].a, batch.voxels[v].b);
    if (!moved) return;
  }
}

/// The optimum between the points of the grid: that of the quadratic through the neighbours of the
/// best point, or at an edge of the grid through those of the point beside it.
ArmaParameters ArmaModel::polished(const Batch& batch, Eigen::Index v) const {
  const auto& voxel = batch.voxels[size_t(v)];
  const int a = std::clamp(voxel.a, 1, n_a_ - 1), b = std::clamp(voxel.b, 1, n_b_ - 1);
  const auto value = [&](int ia, int jb) {
    return voxel.window.holds(ia, jb) ? voxel.window.at(ia, jb)
                                      : std::numeric_limits<double>::infinity();
  };
  Eigen::Matrix3d f;
  for (int i = -1; i <= 1; ++i)
    for (int j = -1; j <= 1; ++j) f(i + 1, j + 1) = value(a + i, b + j);
  if (f.allFinite())
    if (const Eigen::Vector2d step = minimum_of_quadratic(f); !step.isZero(0))
      return parameters(a + step[0], b + step[1]);
  // No quadratic here, or its minimum is outside: along one axis, that with more to gain.
  const Parabola along_a(value(voxel.a - 1, voxel.b), voxel.best, value(voxel.a + 1, voxel.b));
  const Parabola along_b(value(voxel.a, voxel.b - 1), voxel.best, value(voxel.a, voxel.b + 1));
  return along_a.gain > along_b.gain ? parameters(voxel.a + along_a.step, voxel.b)
                                     : parameters(voxel.a, voxel.b + along_b.step);
}

/// Estimates at the parameters that were found.
void ArmaModel::finish(const Batch& batch, Eigen::Index v,
                       const std::vector<Eigen::MatrixXd>& contrasts, bool with_ljung_box,
                       ArmaEstimates& out) const {
  const auto& voxel = batch.voxels[size_t(v)];
  const Eigen::Index at = batch.first + v, n = basis_.rows();
  if (!voxel.usable) return;
  const Eigen::Map<const Eigen::VectorXd> y(batch.series + v * n, n);
  std::unique_ptr<Point> own;
  const Point* p = &point(index(voxel.a, voxel.b));
  if (options_.fixed)
    p = (own = make_point(*options_.fixed)).get();
  else if (options_.search == ArmaOptions::Search::continuous)
    p = (own = make_point(polished(batch, v))).get();
  if (!p->valid) p = &point(index(voxel.a, voxel.b));
  const auto solve = [&] {
    const Eigen::VectorXd z = p->whitening.whiten(y);
    const Eigen::VectorXd gamma = p->normal.solve(p->basis.transpose() * z);
    Eigen::VectorXd residuals = z - p->basis * gamma;
    const double on_constant = p->constant.dot(z);
    out.a[at] = p->parameters.a;
    out.b[at] = p->parameters.b;
    out.coordinates.col(at) = gamma;
    out.residual_squares[at] = residuals.squaredNorm();
    out.total_squares[at] = z.squaredNorm() - on_constant * on_constant / p->constant.squaredNorm();
    out.minus_two_log_likelihood[at] = likelihood(*p, out.residual_squares[at], 0);
    return residuals;
  };
  Eigen::VectorXd residuals = solve();
  if (own && !options_.fixed && !(out.minus_two_log_likelihood[at] <= voxel.best)) {
    p = &point(index(voxel.a, voxel.b));  // the surface is no quadratic here
    residuals = solve();
  }
  if (with_ljung_box) out.ljung_box[at] = ljung_box(residuals);
  fill_covariances(p->normal, contrasts, at, out.covariances);
}

ArmaEstimates ArmaModel::fit(Eigen::Index n_voxels, const ReadSeries& read,
                             const std::vector<Eigen::MatrixXd>& contrasts, bool with_ljung_box,
                             int n_threads,
                             const std::function<void(Eigen::Index)>& progress) const {
  ArmaEstimates out;
  for (auto* values : {&out.a, &out.b, &out.minus_two_log_likelihood, &out.residual_squares,
                       &out.total_squares, &out.ljung_box})
    values->setConstant(n_voxels, kNaN);
  out.coordinates.setConstant(basis_.cols(), n_voxels, kNaN);
  out.covariances = empty_covariances(contrasts, n_voxels);
  LargeBuffer<double> series(size_t(std::min(kBatch, n_voxels) * basis_.rows()));
  Batch batch;
  batch.series = series.data();
  for (; batch.first < n_voxels; batch.first += kBatch) {
    batch.n = std::min(kBatch, n_voxels - batch.first);
    constexpr Eigen::Index kAtATime = 256;
    parallel_for((batch.n + kAtATime - 1) / kAtATime, n_threads, [&](Eigen::Index task) {
      const Eigen::Index at = task * kAtATime;
      read(batch.first + at, std::min(kAtATime, batch.n - at), series.data() + at * basis_.rows());
    });
    search(batch, n_threads);
    if (options_.search == ArmaOptions::Search::continuous && !options_.fixed)
      go_to_interior(batch, n_threads);
    parallel_for((batch.n + kWidth - 1) / kWidth, n_threads, [&](Eigen::Index task) {
      for (Eigen::Index v = task * kWidth; v < std::min(batch.n, (task + 1) * kWidth); ++v)
        finish(batch, v, contrasts, with_ljung_box, out);
    });
    if (progress) progress(batch.first + batch.n);
  }
  return out;
}

std::vector<Eigen::MatrixXd> ArmaModel::covariances(const Eigen::VectorXd& a,
                                                    const Eigen::VectorXd& b,
                                                    const std::vector<Eigen::MatrixXd>& contrasts,
                                                    int n_threads) const {
  auto out = empty_covariances(contrasts, a.size());
  parallel_for((a.size() + kWidth - 1) / kWidth, n_threads, [&](Eigen::Index task) {
    for (Eigen::Index v = task * kWidth; v < std::min(a.size(), (task + 1) * kWidth); ++v) {
      if (!std::isfinite(a[v])) continue;
      const auto point = make_point({a[v], b[v]});
      if (point->valid) fill_covariances(point->normal, contrasts, v, out);
    }
  });
  return out;
}

}  // namespace sociometer
