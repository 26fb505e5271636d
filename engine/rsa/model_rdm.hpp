#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/rsa/patterns.hpp"
#include "engine/rsa/rdm.hpp"
#include "engine/stats/finite_values.hpp"

namespace sociometer {

/// |a - b| of a value per item; NaN where either is missing.
Eigen::VectorXd difference_rdm(const Eigen::VectorXd& values);

/// 0 for the same text, 1 for different ones; NaN where either is empty.
Eigen::VectorXd category_rdm(const std::vector<std::string>& texts);

/// The RDM of a square matrix with a row and a column per item.
///
/// One half is enough: where one of two mirrored cells is NaN, the other counts. Where both are
/// there, the one above the diagonal counts, and they agree to 1e-9 of the larger.
/// @param labels  of the items. @param name  of the matrix; both for errors.
/// @throws Error{bad_input} for a diagonal that is neither 0 nor NaN, a matrix that is not
/// symmetric, and one with values below 0 and none above: unbiased estimates of dissimilarities may
/// fall below 0, but not all of them.
Eigen::VectorXd rdm_of_matrix(const Eigen::Ref<const Eigen::MatrixXd>& matrix,
                              const std::vector<std::string>& labels, const std::string& name);

/// 0 for two items of the same run, 1 otherwise: patterns of a run share its noise.
Eigen::VectorXd run_rdm(const PatternItems& items);

/// Seconds between the mean onsets of two items in the session: noise that is autocorrelated or
/// drifts makes neighbours in time alike. Runs follow each other in the order of their numbers,
/// each a mean distance of trials after the last trial of the one before; the pauses between runs
/// are not known, and run_rdm is for them. Rounded to milliseconds.
Eigen::VectorXd time_rdm(const PatternItems& items, const std::vector<PatternTrial>& trials);

/// Which pairs of items are compared with models.
enum class PairChoice {
  all,
  between_runs,  ///< not those of one run, which share autocorrelated noise
};
constexpr std::array<Name<PairChoice>, 2> names_of(std::type_identity<PairChoice>) {
  return {{{PairChoice::all, "all"}, {PairChoice::between_runs, "between-runs"}}};
}

/// One flag per pair.
std::vector<uint8_t> chosen_pairs(const PatternItems& items, PairChoice choice);

/// The range of an RDM over the pairs that are used and have a value.
/// @param used  one flag per pair.
ValueRange range_of_pairs(const Eigen::Ref<const Eigen::VectorXd>& rdm,
                          const std::vector<uint8_t>& used);

/// 1 / n_i + 1 / n_j, n: trials of an item. Noise of equal variance in all trials adds this times
/// that variance to the expected squared distance of two means.
Eigen::VectorXd trial_count_rdm(const PatternItems& items);

/// Weights of pairs for weighted regression: 1 / variance of squared distances where there is noise
/// only, up to a factor common to all pairs.
///
/// With v = 1 / n_i + 1 / n_j the difference of two means has variance s^2 v in a voxel, its square
/// 2 s^4 v^2: the weight is 1 / v^2. Crossnobis is the mean over R (R - 1) ordered pairs of runs
/// of products d_m d_n, with variance 2 s^4 sum_{m != n} v_m v_n / (R (R - 1))^2: the weight is the
/// inverse of that, less 2 s^4.
/// @param run_items  of unit condition_run for crossnobis, whose items are conditions; else null.
/// @return 0 for pairs without a crossnobis distance.
Eigen::VectorXd pair_weights(const PatternItems& items, const PatternItems* run_items = nullptr);

}  // namespace sociometer
