#include "engine/glm/fractional_ridge.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kVoxelsAtATime = 256;

/// The penalty at which |diag(l^2 / (l^2 + a)) b| is `fraction` of |b|.
double penalty_of(const Eigen::ArrayXd& squares, const Eigen::ArrayXd& b, double fraction) {
  const double wanted = fraction * fraction * b.square().sum();
  // Each factor is at most l_max^2 / (l_max^2 + a), and at least the same of l_min.
  double low = squares.minCoeff() * (1 / fraction - 1),
         high = squares.maxCoeff() * (1 / fraction - 1);
  double a = std::sqrt(low * high);
  for (int step = 0; step < 100 && high - low > 1e-12 * high; ++step) {
    const Eigen::ArrayXd kept = (squares / (squares + a) * b).square();
    const double length = kept.sum();
    (length > wanted ? low : high) = a;
    // Newton on log a, where the squared length is close to a sigmoid.
    const double slope = -2 * (kept * a / (squares + a)).sum();
    const double next = a * std::exp((wanted - length) / slope);
    a = next > low && next < high ? next : 0.5 * (low + high);
  }
  return a;
}

}  // namespace

Shrinkage parse_shrinkage(const std::string& text) {
  if (text == "cv") return {Shrinkage::Kind::cross_validated};
  Shrinkage out{Shrinkage::Kind::fixed};
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, out.fraction);
  if (error != std::errc() || end != last || !(out.fraction > 0 && out.fraction <= 1))
    fail(ErrorCode::usage,
         "the shrinkage is '{}'; it takes cv, or the fraction of length that is kept, above 0 and "
         "at "
         "most 1",
         text);
  return out;
}

std::string to_string(const Shrinkage& shrinkage) {
  switch (shrinkage.kind) {
    case Shrinkage::Kind::none:
      return "";
    case Shrinkage::Kind::fixed:
      return fmt::format("{}", shrinkage.fraction);
    case Shrinkage::Kind::cross_validated:
      return "cv";
  }
  return "";
}

FractionalRidge::FractionalRidge(const SingleTrials& trials, const std::vector<TrialFacts>& facts,
                                 const std::vector<uint8_t>& kept) {
  std::vector<Eigen::Index> rows, own, others;
  for (size_t t = 0; t < kept.size(); ++t)
    if (kept[t]) rows.push_back(Eigen::Index(t));
  for (Eigen::Index j = 0; j < trials.model.n_columns(); ++j) {
    const bool is_trial = j < Eigen::Index(trials.n_trials()) * trials.n_functions;
    const bool is_response = is_trial && j % trials.n_functions == 0 &&
                             facts[size_t(j / trials.n_functions)].status == TrialStatus::ok;
    (is_response ? own : others).push_back(j);
    if (is_response) used_.push_back(j / trials.n_functions);
  }
  const Eigen::MatrixXd x = trials.model.values(rows, own);
  const EstimableSpace space(trials.model.values(rows, others));
  const Eigen::MatrixXd rest = x - space.basis() * (space.basis().transpose() * x).eval();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(rest.transpose() * rest);
  axes_ = solver.eigenvectors();
  squares_ = solver.eigenvalues().array().max(0.0);
}

Eigen::MatrixXd FractionalRidge::shrink(const Eigen::MatrixXd& betas,
                                        const Eigen::VectorXd& fractions, int n_threads) const {
  Eigen::MatrixXd out = betas;
  const Eigen::Index n_voxels = betas.cols();
  if (used_.empty()) return out;
  parallel_for((n_voxels + kVoxelsAtATime - 1) / kVoxelsAtATime, n_threads, [&](Eigen::Index task) {
    const Eigen::Index first = task * kVoxelsAtATime,
                       n = std::min(kVoxelsAtATime, n_voxels - first);
    Eigen::MatrixXd rotated = axes_.transpose() * betas(used_, Eigen::seqN(first, n));
    for (Eigen::Index v = 0; v < n; ++v) {
      const double fraction = fractions[first + v];
      if (!(fraction < 1) || !rotated.col(v).allFinite() || rotated.col(v).isZero(0)) continue;
      const double a = penalty_of(squares_, rotated.col(v).array(), fraction);
      rotated.col(v).array() *= squares_ / (squares_ + a);
      out(used_, first + v) = axes_ * rotated.col(v);
    }
  });
  return out;
}

std::vector<double> default_fractions() {
  std::vector<double> fractions;
  for (int i = 1; i <= 10; ++i) fractions.push_back(double(i) / 10);
  return fractions;
}

namespace {

/// Label -> its trials in each run.
using TrialsOfLabel = std::map<std::string, std::vector<std::vector<Eigen::Index>>>;

/// @throws Error{usage} as require_labels_over_runs.
TrialsOfLabel list_labels(const std::vector<std::vector<std::string>>& labels) {
  if (labels.size() < 2)
    fail(ErrorCode::usage,
         "shrinkage is cross-validated over runs, and there is one run; give a fraction");
  TrialsOfLabel all;
  for (size_t r = 0; r < labels.size(); ++r)
    for (size_t t = 0; t < labels[r].size(); ++t) {
      if (labels[r][t].empty()) continue;
      auto& of_label = all[labels[r][t]];
      of_label.resize(labels.size());
      of_label[r].push_back(Eigen::Index(t));
    }
  std::erase_if(all, [](const auto& label) {
    int n = 0;
    for (const auto& trials : label.second) n += !trials.empty();
    return n < 2;
  });
  if (all.empty())
    fail(ErrorCode::usage,
         "shrinkage is cross-validated over trials of the same label in different runs, and no "
         "label is in two runs; give a fraction, or other labels");
  return all;
}

/// Squared errors of one voxel's predictions; NaN if there is none.
double prediction_error(const TrialsOfLabel& labels, const std::vector<ShrunkenRun>& runs,
                        const std::vector<Eigen::MatrixXd>& shrunken, Eigen::Index voxel) {
  double error = 0;
  long n_predicted = 0;
  for (const auto& [label, trials] : labels)
    for (size_t left_out = 0; left_out < runs.size(); ++left_out) {
      double sum = 0, n = 0;
      for (size_t r = 0; r < runs.size(); ++r)
        for (Eigen::Index t : trials[r])
          if (r != left_out && std::isfinite(shrunken[r](t, voxel)))
            sum += shrunken[r](t, voxel), n += 1;
      if (n == 0) continue;
      for (Eigen::Index t : trials[left_out]) {
        const double rest = (*runs[left_out].betas)(t, voxel) - sum / n;
        if (std::isfinite(rest)) error += rest * rest, ++n_predicted;
      }
    }
  return n_predicted > 0 ? error : kNaN;
}

}  // namespace

void require_labels_over_runs(const std::vector<std::vector<std::string>>& labels) {
  list_labels(labels);
}

Eigen::VectorXd cross_validated_fractions(const std::vector<ShrunkenRun>& runs,
                                          const std::vector<double>& fractions, int n_threads) {
  std::vector<std::vector<std::string>> labels_of_runs;
  for (const auto& run : runs) labels_of_runs.push_back(run.labels);
  const TrialsOfLabel labels = list_labels(labels_of_runs);
  const Eigen::Index n_voxels = runs[0].betas->cols();
  Eigen::VectorXd best = Eigen::VectorXd::Ones(n_voxels);
  Eigen::VectorXd least =
      Eigen::VectorXd::Constant(n_voxels, std::numeric_limits<double>::infinity());
  for (double fraction : fractions) {
    std::vector<Eigen::MatrixXd> shrunken;
    for (const auto& run : runs)
      shrunken.push_back(
          run.ridge->shrink(*run.betas, Eigen::VectorXd::Constant(n_voxels, fraction), n_threads));
    parallel_for((n_voxels + kVoxelsAtATime - 1) / kVoxelsAtATime, n_threads,
                 [&](Eigen::Index task) {
                   const Eigen::Index first = task * kVoxelsAtATime,
                                      last = std::min(n_voxels, first + kVoxelsAtATime);
                   for (Eigen::Index v = first; v < last; ++v) {
                     const double error = prediction_error(labels, runs, shrunken, v);
                     if (!(error <= least[v])) continue;  // fractions ascend
                     least[v] = error;
                     best[v] = fraction;
                   }
                 });
  }
  return best;
}

}  // namespace sociometer
