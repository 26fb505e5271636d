#include "engine/glm/run_fit.hpp"

#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/voxel_solver.hpp"

namespace sociometer {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Eigen::Index kVoxelsPerTask = 512;
/// A mean below this share of the spread over scans is that of demeaned data, and nothing can be a
/// percentage of it.
constexpr double kLeastMean = 1e-3;

/// Calls work(solver, first, last) for stretches of voxels.
template <typename Work>
void for_voxels(const RunDesign& design, const NoiseModel& model, Eigen::Index n_voxels,
                int n_threads, Work&& work) {
  parallel_for((n_voxels + kVoxelsPerTask - 1) / kVoxelsPerTask, n_threads, [&](Eigen::Index task) {
    VoxelSolver solver(design, model);
    work(solver, task * kVoxelsPerTask, std::min(n_voxels, (task + 1) * kVoxelsPerTask));
  });
}

VoxelStatus status_of(const LagSums::Voxel& sums, const RunDesign& design, double mean,
                      Scaling scaling) {
  if (!sums.finite) return VoxelStatus::non_finite;
  const double spread = std::sqrt(std::max(0.0, sums.lags[0]) / double(design.n_kept));
  if (spread <= 1e-11 * std::abs(sums.shift)) {
    return sums.shift == 0 ? VoxelStatus::all_zero : VoxelStatus::constant;
  }
  if (scaling == Scaling::psc && !(mean > kLeastMean * spread))
    return VoxelStatus::non_positive_mean;
  return VoxelStatus::ok;
}

/// y becomes factor * y + offset.
void rescale(LagSums::Voxel& sums, double factor, double offset) {
  sums.products *= factor;
  sums.lags *= factor * factor;
  sums.head *= factor;
  sums.tail *= factor;
  sums.shift = sums.shift * factor + offset;
}

ArCoefficients estimate_ar(const VoxelSolver& solver, const LagSums::Voxel& sums,
                           const RunDesign& design, const NoiseModel& model, double nilearn_mean) {
  if (model.kind == NoiseModel::Kind::ols) return {};
  if (model.kind == NoiseModel::Kind::ar_nilearn) {
    const ArCoefficients rho = yule_walker(solver.residual_autocovariance(sums, nilearn_mean));
    return ArCoefficients::Constant(1, std::trunc(rho[0] * 100) / 100);
  }
  Eigen::VectorXd r = solver.residual_autocovariance(sums);
  ArCoefficients phi = yule_walker(r);
  if (is_stationary(phi)) return phi;
  for (Eigen::Index d = 0; d < r.size(); ++d) r[d] *= design.n_pairs[size_t(d)];
  return yule_walker(r);
}

/// Unit covariances of the contrasts under the noise that the solver holds; lower triangles by
/// rows.
std::vector<Eigen::VectorXd> unit_covariances(VoxelSolver& solver,
                                              const std::vector<Eigen::MatrixXd>& coordinates) {
  std::vector<Eigen::VectorXd> out;
  for (const auto& c : coordinates) {
    const Eigen::MatrixXd covariance = solver.covariance(c);
    Eigen::VectorXd packed(c.rows() * (c.rows() + 1) / 2);
    for (Eigen::Index i = 0, at = 0; i < c.rows(); ++i)
      for (Eigen::Index k = 0; k <= i; ++k) packed[at++] = covariance(i, k);
    out.push_back(std::move(packed));
  }
  return out;
}

void fill_contrasts(const std::vector<Eigen::MatrixXd>& contrasts,
                    const std::vector<Eigen::VectorXd>& covariances, const RunEstimates& estimates,
                    Eigen::Index voxel, std::vector<ContrastValues>& values) {
  for (size_t c = 0; c < contrasts.size(); ++c) {
    values[c].effect.col(voxel).noalias() = contrasts[c] * estimates.betas.col(voxel);
    values[c].unit_covariance.col(voxel) = covariances[c];
    values[c].residual_variance[voxel] = estimates.residual_variance[voxel];
  }
}

std::vector<Eigen::MatrixXd> on_coordinates(const RunDesign& design,
                                            const std::vector<Eigen::MatrixXd>& contrasts) {
  std::vector<Eigen::MatrixXd> out;
  for (const auto& c : contrasts) out.push_back(c * design.space.betas_from_coordinates());
  return out;
}

std::vector<ContrastValues> empty_values(const std::vector<Eigen::MatrixXd>& contrasts,
                                         Eigen::Index n_voxels) {
  std::vector<ContrastValues> values;
  for (const auto& c : contrasts)
    values.push_back({Eigen::MatrixXd::Constant(c.rows(), n_voxels, kNaN),
                      Eigen::MatrixXd::Constant(c.rows() * (c.rows() + 1) / 2, n_voxels, kNaN),
                      Eigen::VectorXd::Constant(n_voxels, kNaN)});
  return values;
}

double grand_mean(const std::vector<VoxelStatus>& status, const Eigen::VectorXd& mean) {
  double sum = 0, n = 0;
  for (Eigen::Index v = 0; v < mean.size(); ++v)
    if (status[size_t(v)] != VoxelStatus::non_finite) sum += mean[v], n += 1;
  return n > 0 ? sum / n : kNaN;
}

}  // namespace

Scaling parse_scaling(const std::string& text) {
  if (text == "none") return Scaling::none;
  if (text == "psc") return Scaling::psc;
  if (text == "grand") return Scaling::grand;
  fail(ErrorCode::usage, "unknown scaling '{}'; known: none, psc, grand", text);
}

std::string to_string(Scaling s) {
  return s == Scaling::none ? "none" : s == Scaling::psc ? "psc" : "grand";
}

RunEstimates fit_run(const RunDesign& design, const LagSums& sums, const NoiseModel& model,
                     Scaling scaling, const std::vector<Eigen::MatrixXd>& contrasts, int n_threads,
                     std::vector<ContrastValues>& values) {
  require(sums.complete(), "every scan was added before the fit");
  const Eigen::Index n_voxels = sums.n_voxels();
  RunEstimates e;
  e.betas.setConstant(design.space.betas_from_coordinates().rows(), n_voxels, kNaN);
  e.residual_variance.setConstant(n_voxels, kNaN);
  e.ar.setConstant(design.order, n_voxels, kNaN);
  e.r_squared.setConstant(n_voxels, kNaN);
  e.mean.setConstant(n_voxels, kNaN);
  e.status.assign(size_t(n_voxels), VoxelStatus::ok);
  e.dof = design.dof;
  values = empty_values(contrasts, n_voxels);
  const auto coordinates = on_coordinates(design, contrasts);

  Eigen::VectorXd residual_sums = Eigen::VectorXd::Zero(n_voxels);
  for_voxels(design, model, n_voxels, n_threads,
             [&](VoxelSolver& solver, Eigen::Index first, Eigen::Index last) {
               LagSums::Voxel voxel;
               for (Eigen::Index v = first; v < last; ++v) {
                 sums.get(v, voxel);
                 if (voxel.finite) e.mean[v] = sums.mean(voxel);
                 e.status[size_t(v)] = status_of(voxel, design, e.mean[v], scaling);
                 if (e.status[size_t(v)] == VoxelStatus::ok)
                   residual_sums[v] = solver.residual_sum(voxel);
               }
             });
  e.grand_mean = grand_mean(e.status, e.mean);
  if (scaling == Scaling::grand && !(e.grand_mean > kLeastMean * e.mean.cwiseAbs().maxCoeff()))
    fail(ErrorCode::bad_input,
         "the grand mean over the mask is {}: data without a positive mean cannot be scaled by it; "
         "use --scaling none",
         e.grand_mean);
  // nilearn subtracts one mean over all voxels and scans; it matters only without a constant.
  const double nilearn_mean = residual_sums.sum() / double(n_voxels * design.n_kept);

  for_voxels(
      design, model, n_voxels, n_threads,
      [&](VoxelSolver& solver, Eigen::Index first, Eigen::Index last) {
        LagSums::Voxel voxel;
        VoxelSolver::Solution solution;
        auto covariances = unit_covariances(solver, coordinates);
        for (Eigen::Index v = first; v < last; ++v) {
          VoxelStatus& status = e.status[size_t(v)];
          if (status != VoxelStatus::ok) continue;
          sums.get(v, voxel);
          if (scaling == Scaling::psc) rescale(voxel, 100 / e.mean[v], -100);
          if (scaling == Scaling::grand) rescale(voxel, 100 / e.grand_mean, 0);
          if (design.order > 0) {
            const ArCoefficients phi = estimate_ar(solver, voxel, design, model, nilearn_mean);
            if (!phi.allFinite() || !solver.set_noise(phi)) {
              status = phi.allFinite() ? VoxelStatus::singular : VoxelStatus::no_residual;
              if (status == VoxelStatus::singular) continue;
              solver.set_noise(ArCoefficients::Zero(design.order));
            } else {
              e.ar.col(v) = phi;
            }
          }
          solver.solve(voxel, solution);
          e.betas.col(v).noalias() = design.space.betas_from_coordinates() * solution.coordinates;
          // Below this the residual is rounding error of the sums.
          if (!(solution.residual_squares > 1e-13 * solution.total_squares))
            status = VoxelStatus::no_residual;
          e.residual_variance[v] =
              status == VoxelStatus::no_residual ? 0.0 : solution.residual_squares / design.dof;
          e.r_squared[v] = 1 - solution.residual_squares / solution.total_squares;
          if (design.order > 0) covariances = unit_covariances(solver, coordinates);
          fill_contrasts(contrasts, covariances, e, v, values);
        }
      });
  return e;
}

std::vector<ContrastValues> contrast_values(const RunDesign& design, const RunEstimates& estimates,
                                            const NoiseModel& model,
                                            const std::vector<Eigen::MatrixXd>& contrasts,
                                            int n_threads) {
  const Eigen::Index n_voxels = estimates.betas.cols();
  auto values = empty_values(contrasts, n_voxels);
  const auto coordinates = on_coordinates(design, contrasts);
  for_voxels(design, model, n_voxels, n_threads,
             [&](VoxelSolver& solver, Eigen::Index first, Eigen::Index last) {
               auto covariances = unit_covariances(solver, coordinates);
               for (Eigen::Index v = first; v < last; ++v) {
                 if (std::isnan(estimates.residual_variance[v])) continue;
                 if (design.order > 0) {
                   const ArCoefficients phi = estimates.ar.col(v);
                   solver.set_noise(
                       phi.allFinite() ? phi : ArCoefficients(ArCoefficients::Zero(design.order)));
                   covariances = unit_covariances(solver, coordinates);
                 }
                 fill_contrasts(contrasts, covariances, estimates, v, values);
               }
             });
  return values;
}

}  // namespace sociometer
