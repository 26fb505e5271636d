#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/roi/dissociation.hpp"
#include "engine/roi/left_out_prediction.hpp"
#include "engine/roi/region_tests.hpp"
#include "engine/stats/correlation.hpp"

namespace sociometer {

/// Effects of signals in regions, and scores, of the same people.
struct IndividualData {
  DissociationData brain;
  std::vector<std::string> scores, covariates;
  Eigen::MatrixXd score_values;      ///< (n_participants, n_scores)
  Eigen::MatrixXd covariate_values;  ///< (n_participants, n_covariates), beside every score
};

/// Leaves only the participants that have every value, score and covariate.
/// @return the others.
std::vector<std::string> keep_complete(IndividualData& data);

/// In which unit slopes of two signals are compared.
///
/// A slope per unit of probability and one per rank cannot be subtracted. A unit is one factor per
/// signal, the same in all regions and people: comparisons of regions within a signal do not depend
/// on it.
enum class SlopeUnits {
  /// Effect of one standard deviation of the trial-wise regressor: noise does not change it.
  regressor_sd,
  /// Standard deviation over participants, root mean square over regions: needs nothing but the
  /// values, but a noisier signal has a smaller slope in it.
  participant_sd,
  given,  ///< as in the table
  /// Both of the last two: slopes differ when they do in either unit, and in the same direction; p
  /// is the larger one. What can be said of values whose unit is not known.
  given_and_participant_sd,
};
constexpr std::array<Name<SlopeUnits>, 4> names_of(std::type_identity<SlopeUnits>) {
  return {{{SlopeUnits::regressor_sd, "regressor-sd"},
           {SlopeUnits::participant_sd, "participant-sd"},
           {SlopeUnits::given, "given"},
           {SlopeUnits::given_and_participant_sd, "given-and-participant-sd"}}};
}
std::string to_string(SlopeUnits units);

struct IndividualOptions {
  RegionTestOptions tests;  ///< level, prior of slopes, permutations, seed; two-sided
  double alpha = 0.05;      ///< p, after Holm, below which a slope or a difference counts as shown
  double evidence = 3;      ///< Bayes factor from which a zero counts as supported
  /// Each score beside the other scores; false: each by itself (and the covariates), which is what
  /// "people with more of it" means. Beside each other, scores that go together share little that
  /// is their own.
  bool together = false;
  /// None: regressor_sd where regressor_sd is known for every signal, else
  /// given_and_participant_sd.
  std::optional<SlopeUnits> units;
  std::vector<double> regressor_sd;  ///< per signal; empty or NaN: not known
};

/// Huber's M-estimate of a slope (fit_robust).
struct RobustSlope {
  double slope = kUnknown, standard_error = kUnknown, t = kUnknown, p = kUnknown;
  double lower = kUnknown, upper = kUnknown;

 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// How one signal in one region changes with one score.
struct ScoreSlope {
  size_t region, signal, score;
  RegionTestResult mean;   ///< of the signal over participants, against 0
  RegionTestResult slope;  ///< value per unit of the score; p_holm over all slopes
  /// Slope in standard deviations: slope * sd(score) / sd(value), and its interval by the same
  /// factor.
  double standardised = 0, standardised_lower = 0, standardised_upper = 0;
  CorrelationFigures pearson, spearman;
  RobustSlope robust;
  LeftOutPrediction prediction;
  Finding finding = Finding::undecided;
};

/// What two slopes differ in.
enum class SlopeContrast {
  signals,  ///< one score on two signals in one region
  regions,  ///< one score on one signal in two regions
  scores,   ///< two scores, on the same or two signals in one region
  /// One score on the difference of two signals, in two regions: region x signal x score.
  interaction,
};
std::string to_string(SlopeContrast contrast);

/// A slope minus another, value in the common unit per standard deviation of the score.
struct SlopeDifference {
  SlopeContrast contrast;
  size_t region, other_region, signal, other_signal, score, other_score;
  double first = 0, second = 0;  ///< the two slopes
  double estimate = 0, standard_error = 0, t = 0, dof = 0, lower = 0, upper = 0;
  double p = 0;             ///< of the reported unit
  double p_other_unit = 0;  ///< given_and_participant_sd: in the unit of the table; else NaN
  double p_claim = 0;       ///< the larger of both; 1 where their directions differ
  double p_holm = 0;        ///< of p_claim over all differences of this kind
  double log_bf10 = 0;
  Finding finding = Finding::undecided;
};

struct IndividualDifferences {
  std::vector<ScoreSlope> slopes;            ///< by region, signal, score
  std::vector<SlopeDifference> differences;  ///< signals, then regions, then scores
  SlopeUnits units = SlopeUnits::given;
  std::vector<double> factors;  ///< by which each signal was multiplied for `differences`
};

/// Individual differences: the slope of each signal in each region on each score, and whether two
/// slopes differ.
///
/// value = constant + slope * score (+ covariates, + other scores when `together`) + error, by
/// least squares, with its t test, JZS Bayes factor (of the model with against the model without
/// the score) and permutation p (test_regression); beside it Pearson's and Spearman's correlation,
/// Huber's M-estimate, and leave-one-out prediction.
///
/// That one slope is significant and another is not does not make them different. Slopes on one
/// score are compared by the slope of the difference within people, an exact t test whatever the
/// noise of each: (signal x - signal y) in a region, (region A - region B) in a signal. Slopes on
/// two scores have no such difference: theirs is tested by the jackknife-like covariance of both
/// estimators over participants (HC3: sums of the influences e / (1 - h), which hold the dependence
/// of both signals, of both scores and of each on the other), with n - rank degrees of freedom;
/// their Bayes factor takes that t as one of a regression.
///
/// @param data  finite.
/// @throws Error{bad_input} for too few participants, or a score that is constant or follows from
///         the covariates.
/// @cost  permutations * participants * columns.
/// @source Steiger 1980, Psychological Bulletin 87 (why dependent slopes need their own test);
///         MacKinnon & White 1985, J. Econometrics 29 (HC3).
IndividualDifferences individual_differences(const IndividualData& data,
                                             const IndividualOptions& options, int n_threads = 1);

/// What a scatter picture of one slope shows.
struct SlopeScatter {
  Eigen::VectorXd score, value;            ///< value less what covariates explain
  Eigen::VectorXd at, line, lower, upper;  ///< the line and its pointwise interval
};
/// @param n_points  of the line, from the smallest to the largest score.
SlopeScatter scatter_of(const IndividualData& data, const IndividualOptions& options,
                        const ScoreSlope& slope, Eigen::Index n_points = 61);

}  // namespace sociometer
