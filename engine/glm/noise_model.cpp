#include "engine/glm/noise_model.hpp"

#include "engine/core/error.hpp"

namespace sociometer {

NoiseModel parse_noise_model(const std::string& text) {
  if (text == "ols") return {.kind = NoiseModel::Kind::ols};
  if (text == "ar1-nilearn") return {.kind = NoiseModel::Kind::ar_nilearn, .order = 1};
  if (text == "spm-ar1") return {.kind = NoiseModel::Kind::spm_ar1};
  if (text == "spm-fast") return {.kind = NoiseModel::Kind::spm_fast};
  if (text == "tukey") return {.kind = NoiseModel::Kind::tukey};
  if (text == "arma11") return {.kind = NoiseModel::Kind::arma11};
  if (text.size() >= 3 && text.substr(0, 2) == "ar" && text[2] >= '1' &&
      text[2] <= '0' + kMaxArOrder) {
    const std::string how = text.substr(3);
    if (how.empty() || how == "-corrected" || how == "-averaged")
      return {.kind = NoiseModel::Kind::ar,
              .order = text[2] - '0',
              .corrects_bias = how == "-corrected",
              .averages = how == "-averaged"};
  }
  if (text == "auto")
    return {.kind = NoiseModel::Kind::ar,
            .order = kMaxArOrder,
            .corrects_bias = true,
            .chooses_order = true};
  fail(ErrorCode::usage,
       "unknown noise model '{}'; known: ols, ar1 .. ar5, ar1-corrected .. ar5-corrected, "
       "ar1-averaged .. ar5-averaged, auto, ar1-nilearn, arma11, spm-ar1, spm-fast, tukey",
       text);
}

NoiseModel default_noise_model() {
  return {.kind = NoiseModel::Kind::ar, .order = 4, .averages = true};
}

std::string to_string(const NoiseModel& model) {
  switch (model.kind) {
    case NoiseModel::Kind::ols:
      return "ols";
    case NoiseModel::Kind::ar:
      if (model.chooses_order) return "auto";
      return "ar" + std::to_string(model.order) +
             (model.corrects_bias ? "-corrected"
              : model.averages    ? "-averaged"
                                  : "");
    case NoiseModel::Kind::ar_nilearn:
      return "ar1-nilearn";
    case NoiseModel::Kind::spm_ar1:
      return "spm-ar1";
    case NoiseModel::Kind::spm_fast:
      return "spm-fast";
    case NoiseModel::Kind::tukey:
      return "tukey";
    case NoiseModel::Kind::arma11:
      return "arma11";
  }
  return "ols";
}

std::vector<std::string> NoiseModel::parameter_names() const {
  if (kind == Kind::arma11) return {"a", "b", "minus_two_log_likelihood"};
  if (kind == Kind::spm_ar1) return {"derivative_weight"};
  std::vector<std::string> names;
  if (kind == Kind::spm_fast)
    for (int i = 1; i <= kFastComponents; ++i) names.push_back("weight" + std::to_string(i));
  if (kind == Kind::tukey)
    for (Eigen::Index k = 1; k < tukey_lags; ++k)
      names.push_back("autocorrelation" + std::to_string(k));
  for (int k = 1; k <= order; ++k) names.push_back("ar" + std::to_string(k));
  if (averages)
    for (int i = 1; i <= order; ++i)
      for (int k = 1; k <= i; ++k)
        names.push_back("covariance" + std::to_string(i) + std::to_string(k));
  return names;
}

ArmaOptions::Search parse_arma_search(const std::string& text) {
  if (text == "continuous") return ArmaOptions::Search::continuous;
  if (text == "afni") return ArmaOptions::Search::afni;
  fail(ErrorCode::usage, "unknown ARMA search '{}'; known: continuous, afni", text);
}

std::string to_string(ArmaOptions::Search search) {
  return search == ArmaOptions::Search::afni ? "afni" : "continuous";
}

}  // namespace sociometer
