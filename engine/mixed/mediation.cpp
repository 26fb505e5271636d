#include "engine/mixed/mediation.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kPaths = 5;

/// Complete values of x, m and y of each participant.
std::map<std::string, std::vector<std::array<double, 3>>> trials_by_participant(
    const MixedTable& table, const MediationPlan& plan, Mediation& found) {
  std::array<const std::vector<double>*, 3> columns{};
  const std::array<const std::string*, 3> names{&plan.x, &plan.m, &plan.y};
  for (size_t k = 0; k < 3; ++k) {
    const MixedColumn& column = table.at(*names[k]);
    if (!column.is_numeric())
      fail(ErrorCode::bad_input, "mediation needs numbers, and column '{}' has words", *names[k]);
    columns[k] = &column.numbers;
  }
  const auto& people = table.at(plan.participant).words;
  std::map<std::string, std::vector<std::array<double, 3>>> out;
  found.y_is_binary = true;
  for (size_t i = 0; i < table.n_rows; ++i) {
    const std::array<double, 3> row{(*columns[0])[i], (*columns[1])[i], (*columns[2])[i]};
    const bool complete = !std::isnan(row[0] + row[1] + row[2]);
    if (people[i].empty() || !complete) ++found.n_dropped;
    if (people[i].empty()) continue;
    auto& own = out[people[i]];  // also of those without a complete row, who are left out by name
    if (!complete) continue;
    own.push_back(row);
    found.y_is_binary &= row[2] == 0 || row[2] == 1;
  }
  return out;
}

/// The five slopes; false without enough trials or spread.
bool slopes_of(const std::vector<std::array<double, 3>>& trials,
               Eigen::Ref<Eigen::RowVectorXd> out) {
  const auto n = Eigen::Index(trials.size());
  if (n < 4) return false;
  Eigen::MatrixXd v(n, 3);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index k = 0; k < 3; ++k) v(i, k) = trials[size_t(i)][size_t(k)];
  const Eigen::RowVector3d size = v.colwise().norm();
  v.rowwise() -= v.colwise().mean().eval();
  const Eigen::Matrix3d s = v.transpose() * v;
  const double determinant = s(0, 0) * s(1, 1) - s(0, 1) * s(0, 1);
  // Less than rounding leaves of a constant is no spread.
  for (Eigen::Index k = 0; k < 2; ++k)
    if (!(std::sqrt(s(k, k)) > 1e-12 * size[k])) return false;
  if (!(s(0, 0) > 0) || !(determinant > 1e-10 * s(0, 0) * s(1, 1))) return false;
  const double a = s(0, 1) / s(0, 0), total = s(0, 2) / s(0, 0);
  const double b = (s(0, 0) * s(1, 2) - s(0, 1) * s(0, 2)) / determinant;
  out << a, b, total - a * b, total, a * b;
  return true;
}

/// Means over participants drawn with replacement, (bootstraps, 5), each column sorted.
Eigen::MatrixXd drawn_means(const Eigen::MatrixXd& slopes, const MediationPlan& plan) {
  const Eigen::Index n = slopes.rows();
  Eigen::MatrixXd out(plan.bootstraps, kPaths);
  for (int r = 0; r < plan.bootstraps; ++r) {
    const CounterRandom random(plan.seed, uint64_t(r));
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(kPaths);
    for (Eigen::Index i = 0; i < n; ++i)
      sum += slopes.row(std::min(n - 1, Eigen::Index(random.uniform(uint64_t(i)) * double(n))));
    out.row(r) = sum / double(n);
  }
  for (Eigen::Index k = 0; k < kPaths; ++k)
    std::sort(out.col(k).data(), out.col(k).data() + out.rows());
  return out;
}

/// Interpolated between neighbours in rank (R's type 7).
double quantile_of(const Eigen::Ref<const Eigen::VectorXd>& sorted, double share) {
  const double at = share * double(sorted.size() - 1);
  const auto low = Eigen::Index(at);
  const Eigen::Index high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - double(low)) * (sorted[high] - sorted[low]);
}

/// Share of drawn means beyond each end: that of t with n - 1 degrees of freedom, since a mean of
/// drawn participants varies too little by the factor sqrt((n - 1) / n), and normally.
double expanded_tail(double level, double n) {
  const double t = quantile(complement(boost::math::students_t(n - 1), (1 - level) / 2));
  return cdf(boost::math::normal(), -std::sqrt(n / (n - 1)) * t);
}

MediationFigures figures_of(MediationPath path, const Eigen::VectorXd& slopes,
                            const Eigen::VectorXd& drawn, double tail) {
  MediationFigures out;
  out.path = path;
  const auto n = double(slopes.size());
  out.mean = slopes.mean();
  out.sd = std::sqrt((slopes.array() - out.mean).square().sum() / (n - 1));
  out.low = quantile_of(drawn, tail);
  out.high = quantile_of(drawn, 1 - tail);
  const bool tested = path != MediationPath::indirect && out.sd > 0;
  out.dof = n - 1;
  out.t = tested ? out.mean / (out.sd / std::sqrt(n)) : kNaN;
  out.p = tested ? 2 * p_from_t(std::abs(out.t), out.dof) : kNaN;
  return out;
}

}  // namespace

Mediation mediate(const MixedTable& table, const MediationPlan& plan) {
  Mediation out;
  const auto trials = trials_by_participant(table, plan, out);
  out.slopes.resize(Eigen::Index(trials.size()), kPaths);
  Eigen::RowVectorXd own(kPaths);
  for (const auto& item : trials) {
    if (!slopes_of(item.second, own)) {
      out.left_out.push_back(item.first);
      continue;
    }
    out.slopes.row(Eigen::Index(out.participants.size())) = own;
    out.participants.push_back(item.first);
    out.n_rows += item.second.size();
  }
  const auto n = Eigen::Index(out.participants.size());
  if (n < 5)
    fail(ErrorCode::bad_input,
         "mediation of {} by {}: {} participants have 4 or more complete trials with spread in "
         "both; 5 are needed",
         plan.x, plan.m, n);
  out.slopes.conservativeResize(n, Eigen::NoChange);
  const Eigen::MatrixXd drawn = drawn_means(out.slopes, plan);
  const double tail = expanded_tail(plan.level, double(n));
  for (Eigen::Index k = 0; k < kPaths; ++k)
    out.paths.push_back(figures_of(MediationPath(k), out.slopes.col(k), drawn.col(k), tail));
  out.product_of_means = out.paths[0].mean * out.paths[1].mean;
  out.covariance = out.paths[4].mean - out.product_of_means;
  return out;
}

}  // namespace sociometer
