#include "engine/glm/arma_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Number of lag sums used to find the start.
constexpr Eigen::Index kLags = 24;
/// Fine-grid steps between the points of the table of starts.
constexpr int kStartStep = 2;
constexpr int kMostLooks = 8;

/// Derivatives of a quadratic through a 3 x 3 neighbourhood, per step.
Eigen::Matrix2d hessian(const Eigen::Matrix3d& f) {
  Eigen::Matrix2d h;
  h(0, 0) = f(2, 1) - 2 * f(1, 1) + f(0, 1);
  h(1, 1) = f(1, 2) - 2 * f(1, 1) + f(1, 0);
  h(0, 1) = h(1, 0) = 0.25 * (f(2, 2) - f(2, 0) - f(0, 2) + f(0, 0));
  return h;
}

/// The minimum of a quadratic through a 3 x 3 neighbourhood, in steps from its centre; the centre
/// if there is no minimum nearby.
Eigen::Vector2d minimum_of_quadratic(const Eigen::Matrix3d& f) {
  const Eigen::Vector2d gradient(0.5 * (f(2, 1) - f(0, 1)), 0.5 * (f(1, 2) - f(1, 0)));
  const Eigen::Matrix2d h = hessian(f);
  if (!(h(0, 0) > 0) || !(h.determinant() > 1e-3 * h(0, 0) * h(1, 1)))
    return Eigen::Vector2d::Zero();
  const Eigen::Vector2d step = -h.inverse() * gradient;
  return step.allFinite() && step.cwiseAbs().maxCoeff() <= 1 ? step : Eigen::Vector2d::Zero();
}

/// The minimum of a parabola through three points one step apart: its location, and its depth below
/// the middle point. Both 0 if a neighbour is unknown or the middle is not the smallest.
struct Parabola {
  double step = 0, gain = 0;
  Parabola(double left, double middle, double right) {
    const double curvature = left - 2 * middle + right, slope = 0.5 * (right - left);
    if (!std::isfinite(curvature) || !(curvature > 0) || std::abs(slope) > curvature) return;
    step = -slope / curvature;
    gain = 0.5 * slope * slope / curvature;
  }
};

/// Positions of the rows in time; gaps longer than any lag are cut to the shortest such gap.
std::vector<Eigen::Index> places_of(const PseudoTimes& times) {
  std::vector<Eigen::Index> places;
  for (size_t i = 0; i < times.size(); ++i)
    places.push_back(i == 0 ? 0
                            : places.back() + Eigen::Index(std::min<int64_t>(
                                                  times[i] - times[i - 1], kLags + 1)));
  return places;
}

/// R^-1 of a long series, by lags: the covariance of the ARMA process with a and b swapped.
Eigen::VectorXd inverse_correlations(const ArmaParameters& p) {
  const double a = p.a, b = p.b;
  const double scale = (1 + 2 * a * b + b * b) / (1 - a * a) / (1 - b * b);
  Eigen::VectorXd w(kLags + 1);
  w[0] = scale * (1 + 2 * a * b + a * a);
  double next = -scale * (1 + a * b) * (a + b);
  for (Eigen::Index k = 1; k <= kLags; ++k, next *= -b) w[k] = next;
  return w;
}

}  // namespace

void gather_tile(const kernels::KernelSet& kernels, const double* series, Eigen::Index n_rows,
                 const Eigen::Index* voxels, Eigen::Index n, double* tile) {
  const double* rows[kWidth] = {};
  for (Eigen::Index lane = 0; lane < n; ++lane) rows[lane] = series + voxels[lane] * n_rows;
  kernels.gather_tile(rows, int(n), long(n_rows), tile);
}

/// State of the search for a voxel.
struct ArmaSearch::Voxel {
  /// The window of grid points considered for a voxel, and L there: infinite where not allowed.
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
    double value(int ia, int jb) const { return holds(ia, jb) ? at(ia, jb) : kInfinity; }
  };
  int a = 0, b = 0;  ///< best point
  double best = kInfinity;
  bool settled = false;  ///< the neighbours are known
  bool looked_farther = false;
  Window window;

  Eigen::Matrix3d neighbours(int at_a, int at_b) const {
    Eigen::Matrix3d f;
    for (int i = -1; i <= 1; ++i)
      for (int j = -1; j <= 1; ++j) f(i + 1, j + 1) = window.value(at_a + i, at_b + j);
    return f;
  }
  /// Whether the quadratic around the best point is not convex, or is elongated along a diagonal.
  /// False at the edges of the grid, where one side has no points.
  bool is_doubtful() const {
    constexpr double kRidge = 0.6;
    const Eigen::Matrix3d f = neighbours(a, b);
    if (!f.allFinite()) return false;
    const Eigen::Matrix2d h = hessian(f);
    return minimum_of_quadratic(f).isZero(0) ||
           std::abs(h(0, 1)) > kRidge * std::sqrt(h(0, 0) * h(1, 1));
  }
  /// Moves to the best point of the window; ties keep the current point.
  void take_best() {
    const auto& w = window;
    for (int jb = w.b0; jb <= w.b1; jb += w.step)
      for (int ia = w.a0; ia <= w.a1; ia += w.step)
        if (w.at(ia, jb) < best) {
          best = w.at(ia, jb);
          a = ia;
          b = jb;
        }
  }
};

struct ArmaSearch::Batch {
  const double* residuals;
  std::vector<Voxel> voxels;
  Eigen::Index n() const { return Eigen::Index(voxels.size()); }
};

struct ArmaSearch::Request {
  int point;
  Eigen::Index voxel;
};

ArmaSearch::ArmaSearch(const ArmaDesign& design, const ArmaOptions& options,
                       const kernels::KernelSet& kernels)
    : design_(design), grid_(options), kernels_(kernels), places_(places_of(design.times)) {
  points_.resize(size_t(grid_.n_points()));
  made_.resize(size_t(grid_.n_points()));
}

ArmaSearch::~ArmaSearch() = default;

const ArmaPoint& ArmaSearch::point(int index) const {
  std::call_once(made_[size_t(index)], [&] {
    points_[size_t(index)] = std::make_unique<ArmaPoint>(
        design_, grid_.options(), grid_.parameters(grid_.ia(index), grid_.jb(index)), &kernels_);
  });
  return *points_[size_t(index)];
}

/// L of each request, into `values`; tiles of voxels at the same point are one product.
void ArmaSearch::evaluate(const Batch& batch, std::vector<Request>& requests,
                          std::vector<double>& values, int n_threads) const {
  // Sorted by point, else in order of arrival.
  std::vector<size_t> place(size_t(grid_.n_points()) + 1, 0);
  for (const auto& r : requests) ++place[size_t(r.point) + 1];
  for (size_t p = 1; p < place.size(); ++p) place[p] += place[p - 1];
  std::vector<Request> sorted(requests.size());
  for (const auto& r : requests) sorted[place[size_t(r.point)]++] = r;
  requests = std::move(sorted);
  std::vector<size_t> starts;  // of tiles
  for (size_t i = 0; i < requests.size();) {
    starts.push_back(i);
    const size_t last = std::min(requests.size(), i + size_t(kWidth));
    const int point = requests[i].point;
    while (i < last && requests[i].point == point) ++i;
  }
  starts.push_back(requests.size());
  values.assign(requests.size(), std::numeric_limits<double>::quiet_NaN());
  const Eigen::Index n_rows = design_.n_rows(), m = design_.rank();
  parallel_for(Eigen::Index(starts.size()) - 1, n_threads, [&](Eigen::Index tile) {
    const size_t first = starts[size_t(tile)], n = starts[size_t(tile) + 1] - first;
    const ArmaPoint& p = point(requests[first].point);
    if (!p.valid) return;
    thread_local std::vector<double> series, whitened, products;
    series.resize(size_t(n_rows * kWidth));
    whitened.resize(series.size());
    products.resize(size_t((m + 1) * kWidth));
    alignas(64) double squares[kWidth];
    Eigen::Index voxels[kWidth];
    for (size_t r = 0; r < n; ++r) voxels[r] = requests[first + r].voxel;
    gather_tile(kernels_, batch.residuals, n_rows, voxels, Eigen::Index(n), series.data());
    p.apply(kernels_, int(n), series.data(), whitened.data(), products.data(), squares);
    Eigen::Array<double, kWidth, 1> explained = Eigen::Array<double, kWidth, 1>::Zero();
    for (Eigen::Index i = 0; i < m; ++i)
      explained +=
          Eigen::Map<const Eigen::Array<double, kWidth, 1>>(products.data() + i * kWidth).square();
    for (size_t lane = 0; lane < n; ++lane)
      values[first + lane] =
          p.minus_two_log_likelihood(squares[lane], explained[Eigen::Index(lane)]);
  });
}

/// Evaluates every voxel at all points `step` apart, and at no correlation.
void ArmaSearch::evaluate_everywhere(Batch& batch, int step, int n_threads) const {
  std::vector<Request> requests;
  std::vector<double> values;
  for (Eigen::Index v = 0; v < batch.n(); ++v)
    requests.push_back({grid_.index(grid_.white_a(), grid_.white_b()), v});
  evaluate(batch, requests, values, n_threads);
  for (size_t r = 0; r < requests.size(); ++r) {
    auto& voxel = batch.voxels[size_t(requests[r].voxel)];
    voxel.a = grid_.white_a();
    voxel.b = grid_.white_b();
    voxel.best = values[r];
    voxel.window = {0, grid_.n_a(), 0, grid_.n_b(), step, {}};
    voxel.window.values.assign(size_t(voxel.window.n_a()) * size_t(grid_.n_b() / step + 1),
                               kInfinity);
  }
  for (int jb = 0; jb <= grid_.n_b(); jb += step)
    for (int ia = 0; ia <= grid_.n_a(); ia += step) {
      if (!grid_.allowed(ia, jb)) continue;
      requests.clear();
      for (Eigen::Index v = 0; v < batch.n(); ++v) requests.push_back({grid_.index(ia, jb), v});
      evaluate(batch, requests, values, n_threads);
      for (size_t r = 0; r < requests.size(); ++r)
        if (!std::isnan(values[r]))
          batch.voxels[size_t(requests[r].voxel)].window.at(ia, jb) = values[r];
    }
  for (auto& voxel : batch.voxels) voxel.take_best();
}

/// Evaluates points `step` apart within `reach` of each voxel's best, and moves to the best of
/// them.
void ArmaSearch::look(Batch& batch, int step, int reach, int n_threads) const {
  std::vector<Request> requests;
  std::vector<double> values;
  for (Eigen::Index v = 0; v < batch.n(); ++v) {
    auto& voxel = batch.voxels[size_t(v)];
    if (voxel.settled) continue;
    const Voxel::Window known = std::move(voxel.window);
    auto& w = voxel.window;
    // Steps are counted from the best point, so that it is among the points evaluated.
    const auto from = [&](int at) { return at - std::min(at, reach) / step * step; };
    const auto to = [&](int at, int last) { return at + std::min(last - at, reach) / step * step; };
    w = {
        from(voxel.a), to(voxel.a, grid_.n_a()), from(voxel.b), to(voxel.b, grid_.n_b()), step, {}};
    w.values.assign(size_t(w.n_a()) * size_t((w.b1 - w.b0) / step + 1), kInfinity);
    for (int jb = w.b0; jb <= w.b1; jb += step)
      for (int ia = w.a0; ia <= w.a1; ia += step) {
        if (known.holds(ia, jb))
          w.at(ia, jb) = known.at(ia, jb);
        else if (grid_.allowed(ia, jb))
          requests.push_back({grid_.index(ia, jb), v});
      }
  }
  evaluate(batch, requests, values, n_threads);
  for (size_t r = 0; r < requests.size(); ++r)
    if (!std::isnan(values[r]))
      batch.voxels[size_t(requests[r].voxel)].window.at(grid_.ia(requests[r].point),
                                                        grid_.jb(requests[r].point)) = values[r];
  for (auto& voxel : batch.voxels)
    if (!voxel.settled) voxel.take_best();
}

/// Moves on until the best point is inside the evaluated window, or on an edge of the grid:
/// its neighbours are then known.
void ArmaSearch::go_to_interior(Batch& batch, int n_threads) const {
  for (int round = 0; round < grid_.n_a() + grid_.n_b(); ++round) {
    bool moved = false;
    std::vector<std::pair<int, int>> before;
    for (const auto& voxel : batch.voxels) before.emplace_back(voxel.a, voxel.b);
    look(batch, 1, 1, n_threads);
    for (size_t v = 0; v < before.size(); ++v) {
      auto& voxel = batch.voxels[v];
      voxel.settled = before[v] == std::pair(voxel.a, voxel.b);
      moved = moved || !voxel.settled;
    }
    if (!moved) return;
  }
}

/// Searches a wider area if the neighbours form a diagonal ridge or are not convex: the best of
/// them may then not be the global optimum.
/// @return  whether any voxel found a better point.
bool ArmaSearch::look_farther(Batch& batch, int n_threads) const {
  constexpr int kReach = 3;
  std::vector<std::pair<Voxel*, std::pair<int, int>>> doubtful;
  for (auto& voxel : batch.voxels) {
    voxel.settled = !voxel.is_doubtful() || voxel.looked_farther;
    if (!voxel.settled) doubtful.push_back({&voxel, {voxel.a, voxel.b}});
  }
  look(batch, 1, kReach, n_threads);
  bool any = false;
  for (auto& [voxel, before] : doubtful) {
    voxel->looked_farther = voxel->settled = before == std::pair(voxel->a, voxel->b);
    any = any || !voxel->settled;
  }
  return any;
}

/// Determinants at the candidate starting points, with their inverse correlations:
/// sum_k table(p, k) S_k is q exp((ln|X'R^-1X| + ln|R|) / (n - m)), which is smallest
/// where L is smallest.
void ArmaSearch::make_start_table(int n_threads) const {
  const int n_a = grid_.n_a() / kStartStep + 1, n_b = grid_.n_b() / kStartStep + 1;
  table_.setZero(Eigen::Index(n_a) * n_b, kLags + 1);
  parallel_for(table_.rows(), n_threads, [&](Eigen::Index i) {
    const Eigen::Index ia = i % n_a, jb = i / n_a;
    const ArmaPoint p(design_, grid_.options(),
                      grid_.parameters(kStartStep * double(ia), kStartStep * double(jb)),
                      &kernels_);
    if (!p.valid) {
      table_(i, 0) = kInfinity;
      return;
    }
    Eigen::VectorXd w = inverse_correlations(p.parameters);
    w.tail(kLags) *= 2;
    table_.row(i) =
        std::exp(p.log_determinants / double(design_.n_rows() - design_.rank())) * w.transpose();
  });
}

/// The minimum of exp(L / (n - m)) of one lane over the table of starts, in steps of the table;
/// refined between points by the quadratic of the logarithms around the smallest entry.
/// Points outside the quadrant are skipped.
Eigen::Vector2d ArmaSearch::minimum_in_table(const double* lane, int n_a, Quadrant quadrant) const {
  const auto n_b = int(table_.rows()) / n_a;
  const auto value = [&](int a, int b) { return lane[Eigen::Index(b * n_a + a) * kWidth]; };
  double least = kInfinity;
  int best_a = 0, best_b = 0;
  for (int b = 0; b < n_b; ++b)
    for (int a = 0; a < n_a; ++a) {
      if (!(value(a, b) > 0 && value(a, b) < least)) continue;
      const ArmaParameters p = grid_.parameters(kStartStep * a, kStartStep * b);
      constexpr double kZero = -1e-9;  // lambda of b is not exact
      if ((p.a < 0) != quadrant.negative_a || (p.lambda() < kZero) != quadrant.negative_lambda)
        continue;
      least = value(a, b);
      best_a = a;
      best_b = b;
    }
  const int a = std::clamp(best_a, 1, n_a - 2), b = std::clamp(best_b, 1, n_b - 2);
  Eigen::Matrix3d f;
  for (int i = -1; i <= 1; ++i)
    for (int j = -1; j <= 1; ++j) f(i + 1, j + 1) = std::log(value(a + i, b + j));
  if (f.allFinite())
    if (const Eigen::Vector2d move = minimum_of_quadratic(f); !move.isZero(0))
      return Eigen::Vector2d(a, b) + move;
  return Eigen::Vector2d(best_a, best_b);
}

/// Sets each voxel to the point with the least approximate likelihood.
void ArmaSearch::start(Batch& batch, Quadrant quadrant, int n_threads) const {
  std::call_once(table_made_, [&] { make_start_table(n_threads); });
  const Eigen::Index n_rows = design_.n_rows(), n_places = places_.back() + 1;
  const int n_a = grid_.n_a() / kStartStep + 1;
  parallel_for((batch.n() + kWidth - 1) / kWidth, n_threads, [&](Eigen::Index tile) {
    const Eigen::Index first = tile * kWidth, n = std::min(kWidth, batch.n() - first);
    thread_local std::vector<double> series, in_time, lags, values;
    series.resize(size_t(n_rows * kWidth));
    Eigen::Index voxels[kWidth];
    for (Eigen::Index lane = 0; lane < n; ++lane) voxels[lane] = first + lane;
    gather_tile(kernels_, batch.residuals, n_rows, voxels, n, series.data());
    in_time.assign(size_t((n_places + kLags) * kWidth), 0.0);
    for (Eigen::Index i = 0; i < n_rows; ++i)
      std::copy_n(series.data() + i * kWidth, kWidth,
                  in_time.data() + (kLags + places_[size_t(i)]) * kWidth);
    lags.assign(size_t((kLags + 1) * kWidth), 0.0);
    kernels_.accumulate_lags(in_time.data() + kLags * kWidth, int(n_places), int(kLags),
                             lags.data());
    values.assign(size_t(table_.rows() * kWidth), 0.0);
    kernels_.accumulate_products(table_.data(), table_.rows(), int(kLags + 1), int(table_.rows()),
                                 lags.data(), values.data());
    for (Eigen::Index lane = 0; lane < n; ++lane) {
      const Eigen::Vector2d at = minimum_in_table(values.data() + lane, n_a, quadrant);
      auto& voxel = batch.voxels[size_t(first + lane)];
      voxel.a = std::clamp(int(std::lround(kStartStep * at[0])), 0, grid_.n_a());
      voxel.b = std::clamp(int(std::lround(kStartStep * at[1])), 0, grid_.n_b());
    }
  });
}

/// The optimum between grid points, in indices: from the quadratic through the neighbours of the
/// best point, or at an edge of the grid through those of the adjacent point.
Eigen::Vector2d ArmaSearch::quadratic_minimum(const Voxel& voxel) const {
  const auto& w = voxel.window;
  const int a = std::clamp(voxel.a, 1, grid_.n_a() - 1),
            b = std::clamp(voxel.b, 1, grid_.n_b() - 1);
  if (const Eigen::Matrix3d f = voxel.neighbours(a, b); f.allFinite())
    if (const Eigen::Vector2d move = minimum_of_quadratic(f); !move.isZero(0))
      return Eigen::Vector2d(a, b) + move;
  // No quadratic here, or its minimum is outside: use the single axis with the larger gain.
  const auto along = [&](int i, int j) {
    return Parabola(w.value(voxel.a - i, voxel.b - j), voxel.best,
                    w.value(voxel.a + i, voxel.b + j));
  };
  const Parabola along_a = along(1, 0), along_b = along(0, 1);
  return along_a.gain > along_b.gain ? Eigen::Vector2d(voxel.a + along_a.step, voxel.b)
                                     : Eigen::Vector2d(voxel.a, voxel.b + along_b.step);
}

ArmaFound ArmaSearch::found(const Voxel& voxel) const {
  ArmaFound out;
  out.best = voxel.best;
  out.parameters = out.on_grid = grid_.parameters(voxel.a, voxel.b);
  if (grid_.options().search == ArmaOptions::Search::afni) return out;
  const Eigen::Vector2d at = (quadratic_minimum(voxel) * kSubsteps).array().round() / kSubsteps;
  out.parameters = grid_.parameters(at[0], at[1]);
  return out;
}

std::vector<ArmaFound> ArmaSearch::operator()(const double* residuals, Eigen::Index n,
                                              int n_threads) const {
  Batch batch{residuals, std::vector<Voxel>(size_t(n))};
  if (grid_.options().search == ArmaOptions::Search::afni) {
    // From coarse to fine: each level halves the step, around the best point so far.
    const int first_level = grid_.options().grid_level + (grid_.options().negative ? 1 : 0) - 2;
    evaluate_everywhere(batch, 1 << first_level, n_threads);
    for (int level = first_level - 1; level >= 0; --level)
      look(batch, 1 << level, 2 << level, n_threads);
  } else {
    const auto search = [&](Quadrant quadrant) {
      start(batch, quadrant, n_threads);
      go_to_interior(batch, n_threads);
      for (int i = 0; i < kMostLooks && look_farther(batch, n_threads); ++i)
        go_to_interior(batch, n_threads);
    };
    search({});
    // Each quadrant may have an optimum of its own.
    constexpr Quadrant kOthers[] = {{false, true}, {true, false}, {true, true}};
    for (const Quadrant quadrant : std::span(kOthers).first(grid_.options().negative ? 3 : 0)) {
      std::vector<Voxel> before(batch.voxels.size());
      before.swap(batch.voxels);
      search(quadrant);
      for (size_t v = 0; v < before.size(); ++v)
        if (!(batch.voxels[v].best < before[v].best)) batch.voxels[v] = std::move(before[v]);
    }
  }
  std::vector<ArmaFound> out;
  for (const auto& voxel : batch.voxels) out.push_back(found(voxel));
  return out;
}

}  // namespace sociometer
