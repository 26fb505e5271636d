#include "engine/roi/individual_differences.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/students_t.hpp>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/design/estimability.hpp"
#include "engine/group/robust.hpp"
#include "engine/roi/score_models.hpp"
#include "engine/stats/bayes_factors.hpp"
#include "engine/stats/distributions.hpp"
#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

double t_quantile(double dof, double level) {
  return boost::math::quantile(boost::math::students_t_distribution<double>(dof),
                               0.5 * (1 + level));
}

EvidenceRule rule_of(const IndividualOptions& o) {
  EvidenceRule rule;
  rule.alpha = o.alpha;
  rule.evidence = o.evidence;
  return rule;
}

/// Applies Holm's adjustment to the p returned by `get` and stores it with `put`.
template <class T, class Get, class Put>
void adjust(std::vector<T>& tests, Get get, Put put) {
  std::vector<double> p;
  for (const auto& test : tests) p.push_back(get(test));
  const auto holm = adjusted_p(p, Adjustment::holm);
  for (size_t i = 0; i < tests.size(); ++i) put(tests[i], holm[i]);
}

// ---- slopes

RobustSlope robust_slope(const GroupMaps& maps, Index column, double dof, double level) {
  RobustSlope out;
  out.slope = maps.effect(0, column);
  out.standard_error = std::sqrt(maps.variance(0, column));
  out.t = maps.statistic[column];
  if (!std::isfinite(out.t)) return out;
  out.p = std::min(1.0, 2 * p_from_t(std::abs(out.t), dof));
  const double half = t_quantile(dof, level) * out.standard_error;
  out.lower = out.slope - half;
  out.upper = out.slope + half;
  return out;
}

void add_score(const IndividualData& data, const IndividualOptions& o, size_t score,
               const std::vector<RegionTestResult>& means, int n_threads,
               std::vector<ScoreSlope>& all) {
  const ScoreModel model = score_model(data, score, o.together);
  const auto slopes = test_regression(data.brain.cells, model.covariates(), o.tests, n_threads)[0];
  const auto predictions = predict_left_out(data.brain.cells, model.nuisance, model.score,
                                            o.tests.permutations, o.tests.seed, n_threads);
  const Eigen::MatrixXd design = model.design();
  Eigen::MatrixXd contrast = Eigen::MatrixXd::Zero(1, design.cols());
  contrast(0, design.cols() - 1) = 1;
  const RobustMaps robust = fit_robust(data.brain.cells, design, {contrast});
  const double score_sd = sd_of(model.score);
  for (size_t r = 0; r < data.brain.regions.size(); ++r)
    for (size_t s = 0; s < data.brain.signals.size(); ++s) {
      const Index c = data.brain.column(r, s);
      ScoreSlope out;
      out.region = r, out.signal = s, out.score = score;
      out.mean = means[size_t(c)];
      out.slope = slopes[size_t(c)];
      const Eigen::VectorXd value = data.brain.cells.col(c);
      const double factor = score_sd / sd_of(value);
      out.standardised = factor * out.slope.estimate;
      out.standardised_lower = factor * out.slope.lower;
      out.standardised_upper = factor * out.slope.upper;
      out.pearson = pearson_correlation(model.score, value, model.nuisance, o.tests.level);
      out.spearman = spearman_correlation(model.score, value, model.nuisance, o.tests.level);
      out.robust = robust_slope(robust.contrasts[0], c, out.slope.dof, o.tests.level);
      out.prediction = predictions[size_t(c)];
      all.push_back(std::move(out));
    }
}

std::vector<ScoreSlope> slopes_of(const IndividualData& data, const IndividualOptions& o,
                                  int n_threads) {
  const auto means = test_one_sample(data.brain.cells, o.tests, n_threads);
  std::vector<ScoreSlope> all;
  for (size_t k = 0; k < data.scores.size(); ++k) add_score(data, o, k, means, n_threads, all);
  std::stable_sort(all.begin(), all.end(), [](const ScoreSlope& a, const ScoreSlope& b) {
    return std::tie(a.region, a.signal) < std::tie(b.region, b.signal);
  });
  adjust(
      all, [](const ScoreSlope& s) { return s.slope.p; },
      [](ScoreSlope& s, double p) { s.slope.p_holm = p; });
  for (auto& s : all)
    s.finding = finding_of(s.slope.estimate, s.slope.p_holm, s.slope.log_bf10, rule_of(o));
  return all;
}

// ---- differences

SlopeUnits units_of(const IndividualData& data, const IndividualOptions& o) {
  if (o.units) return *o.units;
  const bool known = o.regressor_sd.size() == data.brain.signals.size() &&
                     std::all_of(o.regressor_sd.begin(), o.regressor_sd.end(),
                                 [](double sd) { return sd > 0 && std::isfinite(sd); });
  return known ? SlopeUnits::regressor_sd : SlopeUnits::given_and_participant_sd;
}

double factor_of(const IndividualData& data, const IndividualOptions& o, size_t signal,
                 SlopeUnits units) {
  if (units == SlopeUnits::given) return 1;
  if (units == SlopeUnits::regressor_sd) {
    if (signal >= o.regressor_sd.size() || !(o.regressor_sd[signal] > 0))
      fail(ErrorCode::usage,
           "the standard deviation of the regressor of {} is not in the table (column "
           "regressor_sd); take participant-sd or given as the units",
           data.brain.signals[signal]);
    return o.regressor_sd[signal];
  }
  double squares = 0;
  for (size_t r = 0; r < data.brain.regions.size(); ++r) {
    const double sd = sd_of(data.brain.cells.col(data.brain.column(r, signal)));
    squares += sd * sd / double(data.brain.regions.size());
  }
  return 1 / std::sqrt(squares);
}

/// A slope's estimate and each participant's influence on it.
struct Influence {
  double slope;
  Eigen::VectorXd of;  ///< e_i / (1 - h_i) times the weight of value i in the slope
};

/// Differences of slopes for one choice of units.
class SlopeComparison {
 public:
  SlopeComparison(const IndividualData& data, const IndividualOptions& o,
                  std::vector<double> factors)
      : data_(data), options_(o), factors_(std::move(factors)) {
    for (size_t k = 0; k < data.scores.size(); ++k) {
      models_.push_back(score_model(data, k, o.together));
      auto& model = models_.back();
      model.score /= sd_of(model.score);
    }
  }

  void compare(SlopeDifference& d) const {
    const bool interaction = d.contrast == SlopeContrast::interaction;
    const Eigen::VectorXd a = interaction
                                  ? value(d.region, d.signal) - value(d.region, d.other_signal)
                                  : value(d.region, d.signal),
                          b = interaction ? value(d.other_region, d.signal) -
                                                value(d.other_region, d.other_signal)
                                          : value(d.other_region, d.other_signal);
    d.first = influence(d.score, a).slope;
    d.second = influence(d.other_score, b).slope;
    if (d.contrast == SlopeContrast::scores)
      between_scores(d, a, b);
    else
      within_people(d, a - b);
    if (!(d.dof > 0) || std::isnan(d.t)) return;
    d.p = std::min(1.0, 2 * p_from_t(std::abs(d.t), d.dof));
    const double half = t_quantile(d.dof, options_.tests.level) * d.standard_error;
    d.lower = d.estimate - half;
    d.upper = d.estimate + half;
  }

 private:
  Eigen::VectorXd value(size_t region, size_t signal) const {
    return factors_[signal] * data_.brain.cells.col(data_.brain.column(region, signal));
  }

  void within_people(SlopeDifference& d, const Eigen::VectorXd& difference) const {
    RegionTestOptions o = options_.tests;
    o.permutations = 0;
    const auto test = test_regression(difference, models_[d.score].covariates(), o)[0][0];
    d.estimate = test.estimate, d.standard_error = test.standard_error;
    d.t = test.t, d.dof = test.dof, d.log_bf10 = test.log_bf10;
  }

  Influence influence(size_t score, const Eigen::VectorXd& y) const {
    const ScoreModel& model = models_[score];
    const Eigen::MatrixXd z = EstimableSpace(model.nuisance).basis();
    const Eigen::VectorXd own = model.score - z * (z.transpose() * model.score);
    const double size = own.squaredNorm(), slope = own.dot(y) / size;
    const Eigen::VectorXd residual = y - z * (z.transpose() * y) - slope * own;
    const Eigen::VectorXd leverage =
        z.rowwise().squaredNorm().array() + own.array().square() / size;
    return {slope, (own.array() / size * residual.array() / (1 - leverage.array())).matrix()};
  }

  void between_scores(SlopeDifference& d, const Eigen::VectorXd& a,
                      const Eigen::VectorXd& b) const {
    const Influence first = influence(d.score, a), second = influence(d.other_score, b);
    d.estimate = first.slope - second.slope;
    d.standard_error = (first.of - second.of).norm();
    d.dof = double(a.size() - models_[d.score].nuisance.cols() - 1);
    if (!(d.standard_error > 0)) return;
    d.t = d.estimate / d.standard_error;
    d.log_bf10 = log_bayes_factor_regression(d.t * d.t / (d.t * d.t + d.dof), double(a.size()), 1,
                                             options_.tests.regression_scale);
  }

  const IndividualData& data_;
  const IndividualOptions& options_;
  std::vector<double> factors_;
  std::vector<ScoreModel> models_;
};

SlopeDifference difference_of(SlopeContrast contrast, size_t region, size_t other_region,
                              size_t signal, size_t other_signal, size_t score,
                              size_t other_score) {
  SlopeDifference d;
  d.contrast = contrast;
  d.region = region, d.other_region = other_region;
  d.signal = signal, d.other_signal = other_signal;
  d.score = score, d.other_score = other_score;
  d.first = d.second = d.estimate = d.standard_error = d.t = d.dof = d.lower = d.upper = kNaN;
  d.p = d.p_other_unit = d.p_claim = d.p_holm = d.log_bf10 = kNaN;
  return d;
}

std::vector<SlopeDifference> differences_between_signals(const IndividualData& data) {
  std::vector<SlopeDifference> out;
  for (size_t r = 0; r < data.brain.regions.size(); ++r)
    for (size_t k = 0; k < data.scores.size(); ++k)
      for (size_t s = 0; s < data.brain.signals.size(); ++s)
        for (size_t t = s + 1; t < data.brain.signals.size(); ++t)
          out.push_back(difference_of(SlopeContrast::signals, r, r, s, t, k, k));
  return out;
}

std::vector<SlopeDifference> differences_between_regions(const IndividualData& data) {
  std::vector<SlopeDifference> out;
  for (size_t s = 0; s < data.brain.signals.size(); ++s)
    for (size_t k = 0; k < data.scores.size(); ++k)
      for (size_t r = 0; r < data.brain.regions.size(); ++r)
        for (size_t q = r + 1; q < data.brain.regions.size(); ++q)
          out.push_back(difference_of(SlopeContrast::regions, r, q, s, s, k, k));
  return out;
}

std::vector<SlopeDifference> differences_between_scores(const IndividualData& data) {
  std::vector<SlopeDifference> out;
  for (size_t r = 0; r < data.brain.regions.size(); ++r)
    for (size_t k = 0; k < data.scores.size(); ++k)
      for (size_t l = k + 1; l < data.scores.size(); ++l)
        for (size_t s = 0; s < data.brain.signals.size(); ++s)
          for (size_t t = 0; t < data.brain.signals.size(); ++t)
            out.push_back(difference_of(SlopeContrast::scores, r, r, s, t, k, l));
  return out;
}

std::vector<SlopeDifference> interactions_with_scores(const IndividualData& data) {
  std::vector<SlopeDifference> out;
  for (size_t k = 0; k < data.scores.size(); ++k)
    for (size_t r = 0; r < data.brain.regions.size(); ++r)
      for (size_t q = r + 1; q < data.brain.regions.size(); ++q)
        for (size_t s = 0; s < data.brain.signals.size(); ++s)
          for (size_t t = s + 1; t < data.brain.signals.size(); ++t)
            out.push_back(difference_of(SlopeContrast::interaction, r, q, s, t, k, k));
  return out;
}

/// Combines p in both units; evidence for no difference must hold in both as well.
void claim(SlopeDifference& d, const SlopeDifference* in_given_unit) {
  d.p_claim = d.p;
  if (!in_given_unit) return;
  d.p_other_unit = in_given_unit->p;
  const bool same_direction = (d.estimate > 0) == (in_given_unit->estimate > 0);
  d.p_claim = same_direction ? std::max(d.p, d.p_other_unit) : 1;
  d.log_bf10 = std::max(d.log_bf10, in_given_unit->log_bf10);
}

std::vector<SlopeDifference> tested(std::vector<SlopeDifference> all, const IndividualData& data,
                                    const IndividualOptions& o,
                                    const IndividualDifferences& result) {
  const SlopeComparison comparison(data, o, result.factors);
  const SlopeComparison as_given(data, o, std::vector<double>(result.factors.size(), 1));
  const bool both = result.units == SlopeUnits::given_and_participant_sd;
  for (auto& d : all) {
    comparison.compare(d);
    SlopeDifference given = d;
    // Within one signal both slopes have the same unit.
    const bool matters = both && d.signal != d.other_signal;
    if (matters) as_given.compare(given);
    claim(d, matters ? &given : nullptr);
  }
  adjust(
      all, [](const SlopeDifference& d) { return d.p_claim; },
      [](SlopeDifference& d, double p) { d.p_holm = p; });
  for (auto& d : all) d.finding = finding_of(d.estimate, d.p_holm, d.log_bf10, rule_of(o));
  return all;
}

void check(const IndividualData& data) {
  const Index n = data.brain.cells.rows();
  require(data.score_values.rows() == n && data.score_values.cols() == Index(data.scores.size()) &&
              data.covariate_values.cols() == Index(data.covariates.size()) &&
              (data.covariates.empty() || data.covariate_values.rows() == n),
          "scores and covariates of each participant");
  const Index least = Index(data.scores.size() + data.covariates.size()) + 4;
  if (n < least)
    fail(ErrorCode::bad_input,
         "{} participant(s) have all values and scores; individual differences with {} score(s) "
         "and {} covariate(s) need {} or more",
         n, data.scores.size(), data.covariates.size(), least);
}

}  // namespace

std::vector<std::string> keep_complete(IndividualData& data) {
  const auto has_all = [](const Eigen::MatrixXd& values, Eigen::Index i) {
    return values.cols() == 0 || values.row(i).allFinite();
  };
  std::vector<Eigen::Index> rows;
  std::vector<std::string> kept, left_out;
  for (Eigen::Index i = 0; i < data.brain.cells.rows(); ++i) {
    const bool complete = has_all(data.brain.cells, i) && has_all(data.score_values, i) &&
                          has_all(data.covariate_values, i);
    if (complete) rows.push_back(i);
    (complete ? kept : left_out).push_back(data.brain.participants[size_t(i)]);
  }
  for (Eigen::MatrixXd* values : {&data.brain.cells, &data.score_values, &data.covariate_values})
    *values = Eigen::MatrixXd((*values)(rows, Eigen::all));
  data.brain.participants = kept;
  return left_out;
}

std::string to_string(SlopeUnits units) { return name_of(units); }

std::string to_string(SlopeContrast contrast) {
  return contrast == SlopeContrast::signals   ? "signals"
         : contrast == SlopeContrast::regions ? "regions"
         : contrast == SlopeContrast::scores  ? "scores"
                                              : "interaction";
}

IndividualDifferences individual_differences(const IndividualData& data,
                                             const IndividualOptions& options, int n_threads) {
  check(data);
  IndividualDifferences out;
  out.slopes = slopes_of(data, options, n_threads);
  out.units = units_of(data, options);
  for (size_t s = 0; s < data.brain.signals.size(); ++s)
    out.factors.push_back(factor_of(data, options, s, out.units));
  for (auto& kind : {differences_between_signals(data), differences_between_regions(data),
                     differences_between_scores(data), interactions_with_scores(data)}) {
    const auto done = tested(kind, data, options, out);
    out.differences.insert(out.differences.end(), done.begin(), done.end());
  }
  return out;
}

SlopeScatter scatter_of(const IndividualData& data, const IndividualOptions& options,
                        const ScoreSlope& slope, Index n_points) {
  const ScoreModel model = score_model(data, slope.score, options.together);
  Eigen::MatrixXd centred = model.nuisance.rightCols(model.nuisance.cols() - 1);
  centred.rowwise() -= centred.colwise().mean().eval();
  Eigen::MatrixXd design(model.score.size(), centred.cols() + 2);
  design << Eigen::VectorXd::Ones(design.rows()), model.score, centred;
  const Eigen::VectorXd y = data.brain.cells.col(data.brain.column(slope.region, slope.signal));
  const Eigen::MatrixXd inverse =
      (design.transpose() * design)
          .ldlt()
          .solve(Eigen::MatrixXd::Identity(design.cols(), design.cols()));
  const Eigen::VectorXd beta = inverse * (design.transpose() * y);
  const double dof = double(design.rows() - design.cols());
  const double variance = (y - design * beta).squaredNorm() / dof;
  SlopeScatter out;
  out.score = model.score;
  out.value = y - centred * beta.tail(centred.cols());
  out.at = Eigen::VectorXd::LinSpaced(n_points, model.score.minCoeff(), model.score.maxCoeff());
  out.line = beta[0] + beta[1] * out.at.array();
  const Eigen::ArrayXd spread = (variance * (inverse(0, 0) + 2 * inverse(0, 1) * out.at.array() +
                                             inverse(1, 1) * out.at.array().square()))
                                    .max(0)
                                    .sqrt() *
                                t_quantile(dof, options.tests.level);
  out.lower = out.line.array() - spread;
  out.upper = out.line.array() + spread;
  return out;
}

}  // namespace sociometer
