#include "engine/glm/fitted_series.hpp"

#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/smoothing.hpp"

namespace sociometer {
namespace {

/// Running mean and sum of squared deviations, scan by scan (Welford 1962).
class RunningSpread {
 public:
  explicit RunningSpread(Eigen::Index n)
      : mean_(Eigen::ArrayXd::Zero(n)), squares_(Eigen::ArrayXd::Zero(n)) {}
  void add(const Eigen::ArrayXd& y) {
    n_ += 1;
    const Eigen::ArrayXd before = y - mean_;
    mean_ += before / n_;
    squares_ += before * (y - mean_);
  }
  Eigen::VectorXd mean_over_sd() const {
    const Eigen::ArrayXd sd = (squares_ / (n_ - 1)).sqrt();
    return (sd > 0).select(mean_ / sd, kNaN);
  }

 private:
  double n_ = 0;
  Eigen::ArrayXd mean_, squares_;
};

/// The signal in the units of the fit.
void scale(Eigen::VectorXd& y, const RunEstimates& estimates, Scaling scaling) {
  if (scaling == Scaling::psc)
    y = (100 * y.array() / estimates.mean.array() - 100).matrix();
  else if (scaling == Scaling::grand)
    y *= 100 / estimates.grand_mean;
}

}  // namespace

Eigen::VectorXd for_each_fitted_scan(VolumeSource& source, const Eigen::MatrixXd& design,
                                     const std::vector<uint8_t>& kept,
                                     const RunEstimates& estimates, Scaling scaling,
                                     const Space& space, const StreamOptions& options,
                                     const std::function<void(const FittedScan&)>& take) {
  if (source.n_volumes() != design.rows() || Eigen::Index(kept.size()) != design.rows())
    fail(ErrorCode::shape_mismatch,
         "the run has {} scans, its design {} rows, {} flags of kept scans", source.n_volumes(),
         design.rows(), kept.size());
  const GaussianSmoother smoother(source.grid(), options.smoothing_fwhm_mm);
  const bool smooths = options.smoothing_fwhm_mm.maxCoeff() > 0;
  std::vector<std::byte> raw(source.volume_bytes());
  std::vector<double> volume(size_t(source.grid().n_voxels()));
  const std::span<const uint32_t> voxels = space.stored_at();
  Eigen::VectorXd y(space.size());
  RunningSpread spread(space.size());
  FittedScan fitted;
  for (Eigen::Index t = 0; t < design.rows(); ++t) {
    source.read(raw);
    decode_range(raw, source.format(), 0, volume.size(), volume.data());
    if (smooths) smoother.smooth(volume);
    for (Eigen::Index v = 0; v < y.size(); ++v) y[v] = volume[voxels[size_t(v)]];
    if (kept[size_t(t)]) spread.add(y.array());
    scale(y, estimates, scaling);
    fitted.scan = t;
    fitted.predicted.noalias() = estimates.betas.transpose() * design.row(t).transpose();
    fitted.residual = y - fitted.predicted;
    take(fitted);
    if (options.progress) options.progress(t + 1, design.rows());
  }
  return spread.mean_over_sd();
}

}  // namespace sociometer
