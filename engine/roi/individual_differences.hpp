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

/// Effects of signals in regions, and scores, of the same participants.
struct IndividualData {
  DissociationData brain;
  std::vector<std::string> scores, covariates;
  Eigen::MatrixXd score_values;      ///< (n_participants, n_scores)
  Eigen::MatrixXd covariate_values;  ///< (n_participants, n_covariates), included with every score
};

/// Leaves only the participants that have every value, score and covariate.
/// @return the others.
std::vector<std::string> keep_complete(IndividualData& data);

/// In which unit slopes of two signals are compared.
///
/// A slope per unit of probability and one per rank cannot be subtracted. A unit is one factor per
/// signal, the same in all regions and participants, so comparisons of regions within
/// a signal do not depend on it.
enum class SlopeUnits {
  /// Effect per standard deviation of the trial-wise regressor: not affected by noise.
  regressor_sd,
  /// Standard deviation over participants, root mean square over regions: needs only the values,
  /// but makes the slope of a noisier signal smaller.
  participant_sd,
  given,  ///< as in the table
  /// Both of the last two: slopes differ if they do in either unit and in the same direction; p is
  /// the larger one. For values of unknown unit.
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
  double alpha = 0.05;      ///< p after Holm below which a slope or difference counts as shown
  double evidence = 3;      ///< Bayes factor from which a zero counts as supported
  /// true: each score adjusted for the others; false: each by itself (with the covariates), which
  /// is what "participants with a higher score" means. Adjusted for each other, correlated scores
  /// have little variance of their own.
  bool together = false;
  /// Default: regressor_sd if `regressor_sd` is known for every signal, else
  /// given_and_participant_sd.
  std::optional<SlopeUnits> units;
  std::vector<double> regressor_sd;  ///< per signal; empty or NaN: unknown
};

/// Huber's M-estimate of a slope (fit_robust).
struct RobustSlope {
  double slope = kUnknown, standard_error = kUnknown, t = kUnknown, p = kUnknown;
  double lower = kUnknown, upper = kUnknown;

 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// Relation of one signal in one region to one score.
struct ScoreSlope {
  size_t region, signal, score;
  RegionTestResult mean;   ///< of the signal over participants, against 0
  RegionTestResult slope;  ///< value per unit of the score; p_holm over all slopes
  /// Slope in standard deviations: slope * sd(score) / sd(value), and its
  /// interval scaled by the same factor.
  double standardised = 0, standardised_lower = 0, standardised_upper = 0;
  CorrelationFigures pearson, spearman;
  RobustSlope robust;
  LeftOutPrediction prediction;
  Finding finding = Finding::undecided;
};

/// In what two slopes differ.
enum class SlopeContrast {
  signals,  ///< one score on two signals in one region
  regions,  ///< one score on one signal in two regions
  scores,   ///< two scores, on the same or two signals in one region
  /// One score on the difference of two signals, in two regions: region x signal x score.
  interaction,
};
std::string to_string(SlopeContrast contrast);

/// Difference of two slopes; values in the common unit, per standard deviation of the score.
struct SlopeDifference {
  SlopeContrast contrast;
  size_t region, other_region, signal, other_signal, score, other_score;
  double first = 0, second = 0;  ///< the two slopes
  double estimate = 0, standard_error = 0, t = 0, dof = 0, lower = 0, upper = 0;
  double p = 0;             ///< in the reported unit
  double p_other_unit = 0;  ///< given_and_participant_sd: in the unit of the table; else NaN
  double p_claim = 0;       ///< the larger of the two; 1 if their directions differ
  double p_holm = 0;        ///< of p_claim, across all differences of this kind
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
/// value = constant + slope * score (+ covariates, + other scores if `together`) + error, by least
/// squares, with t test, JZS Bayes factor (model with versus without the score) and permutation p
/// (test_regression); additionally Pearson's and Spearman's correlation, Huber's M-estimate and
/// leave-one-out prediction.
///
/// One significant and one non-significant slope do not imply a difference. Slopes on the same
/// score are compared through the slope of the within-participant difference, an exact t test
/// whatever the noise of each: (signal x - signal y) in a region, (region A - region B) in a
/// signal. Slopes on two scores have no such difference; they are compared using the jackknife-like
/// covariance of both estimators over participants (HC3: sums of the influences e / (1 - h), which
/// account for the dependence between signals, between scores, and of each on the other), with
/// n - rank degrees of freedom; their Bayes factor treats that t as one of a regression.
///
/// @param data  finite.
/// @throws Error{bad_input} for too few participants, or a score that is constant or collinear with
///         the covariates.
/// @cost  permutations * participants * columns.
/// @source Steiger 1980, Psychological Bulletin 87 (why dependent slopes need their own test);
///         MacKinnon & White 1985, J. Econometrics 29 (HC3).
IndividualDifferences individual_differences(const IndividualData& data,
                                             const IndividualOptions& options, int n_threads = 1);

/// Data for a scatter plot of one slope.
struct SlopeScatter {
  Eigen::VectorXd score, value;            ///< value adjusted for covariates
  Eigen::VectorXd at, line, lower, upper;  ///< the line and its pointwise interval
};
/// @param n_points  on the line, from the smallest to the largest score.
SlopeScatter scatter_of(const IndividualData& data, const IndividualOptions& options,
                        const ScoreSlope& slope, Eigen::Index n_points = 61);

}  // namespace sociometer
