#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/design/design_matrix.hpp"

/// A design with a regressor for each trial.
///
/// The model of a run (make_design) has one column per condition; convolution is linear, so that
/// column is the sum of the responses to its trials, and a modulator's their weighted sum.
/// Two ways of giving each trial an amplitude of its own (Mumford et al. 2012):
///   LSA (least squares, all): the trials' columns replace conditions and their modulators;
///   LSS (least squares, separate): a model for each trial, in which its response is taken out of
///   the columns it was part of and becomes a column; the other trials stay where they were.
/// AFNI's 3dLSS is LSS with all other trials in one column, without prewhitening.
/// @source Mumford, Turner, Ashby & Poldrack 2012 NeuroImage 59:2636.
namespace sociometer {

enum class TrialMethod { lss, lsa };
constexpr std::array<Name<TrialMethod>, 2> names_of(std::type_identity<TrialMethod>) {
  return {{{TrialMethod::lss, "lss"}, {TrialMethod::lsa, "lsa"}}};
}

/// What the other trials share in LSS.
enum class TrialOthers {
  condition,  ///< a column per condition, with its modulators
  all,        ///< one column for the trials of all conditions
};
constexpr std::array<Name<TrialOthers>, 2> names_of(std::type_identity<TrialOthers>) {
  return {{{TrialOthers::condition, "condition"}, {TrialOthers::all, "all"}}};
}

enum class TrialAmplitude {
  response,  ///< coefficient of the response itself
  peak,      ///< signed length of the coefficients of response and derivatives (Calhoun 2004)
};
constexpr std::array<Name<TrialAmplitude>, 2> names_of(std::type_identity<TrialAmplitude>) {
  return {{{TrialAmplitude::response, "response"}, {TrialAmplitude::peak, "peak"}}};
}

struct TrialOptions {
  TrialMethod method = TrialMethod::lss;
  TrialOthers others = TrialOthers::condition;
  TrialAmplitude amplitude = TrialAmplitude::response;
  std::vector<std::string> types{};  ///< conditions to split; empty: all
};

/// A column group of the model that contains a trial's response, and with which weight.
struct TrialShare {
  Eigen::Index first_column = 0;  ///< of the model; the basis functions follow one another
  double weight = 0;
};

/// The trials of one run.
struct SingleTrials {
  std::vector<size_t> events;    ///< of each trial: position in the run's events, ascending
  Events trials;                 ///< these events; the type is the condition
  Eigen::Index n_functions = 1;  ///< response and derivatives
  /// Responses of each trial, (n_scans, n_trials * n_functions): the trial's amplitude (the events'
  /// modulation) counts, derivatives are not orthogonalised.
  Eigen::MatrixXd columns;
  /// LSS: the model of all trials, spanning what make_design's spans; its columns of the split
  /// conditions are sums of `columns`. LSA: the trials' columns, each trial's derivatives
  /// orthogonalised, then all columns that are not of the split conditions.
  DesignMatrix model;
  std::vector<std::vector<TrialShare>> shares;  ///< per trial; empty for LSA

  size_t n_trials() const { return events.size(); }
};

/// Splits the trials of a run.
///
/// @param events   of the run.
/// @param design   make_design of these events and options.
/// @throws Error{usage} for a condition that no event has, and for FIR.
/// @cost  n_scans * kernel length per trial.
SingleTrials split_trials(const Events& events, const DesignMatrix& design, double tr_s,
                          const DesignOptions& options, const TrialOptions& trials);

}  // namespace sociometer
