#include "engine/group/random_field.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Dense>

#include "engine/core/error.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;

std::array<double, 4> densities_z(double z) {
  const double density = std::exp(-z * z / 2);
  return {std::exp(log_sf_normal(z)), std::sqrt(kReselFactor) / kTwoPi * density,
          kReselFactor / std::pow(kTwoPi, 1.5) * z * density,
          std::pow(kReselFactor, 1.5) / (kTwoPi * kTwoPi) * (z * z - 1) * density};
}

std::array<double, 4> densities_t(double t, double dof) {
  const double power = std::exp(-(dof - 1) / 2 * std::log1p(t * t / dof));
  const double gammas =
      std::exp(std::lgamma((dof + 1) / 2) - std::lgamma(dof / 2)) / std::sqrt(dof / 2);
  return {p_from_t(t, dof), std::sqrt(kReselFactor) / kTwoPi * power,
          kReselFactor / std::pow(kTwoPi, 1.5) * gammas * t * power,
          std::pow(kReselFactor, 1.5) / (kTwoPi * kTwoPi) * ((dof - 1) / dof * t * t - 1) * power};
}

std::array<double, 4> densities_f(double f, double k, double v) {
  const double x = k * f / v;
  const double tail = -(v + k - 2) / 2 * std::log1p(x);
  const auto common = [&](double d) {
    return std::pow(kReselFactor / kTwoPi, d / 2) *
           std::exp(std::lgamma((v + k - d) / 2) - std::lgamma(v / 2) - std::lgamma(k / 2) +
                    (k - d) / 2 * std::log(x) + tail);
  };
  return {p_from_f(f, k, v), common(1) * std::numbers::sqrt2, common(2) * ((v - 1) * x - (k - 1)),
          common(3) / std::numbers::sqrt2 *
              ((v - 1) * (v - 2) * x * x - (2 * v * k - v - k - 1) * x + (k - 1) * (k - 2))};
}

/// Expected maxima by dimension, and the highest dimension of the search volume.
struct Expectation {
  std::array<double, 4> maxima;
  double zero_density;
  size_t dimension;
};

Expectation expectation(const RandomField& field, double height) {
  Expectation e{};
  for (size_t d = 0; d < 4; ++d)
    if (field.resels[d] > 0) e.dimension = d;
  std::array<double, 4> density = euler_densities(field, height);
  if (field.n_conjoined > 1) {
    // Worsley & Friston 2000: the densities of a minimum are a power of a triangular matrix.
    Eigen::Matrix4d one = Eigen::Matrix4d::Zero();
    double g[4];
    for (int d = 0; d < 4; ++d) g[d] = std::sqrt(std::numbers::pi) / std::tgamma((d + 1) / 2.0);
    for (int i = 0; i < 4; ++i)
      for (int j = i; j < 4; ++j) one(i, j) = density[size_t(j - i)] * g[j - i];
    Eigen::Matrix4d all = one;
    for (int i = 1; i < field.n_conjoined; ++i) all *= one;
    for (int d = 0; d < 4; ++d) density[size_t(d)] = all(0, d) / g[d];
  }
  e.zero_density = density[0];
  for (size_t d = 0; d < 4; ++d) e.maxima[d] = field.resels[d] * density[d];
  return e;
}

/// Height at which a decreasing function reaches `target`.
template <typename Falling>
double height_of(const Falling& falling, double target, double low) {
  double high = low + 1;
  while (falling(high) > target && high < 1e15) {
    low = high;
    high *= 2;
  }
  for (int i = 0; i < 200 && high - low > 1e-14 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (falling(middle) > target ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

std::array<double, 4> euler_densities(const RandomField& field, double height) {
  constexpr double kNormalDof = 1e9;
  switch (field.kind) {
    case RandomField::Kind::z:
      return densities_z(height);
    case RandomField::Kind::t:
      return field.dof2 > kNormalDof ? densities_z(height) : densities_t(height, field.dof2);
    case RandomField::Kind::f:
      return densities_f(height, field.dof1, std::min(field.dof2, kNormalDof));
  }
  return {};
}

double expected_clusters(const RandomField& field, double height) {
  const Expectation e = expectation(field, height);
  return e.maxima[0] + e.maxima[1] + e.maxima[2] + e.maxima[3];
}

double height_of_most_clusters(const RandomField& field) {
  double height = 1e4, most = 0;
  for (double u = height; u > 1e-3; u *= 0.99) {
    const double here = expected_clusters(field, u);
    if (here < most) break;
    most = here;
    height = u;
  }
  return height;
}

double peak_p(const RandomField& field, double height) {
  const double random = -std::expm1(-std::max(0.0, expected_clusters(field, height)));
  if (field.n_voxels <= 0) return random;
  const double one = expectation(field, height).zero_density;
  return std::min({1.0, random, field.n_voxels * one});
}

double peak_threshold(const RandomField& field, double level) {
  require(level > 0 && level < 1, "the level of a threshold lies between 0 and 1");
  return height_of([&](double u) { return peak_p(field, u); }, level,
                   height_of_most_clusters(field));
}

ClusterP cluster_p(const RandomField& field, double threshold, double resels) {
  const Expectation e = expectation(field, threshold);
  const double d = double(e.dimension);
  const double total = std::max(0.0, e.maxima[0] + e.maxima[1] + e.maxima[2] + e.maxima[3]);
  const double size = e.zero_density * field.resels[e.dimension] / e.maxima[e.dimension];
  if (e.dimension == 0 || !(size > 0)) return {1, -std::expm1(-total)};
  const double beta = std::pow(std::tgamma(d / 2 + 1) / size, 2 / d);
  const double p = std::exp(-beta * std::pow(resels, 2 / d));
  return {p, -std::expm1(-total * p)};
}

double cluster_threshold(const RandomField& field, double threshold, double level) {
  return height_of([&](double k) { return cluster_p(field, threshold, k).corrected; }, level, 0);
}

}  // namespace sociometer
