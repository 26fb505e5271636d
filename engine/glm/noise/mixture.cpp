// mixture: each voxel's posterior of AR processes whose frequencies are learned from all voxels.
#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/noise/kinds.hpp"
#include "engine/glm/spectral_mixture.hpp"
#include "engine/glm/tiles.hpp"
#include "engine/glm/voxel_judge.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

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
  bool has_one_process() const override { return false; }
  bool has_own_dof() const override { return true; }
  /// Covariances and degrees of freedom before they are results, what learning takes, and the
  /// matrices of the processes; for each thread those of a tile.
  double work_bytes(const NoiseModel& model, const NoiseWork& work) const override {
    const double q = mixture_order(model.tr_s, work.n_scans), threads = work.n_threads;
    const auto rank = double(work.rank), n = rank + double(work.n_censored);
    const auto n_atoms = double(n_parametric_atoms(model.tr_s)), kept = double(kMixtureAtoms);
    const double products = n * q + 3 * q + rank;
    const double learning =
        double(std::min(kLearningVoxels, work.n_voxels)) * (products + 2 * n_atoms);
    const double design = q * n * n + double(work.n_scans) * rank * (q + 3);
    const double systems = (kept + double(kAtomsAtATime) * threads) * 2 * n * (n + q);
    const double tile = double(kWidth) * (2 * n * kept + products + 2 * double(work.n_scans));
    return 8 * (double(work.n_voxels) * double(2 * work.n_covariances) + learning + design +
                systems + threads * tile);
  }
  void adapt(NoiseModel& model, const RunTiming& run) const override {
    if (!(run.tr_s > 0))
      fail(ErrorCode::bad_input,
           "the noise model mixture needs the time between scans, which is not known; give the "
           "repetition time, or take ar4-averaged, ar1 or ols");
    if (run.n_scans < 3)
      fail(ErrorCode::bad_input,
           "the noise model mixture needs at least 3 scans, there are {}; take ols", run.n_scans);
    model.tr_s = run.tr_s;
  }
  void exchange(NoiseModel& model, NoiseModelSettings& settings) const override {
    settings.number("repetition_time_s", model.tr_s);
  }

  const SeriesNoise* series() const override { return this; }
  ContrastCovariances fit(const SeriesRun& run, RunEstimates& e) const override {
    const RunDesign& design = run.design;
    const double tr_s = run.plan.noise_model.tr_s;
    std::vector<Eigen::Index> voxels;
    for (Eigen::Index v = 0; v < e.mean.size(); ++v)
      if (e.status[size_t(v)] == VoxelStatus::ok) voxels.push_back(v);
    const int order = mixture_order(tr_s, design.n_scans());
    const LaggedBasis basis(design, order);
    const kernels::KernelSet& kernels = *run.plan.kernels;
    const LearnedAtoms learned = learn_atoms(basis, parametric_atoms(tr_s, order), voxels, run.read,
                                             kernels, run.plan.n_threads);
    e.atoms.resize(order, Eigen::Index(learned.atoms.size()));
    for (Eigen::Index g = 0; g < e.atoms.cols(); ++g) e.atoms.col(g) = learned.atoms[size_t(g)].phi;
    const SpectralMixture mixture(basis, learned.atoms, kernels);
    const Eigen::Index n_voxels = e.mean.size();
    e.betas.setConstant(design.space.betas_from_coordinates().rows(), n_voxels, kNaN);
    // Slab by slab: the memory of its series is given back when it is done.
    const Eigen::Index n_tiles = (n_voxels + kWidth - 1) / kWidth,
                       slab = Eigen::Index(256) * run.plan.n_threads;
    for (Eigen::Index from = 0; from < n_tiles; from += slab) {
      const Eigen::Index to = std::min(n_tiles, from + slab);
      for_tiles(to - from, run.plan.n_threads, [&](Eigen::Index first, Eigen::Index last) {
        TileFit fit;
        for (Eigen::Index tile = from + first; tile < from + last; ++tile)
          fit_tile(run, basis, mixture, learned.log_weights, tile * kWidth, fit, e);
      });
      run.done(std::min(n_voxels, to * kWidth));
    }
    return covariances_of(mixture, design, e, run.plan);
  }
  ContrastCovariances covariances(const RunDesign& design, const RunEstimates& e,
                                  const RunPlan& plan) const override {
    const LaggedBasis basis(design, e.atoms.rows());
    return covariances_of(SpectralMixture(basis, stored_atoms(e), *plan.kernels), design, e, plan);
  }
  /// @throws Error{usage}: a voxel's estimates are means over atoms, not of one whitening.
  std::unique_ptr<const SeriesWhitening> whitening(const RunDesign&, const RunPlan&,
                                                   const Eigen::VectorXd&) const override {
    fail(ErrorCode::usage,
         "mixture whitens by several processes per voxel, and single trials need one; use "
         "the noise model ar1, ar4-averaged or arma11");
  }

 private:
  /// Work space of a thread.
  struct TileFit {
    TileArray y;
    ResidualProducts products;
    SpectralMixture::Solution solution;
    SpectralMixture::Voxels voxels;
  };
  static void fit_tile(const SeriesRun& run, const LaggedBasis& basis,
                       const SpectralMixture& mixture, const Eigen::VectorXd& log_weights,
                       Eigen::Index first, TileFit& fit, RunEstimates& e) {
    fit.y.resize(Eigen::NoChange, basis.n_kept());
    run.read_tile(first, fit.y.data());
    const SpectralMixture::Row mean = fit.y.rowwise().mean();
    SpectralMixture::Row total = SpectralMixture::Row::Zero();
    for (const auto& scan : fit.y.colwise()) total += (scan - mean).square();
    basis.products(*run.plan.kernels, fit.y.data(), fit.products);
    mixture.solve(fit.products, fit.solution);
    mixture.average(fit.products, log_weights, fit.solution, fit.voxels);
    const Eigen::MatrixXd& to_betas = run.design.space.betas_from_coordinates();
    for (Eigen::Index lane = 0; lane < std::min(kWidth, e.mean.size() - first); ++lane) {
      const Eigen::Index v = first + lane;
      const Eigen::VectorXd probability = fit.voxels.probabilities.row(lane),
                            variance = fit.voxels.variances.row(lane);
      const double mean_variance = variance.dot(probability);
      if (e.status[size_t(v)] == VoxelStatus::ok && mean_variance > 0 &&
          std::isfinite(mean_variance))
        e.posterior.col(v) << probability.cast<float>(), variance.cast<float>();
      if (!put_fit(fit.products.lags(lane, 0), total[lane], v, e)) continue;
      e.betas.col(v).noalias() = to_betas * fit.voxels.coordinates.row(lane).matrix().transpose();
      if (e.status[size_t(v)] == VoxelStatus::ok) e.residual_variance[v] = mean_variance;
    }
  }

  static ContrastCovariances covariances_of(const SpectralMixture& mixture, const RunDesign& design,
                                            const RunEstimates& e, const RunPlan& plan) {
    ContrastCovariances out;
    for (const auto& contrast : on_coordinates(design, plan.contrasts)) {
      auto covariance = mixture.covariance(contrast, e.posterior, plan.n_threads);
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
