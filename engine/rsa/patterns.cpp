#include "engine/rsa/patterns.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {

PatternItems make_items(const std::vector<PatternTrial>& trials, PatternUnit unit) {
  PatternItems out{unit, {}, {}};
  std::set<std::string> names;
  for (const auto& trial : trials)
    if (!trial.condition.empty()) names.insert(trial.condition);
  out.conditions.assign(names.begin(), names.end());
  const auto condition_of = [&](const PatternTrial& trial) {
    const auto at = std::lower_bound(out.conditions.begin(), out.conditions.end(), trial.condition);
    return trial.condition.empty() ? -1 : int(at - out.conditions.begin());
  };
  std::map<std::pair<int, int>, PatternItem> groups;  // by run and condition
  for (size_t t = 0; t < trials.size(); ++t) {
    const int condition = condition_of(trials[t]);
    if (unit == PatternUnit::trial) {
      out.items.push_back(
          {std::to_string(trials[t].number), condition, trials[t].run, {Eigen::Index(t)}});
    } else if (condition >= 0) {
      const int run = unit == PatternUnit::condition ? 0 : trials[t].run;
      PatternItem& item = groups[{run, condition}];
      item.label = trials[t].condition;
      item.condition = condition;
      item.run = run;
      item.trials.push_back(Eigen::Index(t));
    }
  }
  for (auto& [key, item] : groups) out.items.push_back(std::move(item));
  return out;
}

Eigen::MatrixXd mean_patterns(const PatternItems& items,
                              const Eigen::Ref<const Eigen::MatrixXd>& amplitudes) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(items.size(), amplitudes.cols());
  for (Eigen::Index i = 0; i < items.size(); ++i) {
    const auto& trials = items.items[size_t(i)].trials;
    for (const Eigen::Index t : trials) out.row(i) += amplitudes.row(t);
    out.row(i) /= double(trials.size());
  }
  return out;
}

Eigen::VectorXd mean_values(const PatternItems& items, const Eigen::VectorXd& of_trials) {
  Eigen::VectorXd out(items.size());
  for (Eigen::Index i = 0; i < items.size(); ++i) {
    double sum = 0, n = 0;
    for (const Eigen::Index t : items.items[size_t(i)].trials)
      if (std::isfinite(of_trials[t])) sum += of_trials[t], n += 1;
    out[i] = n > 0 ? sum / n : kNaN;
  }
  return out;
}

std::vector<std::string> common_texts(const PatternItems& items,
                                      const std::vector<std::string>& of_trials) {
  std::vector<std::string> out;
  for (const auto& item : items.items) {
    std::set<std::string> texts;
    for (const Eigen::Index t : item.trials) texts.insert(of_trials[size_t(t)]);
    out.push_back(texts.size() == 1 ? *texts.begin() : "");
  }
  return out;
}

TrialDeviations trial_deviations(const PatternItems& run_items,
                                 const Eigen::Ref<const Eigen::MatrixXd>& amplitudes) {
  require(run_items.unit == PatternUnit::condition_run, "deviations are those within a run");
  Eigen::Index n = 0, groups = 0;
  for (const auto& item : run_items.items)
    if (item.trials.size() > 1) n += Eigen::Index(item.trials.size()), ++groups;
  TrialDeviations out{Eigen::MatrixXd(n - groups, amplitudes.cols()), double(n - groups)};
  Eigen::Index at = 0;
  for (const auto& item : run_items.items) {
    if (item.trials.size() < 2) continue;
    Eigen::RowVectorXd sum = amplitudes.row(item.trials[0]);
    for (size_t k = 1; k < item.trials.size(); ++k) {
      const auto next = amplitudes.row(item.trials[k]);
      out.values.row(at++) = std::sqrt(double(k) / double(k + 1)) * (sum / double(k) - next);
      sum += next;
    }
  }
  return out;
}

bool same_items(const PatternItems& a, const PatternItems& b) {
  if (a.unit == PatternUnit::trial || a.size() != b.size()) return false;
  for (size_t i = 0; i < a.items.size(); ++i)
    if (a.items[i].label != b.items[i].label || a.items[i].run != b.items[i].run) return false;
  return true;
}

}  // namespace sociometer
