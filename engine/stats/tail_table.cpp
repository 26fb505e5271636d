#include "engine/stats/tail_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace sociometer {
namespace {

constexpr double kLastT = 20;  ///< statistics beyond it are rare
/// ln P(F <= f) diverges as f approaches 0, so the table starts above it.
constexpr double kFirstRootF = 0.75;
constexpr double kWidestPiece = 0.25;
/// Maximum width of a piece relative to the distance to the nearest singularity.
constexpr double kShareOfRadius = 0.25;
/// Maximum width of a piece in sqrt(F) relative to its standard deviation 1 / sqrt(2 dof1).
constexpr double kShareOfSpread = 1;

/// Monomial coefficients from values at the Chebyshev nodes of [-1, 1].
template <int N>
void interpolate(const double (&values)[N], double (&powers)[N]) {
  double series[N];  // Chebyshev coefficients
  for (int k = 0; k < N; ++k) {
    series[k] = 0;
    for (int i = 0; i < N; ++i)
      series[k] += values[i] * std::cos(std::numbers::pi * k * (i + 0.5) / N) * (k ? 2.0 : 1.0) / N;
  }
  double previous[N] = {1}, current[N] = {0, 1};
  std::fill(std::begin(powers), std::end(powers), 0.0);
  for (int k = 0; k < N; ++k) {
    const double(&chebyshev)[N] = k == 0 ? previous : current;
    for (int i = 0; i < N; ++i) powers[i] += series[k] * chebyshev[i];
    if (k == 0) continue;
    for (int i = N - 1; i >= 0; --i) {  // T_{k+1} = 2 x T_k - T_{k-1}
      const double next = (i > 0 ? 2 * current[i - 1] : 0.0) - previous[i];
      previous[i] = next;
    }
    std::swap(previous, current);
  }
}

/// exp to 2e-15 relative, inlined: the library call takes longer than all other work per voxel.
double exponential(double x) {
  constexpr double kLeast = -708, kMost = 709;  // range in which the result is a normal number
  if (!(x > kLeast && x < kMost)) return std::exp(x);
  constexpr double kToInteger = 6755399441055744.0;  // 1.5 * 2^52: sums round to integers
  constexpr double kHighLog2 = 6.93147180369123816490e-01, kLowLog2 = 1.90821492927058770002e-10;
  const double shifted = x * std::numbers::log2e + kToInteger, n = shifted - kToInteger;
  const double r = (x - n * kHighLog2) - n * kLowLog2;  // |r| <= ln 2 / 2
  double sum = 1.0 / 6227020800.0;
  for (const double factorial : {479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0, 5040.0,
                                 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0})
    sum = sum * r + 1 / factorial;
  return sum * std::bit_cast<double>(uint64_t(int64_t(n) + 1023) << 52);
}

}  // namespace

TailTable::TailTable(bool of_t, double first, double last, double width,
                     std::function<Tails(double)> exact)
    : of_t_(of_t), first_(first), width_(width), exact_(std::move(exact)) {
  const auto n = size_t(std::ceil((last - first) / width));
  last_ = first + double(n) * width;
  pieces_.resize(n);
  for (size_t i = 0; i < n; ++i) {
    double log_p[kNodes], z_ratio[kNodes];
    for (int k = 0; k < kNodes; ++k) {
      const double place = std::cos(std::numbers::pi * (k + 0.5) / kNodes);
      const double x = first_ + width_ * (double(i) + 0.5 * (1 + place));
      const Tails tails = exact_(of_t_ ? x : x * x);
      log_p[k] = std::log(tails.p);
      z_ratio[k] = of_t_ ? tails.z / x : tails.z;  // z / t keeps its digits near 0
    }
    // The table ends where p is no longer a normal number.
    const auto is_normal = [](double log) { return log > -700; };
    if (!std::all_of(std::begin(log_p), std::end(log_p), is_normal)) {
      pieces_.resize(i);
      last_ = first_ + double(i) * width_;
      break;
    }
    double powers_of_log_p[kNodes], powers_of_z[kNodes];
    interpolate(log_p, powers_of_log_p);
    interpolate(z_ratio, powers_of_z);
    for (int k = 0; k < kNodes; ++k)
      pieces_[i].powers[k] = Pair{powers_of_log_p[k], powers_of_z[k]};
  }
}

TailTable TailTable::of_t(double dof) {
  return TailTable(true, 0, kLastT, std::min(kWidestPiece, kShareOfRadius * std::sqrt(dof)),
                   [dof](double t) { return tails_from_t(t, dof); });
}

TailTable TailTable::of_f(double dof1, double dof2) {
  const double width = std::min({kWidestPiece, kShareOfRadius * std::sqrt(dof2 / dof1),
                                 kShareOfSpread / std::sqrt(2 * dof1)});
  return TailTable(false, kFirstRootF, kLastT / 2, width,
                   [dof1, dof2](double f) { return tails_from_f(f, dof1, dof2); });
}

Tails TailTable::in_table(double x) const {
  const double at = (x - first_) / width_;
  const auto i = std::min(size_t(at), pieces_.size() - 1);
  const double place = 2 * (at - double(i)) - 1;
  const Pair* powers = pieces_[i].powers;
  Pair sum = powers[kNodes - 1];
  for (int k = kNodes - 2; k >= 0; --k) sum = sum * place + powers[k];
  return {sum[1], exponential(sum[0])};
}

Tails TailTable::operator()(double statistic) const {
  const double x = of_t_ ? std::abs(statistic) : std::sqrt(statistic);
  if (!(x >= first_ && x < last_)) return exact_(statistic);
  Tails tails = in_table(x);
  if (of_t_) tails.z *= statistic;
  if (of_t_ && statistic < 0) tails.p = 1 - tails.p;
  return tails;
}

const std::shared_ptr<const TailTable>& TailTables::of(double dof1, double dof2) {
  auto& table = tables_[{dof1, dof2}];
  if (!table)
    table = std::make_shared<const TailTable>(dof1 == 0 ? TailTable::of_t(dof2)
                                                        : TailTable::of_f(dof1, dof2));
  return table;
}

}  // namespace sociometer
