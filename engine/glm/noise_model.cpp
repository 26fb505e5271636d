#include "engine/glm/noise_model.hpp"

#include "engine/core/error.hpp"

namespace sociometer {

NoiseModel parse_noise_model(const std::string& text) {
  if (text == "ols") return {NoiseModel::Kind::ols, 0};
  if (text == "ar1-nilearn") return {NoiseModel::Kind::ar_nilearn, 1};
  if (text.size() == 3 && text.substr(0, 2) == "ar" && text[2] >= '1' &&
      text[2] <= '0' + kMaxArOrder)
    return {NoiseModel::Kind::ar, text[2] - '0'};
  fail(ErrorCode::usage,
       "unknown noise model '{}'; known: ols, ar1, ar2, ar3, ar4, ar5, ar1-nilearn", text);
}

std::string to_string(const NoiseModel& model) {
  switch (model.kind) {
    case NoiseModel::Kind::ols:
      return "ols";
    case NoiseModel::Kind::ar:
      return "ar" + std::to_string(model.order);
    case NoiseModel::Kind::ar_nilearn:
      return "ar1-nilearn";
  }
  return "ols";
}

}  // namespace sociometer
