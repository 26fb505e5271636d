#pragma once
#include <array>
#include <cmath>
#include <cstddef>

namespace sociometer {

/// Maximum number of free parameters of a learner.
inline constexpr size_t kMostParameters = 6;

/// A number with its exact derivatives (forward-mode automatic differentiation).
///
/// Dual<double> carries the gradient with respect to all parameters of a learner,
/// Dual<Dual<double>> the Hessian as well. Derivatives follow the chain rule operation by
/// operation, so they are as accurate as the value; no finite differences are involved.
/// @cost  1 + kMostParameters operations of T per operation.
template <class T>
struct Dual {
  T value{};
  std::array<T, kMostParameters> slope{};

  Dual() = default;
  Dual(double v) : value(v) {}  // NOLINT: constants mix freely with parameters in formulas
  /// The parameter with index `at`.
  static Dual variable(const T& v, size_t at) {
    Dual x;
    x.value = v;
    x.slope[at] = T(1.0);
    return x;
  }
};

/// f(x) from its value and derivative f'(x): the chain rule.
template <class T>
Dual<T> chain(const Dual<T>& x, const T& value, const T& derivative) {
  Dual<T> y;
  y.value = value;
  for (size_t i = 0; i < kMostParameters; ++i) y.slope[i] = derivative * x.slope[i];
  return y;
}

template <class T>
Dual<T> operator+(const Dual<T>& a, const Dual<T>& b) {
  Dual<T> y;
  y.value = a.value + b.value;
  for (size_t i = 0; i < kMostParameters; ++i) y.slope[i] = a.slope[i] + b.slope[i];
  return y;
}
template <class T>
Dual<T> operator-(const Dual<T>& a, const Dual<T>& b) {
  Dual<T> y;
  y.value = a.value - b.value;
  for (size_t i = 0; i < kMostParameters; ++i) y.slope[i] = a.slope[i] - b.slope[i];
  return y;
}
template <class T>
Dual<T> operator*(const Dual<T>& a, const Dual<T>& b) {
  Dual<T> y;
  y.value = a.value * b.value;
  for (size_t i = 0; i < kMostParameters; ++i)
    y.slope[i] = a.slope[i] * b.value + a.value * b.slope[i];
  return y;
}
template <class T>
Dual<T> operator/(const Dual<T>& a, const Dual<T>& b) {
  Dual<T> y;
  y.value = a.value / b.value;
  for (size_t i = 0; i < kMostParameters; ++i)
    y.slope[i] = (a.slope[i] - y.value * b.slope[i]) / b.value;
  return y;
}
template <class T>
Dual<T> operator-(const Dual<T>& a) {
  return Dual<T>(0.0) - a;
}

// With a constant on either side.
template <class T>
Dual<T> operator+(const Dual<T>& a, double b) {
  return a + Dual<T>(b);
}
template <class T>
Dual<T> operator+(double a, const Dual<T>& b) {
  return Dual<T>(a) + b;
}
template <class T>
Dual<T> operator-(const Dual<T>& a, double b) {
  return a - Dual<T>(b);
}
template <class T>
Dual<T> operator-(double a, const Dual<T>& b) {
  return Dual<T>(a) - b;
}
template <class T>
Dual<T> operator*(const Dual<T>& a, double b) {
  return a * Dual<T>(b);
}
template <class T>
Dual<T> operator*(double a, const Dual<T>& b) {
  return Dual<T>(a) * b;
}
template <class T>
Dual<T> operator/(const Dual<T>& a, double b) {
  return a / Dual<T>(b);
}
template <class T>
Dual<T> operator/(double a, const Dual<T>& b) {
  return Dual<T>(a) / b;
}

/// The number without its derivatives.
inline double plain(double x) { return x; }
template <class T>
double plain(const Dual<T>& x) {
  return plain(x.value);
}

template <class T>
Dual<T> exp(const Dual<T>& x) {
  using std::exp;
  const T e = exp(x.value);
  return chain(x, e, e);
}
template <class T>
Dual<T> log(const Dual<T>& x) {
  using std::log;
  return chain(x, T(log(x.value)), T(1.0 / x.value));
}
/// log(1 + x), accurate for tiny `x`.
template <class T>
Dual<T> log1p(const Dual<T>& x) {
  using std::log1p;
  return chain(x, T(log1p(x.value)), T(1.0 / (1.0 + x.value)));
}

/// 1 / (1 + exp(-x)), without overflow.
inline double logistic(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}
template <class T>
Dual<T> logistic(const Dual<T>& x) {
  const T p = logistic(x.value);
  return chain(x, p, T(p * logistic(-x.value)));
}
/// log of logistic(x), without overflow or cancellation.
inline double log_logistic(double x) {
  return x >= 0 ? -std::log1p(std::exp(-x)) : x - std::log1p(std::exp(x));
}
template <class T>
Dual<T> log_logistic(const Dual<T>& x) {
  const T value = log_logistic(x.value);
  return chain(x, value, logistic(-x.value));
}

}  // namespace sociometer
