#include "engine/design/modulators.hpp"

#include <cmath>
#include <sstream>

#include "engine/core/error.hpp"
#include "engine/design/modulator_term.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {
namespace {

/// "a, b c" as "a,b,c".
std::string with_commas(const std::string& list) {
  std::istringstream words(list);
  std::string out;
  for (std::string word; words >> word; out += word)
    if (!out.empty() && !out.ends_with(',') && !word.starts_with(',')) out += ',';
  return out;
}

std::vector<Eigen::Index> present(const Eigen::VectorXd& values) {
  std::vector<Eigen::Index> rows;
  for (Eigen::Index i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i])) rows.push_back(i);
  return rows;
}

double mean_present(const Eigen::VectorXd& values) {
  const auto rows = present(values);
  return rows.empty() ? 0.0 : Eigen::VectorXd(values(rows)).mean();
}

void center(Eigen::VectorXd& values, const std::string& name, const ModulatorPolicy& policy) {
  if (policy.center == Centering::none) return;
  double mean = mean_present(values);
  if (policy.center == Centering::all) {
    const auto found = policy.means_over_runs.find(name);
    require(found != policy.means_over_runs.end(), "means over runs were given");
    mean = found->second;
  }
  const auto rows = present(values);
  const Eigen::VectorXd before = values(rows);
  // A modulator that does not vary must become exactly zero; otherwise its rounding
  // error would act as a regressor.
  values(rows) = without_residue(before.array() - mean, before.norm());
}

double sd_present(const Eigen::VectorXd& values) {
  const auto rows = present(values);
  if (rows.size() < 2) return 0;
  const Eigen::VectorXd there = values(rows);
  return std::sqrt((there.array() - there.mean()).square().sum() / double(rows.size() - 1));
}

void scale(Eigen::VectorXd& values, const std::string& name, const ModulatorPolicy& policy) {
  if (policy.scaling == ModulatorScaling::none) return;
  double sd = sd_present(values);
  if (policy.scaling == ModulatorScaling::sd_all) {
    const auto found = policy.sds_over_runs.find(name);
    require(found != policy.sds_over_runs.end(), "standard deviations over runs were given");
    sd = found->second;
  }
  // Equal values have only rounding error, no variance.
  const auto rows = present(values);
  if (!rows.empty() && sd > 1e-12 * values(rows).cwiseAbs().maxCoeff()) values /= sd;
}

/// The values of a modulator over all runs' trials that have one.
std::vector<double> values_over_runs(const std::vector<Events>& runs, const std::string& type,
                                     const std::string& column) {
  const ModulatorTerm term = modulator_term(column);
  std::vector<double> values;
  for (const auto& events : runs)
    for (const auto& event : events) {
      if (event.type != type) continue;
      const double value = term.of(event.values.at(term.column));
      if (!std::isnan(value)) values.push_back(value);
    }
  return values;
}

/// Over the rows where this modulator has a value; missing values of earlier ones count as 0 there.
void orthogonalise_on_earlier(Eigen::VectorXd& values, const Eigen::MatrixXd& earlier) {
  const auto rows = present(values);
  if (rows.empty()) return;
  Eigen::MatrixXd basis(Eigen::Index(rows.size()), earlier.cols() + 1);
  basis.col(0).setOnes();
  basis.rightCols(earlier.cols()) = earlier(rows, Eigen::all);
  const Eigen::VectorXd before = values(rows);
  values(rows) = without_residue(residual_of(before, basis), before.norm());
}

}  // namespace

ModulatorTerm modulator_term(const std::string& text) {
  static const std::string kAbs = "abs(";
  if (!text.starts_with(kAbs) || !text.ends_with(')')) return {text};
  return {text.substr(kAbs.size(), text.size() - kAbs.size() - 1), true};
}

ModulatorSet parse_modulators(const std::string& text) {
  const auto colon = text.rfind(':');
  ModulatorSet set;
  if (colon != std::string::npos) {
    set.event_type = text.substr(0, colon);
    const std::string list = with_commas(text.substr(colon + 1));
    for (size_t start = 0; start <= list.size();) {
      const size_t comma = std::min(list.find(',', start), list.size());
      set.columns.push_back(list.substr(start, comma - start));
      start = comma + 1;
    }
  }
  bool complete = !set.event_type.empty() && !set.columns.empty();
  for (const auto& column : set.columns)
    complete &= !column.empty() && !modulator_term(column).column.empty();
  if (!complete)
    fail(ErrorCode::usage,
         "modulators '{}': expected TYPE:COLUMN[,COLUMN..], like feedback:match,rank", text);
  return set;
}

Centering parse_centering(const std::string& text) { return value_of<Centering>(text, "centring"); }
std::string to_string(Centering c) { return name_of(c); }
Orthogonalisation parse_orthogonalisation(const std::string& text) {
  return value_of<Orthogonalisation>(text, "orthogonalisation");
}
ModulatorScaling parse_modulator_scaling(const std::string& text) {
  return value_of<ModulatorScaling>(text, "scaling of modulators");
}
std::string to_string(ModulatorScaling scaling) { return name_of(scaling); }

std::map<std::string, double> modulator_sds(const std::vector<Events>& runs,
                                            const std::vector<ModulatorSet>& sets) {
  std::map<std::string, double> sds;
  for (const auto& set : sets)
    for (const auto& column : set.columns) {
      const auto values = values_over_runs(runs, set.event_type, column);
      sds[set.event_type + ":" + column] =
          sd_present(Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size())));
    }
  return sds;
}

std::map<std::string, double> modulator_means(const std::vector<Events>& runs,
                                              const std::vector<ModulatorSet>& sets) {
  std::map<std::string, double> means;
  for (const auto& set : sets)
    for (const auto& column : set.columns) {
      double sum = 0;
      const auto values = values_over_runs(runs, set.event_type, column);
      for (double value : values) sum += value;
      means[set.event_type + ":" + column] = values.empty() ? 0.0 : sum / double(values.size());
    }
  return means;
}

std::vector<Stimulus> stimuli_of_type(const Events& events, const std::string& type,
                                      const std::vector<std::string>& columns,
                                      const ModulatorPolicy& policy) {
  Stimulus main;
  main.name = type;
  std::vector<const Event*> trials;
  for (const auto& event : events) {
    if (event.type != type) continue;
    trials.push_back(&event);
    main.onset_s.push_back(event.onset_s);
    main.duration_s.push_back(event.duration_s);
    main.weight.push_back(event.amplitude);
  }
  if (trials.empty()) return {};
  std::vector<Stimulus> stimuli{main};
  Eigen::MatrixXd earlier(Eigen::Index(trials.size()), 0);
  for (const auto& column : columns) {
    Eigen::VectorXd values(Eigen::Index(trials.size()));
    const ModulatorTerm term = modulator_term(column);
    for (size_t i = 0; i < trials.size(); ++i)
      values[Eigen::Index(i)] = term.of(trials[i]->values.at(term.column));
    const std::string name = type + ":" + column;
    center(values, name, policy);
    if (policy.orthogonalise == Orthogonalisation::serial)
      orthogonalise_on_earlier(values, earlier);
    scale(values, name, policy);
    const double trial_sd = sd_present(values);
    values = values.array().isNaN().select(0.0, values);
    earlier.conservativeResize(Eigen::NoChange, earlier.cols() + 1);
    earlier.rightCols(1) = values;
    Stimulus modulated = main;
    modulated.name = name;
    modulated.trial_sd = trial_sd;
    for (size_t i = 0; i < trials.size(); ++i) modulated.weight[i] *= values[Eigen::Index(i)];
    stimuli.push_back(std::move(modulated));
  }
  return stimuli;
}

}  // namespace sociometer
