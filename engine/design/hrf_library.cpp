#include "engine/design/hrf_library.hpp"

#include <array>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/design/gamma_density.hpp"

namespace sociometer {
namespace {

constexpr double kLibraryS = 50, kTableStepS = 0.1;

/// Parameters of spm_hrf, in s; ratio: of response to undershoot.
struct LibraryShape {
  double delay, undershoot, dispersion, undershoot_dispersion, ratio, onset;
};

/// A ratio of 0 stands for no undershoot (fitted ones are below 1e-6 of the peak). The onsets of
/// the first ten were fitted as 0 within 2e-4 s.
// clang-format off
constexpr std::array<LibraryShape, kHrfLibrarySize> kLibrary{{
    {3.91729,  6.853671, 1.092507,  0.4630917, 1.752315, 0},
    {4.042685, 6.930598, 1.038827,  0.5258378, 1.836383, 0},
    {4.301062, 6.89917,  1.01737,   0.6627317, 1.782458, 0},
    {4.040074, 6.046348, 0.7505066, 1.308431,  1.665859, 0},
    {3.780258, 8.248744, 0.600833,  2.746157,  2.196741, 0},
    {3.878645, 10.81785, 0.5792887, 4.506773,  2.301183, 0},
    {4.057753, 13.62222, 0.5869705, 6.567454,  2.203607, 0},
    {4.264645, 16.82252, 0.6238479, 10.02801,  2.056772, 0},
    {4.469553, 19.75599, 0.5846565, 5.86845,   2.538907, 0},
    {4.669853, 20.43383, 0.5802983, 3.240262,  3.140538, 0},
    {4.851604, 20.74276, 0.6043321, 1.994119,  3.920513, 0.06395663},
    {4.682339, 20.60731, 0.7151776, 1.433525,  4.948712, 0.5395669},
    {4.491719, 20.40443, 0.8706,    1.159557,  6.327996, 1.078063},
    {4.41123,  20.25897, 1.056384,  0.9666677, 8.766258, 1.53812},
    {4.327207, 20.16026, 1.265306,  0.9123219, 12.38711, 2.032875},
    {4.180305, 20.09305, 1.524552,  0.9264657, 18.6359,  2.621228},
    {4.115196, 21.34711, 1.828951,  1.196123,  35.65992, 3.148429},
    {4.127605, 0,        2.126414,  0,         0,        3.602024},
    {4.054889, 0,        2.740073,  0,         0,        4.260213},
    {4.228209, 0,        3.154878,  0,         0,        4.59253},
}};
// clang-format on

/// The table's column at any time, but for a factor.
double tabulated(const LibraryShape& p, double t_s) {
  const double t = t_s - p.onset;
  const double rise = gamma_density(t, p.delay / p.dispersion, p.dispersion);
  if (p.ratio == 0) return rise;
  return rise - gamma_density(t, p.undershoot / p.undershoot_dispersion, p.undershoot_dispersion) /
                    p.ratio;
}

}  // namespace

Eigen::VectorXd library_kernel(int number, double dt_s) {
  require(number >= 1 && number <= kHrfLibrarySize, "the library has shapes 1 to 20");
  constexpr double kMost = 5e6;
  const double points = kLibraryS / dt_s;
  if (!(points >= 2 && points <= kMost))
    fail(ErrorCode::usage,
         "a response of {} s in steps of {} s has {} points; between 2 and {} can be used: change "
         "the repetition time or the oversampling",
         kLibraryS, dt_s, points, kMost);
  // The table's stimulus lasts 0.1 s, so its response lags that to an impulse by half of that; a
  // step of the grid lags it by half a step.
  const double lead = (kTableStepS - dt_s) / 2;
  const LibraryShape& shape = kLibrary[size_t(number - 1)];
  Eigen::VectorXd h(Eigen::Index(std::rint(points)) + 1);
  for (Eigen::Index i = 0; i < h.size(); ++i) h[i] = tabulated(shape, double(i) * dt_s + lead);
  return h / h.sum();
}

}  // namespace sociometer
