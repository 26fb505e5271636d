#include "engine/glm/arma_grid.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {

double b_of_lambda(double a, double lambda) {
  const double c = lambda - a, half = 0.5 * (1 + a * a - 2 * a * lambda);
  if (std::abs(c) < 1e-12) return 0;
  return c / (half + std::sqrt(std::max(0.0, half * half - c * c)));
}

ArmaGrid::ArmaGrid(const ArmaOptions& options) : options_(options) {
  if (options.grid_level < 3 || options.grid_level > 7)
    fail(ErrorCode::usage, "the ARMA grid level is {}; it must be 3 to 7", options.grid_level);
  for (double largest : {options.largest_a(), options.largest_b()})
    if (!(largest >= 0.1 && largest < 1))
      fail(ErrorCode::usage, "the largest ARMA parameter is {}; it must lie between 0.1 and 1",
           largest);
  n_a_ = 1 << (options.grid_level + (options.negative ? 1 : 0));
  n_b_ = 2 << options.grid_level;
  const bool from_zero = options.search == ArmaOptions::Search::continuous && !options.negative;
  white_b_ = from_zero ? 0 : n_b_ / 2;
}

ArmaParameters ArmaGrid::parameters(double ia, double jb) const {
  const double low = options_.negative ? -options_.largest_a() : 0.0;
  ArmaParameters p{low + ia * (options_.largest_a() - low) / n_a_,
                   -options_.largest_b() + jb * 2 * options_.largest_b() / n_b_};
  // Steps that should hit 0 do so exactly.
  if (std::abs(p.a) < 1e-9) p.a = 0;
  if (std::abs(p.b) < 1e-9) p.b = 0;
  if (options_.search == ArmaOptions::Search::afni) return p;
  const double least =
      options_.negative ? ArmaParameters{p.a, -options_.largest_b()}.lambda() : 0.0;
  const double most =
      options_.white_noise_plus ? p.a : ArmaParameters{p.a, options_.largest_b()}.lambda();
  p.b = b_of_lambda(p.a, least + jb * (most - least) / n_b_);
  return p;
}

bool ArmaGrid::allowed(int ia, int jb) const {
  if (options_.search == ArmaOptions::Search::continuous) return true;  // by construction
  const ArmaParameters p = parameters(ia, jb);
  const double lambda = p.lambda();
  if (p.a == 0 && p.b == 0) return true;
  if (options_.negative) return std::abs(lambda) >= options_.cutoff;
  if (p.a < 0 || lambda < options_.cutoff) return false;
  return !options_.white_noise_plus || lambda <= p.a + 1e-12;
}

}  // namespace sociometer
