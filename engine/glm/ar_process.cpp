#include "engine/glm/ar_process.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {

ArCoefficients yule_walker(const Autocovariances& r) {
  ArCoefficients phi(r.size() - 1);
  double error = r[0];
  for (Eigen::Index k = 0; k < phi.size(); ++k) {
    double partial = r[k + 1];
    for (Eigen::Index i = 0; i < k; ++i) partial -= phi[i] * r[k - i];
    partial /= error;
    const ArCoefficients previous = phi;
    for (Eigen::Index i = 0; i < k; ++i) phi[i] -= partial * previous[k - 1 - i];
    phi[k] = partial;
    error *= 1 - partial * partial;
  }
  return phi;
}

ArCoefficients partial_autocorrelations(const ArCoefficients& phi) {
  ArCoefficients a = phi;  // in place: entry k - 1 is final once order k is done
  for (Eigen::Index k = a.size(); k > 0; --k) {
    const double partial = a[k - 1];
    // Step down to the AR(k-1) with the same first k-1 autocorrelations.
    const ArCoefficients previous = a;
    for (Eigen::Index i = 0; i < k - 1; ++i)
      a[i] = (previous[i] + partial * previous[k - 2 - i]) / (1.0 - partial * partial);
  }
  return a;
}

bool is_stationary(const ArCoefficients& phi) {
  // Below an order that exceeds one the recursion is meaningless, but that order is checked too.
  return (partial_autocorrelations(phi).array().abs() < 1.0).all();
}

ArPrecision ar_precision(const ArCoefficients& phi) {
  ArPrecision p;
  p.order = static_cast<int>(phi.size());
  std::array<double, kMaxArOrder + 1> a{1.0};
  for (int k = 1; k <= p.order; ++k) a[size_t(k)] = -phi[k - 1];
  for (int d = 0; d <= p.order; ++d)
    for (int k = 0; k + d <= p.order; ++k) p.w[size_t(d)] += a[size_t(k)] * a[size_t(k + d)];
  for (int i = 0; i < p.order; ++i)
    for (int j = 0; j < p.order; ++j)
      for (int m = 1; m + std::max(i, j) <= p.order; ++m)
        p.corner[size_t(i)][size_t(j)] += a[size_t(m + i)] * a[size_t(m + j)];
  return p;
}

}  // namespace sociometer
