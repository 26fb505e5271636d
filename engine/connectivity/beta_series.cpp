#include "engine/connectivity/beta_series.hpp"

#include <cmath>
#include <map>

#include "engine/core/missing.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {

namespace {

/// Takes its run's mean off each value; the number of runs.
Eigen::Index centre_runs(const std::vector<std::string>& run, Eigen::VectorXd& values) {
  std::map<std::string, std::vector<Eigen::Index>> rows;
  for (size_t i = 0; i < run.size(); ++i) rows[run[i]].push_back(Eigen::Index(i));
  for (const auto& item : rows) {
    const double mean = values(item.second).mean();
    for (Eigen::Index i : item.second) values[i] -= mean;
  }
  return Eigen::Index(rows.size());
}

}  // namespace

SeriesCorrelation correlate_series(const Eigen::Ref<const Eigen::VectorXd>& seed,
                                   const Eigen::Ref<const Eigen::VectorXd>& other,
                                   const std::vector<std::string>& run) {
  std::vector<Eigen::Index> both;
  for (Eigen::Index i = 0; i < seed.size(); ++i)
    if (std::isfinite(seed[i]) && std::isfinite(other[i])) both.push_back(i);
  SeriesCorrelation out{Eigen::Index(both.size()), 0, kNaN, kNaN};
  if (both.empty()) return out;
  std::vector<std::string> own(both.size());
  for (size_t k = 0; k < own.size() && !run.empty(); ++k) own[k] = run[size_t(both[k])];
  Eigen::VectorXd a = seed(both), b = other(both);
  centre_runs(own, a);
  out.n_runs = centre_runs(own, b);
  if (out.n - out.n_runs < 3) return out;
  const double size = a.norm() * b.norm();
  if (!(size > 0)) return out;
  out.r = std::min(1.0, std::max(-1.0, a.dot(b) / size));
  out.fisher_z = std::abs(out.r) < 1 ? std::atanh(out.r) : kNaN;
  return out;
}

ZTest test_mean(const std::vector<double>& values) {
  ZTest out{0, 0, kNaN, kNaN, kNaN, kNaN};
  for (double v : values)
    if (std::isfinite(v)) ++out.n, out.mean += v;
  out.mean = out.n > 0 ? out.mean / double(out.n) : kNaN;
  if (out.n < 3) return out;
  double squares = 0;
  for (double v : values)
    if (std::isfinite(v)) squares += (v - out.mean) * (v - out.mean);
  out.dof = double(out.n - 1);
  out.sd = std::sqrt(squares / out.dof);
  if (!(out.sd > 0)) return out;
  out.t = out.mean / (out.sd / std::sqrt(double(out.n)));
  out.p = 2 * p_from_t(std::abs(out.t), out.dof);
  return out;
}

}  // namespace sociometer
