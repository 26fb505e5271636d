#include "engine/connectivity/condition_series.hpp"

#include <map>
#include <set>
#include <tuple>

#include "engine/core/missing.hpp"

namespace sociometer {

std::vector<ConditionSeries> condition_series(const TrialAmplitudes& trials) {
  std::map<std::pair<std::string, std::string>, std::vector<Eigen::Index>> rows;
  for (size_t i = 0; i < trials.participant.size(); ++i)
    if (!trials.participant[i].empty() && !trials.condition[i].empty())
      rows[{trials.participant[i], trials.condition[i]}].push_back(Eigen::Index(i));
  std::vector<ConditionSeries> out;
  for (const auto& item : rows) {
    const Eigen::VectorXd seed = trials.seed(item.second);
    std::vector<std::string> run;
    if (!trials.run.empty())
      for (Eigen::Index i : item.second) run.push_back(trials.run[size_t(i)]);
    for (size_t k = 0; k < trials.regions.size(); ++k) {
      const Eigen::VectorXd other = trials.values.col(Eigen::Index(k))(item.second);
      out.push_back({item.first.first, item.first.second, trials.regions[k],
                     correlate_series(seed, other, run)});
    }
  }
  return out;
}

std::vector<ConditionSeriesTest> test_condition_series(const std::vector<ConditionSeries>& all) {
  std::set<std::string> people, conditions, regions;
  std::map<std::tuple<std::string, std::string, std::string>, double> z;
  for (const auto& one : all) {
    people.insert(one.participant);
    conditions.insert(one.condition);
    regions.insert(one.region);
    z[{one.participant, one.condition, one.region}] = one.correlation.fisher_z;
  }
  const auto value = [&](const std::string& person, const std::string& condition,
                         const std::string& region) {
    const auto found = z.find({person, condition, region});
    return found == z.end() ? kNaN : found->second;
  };
  std::vector<ConditionSeriesTest> out;
  for (const auto& region : regions)
    for (const auto& condition : conditions) {
      std::vector<double> values;
      for (const auto& person : people) values.push_back(value(person, condition, region));
      out.push_back({condition, "", region, test_mean(values)});
    }
  for (const auto& region : regions)
    for (auto a = conditions.begin(); a != conditions.end(); ++a)
      for (auto b = std::next(a); b != conditions.end(); ++b) {
        std::vector<double> values;
        for (const auto& person : people)
          values.push_back(value(person, *a, region) - value(person, *b, region));
        out.push_back({*a, *b, region, test_mean(values)});
      }
  return out;
}

}  // namespace sociometer
