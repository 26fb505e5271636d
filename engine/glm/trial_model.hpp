#pragma once
#include <array>
#include <functional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/design/estimability.hpp"
#include "engine/design/single_trials.hpp"

/// Least squares, separate: what the design alone says about each trial's own model.
///
/// The model of all trials is y = S d + e. That of trial i takes its response T (one column per
/// basis function) out of the columns that it is part of, S_i = S - T A', and gives it coefficients
/// of its own: y = S_i d + T b + e. With b = g + A'd this is y = S d + T g + e: the model of all
/// trials and T. So for each trial
///   g = (T'R T)^-1 T'R y,  R = W - W S (S'W S)^-1 S'W,  W = V^-1,
///   d = d_all - (S'W S)^-1 S'W T g,
/// and b = g + A'd follows from one fit and the products of T with the series (trial_fit.hpp).
/// Functions of T that the other columns explain get no g; whether b is determined all the same
/// (the only trial of its condition) or not (two trials at the same time) is decided here.
namespace sociometer {

enum class TrialStatus {
  ok,
  no_response,    ///< its response is 0 in every scan that is kept
  not_separable,  ///< the other columns explain it
};
constexpr std::array<Name<TrialStatus>, 3> names_of(std::type_identity<TrialStatus>) {
  return {{{TrialStatus::ok, "ok"},
           {TrialStatus::no_response, "no response"},
           {TrialStatus::not_separable, "not separable"}}};
}

/// What is known of each trial before any series is read.
struct TrialFacts {
  TrialStatus status = TrialStatus::ok;
  /// Variance of the amplitude over what it would be if no other column but the constant were
  /// there, for white noise; NaN unless status is ok.
  double vif = 0;
  /// For not_separable: the trial (position in SingleTrials) whose response is most like its own,
  /// or -1; and their correlation over kept scans.
  Eigen::Index twin = -1;
  double twin_correlation = 0;
};

/// One number per trial that is linear in the series: a coefficient of its response (first), and
/// with TrialAmplitude::peak those of the derivatives, each after orthogonalisation.
struct TrialCoefficient {
  /// Weights a on the model's columns (TrialModel::shared_columns) of d_all.
  std::vector<std::pair<Eigen::Index, double>> on_shared;
  /// Weights h on g of the trial's own columns (TrialModel::own_columns).
  Eigen::VectorXd on_own;
};

struct TrialParts {
  Eigen::Index first_own = 0, n_own = 0;  ///< columns of TrialModel::own_columns
  std::vector<TrialCoefficient> coefficients;
  std::vector<double> squared_lengths;  ///< of the responses, relative to the first (peak)
};

/// Which columns stand for what the trials add to the model. Estimates are the same up to rounding.
enum class TrialBasis {
  orthonormal,  ///< orthogonal to the model: nothing else is to be solved in white noise
  /// The responses themselves, of length 1: 0 in most scans, so that their products with the series
  /// cost little. Trials that the model nearly explains have orthonormal columns all the same.
  responses,
};

class TrialModel {
 public:
  /// @param trials  of TrialMethod::lss.
  /// @param kept    one flag per scan.
  /// @param defined_by  responses that define the coefficients (how derivatives are orthogonalised,
  /// and lengths), if those of `trials` are whitened; null: `trials`.
  /// @cost  n_scans n_columns^2, and n_scans n_columns per trial.
  TrialModel(const SingleTrials& trials, const std::vector<uint8_t>& kept, TrialAmplitude amplitude,
             TrialBasis columns = TrialBasis::orthonormal,
             const SingleTrials* defined_by = nullptr);

  const std::vector<TrialFacts>& facts() const { return facts_; }
  const std::vector<TrialParts>& parts() const { return parts_; }
  /// Columns that span, with the model, what each trial adds to it, trial by trial, zero in
  /// censored scans: (n_scans, n_own). RunDesign's extras.
  const Eigen::MatrixXd& own_columns() const { return own_; }
  /// Columns of the model that contain trials.
  const std::vector<Eigen::Index>& shared_columns() const { return shared_; }

 private:
  struct Space;
  void add_trial(const SingleTrials& trials, const Space& space, size_t trial,
                 TrialAmplitude amplitude, TrialBasis columns, const SingleTrials& defined_by);

  std::vector<TrialFacts> facts_;
  std::vector<TrialParts> parts_;
  std::vector<Eigen::VectorXd> own_list_;
  std::vector<Eigen::Index> shared_;
  Eigen::MatrixXd own_;
};

/// For LSA: the same facts of the trials' columns in a design, by its own columns.
/// @param design  SingleTrials::model of TrialMethod::lsa over kept scans.
std::vector<TrialFacts> lsa_facts(const SingleTrials& trials, const std::vector<uint8_t>& kept);

/// A sentence for a trial without an amplitude; empty for others.
/// @param label  names a trial of SingleTrials, such as "trial 12 (onset 31.5 s)".
std::string why_not(const TrialFacts& facts, const std::function<std::string(Eigen::Index)>& label);

}  // namespace sociometer
