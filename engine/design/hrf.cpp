#include "engine/design/hrf.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {
namespace {

constexpr double kResponseS = 32;

/// Density at x of the gamma distribution with the given shape and scale.
double gamma_density(double x, double shape, double scale) {
  if (x <= 0) return 0.0;
  const double u = x / scale;
  return std::exp((shape - 1) * std::log(u) - u - std::lgamma(shape)) / scale;
}

/// Number of points in a 32-s response; steps no scanner uses would exhaust memory or give none.
Eigen::Index response_points(double dt_s) {
  constexpr double kMost = 5e6;
  const double points = kResponseS / dt_s;
  if (!(points >= 2 && points <= kMost))
    fail(ErrorCode::usage,
         "a response of {} s in steps of {} s has {} points; between 2 and {} can be used: change "
         "--tr, --oversampling or --microtime",
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

}  // namespace

HrfModel parse_hrf_model(const std::string& text) {
  const std::string t = without_spaces(text);
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
         "dispersion'), fir, none",
         text);
  return model;
}

std::string to_string(const HrfModel& model) {
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
