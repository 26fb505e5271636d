// mixture: each voxel's posterior of AR processes whose frequencies are learned from all voxels.
#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/noise/kinds.hpp"
#include "engine/glm/spectral_mixture.hpp"
#include "engine/glm/voxel_judge.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kVoxelsOfTask = 64;

std::vector<SpectralAtom> stored_atoms(const RunEstimates& e) {
  std::vector<SpectralAtom> atoms;
  for (const auto& phi : e.atoms.colwise()) atoms.push_back({phi});
  return atoms;
}

class Mixture : public NoiseStrategy, private SeriesNoise {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::mixture; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name != "mixture") return {};
    return NoiseModel{.kind = kind()};
  }
  std::string name(const NoiseModel&) const override { return "mixture"; }
  std::string known_names() const override { return "mixture"; }
  std::vector<std::string> parameter_names(const NoiseModel&) const override {
    std::vector<std::string> names;
    for (const char* what : {"probability", "variance"})
      for (Eigen::Index g = 1; g <= kMixtureAtoms; ++g) names.push_back(what + std::to_string(g));
    return names;
  }
  bool learns_over_voxels() const override { return true; }
  bool can_smooth(const NoiseModel&) const override { return false; }
  bool needs_equal_times() const override { return true; }
  bool has_one_process() const override { return false; }
  bool has_own_dof() const override { return true; }
  /// Covariances and degrees of freedom before they are results, and what learning takes.
  double work_bytes(const NoiseModel& model, const NoiseWork& work) const override {
    const int order = mixture_order(model.tr_s);
    const auto n_atoms = double(parametric_atoms(model.tr_s, order).size());
    const double sample = double(std::min(kLearningVoxels, work.n_voxels));
    const double systems =
        n_atoms * double(2 * work.rank * order + work.rank * work.rank + order * order);
    return 8 * (double(work.n_voxels) * double(2 * work.n_covariances) + systems +
                2 * n_atoms * sample);
  }
  void exchange(NoiseModel& model, NoiseModelSettings& settings) const override {
    settings.number("repetition_time_s", model.tr_s);
  }

  const SeriesNoise* series() const override { return this; }
  ContrastCovariances fit(const SeriesRun& run, RunEstimates& e) const override {
    const RunDesign& design = run.design;
    const double tr_s = run.plan.noise_model.tr_s;
    if (!(tr_s > 0))
      fail(ErrorCode::bad_input,
           "mixture needs the time between scans, which is not known; give the repetition time");
    std::vector<Eigen::Index> voxels;
    for (Eigen::Index v = 0; v < e.mean.size(); ++v)
      if (e.status[size_t(v)] == VoxelStatus::ok) voxels.push_back(v);
    const LearnedAtoms learned = learn_atoms(design, parametric_atoms(tr_s, mixture_order(tr_s)),
                                             voxels, run.read, run.plan.n_threads);
    e.atoms.resize(learned.atoms[0].phi.size(), Eigen::Index(learned.atoms.size()));
    for (Eigen::Index g = 0; g < e.atoms.cols(); ++g) e.atoms.col(g) = learned.atoms[size_t(g)].phi;
    const SpectralMixture mixture(design, learned.atoms);
    const Eigen::MatrixXd& to_betas = design.space.betas_from_coordinates();
    e.betas.setConstant(to_betas.rows(), e.mean.size(), kNaN);
    const Eigen::Index n_voxels = e.mean.size();
    parallel_for((n_voxels + kVoxelsOfTask - 1) / kVoxelsOfTask, run.plan.n_threads,
                 [&](Eigen::Index task) {
                   const Eigen::Index first = task * kVoxelsOfTask;
                   fit_voxels(run, mixture, learned.log_weights, to_betas, first,
                              std::min(kVoxelsOfTask, n_voxels - first), e);
                 });
    return covariances_of(mixture, design, e, run.plan);
  }
  ContrastCovariances covariances(const RunDesign& design, const RunEstimates& e,
                                  const RunPlan& plan) const override {
    return covariances_of(SpectralMixture(design, stored_atoms(e)), design, e, plan);
  }
  /// @throws Error{usage}: a voxel's estimates are means over atoms, not of one whitening.
  std::unique_ptr<const SeriesWhitening> whitening(const RunDesign&, const RunPlan&,
                                                   const Eigen::VectorXd&) const override {
    fail(ErrorCode::usage,
         "mixture whitens by several processes per voxel, and single trials need one; use "
         "the noise model ar1, ar4-averaged or arma11");
  }

 private:
  static void fit_voxels(const SeriesRun& run, const SpectralMixture& mixture,
                         const Eigen::VectorXd& log_weights, const Eigen::MatrixXd& to_betas,
                         Eigen::Index first, Eigen::Index n, RunEstimates& e) {
    Eigen::MatrixXd y(Eigen::Index(run.design.n_kept), n);
    run.read(first, n, y.data());
    const Eigen::RowVectorXd total = (y.rowwise() - y.colwise().mean()).colwise().squaredNorm();
    const SpectralMixture::Voxels fit = mixture.fit(std::move(y), log_weights);
    for (Eigen::Index i = 0; i < n; ++i) {
      const Eigen::Index v = first + i;
      const auto variance = fit.variances.col(i), probability = fit.probabilities.col(i);
      const double mean = variance.dot(probability);
      if (e.status[size_t(v)] == VoxelStatus::ok && mean > 0 && std::isfinite(mean))
        e.noise.col(v) << probability, variance;
      if (!put_fit(fit.residual_squares[i], total[i], v, e)) continue;
      e.betas.col(v) = to_betas * fit.coordinates.col(i);
      if (e.status[size_t(v)] == VoxelStatus::ok) e.residual_variance[v] = mean;
    }
  }

  static ContrastCovariances covariances_of(const SpectralMixture& mixture, const RunDesign& design,
                                            const RunEstimates& e, const RunPlan& plan) {
    ContrastCovariances out;
    for (const auto& contrast : on_coordinates(design, plan.contrasts)) {
      auto covariance = mixture.covariance(contrast, e.noise, plan.n_threads);
      out.unit.push_back(covariance.lower * e.residual_variance.cwiseInverse().asDiagonal());
      out.dof.push_back(std::move(covariance.dof));
    }
    return out;
  }
};

}  // namespace

const NoiseStrategy& mixture_noise() {
  static const Mixture noise;
  return noise;
}

}  // namespace sociometer
