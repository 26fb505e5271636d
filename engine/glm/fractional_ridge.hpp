#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/trial_model.hpp"

namespace sociometer {

/// How the amplitudes of single trials are shrunk.
struct Shrinkage {
  enum class Kind {
    none,
    fixed,           ///< every voxel's keep the same fraction of their length
    cross_validated  ///< each voxel's fraction by cross-validation over runs
  };
  Kind kind = Kind::none;
  double fraction = 1;  ///< fixed: in (0, 1]
  bool given() const { return kind != Kind::none; }
  bool cross_validated() const { return kind == Kind::cross_validated; }
  bool operator==(const Shrinkage&) const = default;
};
/// "cv" or a fraction.
/// @throws Error{usage} for anything else.
Shrinkage parse_shrinkage(const std::string& text);
/// Empty without shrinkage.
std::string to_string(const Shrinkage& shrinkage);

/// Ridge regression of single trials with a penalty given by what it leaves: the length of a
/// voxel's amplitudes as a fraction of that of least squares.
///
/// With T the trials' responses less their projection on all other columns, T = U L V', and b the
/// least-squares amplitudes of all trials (LSA), the ridge estimate for a penalty a is
/// V diag(l^2 / (l^2 + a)) V'b. Its length falls from |b| to 0 as a grows; the penalty that gives
/// the fraction is found per voxel (Newton steps within a bracket, to 1e-12). Needs b alone, no
/// series. Rokem & Kay interpolate on a grid of penalties instead.
/// @source Rokem & Kay 2020 GigaScience 9:giaa133, equations 4 to 10.
class FractionalRidge {
 public:
  /// @param trials  of TrialMethod::lsa. Trials that are not ok are left out.
  /// @cost  n_scans n_columns^2.
  FractionalRidge(const SingleTrials& trials, const std::vector<TrialFacts>& facts,
                  const std::vector<uint8_t>& kept);

  /// @param betas      (n_trials, n_voxels), least squares under white noise; rows of trials that
  ///                   are not ok stay as they are, and so do voxels with NaN.
  /// @param fractions  one per voxel, in (0, 1]; 1: no shrinkage.
  /// @cost  2 n_trials^2 per voxel.
  Eigen::MatrixXd shrink(const Eigen::MatrixXd& betas, const Eigen::VectorXd& fractions,
                         int n_threads) const;

 private:
  std::vector<Eigen::Index> used_;
  Eigen::MatrixXd axes_;    ///< V
  Eigen::ArrayXd squares_;  ///< l^2
};

/// The fractions that are tried: .1, .2 .. 1.
std::vector<double> default_fractions();

/// One run's least-squares amplitudes for the choice of fractions.
struct ShrunkenRun {
  const FractionalRidge* ridge = nullptr;
  const Eigen::MatrixXd* betas = nullptr;  ///< (n_trials, n_voxels)
  std::vector<std::string> labels{};       ///< of each trial; empty: the trial has none
};

/// Whether runs can be predicted from each other, known before they are fitted.
/// @param labels  of the trials of each run, as in ShrunkenRun.
/// @throws Error{usage} for fewer than two runs, or when no label is in two runs.
void require_labels_over_runs(const std::vector<std::vector<std::string>>& labels);

/// Each voxel's fraction by cross-validation over runs: a run's least-squares amplitudes are
/// predicted by the mean of the other runs' shrunken amplitudes of trials with the same label; the
/// fraction with the least sum of squares over runs is taken (the larger of two alike). A voxel
/// without any prediction gets 1.
/// @throws Error{usage} as require_labels_over_runs.
Eigen::VectorXd cross_validated_fractions(const std::vector<ShrunkenRun>& runs,
                                          const std::vector<double>& fractions, int n_threads);

}  // namespace sociometer
