#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/glm/arma_grid.hpp"
#include "engine/glm/arma_point.hpp"

/// The search for ARMA(1,1) noise.
///
/// The model. Correlations r(0) = 1, r(k) = lambda a^(k-1): an AR(1) process with coefficient a
/// and a share lambda / a of the variance, plus white noise. (a, b), lambda = lambda(a, b),
/// minimise -2 ln L = (n - m) ln y'Py + ln|X'R^-1X| + ln|R|. Each evaluation costs a
/// recursion over the scans, and each (a, b) a whitened design shared by all voxels, so the cost
/// depends on the number of evaluations, and on the number of distinct points among them.
///
/// AFNI's search goes from a coarse grid to a fine one around the best point so far. The continuous
/// search starts at the minimum of an approximation from the residuals' lag sums alone (R^-1
/// taken as Toeplitz, least-squares residuals for those of each model; the determinants are exact),
/// evaluates exact likelihoods around it until the best point has known neighbours, in a wider area
/// if these form a ridge or are not convex, and goes to the minimum of the quadratic through them,
/// rounded to kSubsteps parts of a step so that voxels share whitened designs.
///
/// Exact: every likelihood that is compared (AFNI's correlations below its cutoff are 0, as there),
/// for any scan spacing. Approximate: the optimum. Compared with an exhaustive search, L is within
/// .2 (.01 on average; 100 scans). If the likelihood at the result is lower than at the best
/// grid point, ArmaModel uses the grid point (ArmaFound::on_grid).
///
/// How it fails. Series without residuals have no likelihood and must not be passed. If the
/// likelihood has two optima, the lesser one may be found; with negative correlations allowed each
/// quadrant of (a, lambda) is searched, otherwise only one. Near a = 0, a is poorly determined and
/// only lambda matters: the parameters then scatter, t does not.
///
///   const RunDesign run(x, kept, 0);
///   const auto scans = list_kept_scans(run);
///   const ArmaDesign design(run.space.basis(), {scans.begin(), scans.end()}, 0);
///   const Eigen::MatrixXd residuals = y - run.space.basis() * (run.space.basis().transpose() * y);
///   const ArmaSearch search(design, ArmaOptions{}, kernels::best_kernels());
///   const auto found = search(residuals.data(), residuals.cols(), 1);
///   found[0].parameters.a;         // of the first column of y
///   found[0].parameters.lambda();
namespace sociometer {

/// The search result for a voxel.
struct ArmaFound {
  ArmaParameters parameters;
  ArmaParameters on_grid;  ///< best grid point
  double best = 0;         ///< -2 ln L there
};

/// Finds each voxel's ARMA(1,1) parameters by restricted maximum likelihood.
class ArmaSearch {
 public:
  ArmaSearch(const ArmaDesign& design, const ArmaOptions& options,
             const kernels::KernelSet& kernels);
  ~ArmaSearch();

  /// @param residuals  least-squares residuals, (n_rows, n), voxel by voxel; not all 0.
  /// @cost  continuous: about 10 evaluations of 5 + 2 rank multiply-adds per row and voxel.
  std::vector<ArmaFound> operator()(const double* residuals, Eigen::Index n, int n_threads) const;

  static constexpr int kSubsteps = 4;

 private:
  struct Voxel;
  struct Batch;
  struct Request;
  const ArmaPoint& point(int index) const;
  void make_start_table(int n_threads) const;
  /// Where a search starts.
  struct Quadrant {
    bool negative_a = false, negative_lambda = false;
  };
  void start(Batch& batch, Quadrant quadrant, int n_threads) const;
  void evaluate(const Batch& batch, std::vector<Request>& requests, std::vector<double>& values,
                int n_threads) const;
  void evaluate_everywhere(Batch& batch, int step, int n_threads) const;
  void look(Batch& batch, int step, int reach, int n_threads) const;
  void go_to_interior(Batch& batch, int n_threads) const;
  bool look_farther(Batch& batch, int n_threads) const;
  Eigen::Vector2d minimum_in_table(const double* lane, int n_a, Quadrant quadrant) const;
  Eigen::Vector2d quadratic_minimum(const Voxel& voxel) const;
  ArmaFound found(const Voxel& voxel) const;

  const ArmaDesign& design_;
  ArmaGrid grid_;
  const kernels::KernelSet& kernels_;
  mutable std::vector<std::unique_ptr<ArmaPoint>> points_;
  mutable std::deque<std::once_flag> made_;
  mutable std::once_flag table_made_;
  mutable Eigen::MatrixXd table_;     ///< (start points, lags): weights of lag sums
  std::vector<Eigen::Index> places_;  ///< of rows in time, long gaps shortened
};

/// Series of several voxels side by side, (n_rows, kTileWidth); lanes without a voxel are 0.
void gather_tile(const kernels::KernelSet& kernels, const double* series, Eigen::Index n_rows,
                 const Eigen::Index* voxels, Eigen::Index n, double* tile);

}  // namespace sociometer
