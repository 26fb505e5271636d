#include "engine/roi/region_tests.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <boost/math/distributions/students_t.hpp>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/design/estimability.hpp"
#include "engine/group/shuffling.hpp"
#include "engine/stats/bayes_factors.hpp"
#include "engine/stats/distributions.hpp"
#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Indices of the finite values.
std::vector<Eigen::Index> present(const Eigen::VectorXd& y) {
  std::vector<Eigen::Index> rows;
  for (Eigen::Index i = 0; i < y.size(); ++i)
    if (std::isfinite(y[i])) rows.push_back(i);
  return rows;
}

double signed_statistic(double t, Alternative alternative) {
  return alternative == Alternative::two_sided ? std::abs(t)
         : alternative == Alternative::greater ? t
                                               : -t;
}

/// p and interval of an estimate from its t.
void add_inference(RegionTestResult& r, const RegionTestOptions& o) {
  if (!std::isfinite(r.t) || !(r.dof > 0)) return;
  const boost::math::students_t_distribution<double> t(r.dof);
  const auto reach = [&](double tail) {
    return boost::math::quantile(boost::math::complement(t, tail)) * r.standard_error;
  };
  if (o.alternative == Alternative::two_sided) {
    r.p = std::min(1.0, 2 * p_from_t(std::abs(r.t), r.dof));
    const double half = reach((1 - o.level) / 2);
    r.lower = r.estimate - half;
    r.upper = r.estimate + half;
  } else if (o.alternative == Alternative::greater) {
    r.p = p_from_t(r.t, r.dof);
    r.lower = r.estimate - reach(1 - o.level);
    r.upper = kInfinity;
  } else {
    r.p = p_from_t(-r.t, r.dof);
    r.lower = -kInfinity;
    r.upper = r.estimate + reach(1 - o.level);
  }
}

/// A test of one column in the form needed for permutation: the values to
/// permute, and their statistic.
struct Shuffled {
  std::vector<Eigen::Index> rows;  ///< participants with a value
  Eigen::VectorXd values;          ///< one per row
  std::function<double(const Eigen::VectorXd&)> t;
  double observed = kNaN;
};

/// The values with the order and signs of one permutation of all participants. If some are missing,
/// the others are placed in the relative order that the permutation gives them.
Eigen::VectorXd apply(const Shuffle& shuffle, const Shuffled& test,
                      const std::vector<Eigen::Index>& place_of) {
  Eigen::VectorXd out(test.values.size());
  Eigen::Index next = 0;
  for (size_t i = 0; i < shuffle.from.size(); ++i) {
    const Eigen::Index from = place_of[size_t(shuffle.from[i])];
    if (from < 0) continue;
    out[next] = double(shuffle.sign[size_t(test.rows[size_t(next)])]) * test.values[from];
    ++next;
  }
  return out;
}

/// Permutation p of each column, and of the maximum statistic over columns.
void add_permutations(const ShuffleSequence& shuffles, const std::vector<Shuffled>& tests,
                      const RegionTestOptions& o, int n_threads,
                      std::vector<RegionTestResult>& results) {
  if (o.permutations == 0) return;
  const auto n_shuffles = Eigen::Index(shuffles.size());
  const auto n_participants = shuffles.set().in_place().from.size();
  std::vector<std::vector<Eigen::Index>> places(tests.size());
  for (size_t c = 0; c < tests.size(); ++c) {
    places[c].assign(n_participants, -1);
    for (size_t i = 0; i < tests[c].rows.size(); ++i)
      places[c][size_t(tests[c].rows[i])] = Eigen::Index(i);
  }
  Eigen::MatrixXd statistics =
      Eigen::MatrixXd::Constant(Eigen::Index(tests.size()), n_shuffles, -kInfinity);
  parallel_for(n_shuffles, n_threads, [&](Eigen::Index k) {
    const Shuffle shuffle = shuffles[uint64_t(k)];
    for (size_t c = 0; c < tests.size(); ++c) {
      if (std::isnan(tests[c].observed)) continue;
      const double t = tests[c].t(apply(shuffle, tests[c], places[c]));
      if (!std::isnan(t)) statistics(Eigen::Index(c), k) = signed_statistic(t, o.alternative);
    }
  });
  const Eigen::RowVectorXd largest = statistics.colwise().maxCoeff();
  for (size_t c = 0; c < tests.size(); ++c) {
    if (std::isnan(tests[c].observed)) continue;
    const double observed = signed_statistic(tests[c].observed, o.alternative);
    // Permutations equivalent to the observed data may differ from it in the last bit.
    const double limit = observed - 1e-10 * std::max(1.0, std::abs(observed));
    results[c].p_permutation =
        double((statistics.row(Eigen::Index(c)).array() >= limit).count()) / double(n_shuffles);
    results[c].p_fwe = double((largest.array() >= limit).count()) / double(n_shuffles);
  }
}

void add_adjustments(std::vector<RegionTestResult>& results) {
  std::vector<double> p;
  for (const auto& r : results) p.push_back(r.p);
  const auto holm = adjusted_p(p, Adjustment::holm);
  const auto fdr = adjusted_p(p, Adjustment::benjamini_hochberg);
  for (size_t i = 0; i < results.size(); ++i) {
    results[i].p_holm = holm[i];
    results[i].p_fdr = fdr[i];
  }
}

double variance_of(const Eigen::VectorXd& y) {
  return y.size() > 1 ? (y.array() - y.mean()).square().sum() / double(y.size() - 1) : kNaN;
}

/// Whether the variance is more than rounding error of the values.
bool has_spread(double variance, const Eigen::VectorXd& y) {
  return variance > 1e-24 * std::max(1e-300, y.squaredNorm() / double(y.size()));
}

double one_sample_t(const Eigen::VectorXd& y) {
  const double variance = variance_of(y);
  return has_spread(variance, y) ? y.mean() / std::sqrt(variance / double(y.size())) : kNaN;
}

Eigen::VectorXd taken(const Eigen::VectorXd& y, const std::vector<Eigen::Index>& rows) {
  return y(rows);
}

/// Difference of means of two groups, its standard error and degrees of freedom.
struct TwoSamples {
  double difference = kNaN, standard_error = kNaN, dof = kNaN;
};

TwoSamples two_samples(const Eigen::VectorXd& a, const Eigen::VectorXd& b, bool pooled) {
  const double na = double(a.size()), nb = double(b.size());
  const double va = variance_of(a) / na, vb = variance_of(b) / nb;
  TwoSamples out;
  out.difference = a.mean() - b.mean();
  if (pooled) {
    const double variance = ((na - 1) * na * va + (nb - 1) * nb * vb) / (na + nb - 2);
    out.standard_error = std::sqrt(variance * (1 / na + 1 / nb));
    out.dof = na + nb - 2;
  } else {
    out.standard_error = std::sqrt(va + vb);
    out.dof = (va + vb) * (va + vb) / (va * va / (na - 1) + vb * vb / (nb - 1));
  }
  return out;
}

std::pair<Eigen::VectorXd, Eigen::VectorXd> groups_of(const Eigen::VectorXd& y,
                                                      const std::vector<uint8_t>& second) {
  std::vector<Eigen::Index> a, b;
  for (Eigen::Index i = 0; i < y.size(); ++i) (second[size_t(i)] ? b : a).push_back(i);
  return {y(a), y(b)};
}

/// The part of a linear model due to one covariate, unit vector q; the rest is the nuisance.
struct Slope {
  Eigen::MatrixXd nuisance;
  Eigen::VectorXd direction;
  double length = 0;  ///< of the covariate's residual on the nuisance: slope = q'y / length
  double dof = 0;
};

Slope slope_of(const Eigen::MatrixXd& model, Eigen::Index column) {
  Eigen::MatrixXd others(model.rows(), model.cols() - 1);
  others << model.leftCols(column), model.rightCols(model.cols() - column - 1);
  Slope s;
  s.nuisance = EstimableSpace(others).basis();
  const Eigen::VectorXd x = model.col(column);
  Eigen::VectorXd rest = x - s.nuisance * (s.nuisance.transpose() * x);
  rest -= s.nuisance * (s.nuisance.transpose() * rest);
  s.length = rest.norm();
  if (s.length <= 1e-10 * x.norm()) s.length = 0;
  if (s.length > 0) s.direction = rest / s.length;
  s.dof = double(model.rows() - s.nuisance.cols() - 1);
  return s;
}

/// t of the slope from residuals of the reduced model, permuted or not.
double slope_t(const Slope& s, const Eigen::VectorXd& shuffled) {
  const Eigen::VectorXd e = shuffled - s.nuisance * (s.nuisance.transpose() * shuffled);
  const double along = s.direction.dot(e), rest = e.squaredNorm() - along * along;
  return rest > 1e-24 * e.squaredNorm() ? std::sqrt(s.dof) * along / std::sqrt(rest) : kNaN;
}

/// R^2 of a model that includes the constant.
double r_squared(const Eigen::MatrixXd& model, const Eigen::VectorXd& y) {
  const Eigen::VectorXd centred = y.array() - y.mean();
  const EstimableSpace space(model);
  const double explained = (space.basis().transpose() * centred).squaredNorm();
  return explained / centred.squaredNorm();
}

double slope_log_bf(const Eigen::MatrixXd& model, Eigen::Index column, const Eigen::VectorXd& y,
                    double scale) {
  const double n = double(y.size()), slopes = double(model.cols() - 1);
  const double full = log_bayes_factor_regression(r_squared(model, y), n, slopes, scale);
  if (model.cols() == 2) return full;
  Eigen::MatrixXd others(model.rows(), model.cols() - 1);
  others << model.leftCols(column), model.rightCols(model.cols() - column - 1);
  return full - log_bayes_factor_regression(r_squared(others, y), n, slopes - 1, scale);
}

}  // namespace

std::string to_string(Alternative a) { return name_of(a); }

std::vector<RegionTestResult> test_one_sample(const Eigen::MatrixXd& values,
                                              const RegionTestOptions& o, int n_threads) {
  std::vector<RegionTestResult> results(static_cast<size_t>(values.cols()));
  std::vector<Shuffled> tests(results.size());
  for (size_t c = 0; c < results.size(); ++c) {
    RegionTestResult& r = results[c];
    const Eigen::VectorXd column = values.col(Eigen::Index(c));
    tests[c].rows = present(column);
    const Eigen::VectorXd y = taken(column, tests[c].rows);
    r.n = y.size();
    if (r.n > 0) r.estimate = y.mean();
    if (r.n < 2) continue;
    tests[c].values = y.array() - o.null_value;
    tests[c].t = one_sample_t;
    tests[c].observed = r.t = one_sample_t(tests[c].values);
    r.dof = double(r.n - 1);
    r.standard_error = std::sqrt(variance_of(y) / double(r.n));
    if (std::isnan(r.t)) continue;
    add_inference(r, o);
    r.effect = effect_size_from_t(r.t, r.dof, 1 / std::sqrt(double(r.n)), o.level);
    r.log_bf10 = log_bayes_factor_one_sample(r.t, double(r.n), o.cauchy_scale);
  }
  add_adjustments(results);
  if (values.rows() > 0 && o.permutations > 0)
    add_permutations(ShuffleSequence(ShuffleSet(Eigen::MatrixXd::Ones(values.rows(), 1),
                                                ShuffleScheme::flips, {}, BlockExchange::within),
                                     o.permutations, o.seed),
                     tests, o, n_threads, results);
  return results;
}

std::vector<RegionTestResult> test_two_samples(const Eigen::MatrixXd& values,
                                               const std::vector<uint8_t>& second,
                                               const RegionTestOptions& o, int n_threads) {
  require(Eigen::Index(second.size()) == values.rows(), "a group for each participant");
  std::vector<RegionTestResult> results(static_cast<size_t>(values.cols()));
  std::vector<Shuffled> tests(results.size());
  for (size_t c = 0; c < results.size(); ++c) {
    RegionTestResult& r = results[c];
    const Eigen::VectorXd column = values.col(Eigen::Index(c));
    tests[c].rows = present(column);
    std::vector<uint8_t> group;
    for (Eigen::Index i : tests[c].rows) group.push_back(second[size_t(i)]);
    const Eigen::VectorXd y = taken(column, tests[c].rows);
    const auto [a, b] = groups_of(y, group);
    r.n = a.size();
    r.n_second = b.size();
    if (r.n > 0 && r.n_second > 0) r.estimate = a.mean() - b.mean();
    if (r.n < 2 || r.n_second < 2) continue;
    // Under the null hypothesis groups are exchangeable once the first is shifted by null_value.
    tests[c].values = y;
    for (Eigen::Index i = 0; i < y.size(); ++i)
      if (!group[size_t(i)]) tests[c].values[i] -= o.null_value;
    tests[c].t = [group, pooled = o.equal_variances](const Eigen::VectorXd& shuffled) {
      const auto [first, other] = groups_of(shuffled, group);
      const TwoSamples s = two_samples(first, other, pooled);
      return s.standard_error > 0 ? s.difference / s.standard_error : kNaN;
    };
    const TwoSamples s = two_samples(a, b, o.equal_variances);
    r.standard_error = s.standard_error;
    r.dof = s.dof;
    if (!(has_spread(variance_of(a), a) || has_spread(variance_of(b), b))) continue;
    tests[c].observed = r.t = tests[c].t(tests[c].values);
    add_inference(r, o);
    const TwoSamples equal = two_samples(a, b, true);
    const double t = (equal.difference - o.null_value) / equal.standard_error;
    const double na = double(r.n), nb = double(r.n_second);
    r.effect = effect_size_from_t(t, equal.dof, std::sqrt(1 / na + 1 / nb), o.level);
    r.log_bf10 = log_bayes_factor_two_sample(t, na, nb, o.cauchy_scale);
  }
  add_adjustments(results);
  Eigen::MatrixXd design(values.rows(), 1);
  for (Eigen::Index i = 0; i < values.rows(); ++i) design(i, 0) = double(second[size_t(i)]);
  if (values.rows() > 0 && o.permutations > 0)
    add_permutations(
        ShuffleSequence(ShuffleSet(design, ShuffleScheme::permutations, {}, BlockExchange::within),
                        o.permutations, o.seed),
        tests, o, n_threads, results);
  return results;
}

std::vector<std::vector<RegionTestResult>> test_regression(const Eigen::MatrixXd& values,
                                                           const Eigen::MatrixXd& covariates,
                                                           const RegionTestOptions& o,
                                                           int n_threads) {
  require(covariates.rows() == values.rows(), "covariates of each participant");
  if (o.null_value != 0)
    fail(ErrorCode::usage, "slopes are tested against 0; the null value {} is for means",
         o.null_value);
  std::vector<std::vector<RegionTestResult>> all;
  for (Eigen::Index term = 0; term < covariates.cols(); ++term) {
    std::vector<RegionTestResult> results(static_cast<size_t>(values.cols()));
    std::vector<Shuffled> tests(results.size());
    for (size_t c = 0; c < results.size(); ++c) {
      RegionTestResult& r = results[c];
      const Eigen::VectorXd column = values.col(Eigen::Index(c));
      tests[c].rows = present(column);
      const Eigen::VectorXd y = taken(column, tests[c].rows);
      r.n = y.size();
      if (r.n < covariates.cols() + 2) continue;
      Eigen::MatrixXd model(y.size(), covariates.cols() + 1);
      model << Eigen::VectorXd::Ones(y.size()), covariates(tests[c].rows, Eigen::all);
      const Slope slope = slope_of(model, term + 1);
      if (slope.length == 0 || !(slope.dof > 0)) continue;
      tests[c].values = y - slope.nuisance * (slope.nuisance.transpose() * y);
      tests[c].t = [slope](const Eigen::VectorXd& shuffled) { return slope_t(slope, shuffled); };
      r.estimate = slope.direction.dot(y) / slope.length;
      r.dof = slope.dof;
      tests[c].observed = r.t = slope_t(slope, tests[c].values);
      if (std::isnan(r.t)) continue;
      const double along = slope.direction.dot(tests[c].values);
      const double rest = tests[c].values.squaredNorm() - along * along;
      r.standard_error = std::sqrt(rest / slope.dof) / slope.length;
      add_inference(r, o);
      r.partial_r = r.t / std::sqrt(r.t * r.t + r.dof);
      r.log_bf10 = slope_log_bf(model, term + 1, y, o.regression_scale);
    }
    add_adjustments(results);
    if (values.rows() > 0 && o.permutations > 0)
      add_permutations(
          ShuffleSequence(
              ShuffleSet(Eigen::VectorXd::LinSpaced(values.rows(), 0, double(values.rows() - 1)),
                         ShuffleScheme::permutations, {}, BlockExchange::within),
              o.permutations, o.seed),
          tests, o, n_threads, results);
    all.push_back(std::move(results));
  }
  return all;
}

}  // namespace sociometer
