#include "engine/glm/hrf_choice.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <Eigen/Eigenvalues>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

/// The library, and SPM's response, with which it is compared.
constexpr Eigen::Index kCandidates = kHrfLibrarySize + 1;

HrfModel candidate(Eigen::Index k) {
  return k < kHrfLibrarySize ? library_hrf(int(k) + 1) : HrfModel{};
}

/// Task columns of one run with one response, by name; 0 where the run lacks a column.
Eigen::MatrixXd candidate_columns(const ChoiceRun& run, HrfChoice model, const HrfModel& hrf,
                                  const std::vector<std::string>& names) {
  DesignOptions options = run.options;
  options.hrf = hrf;
  if (model == HrfChoice::all_events) options.modulators.clear();
  const NamedColumns all = task_columns(run.events, run.tr_s, run.design.frame_times_s, options);
  if (model == HrfChoice::all_events) return all.values.rowwise().sum();
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(run.design.n_scans(), Eigen::Index(names.size()));
  for (size_t k = 0; k < all.names.size(); ++k)
    out.col(std::find(names.begin(), names.end(), all.names[k]) - names.begin()) =
        all.values.col(Eigen::Index(k));
  return out;
}

/// Names of the task columns of all runs.
std::vector<std::string> task_names(const std::vector<ChoiceRun>& runs) {
  std::vector<std::string> names;
  for (const auto& run : runs)
    for (size_t j = 0; j < run.design.names.size(); ++j)
      if (run.design.roles[j] == ColumnRole::task &&
          std::find(names.begin(), names.end(), run.design.names[j]) == names.end())
        names.push_back(run.design.names[j]);
  return names;
}

DesignMatrix without_task(const DesignMatrix& design) {
  DesignMatrix out;
  out.frame_times_s = design.frame_times_s;
  std::vector<Eigen::Index> columns;
  for (size_t j = 0; j < design.names.size(); ++j) {
    if (design.roles[j] == ColumnRole::task) continue;
    columns.push_back(Eigen::Index(j));
    out.names.push_back(design.names[j]);
    out.roles.push_back(design.roles[j]);
    out.trial_sd.push_back(kNaN);
  }
  out.values = design.values(Eigen::all, columns);
  return out;
}

/// Sums of squares and products of the candidates' columns in one run: of what the rest of the
/// design leaves of them, and of the columns themselves, which say what is rounding.
struct CandidateProducts {
  std::vector<Eigen::MatrixXd> left;
  std::vector<Eigen::VectorXd> whole;
};

struct CandidateRun {
  PreparedRun prepared;
  CandidateProducts products;
};

CandidateRun prepare_candidates(const ChoiceRun& run, HrfChoice model,
                                const std::vector<std::string>& names, const FirstLevelPlan& plan) {
  RunSpec spec{run.name, without_task(run.design), run.kept};
  const Eigen::Index n_scans = run.design.n_scans();
  if (spec.kept.empty()) spec.kept.assign(size_t(n_scans), 1);
  const RunDesign rest(spec.design.values, spec.kept, 0);
  const Eigen::MatrixXd z = rest.columns.leftCols(rest.rank());
  Eigen::VectorXd kept(n_scans);
  for (Eigen::Index t = 0; t < n_scans; ++t) kept[t] = spec.kept[size_t(t)];
  CandidateProducts products;
  for (Eigen::Index k = 0; k < kCandidates; ++k) {
    const Eigen::MatrixXd x =
        kept.asDiagonal() * candidate_columns(run, model, candidate(k), names);
    Eigen::MatrixXd q = x - z * (z.transpose() * x);
    q -= z * (z.transpose() * q);
    products.left.push_back(q.transpose() * q);
    products.whole.push_back(x.colwise().squaredNorm());
    spec.extras.conservativeResize(n_scans, (k + 1) * q.cols());
    spec.extras.rightCols(q.cols()) = q;
  }
  return {prepare_run(std::move(spec), plan), std::move(products)};
}

/// W with |W a|^2 = a' G^-1 a, for the directions that are more than rounding.
Eigen::MatrixXd root_of_inverse(const Eigen::MatrixXd& g, const Eigen::VectorXd& whole) {
  constexpr double kRounding = 1e-10;
  // Scaled, so that columns of other units count alike.
  const Eigen::VectorXd scale =
      (whole.array() > 0).select(whole.array().sqrt().inverse(), Eigen::ArrayXd::Zero(g.rows()));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(scale.asDiagonal() * g *
                                                             scale.asDiagonal());
  Eigen::VectorXd roots = Eigen::VectorXd::Zero(g.rows());
  for (Eigen::Index i = 0; i < roots.size(); ++i)
    if (eigen.eigenvalues()[i] > kRounding) roots[i] = 1 / std::sqrt(eigen.eigenvalues()[i]);
  return roots.asDiagonal() * eigen.eigenvectors().transpose() * scale.asDiagonal();
}

/// Of the runs with a flag.
std::vector<Eigen::MatrixXd> roots_over_runs(const std::vector<CandidateRun>& runs,
                                             const std::vector<uint8_t>& used) {
  std::vector<Eigen::MatrixXd> out;
  for (size_t k = 0; k < size_t(kCandidates); ++k) {
    Eigen::MatrixXd left =
        Eigen::MatrixXd::Zero(runs[0].products.left[k].rows(), runs[0].products.left[k].cols());
    Eigen::VectorXd whole = Eigen::VectorXd::Zero(left.rows());
    for (size_t r = 0; r < runs.size(); ++r)
      if (used[r]) {
        left += runs[r].products.left[k];
        whole += runs[r].products.whole[k];
      }
    out.push_back(root_of_inverse(left, whole));
  }
  return out;
}

/// Decides voxel by voxel; voxels that can be fitted in the same runs share their matrices.
class Decision {
 public:
  Decision(const std::vector<CandidateRun>& runs, const FirstLevelFit& fit) : fit_(fit) {
    const Eigen::Index n_voxels = fit.estimates[0].mean.size();
    for (Eigen::Index v = 0; v < n_voxels; ++v) {
      const std::vector<uint8_t> used = used_in(v);
      if (!roots_.contains(used)) roots_[used] = roots_over_runs(runs, used);
    }
  }

  void decide(Eigen::Index v, ChosenHrf& out) const {
    const std::vector<uint8_t> used = used_in(v);
    double total = 0;
    Eigen::VectorXd products = Eigen::VectorXd::Zero(fit_.products[0].rows());
    for (size_t r = 0; r < used.size(); ++r) {
      if (!used[r]) continue;
      total += fit_.estimates[r].residual_variance[v] * fit_.estimates[r].dof;
      products += fit_.products[r].col(v);
    }
    if (!(total > 0)) return;
    const auto& roots = roots_.at(used);
    const Eigen::Index n = products.size() / kCandidates;
    Eigen::VectorXd explained(kCandidates);
    for (Eigen::Index k = 0; k < kCandidates; ++k)
      explained[k] = (roots[size_t(k)] * products.segment(k * n, n)).squaredNorm();
    Eigen::Index best = 0;
    for (Eigen::Index k = 1; k < kHrfLibrarySize; ++k)
      if (explained[k] > explained[best]) best = k;
    out.number[size_t(v)] = uint8_t(best + 1);
    out.r_squared[v] = explained[best] / total;
    out.gain[v] = (explained[best] - explained[kHrfLibrarySize]) / total;
  }

 private:
  std::vector<uint8_t> used_in(Eigen::Index v) const {
    std::vector<uint8_t> used;
    for (const RunEstimates& e : fit_.estimates)
      used.push_back(e.status[size_t(v)] == VoxelStatus::ok && e.residual_variance[v] > 0);
    return used;
  }

  const FirstLevelFit& fit_;
  std::map<std::vector<uint8_t>, std::vector<Eigen::MatrixXd>> roots_;
};

}  // namespace

ChosenHrf choose_hrf(const std::vector<ChoiceRun>& runs, HrfChoice model,
                     const FirstLevelPlan& plan, const OpenRun& open, const Mask& mask,
                     Journal* journal) {
  FirstLevel first{.plan = plan};
  first.plan.noise_model = NoiseModel{};
  first.plan.with_ljung_box = false;
  const std::vector<std::string> names = task_names(runs);
  std::vector<CandidateRun> candidates;
  for (const ChoiceRun& run : runs) {
    candidates.push_back(prepare_candidates(run, model, names, first.plan));
    first.runs.push_back(candidates.back().prepared);
  }
  const FirstLevelFit fit = fit_first_level(first, open, mask, journal);
  ChosenHrf out;
  const Eigen::Index n_voxels = mask.n_voxels();
  out.number.assign(size_t(n_voxels), 0);
  out.r_squared.setConstant(n_voxels, kNaN);
  out.gain.setConstant(n_voxels, kNaN);
  const Decision decision(candidates, fit);
  constexpr Eigen::Index kBatch = 1024;
  parallel_for((n_voxels + kBatch - 1) / kBatch, plan.n_threads, [&](Eigen::Index batch) {
    for (Eigen::Index v = batch * kBatch; v < std::min(n_voxels, (batch + 1) * kBatch); ++v)
      decision.decide(v, out);
  });
  return out;
}

}  // namespace sociometer
