#include "engine/glm/arma_process.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {
namespace {

/// a^k for k >= 0, also for negative a and for the distance between runs.
double power(double a, int64_t k) { return k == 0 ? 1.0 : k == 1 ? a : std::pow(a, double(k)); }

/// Number of rows that correlations extend back: AFNI's band.
int64_t band_of(double a, double lambda, double cutoff) {
  if (std::abs(lambda) < cutoff) return 0;
  if (a == 0) return 1;
  return 1 + int64_t(std::ceil(std::log(cutoff / std::abs(lambda)) / std::log(std::abs(a))));
}

}  // namespace

ArmaWhitening ArmaWhitening::exact(const ArmaParameters& p, const PseudoTimes& times) {
  ArmaWhitening w;
  for (auto* values : {&w.reciprocals_, &w.keep_, &w.gain_}) values->reserve(times.size());
  const double lambda = p.lambda();
  double explained = 0;  // share of a row's unit variance explained by earlier rows
  for (size_t i = 0; i < times.size(); ++i) {
    const double variance = 1 - explained;
    if (!(variance > 0)) {
      w.valid_ = false;
      return w;
    }
    const double diagonal = std::sqrt(variance), g = (lambda - p.a * explained) / diagonal;
    w.reciprocals_.push_back(1 / diagonal);
    w.log_determinant_ += std::log(variance);
    const int64_t step = i + 1 < times.size() ? times[i + 1] - times[i] : 1;
    w.keep_.push_back(power(p.a, step));
    w.gain_.push_back(power(p.a, step - 1) * g);
    explained = w.keep_[i] * w.keep_[i] * explained + w.gain_[i] * w.gain_[i];
  }
  return w;
}

ArmaWhitening ArmaWhitening::truncated(const ArmaParameters& p, const PseudoTimes& times,
                                       double cutoff) {
  ArmaWhitening w;
  const double a = std::clamp(p.a, -0.9, 0.9), lambda = p.lambda();
  const int64_t reach = band_of(a, lambda, cutoff);
  const int n = int(times.size());
  std::vector<std::vector<double>> rows;  // including the diagonals
  for (int i = 0; i < n; ++i) {
    int first = int(std::max<int64_t>(i - reach, 0));
    while (times[size_t(i)] - times[size_t(first)] > reach) ++first;
    w.first_.push_back(first);
    std::vector<double> row;
    for (int j = first; j <= i; ++j) {
      double sum = j == i ? 1.0 : lambda * power(a, times[size_t(i)] - times[size_t(j)] - 1);
      const auto& other = j == i ? row : rows[size_t(j)];
      const int other_first = w.first_[size_t(j)];
      for (int k = std::max(first, other_first); k < j; ++k)
        sum -= row[size_t(k - first)] * other[size_t(k - other_first)];
      if (j == i && !(sum > 0)) {
        w.valid_ = false;
        return w;
      }
      row.push_back(j == i ? std::sqrt(sum) : sum * w.reciprocals_[size_t(j)]);
    }
    w.reciprocals_.push_back(1 / row.back());
    w.log_determinant_ += 2 * std::log(row.back());
    w.band_.insert(w.band_.end(), row.begin(), row.end() - 1);
    rows.push_back(std::move(row));
  }
  return w;
}

Eigen::MatrixXd ArmaWhitening::whiten(const Eigen::MatrixXd& y) const {
  Eigen::MatrixXd z(y.rows(), y.cols());
  Eigen::VectorXd carried = Eigen::VectorXd::Zero(y.rows());
  size_t at = 0;
  for (Eigen::Index i = 0; i < y.cols(); ++i) {
    if (banded()) {
      carried.setZero();
      for (Eigen::Index j = first_[size_t(i)]; j < i; ++j) carried += band_[at++] * z.col(j);
    }
    z.col(i) = (y.col(i) - carried) * reciprocals_[size_t(i)];
    if (!banded()) carried = keep_[size_t(i)] * carried + gain_[size_t(i)] * z.col(i);
  }
  return z;
}

}  // namespace sociometer
