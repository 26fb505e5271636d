#include "engine/design/hrf.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/design/gamma_density.hpp"
#include "engine/design/hrf_library.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {
namespace {

constexpr double kResponseS = 32;

/// Number of points in a 32-s response; steps no scanner uses would exhaust memory or give none.
Eigen::Index response_points(double dt_s) {
  constexpr double kMost = 5e6;
  const double points = kResponseS / dt_s;
  if (!(points >= 2 && points <= kMost))
    fail(ErrorCode::usage,
         "a response of {} s in steps of {} s has {} points; between 2 and {} can be used: change "
         "the repetition time, the oversampling or the microtime resolution",
         kResponseS, dt_s, points, kMost);
  return static_cast<Eigen::Index>(std::rint(points));
}

struct DoubleGamma {
  double delay, undershoot, dispersion, undershoot_dispersion, ratio;
};
constexpr DoubleGamma kSpmShape{6, 16, 1, 1, 0.167};
constexpr DoubleGamma kGloverShape{6, 12, 0.9, 0.9, 0.48};

Eigen::VectorXd nilearn_double_gamma(const DoubleGamma& g, double dt, double onset) {
  const Eigen::Index n = response_points(dt);
  Eigen::VectorXd h(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double t = 32.0 * double(i) / double(n - 1) - onset - dt;
    h[i] =
        gamma_density(t, g.delay / g.dispersion, g.dispersion) -
        g.ratio * gamma_density(t, g.undershoot / g.undershoot_dispersion, g.undershoot_dispersion);
  }
  return h / h.sum();
}

Eigen::VectorXd nilearn_time_derivative(const DoubleGamma& g, double dt) {
  constexpr double kStep = 0.1;
  return (nilearn_double_gamma(g, dt, 0) - nilearn_double_gamma(g, dt, kStep)) / kStep;
}

Eigen::VectorXd nilearn_dispersion_derivative(DoubleGamma g, double dt) {
  constexpr double kStep = 0.01;
  // nilearn fixes the undershoot's dispersion at 1 here, even for Glover's; reproduced to match it.
  g.undershoot_dispersion = 1.0;
  DoubleGamma wider = g;
  wider.dispersion += kStep;
  return (nilearn_double_gamma(g, dt, 0) - nilearn_double_gamma(wider, dt, 0)) / kStep;
}

std::string without_spaces(std::string text) {
  text.erase(
      std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c); }),
      text.end());
  return text;
}

Eigen::MatrixXd side_by_side(const std::vector<Eigen::VectorXd>& columns) {
  Eigen::MatrixXd out(columns.front().size(), static_cast<Eigen::Index>(columns.size()));
  for (size_t i = 0; i < columns.size(); ++i) out.col(Eigen::Index(i)) = columns[i];
  return out;
}

constexpr const char* kLibraryWord = "library";

/// "library" or "library:7", without blanks.
HrfModel parse_library(const std::string& text, const std::string& given) {
  HrfModel model{HrfShape::library};
  const std::string rest = text.substr(std::string(kLibraryWord).size());
  if (rest.empty()) return model;
  if (rest[0] == '+')
    fail(ErrorCode::usage,
         "HRF '{}': the shapes of the library are its variation, and have no derivatives; give "
         "library, or spm or glover with derivatives",
         given);
  const char* last = rest.data() + rest.size();
  const auto [end, error] = std::from_chars(rest.data() + 1, last, model.library_number);
  if (rest[0] != ':' || error != std::errc() || end != last || model.library_number < 1 ||
      model.library_number > kHrfLibrarySize)
    fail(ErrorCode::usage,
         "unknown HRF '{}'; the library's shapes are library:1 to library:{}, and library chooses "
         "one per voxel",
         given, kHrfLibrarySize);
  return model;
}

}  // namespace

HrfModel library_hrf(int number) { return {HrfShape::library, false, false, number}; }

bool chooses_shape(const HrfModel& model) {
  return model.shape == HrfShape::library && model.library_number == 0;
}

HrfModel parse_hrf_model(const std::string& text) {
  const std::string t = without_spaces(text);
  if (t.starts_with(kLibraryWord)) return parse_library(t, text);
  const auto plus = t.find('+');
  const std::string base = t.substr(0, plus),
                    extra = plus == std::string::npos ? "" : t.substr(plus);
  HrfModel model;
  bool known = true;
  if (base == "spm")
    model.shape = HrfShape::spm;
  else if (base == "glover")
    model.shape = HrfShape::glover;
  else if (base == "fir")
    model.shape = HrfShape::fir;
  else if (base == "none")
    model.shape = HrfShape::none;
  else
    known = false;
  model.time_derivative = extra == "+derivative" || extra == "+derivative+dispersion";
  model.dispersion_derivative = extra == "+derivative+dispersion";
  const bool has_derivatives = model.shape == HrfShape::spm || model.shape == HrfShape::glover;
  if (!known || (!extra.empty() && !(has_derivatives && model.time_derivative)))
    fail(ErrorCode::usage,
         "unknown HRF '{}'; known: spm, glover (each also with '+ derivative' or '+ derivative + "
         "dispersion'), library (trials), library:1 to library:20, fir, none",
         text);
  return model;
}

std::string to_string(const HrfModel& model) {
  if (model.shape == HrfShape::library)
    return model.library_number == 0
               ? kLibraryWord
               : std::string(kLibraryWord) + ":" + std::to_string(model.library_number);
  std::string text = model.shape == HrfShape::spm      ? "spm"
                     : model.shape == HrfShape::glover ? "glover"
                     : model.shape == HrfShape::fir    ? "fir"
                                                       : "none";
  if (model.time_derivative) text += " + derivative";
  if (model.dispersion_derivative) text += " + dispersion";
  return text;
}

Eigen::MatrixXd nilearn_kernels(const HrfModel& model, double tr_s, int oversampling) {
  const double dt = tr_s / oversampling;
  if (model.shape == HrfShape::none) return Eigen::MatrixXd::Ones(1, 1);
  require(model.shape != HrfShape::fir, "FIR has no kernel");
  if (chooses_shape(model))
    fail(
        ErrorCode::usage,
        "the HRF 'library' chooses a response per voxel, which the analysis of single trials alone "
        "does; name one of its shapes here, library:1 to library:{}",
        kHrfLibrarySize);
  if (model.shape == HrfShape::library) return library_kernel(model.library_number, dt);
  const DoubleGamma& shape = model.shape == HrfShape::spm ? kSpmShape : kGloverShape;
  std::vector<Eigen::VectorXd> columns{nilearn_double_gamma(shape, dt, 0)};
  if (model.time_derivative) columns.push_back(nilearn_time_derivative(shape, dt));
  if (model.dispersion_derivative) columns.push_back(nilearn_dispersion_derivative(shape, dt));
  return side_by_side(columns);
}

Eigen::VectorXd spm_hrf(double dt_s, const std::vector<double>& p) {
  const auto n = static_cast<Eigen::Index>(std::floor(p[6] / dt_s)) + 1;
  Eigen::VectorXd h(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double t = double(i) * dt_s - p[5];
    h[i] = gamma_density(t, p[0] / p[2], p[2]) - gamma_density(t, p[1] / p[3], p[3]) / p[4];
  }
  return h / h.sum();
}

Eigen::MatrixXd spm_basis(const HrfModel& model, double dt_s) {
  require(model.shape == HrfShape::spm, "SPM's basis is built on SPM's response");
  response_points(dt_s);  // rejects unusable steps
  const Eigen::VectorXd canonical = spm_hrf(dt_s);
  std::vector<Eigen::VectorXd> columns{canonical};
  if (model.time_derivative)
    columns.push_back((canonical - spm_hrf(dt_s, {6, 16, 1, 1, 6, 1, 32})) / 1.0);
  if (model.dispersion_derivative)
    columns.push_back((canonical - spm_hrf(dt_s, {6, 16, 1.01, 1, 6, 0, 32})) / 0.01);
  Eigen::MatrixXd basis = side_by_side(columns);
  orthogonalise_serially(basis);
  return basis;
}

}  // namespace sociometer
