#pragma once
#include <string>

namespace sociometer {

/// What is assumed of the noise within a run.
struct NoiseModel {
  enum class Kind {
    ols,         ///< white
    ar,          ///< AR(order), each voxel's own coefficients, exact generalised least squares
    ar_nilearn,  ///< AR(1) as nilearn does it: coefficient cut to 1/100, first scan not rescaled
  };
  Kind kind = Kind::ols;
  int order = 0;
};

inline constexpr int kMaxArOrder = 5;

/// "ols", "ar1" .. "ar5", "ar1-nilearn".
/// @throws Error{usage} naming what is known.
NoiseModel parse_noise_model(const std::string& text);
std::string to_string(const NoiseModel& model);

}  // namespace sociometer
