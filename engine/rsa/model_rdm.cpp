#include "engine/rsa/model_rdm.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// A value per pair of positions.
template <class Value>
Eigen::VectorXd rdm_of(Eigen::Index n, const Value& value) {
  Eigen::VectorXd out(n_pairs_of(n));
  Eigen::Index at = 0;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = i + 1; j < n; ++j) out[at++] = value(size_t(i), size_t(j));
  return out;
}

}  // namespace

Eigen::VectorXd difference_rdm(const Eigen::VectorXd& values) {
  return rdm_of(values.size(), [&](size_t i, size_t j) {
    return std::abs(values[Eigen::Index(i)] - values[Eigen::Index(j)]);
  });
}

Eigen::VectorXd category_rdm(const std::vector<std::string>& texts) {
  return rdm_of(Eigen::Index(texts.size()), [&](size_t i, size_t j) {
    if (texts[i].empty() || texts[j].empty()) return kNaN;
    return texts[i] == texts[j] ? 0.0 : 1.0;
  });
}

Eigen::VectorXd rdm_of_matrix(const Eigen::Ref<const Eigen::MatrixXd>& matrix,
                              const std::vector<std::string>& labels, const std::string& name) {
  const auto n = Eigen::Index(labels.size());
  require(matrix.rows() == n && matrix.cols() == n, "a row and a column per item");
  for (Eigen::Index i = 0; i < n; ++i)
    if (const double own = matrix(i, i); own != 0 && !std::isnan(own))
      fail(ErrorCode::bad_input,
           "{}: {} for '{}' and itself; dissimilarities have 0 there (is it a matrix of "
           "similarities? give 1 - r)",
           name, own, labels[size_t(i)]);
  const Eigen::VectorXd out = rdm_of(n, [&](size_t i, size_t j) {
    const double one = matrix(Eigen::Index(i), Eigen::Index(j));
    const double mirrored = matrix(Eigen::Index(j), Eigen::Index(i));
    if (std::abs(one - mirrored) > 1e-9 * std::max(std::abs(one), std::abs(mirrored)))
      fail(ErrorCode::bad_input, "{} is not symmetric: {} for {} and {}, {} for {} and {}", name,
           one, labels[i], labels[j], mirrored, labels[j], labels[i]);
    return std::isnan(one) ? mirrored : one;
  });
  double least = 0, most = 0;
  for (const double value : out) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least < 0 && most <= 0)
    fail(ErrorCode::bad_input,
         "{} has no value above 0 (the least is {}), as similarities with the sign turned; "
         "dissimilarities are larger the less alike two conditions are",
         name, least);
  return out;
}

Eigen::VectorXd run_rdm(const PatternItems& items) {
  return rdm_of(items.size(), [&](size_t i, size_t j) {
    return items.items[i].run == items.items[j].run ? 0.0 : 1.0;
  });
}

Eigen::VectorXd time_rdm(const PatternItems& items, const std::vector<PatternTrial>& trials) {
  struct Extent {
    double first = INFINITY, last = -INFINITY, n = 0;
  };
  std::map<int, Extent> runs;
  for (const auto& trial : trials) {
    Extent& run = runs[trial.run];
    run.first = std::min(run.first, trial.onset_s);
    run.last = std::max(run.last, trial.onset_s);
    ++run.n;
  }
  std::map<int, double> start;
  double at = 0;
  for (const auto& [run, extent] : runs) {
    start[run] = at - extent.first;
    at += extent.n > 1 ? (extent.last - extent.first) * extent.n / (extent.n - 1) : 0;
  }
  Eigen::VectorXd onsets(Eigen::Index(trials.size()));
  for (size_t t = 0; t < trials.size(); ++t)
    onsets[Eigen::Index(t)] = start[trials[t].run] + trials[t].onset_s;
  // To the millisecond, so that rounding makes no ranks of equal distances.
  return difference_rdm(mean_values(items, onsets)).unaryExpr([](double distance) {
    return std::round(1000 * distance) / 1000;
  });
}

std::vector<uint8_t> chosen_pairs(const PatternItems& items, PairChoice choice) {
  std::vector<uint8_t> chosen;
  for (const auto& [i, j] : pairs_of(items.size()))
    chosen.push_back(choice == PairChoice::all ||
                     items.items[size_t(i)].run != items.items[size_t(j)].run);
  return chosen;
}

ValueRange range_of_pairs(const Eigen::Ref<const Eigen::VectorXd>& rdm,
                          const std::vector<uint8_t>& used) {
  require(rdm.size() == Eigen::Index(used.size()), "a flag per pair");
  Eigen::VectorXd chosen = rdm;
  for (size_t p = 0; p < used.size(); ++p)
    if (!used[p]) chosen[Eigen::Index(p)] = kNaN;
  return finite_range(chosen);
}

Eigen::VectorXd trial_count_rdm(const PatternItems& items) {
  return rdm_of(items.size(), [&](size_t i, size_t j) {
    return 1 / double(items.items[i].trials.size()) + 1 / double(items.items[j].trials.size());
  });
}

Eigen::VectorXd pair_weights(const PatternItems& items, const PatternItems* run_items) {
  if (!run_items) return trial_count_rdm(items).cwiseAbs2().cwiseInverse();
  std::vector<std::map<int, double>> by_run(items.conditions.size());  // 1 / n
  for (const auto& item : run_items->items)
    by_run[size_t(item.condition)][item.run] = 1 / double(item.trials.size());
  return rdm_of(items.size(), [&](size_t i, size_t j) {
    const auto& others = by_run[size_t(items.items[j].condition)];
    double runs = 0, sum = 0, squares = 0;
    for (const auto& [run, inverse] : by_run[size_t(items.items[i].condition)])
      if (const auto other = others.find(run); other != others.end()) {
        const double v = inverse + other->second;
        ++runs, sum += v, squares += v * v;
      }
    const double products = runs * (runs - 1);
    return runs < 2 ? 0 : products * products / (sum * sum - squares);
  });
}

}  // namespace sociometer
