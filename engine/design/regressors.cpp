#include "engine/design/regressors.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {
namespace {

Eigen::VectorXd fine_grid(const Eigen::VectorXd& frames, int oversampling, double min_onset) {
  const double n = double(frames.size());
  const double first = frames.minCoeff(), last = frames.maxCoeff();
  const double end = last * (1 + 1 / (n - 1));
  const double wanted =
      std::rint((n - 1) / (last - first) * (end - first - min_onset) * oversampling + 1);
  constexpr double kMost = 5e7;  // eleven days with a TR of 1 s and 50 points per scan
  if (!(wanted >= 2 && wanted <= kMost))
    fail(ErrorCode::usage,
         "the fine time grid would have {} points (TR {} s, {} points per scan, from {} s); at "
         "most {} can be used",
         wanted, (last - first) / (n - 1), oversampling, min_onset, kMost);
  const auto n_fine = static_cast<Eigen::Index>(wanted);
  const double start = first + min_onset, step = (end - start) / double(n_fine - 1);
  Eigen::VectorXd grid(n_fine);
  for (Eigen::Index i = 0; i < n_fine; ++i) grid[i] = start + double(i) * step;
  grid[n_fine - 1] = end;
  return grid;
}

/// The frames themselves if their distances are equal; else those of a scan without gaps: one every
/// shortest distance, until the last is reached.
Eigen::VectorXd without_gaps(const Eigen::VectorXd& frames) {
  const Eigen::Index n = frames.size();
  const Eigen::VectorXd distances = frames.tail(n - 1) - frames.head(n - 1);
  constexpr double kTolerance = 1e-3;  // of distances that count as equal
  const double shortest = distances.minCoeff();
  if (distances.maxCoeff() <= shortest * (1 + kTolerance)) return frames;
  const double last = frames[n - 1];
  const auto n_even = Eigen::Index(std::ceil((last - frames[0]) / shortest * (1 - 1e-12))) + 1;
  return Eigen::VectorXd::LinSpaced(n_even, frames[0], frames[0] + double(n_even - 1) * shortest);
}

/// Whether an event can affect a scan: it must not end before the grid starts nor start after the
/// last frame (FIR: the end of the grid, since a scan sees the events of its own interval).
bool reaches_run(double onset_s, double duration_s, double start_s, double end_s) {
  return onset_s <= end_s && (onset_s >= start_s || onset_s + duration_s > start_s);
}

/// First grid point at or after t, or the last point.
Eigen::Index bin_of(const Eigen::VectorXd& grid, double t) {
  const auto found = std::lower_bound(grid.data(), grid.data() + grid.size(), t);
  return std::min<Eigen::Index>(found - grid.data(), grid.size() - 1);
}

/// @param end_s  events that start later are dropped.
Eigen::VectorXd boxcars(const Stimulus& s, const Eigen::VectorXd& grid, double end_s) {
  Eigen::VectorXd r = Eigen::VectorXd::Zero(grid.size());
  for (size_t i = 0; i < s.onset_s.size(); ++i) {
    if (!reaches_run(s.onset_s[i], s.duration_s[i], grid[0], end_s)) continue;
    const Eigen::Index on = bin_of(grid, s.onset_s[i]);
    Eigen::Index off = bin_of(grid, s.onset_s[i] + s.duration_s[i]);
    if (off == on && off < grid.size() - 1) ++off;
    r[on] += s.weight[i];
    r[off] -= s.weight[i];
  }
  for (Eigen::Index i = 1; i < r.size(); ++i) r[i] += r[i - 1];
  return r;
}

/// (r * kernel)[i]: the convolution is needed only at grid points adjacent to a frame time.
double convolved_at(const Eigen::VectorXd& r, const Eigen::VectorXd& kernel, Eigen::Index i) {
  const Eigen::Index n = std::min(kernel.size(), i + 1);
  return kernel.head(n).dot(r.segment(i - n + 1, n).reverse());
}

/// Linear interpolation of `value(i)` at grid[i], i in [0, n); constant outside.
template <typename Value>
double interpolate(double t, const Eigen::VectorXd& grid, Eigen::Index n, Value value) {
  if (t <= grid[0]) return value(0);
  if (t >= grid[n - 1]) return value(n - 1);
  const Eigen::Index right = std::upper_bound(grid.data(), grid.data() + n, t) - grid.data();
  const double low = value(right - 1);
  const double slope = (value(right) - low) / (grid[right] - grid[right - 1]);
  return slope * (t - grid[right - 1]) + low;
}

RegressorGroup fir_regressors(const Stimulus& s, const Eigen::VectorXd& frames,
                              const Eigen::VectorXd& grid, const Eigen::VectorXd& r,
                              const FineGridOptions& o) {
  RegressorGroup out;
  out.values.resize(frames.size(), Eigen::Index(o.fir_delays.size()));
  for (size_t d = 0; d < o.fir_delays.size(); ++d) {
    const Eigen::Index delay = Eigen::Index(o.fir_delays[d]) * o.oversampling;
    // A boxcar of one scan, `delay` later, shifted so that a scan sees its own interval's events.
    const auto value = [&](Eigen::Index i) {
      double sum = 0;
      for (Eigen::Index k = delay; k < delay + o.oversampling; ++k) {
        const Eigen::Index from = i + o.oversampling - 1 - k;
        if (from >= 0) sum += r[from] / o.oversampling;
      }
      return sum;
    };
    for (Eigen::Index t = 0; t < frames.size(); ++t)
      out.values(t, Eigen::Index(d)) =
          interpolate(frames[t], grid, grid.size() - o.oversampling + 1, value);
    out.names.push_back(s.name + "_delay_" + std::to_string(o.fir_delays[d]));
  }
  return out;
}

}  // namespace

RegressorGroup linear_nilearn_regressors(const Stimulus& stimulus, const Eigen::VectorXd& frames,
                                         const HrfModel& hrf, const FineGridOptions& options) {
  require(frames.size() >= 2, "two frame times are needed to know the TR");
  const Eigen::VectorXd even = without_gaps(frames);
  const Eigen::VectorXd grid = fine_grid(even, options.oversampling, options.min_onset_s);
  const bool fir = hrf.shape == HrfShape::fir;
  const Eigen::VectorXd r =
      boxcars(stimulus, grid, fir ? grid[grid.size() - 1] : frames.maxCoeff());
  if (fir) return fir_regressors(stimulus, frames, grid, r, options);

  const double tr = (even.tail(even.size() - 1) - even.head(even.size() - 1)).minCoeff();
  const Eigen::MatrixXd kernels = nilearn_kernels(hrf, tr, options.oversampling);
  RegressorGroup out;
  out.values.resize(frames.size(), kernels.cols());
  for (Eigen::Index k = 0; k < kernels.cols(); ++k) {
    const Eigen::VectorXd kernel = kernels.col(k);
    for (Eigen::Index t = 0; t < frames.size(); ++t)
      out.values(t, k) = interpolate(frames[t], grid, grid.size(),
                                     [&](Eigen::Index i) { return convolved_at(r, kernel, i); });
  }
  out.names.push_back(stimulus.name);
  if (hrf.time_derivative) out.names.push_back(stimulus.name + "_derivative");
  if (hrf.dispersion_derivative) out.names.push_back(stimulus.name + "_dispersion");
  return out;
}

RegressorGroup nilearn_regressors(const Stimulus& stimulus, const Eigen::VectorXd& frames,
                                  const HrfModel& hrf, const FineGridOptions& options) {
  RegressorGroup out = linear_nilearn_regressors(stimulus, frames, hrf, options);
  if (hrf.shape != HrfShape::fir) orthogonalise_serially(out.values);
  return out;
}

}  // namespace sociometer
