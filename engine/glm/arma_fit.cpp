#include "engine/glm/arma_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/error.hpp"
#include "engine/core/large_buffer.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/packed.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

/// Series held at a time: enough for many voxels to share each whitened design.
constexpr Eigen::Index kBatchBytes = Eigen::Index{48} << 20, kMostVoxels = 32768;

Eigen::Index batch_size(Eigen::Index n_rows, Eigen::Index n_voxels) {
  const Eigen::Index fits = kBatchBytes / (8 * n_rows) / kWidth * kWidth;
  return std::min(std::clamp(fits, kWidth, kMostVoxels), n_voxels);
}

/// Voxels with parameters, grouped so that equal parameters are adjacent.
std::vector<Eigen::Index> by_parameters(const std::vector<ArmaFound>& found) {
  std::vector<Eigen::Index> order;
  for (size_t v = 0; v < found.size(); ++v)
    if (std::isfinite(found[v].parameters.a)) order.push_back(Eigen::Index(v));
  std::sort(order.begin(), order.end(), [&](Eigen::Index x, Eigen::Index y) {
    const ArmaParameters &p = found[size_t(x)].parameters, &q = found[size_t(y)].parameters;
    return std::make_tuple(p.a, p.b, x) < std::make_tuple(q.a, q.b, y);
  });
  return order;
}

/// Calls work(parameters, voxels, number) for each distinct set of parameters.
template <typename Work>
void for_parameters(const std::vector<ArmaFound>& found, int n_threads, Work&& work) {
  const auto order = by_parameters(found);
  std::vector<size_t> starts;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto& here = found[size_t(order[i])].parameters;
    if (i == 0 || here.a != found[size_t(order[i - 1])].parameters.a ||
        here.b != found[size_t(order[i - 1])].parameters.b)
      starts.push_back(i);
  }
  starts.push_back(order.size());
  parallel_for(Eigen::Index(starts.size()) - 1, n_threads, [&](Eigen::Index g) {
    const size_t first = starts[size_t(g)];
    work(found[size_t(order[first])].parameters, order.data() + first,
         Eigen::Index(starts[size_t(g) + 1] - first));
  });
}

}  // namespace

/// Voxels that are fitted together.
struct ArmaModel::Batch {
  Eigen::Index first = 0, n = 0;
  LargeBuffer<double> residuals;  ///< of least squares, (n_rows, n)
  Eigen::MatrixXd coordinates;    ///< of least squares, (rank, n)
  std::vector<uint8_t> usable;    ///< the series has a residual
};

ArmaModel::ArmaModel(const Eigen::MatrixXd& basis, PseudoTimes times, const ArmaOptions& options,
                     double log_det_gram, Eigen::Index shortest_run,
                     const kernels::KernelSet& kernels)
    : design_(basis, std::move(times), log_det_gram),
      options_(options),
      shortest_run_(shortest_run),
      basis_by_rows_(basis),
      kernels_(kernels),
      search_(design_, options, kernels) {
  require(Eigen::Index(design_.times.size()) == design_.n_rows(), "one time per row of the basis");
}

/// Least squares: the noise is estimated from its residuals alone, and generalised least squares
/// then only corrects the coordinates.
void ArmaModel::read_batch(const ReadTile& read, int n_threads, Batch& batch) const {
  const Eigen::Index n_rows = design_.n_rows();
  batch.coordinates.resize(design_.rank(), batch.n);
  batch.usable.assign(size_t(batch.n), 0);
  parallel_for((batch.n + kWidth - 1) / kWidth, n_threads, [&](Eigen::Index task) {
    using Tile = Eigen::Array<double, kWidth, Eigen::Dynamic>;
    thread_local Tile tile, coordinates;
    tile.resize(kWidth, n_rows);
    const Eigen::Index at = task * kWidth, here = std::min(kWidth, batch.n - at);
    read(batch.first + at, tile.data());
    const Eigen::Array<double, kWidth, 1> squares = tile.square().rowwise().sum();
    coordinates.setZero(kWidth, design_.rank());
    kernels_.accumulate_products(design_.basis.data(), long(design_.rank()), int(n_rows),
                                 int(design_.rank()), tile.data(), coordinates.data());
    batch.coordinates.middleCols(at, here) = coordinates.topRows(here).matrix().transpose();
    coordinates = -coordinates;
    kernels_.accumulate_products(basis_by_rows_.data(), long(n_rows), int(design_.rank()),
                                 int(n_rows), coordinates.data(), tile.data());
    const Eigen::Array<double, kWidth, 1> left = tile.square().rowwise().sum();
    for (Eigen::Index lane = 0; lane < here; ++lane)
      batch.usable[size_t(at + lane)] = left[lane] > kLeastResidual * squares[lane];
    double* rows[kWidth] = {};
    for (Eigen::Index lane = 0; lane < here; ++lane)
      rows[lane] = batch.residuals.data() + (at + lane) * n_rows;
    kernels_.scatter_tile(tile.data(), int(here), long(n_rows), rows);
  });
}

void ArmaModel::search(const Batch& batch, int n_threads, std::vector<ArmaFound>& found) const {
  if (options_.fixed)
    found.assign(size_t(batch.n), {*options_.fixed, *options_.fixed, 0});
  else
    found = search_(batch.residuals.data(), batch.n, n_threads);
  for (Eigen::Index v = 0; v < batch.n; ++v)
    if (!batch.usable[size_t(v)]) found[size_t(v)].parameters = {kNaN, kNaN};
}

/// Ljung-Box statistic of whitened residuals, with AFNI's number of lags.
double ArmaModel::ljung_box(const Eigen::VectorXd& r) const {
  const Eigen::Index n = r.size();
  const auto run = double(shortest_run_);
  const auto lags =
      std::min(Eigen::Index(double(design_.rank()) + 2 +
                            std::min(std::floor(run / 8), std::rint(3 * std::log(run)))),
               Eigen::Index(std::floor(run / 2)));
  std::vector<double> sums(size_t(lags) + 1, 0.0), pairs(size_t(lags) + 1, 0.0);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = std::max<Eigen::Index>(0, i - lags); j < i; ++j) {
      const int64_t lag = design_.times[size_t(i)] - design_.times[size_t(j)];
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

/// Estimates of up to kWidth voxels with the same parameters.
void ArmaModel::solve_tile(const Batch& batch, const ArmaPoint& point, const Eigen::Index* voxels,
                           Eigen::Index n, ArmaEstimates& out) const {
  const Eigen::Index n_rows = design_.n_rows(), m = design_.rank();
  using Tile = Eigen::Matrix<double, Eigen::Dynamic, kWidth, Eigen::RowMajor>;
  thread_local Tile series, whitened, products, coordinates, removed;
  thread_local Eigen::MatrixXd upper, inverse_transposed;
  series.resize(n_rows, kWidth);
  whitened.resize(n_rows, kWidth);
  products.resize(m + 1, kWidth);
  coordinates.setZero(m, kWidth);
  removed.setZero(m, kWidth);
  alignas(64) double squares[kWidth];
  gather_tile(kernels_, batch.residuals.data(), n_rows, voxels, n, series.data());
  point.apply(kernels_, int(n), series.data(), whitened.data(), products.data(), squares);
  const auto multiply = [&](const Eigen::MatrixXd& matrix, const Tile& by, Tile& to) {
    kernels_.accumulate_lane_products(matrix.data(), long(m), int(m), int(m), int(n), by.data(),
                                      to.data());
  };
  for (Eigen::Index lane = 0; lane < n; ++lane)
    coordinates.col(lane) = batch.coordinates.col(voxels[lane]);
  upper = point.normal.matrixL().transpose();
  inverse_transposed = point.inverse.transpose();
  multiply(upper, coordinates, removed);  // the part removed by least squares, on Q
  multiply(inverse_transposed, products, coordinates);
  for (Eigen::Index lane = 0; lane < n; ++lane) {
    const Eigen::Index at = batch.first + voxels[lane];
    const auto on_q = products.col(lane).head(m);
    const auto gone = removed.col(lane);
    const double explained = on_q.squaredNorm();
    // Whitened squares of the series itself, and the part explained by the constant.
    const double all = squares[lane] + 2 * gone.dot(on_q) + gone.squaredNorm();
    const double on_constant = products(m, lane) + point.constant_on_q.dot(gone);
    out.a[at] = point.parameters.a;
    out.b[at] = point.parameters.b;
    out.coordinates.col(at) = coordinates.col(lane);
    out.residual_squares[at] = squares[lane] - explained;
    out.total_squares[at] = all - on_constant * on_constant / point.constant_squares;
    out.minus_two_log_likelihood[at] = point.minus_two_log_likelihood(squares[lane], explained);
    if (out.ljung_box.size() > 0)
      out.ljung_box[at] = ljung_box(whitened.col(lane) - point.weights.topRows(m).transpose() *
                                                             (inverse_transposed * on_q));
  }
}

/// Generalised least squares of a batch at the estimated parameters. Where the quadratic
/// approximation gave a lower likelihood than the best grid point, the grid point is used instead.
void ArmaModel::solve(const Batch& batch, std::vector<ArmaFound>& found,
                      const std::vector<Eigen::MatrixXd>& contrasts, int n_threads,
                      ArmaEstimates& out) const {
  const auto solve_all = [&] {
    for_parameters(
        found, n_threads, [&](const ArmaParameters& p, const Eigen::Index* voxels, Eigen::Index n) {
          const ArmaPoint point(design_, options_, p, &kernels_);
          if (!point.valid) return;
          for (Eigen::Index i = 0; i < n; i += kWidth)
            solve_tile(batch, point, voxels + i, std::min(kWidth, n - i), out);
          fill_covariances(point.normal, contrasts, batch.first, voxels, n, out.covariances);
        });
  };
  solve_all();
  bool any_missed = false;
  for (Eigen::Index v = 0; v < batch.n; ++v) {
    auto& f = found[size_t(v)];
    const bool missed = std::isfinite(f.parameters.a) && std::isfinite(f.best) && !options_.fixed &&
                        !(out.minus_two_log_likelihood[batch.first + v] <= f.best) &&
                        (f.parameters.a != f.on_grid.a || f.parameters.b != f.on_grid.b);
    f.parameters = missed ? f.on_grid : ArmaParameters{kNaN, kNaN};
    any_missed = any_missed || missed;
  }
  if (any_missed) solve_all();
  for (Eigen::Index v = 0; v < batch.n; ++v) {
    if (batch.usable[size_t(v)]) continue;
    const Eigen::Index at = batch.first + v;
    out.coordinates.col(at) = batch.coordinates.col(v);
    out.residual_squares[at] = 0;
    out.total_squares[at] = batch.coordinates.col(v).squaredNorm();
  }
}

double ArmaModel::fit_bytes(const ArmaOptions& options, Eigen::Index n_rows, Eigen::Index rank,
                            Eigen::Index n_voxels, Eigen::Index n_covariances) {
  const double estimates = 8 * double(n_voxels) * double(6 + rank + n_covariances);
  const double batch = 8 * double(batch_size(n_rows, n_voxels)) * double(n_rows);
  double n_points = 1;  // fixed parameters
  if (!options.fixed) {
    const ArmaGrid grid(options);
    n_points = 0;
    for (int i = 0; i < grid.n_points(); ++i) n_points += grid.allowed(grid.ia(i), grid.jb(i));
  }
  const double point = 8 * (double(n_rows) * double(rank + 4) + 3 * double(rank * rank));
  return estimates + batch + n_points * point;
}

ArmaEstimates ArmaModel::fit(Eigen::Index n_voxels, const ReadTile& read,
                             const std::vector<Eigen::MatrixXd>& contrasts, bool with_ljung_box,
                             int n_threads, const std::function<void(Eigen::Index)>& progress,
                             const MaskSmoother* smoother) const {
  ArmaEstimates out;
  for (auto* values :
       {&out.a, &out.b, &out.minus_two_log_likelihood, &out.residual_squares, &out.total_squares})
    values->setConstant(n_voxels, kNaN);
  if (with_ljung_box) out.ljung_box.setConstant(n_voxels, kNaN);
  out.coordinates.resize(design_.rank(), n_voxels);  // filled batch by batch
  out.covariances = empty_covariances(contrasts, n_voxels);
  const Eigen::Index size = batch_size(design_.n_rows(), n_voxels);
  Batch batch;
  batch.residuals = LargeBuffer<double>(size_t(size * design_.n_rows()));
  std::vector<ArmaFound> found;
  const auto for_batches = [&](auto&& work) {
    for (batch.first = 0; batch.first < n_voxels; batch.first += size) {
      batch.n = std::min(size, n_voxels - batch.first);
      out.coordinates.middleCols(batch.first, batch.n).setConstant(kNaN);
      read_batch(read, n_threads, batch);
      work();
    }
  };
  if (!smoother) {
    for_batches([&] {
      search(batch, n_threads, found);
      solve(batch, found, contrasts, n_threads, out);
      if (progress) progress(batch.first + batch.n);
    });
    return out;
  }
  Eigen::MatrixXd maps(2, n_voxels);  // a and lambda, in which the likelihood is smooth
  for_batches([&] {
    search(batch, n_threads, found);
    for (Eigen::Index v = 0; v < batch.n; ++v) {
      const ArmaParameters& p = found[size_t(v)].parameters;
      maps.col(batch.first + v) << p.a, p.lambda();
    }
    if (progress) progress((batch.first + batch.n) / 2);
  });
  smoother->smooth(maps, n_threads);
  for_batches([&] {
    for (Eigen::Index v = 0; v < batch.n; ++v) {
      const double a = maps(0, batch.first + v), lambda = maps(1, batch.first + v);
      found[size_t(v)] = {{a, b_of_lambda(a, lambda)}, {}, std::numeric_limits<double>::infinity()};
    }
    found.resize(size_t(batch.n));
    solve(batch, found, contrasts, n_threads, out);
    if (progress) progress((n_voxels + batch.first + batch.n) / 2);
  });
  return out;
}

std::vector<Eigen::MatrixXd> ArmaModel::covariances(const Eigen::VectorXd& a,
                                                    const Eigen::VectorXd& b,
                                                    const std::vector<Eigen::MatrixXd>& contrasts,
                                                    int n_threads) const {
  auto out = empty_covariances(contrasts, a.size());
  std::vector<ArmaFound> found;
  for (Eigen::Index v = 0; v < a.size(); ++v) found.push_back({{a[v], b[v]}, {}, 0});
  for_parameters(found, n_threads,
                 [&](const ArmaParameters& p, const Eigen::Index* voxels, Eigen::Index n) {
                   const ArmaPoint point(design_, options_, p, &kernels_);
                   if (point.valid) fill_covariances(point.normal, contrasts, 0, voxels, n, out);
                 });
  return out;
}

}  // namespace sociometer
