#include "engine/simulate/images.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/error.hpp"
#include "engine/simulate/streams.hpp"

namespace sociometer {
namespace {

constexpr double kMmPerRadian = 50;

/// cos(pi k (t + 1/2) / n) for each k whose period is not below the cutoff, at most twelve.
Eigen::MatrixXd slow_cosines(Eigen::Index n_scans, double tr_s, double cutoff_s) {
  const auto n = Eigen::Index(std::floor(2 * double(n_scans) * tr_s / cutoff_s));
  const Eigen::Index order = std::min<Eigen::Index>(n, 12);
  Eigen::MatrixXd out(n_scans, order);
  for (Eigen::Index t = 0; t < n_scans; ++t)
    for (Eigen::Index k = 0; k < order; ++k)
      out(t, k) = std::cos(std::numbers::pi * double(k + 1) * (double(t) + 0.5) / double(n_scans));
  return out;
}

}  // namespace

RunImages::RunImages(const Phantom& phantom, const NoiseSettings& settings, double tr_s,
                     const Eigen::MatrixXd& effects, const Eigen::MatrixXd& regressors,
                     const Eigen::MatrixXd& motion, const Eigen::VectorXd& noise_factor,
                     uint64_t seed, uint64_t person, uint64_t run)
    : seed_(seed),
      white_stream_(stream_of(RandomUse::white_noise, person, run)),
      ar_(settings.ar_coefficient),
      baseline_(settings.baseline * phantom.baseline),
      field_(phantom.brain, settings.fwhm_mm, seed,
             stream_of(RandomUse::autocorrelated_noise, person, run)),
      white_(size_t(phantom.brain.n_voxels())) {
  require(effects.rows() == baseline_.size() && effects.cols() == regressors.cols() &&
              motion.rows() == regressors.rows() && motion.cols() == 6 &&
              noise_factor.size() == baseline_.size(),
          "effects, regressors and motion belong together");
  ar_sd_ = settings.ar_percent / 100 * baseline_.cwiseProduct(noise_factor);
  white_sd_ = settings.white_percent / 100 * baseline_.cwiseProduct(noise_factor);
  for (Eigen::Index v = 0; v < baseline_.size(); ++v)
    if (phantom.tissue[size_t(v)] == Tissue::csf) {
      ar_sd_[v] *= settings.csf_factor;
      white_sd_[v] *= settings.csf_factor;
    }
  maps_ = effects.cast<float>();
  time_courses_ = regressors.cast<float>();
  add_nuisance(phantom, settings, tr_s, motion, seed, person, run);
}

void RunImages::add_nuisance(const Phantom& phantom, const NoiseSettings& settings, double tr_s,
                             const Eigen::MatrixXd& motion, uint64_t seed, uint64_t person,
                             uint64_t run) {
  const Eigen::MatrixXd drift = slow_cosines(motion.rows(), tr_s, settings.drift_cutoff_s);
  const Eigen::Index first = maps_.cols(), n = 6 + drift.cols();
  maps_.conservativeResize(Eigen::NoChange, first + n);
  time_courses_.conservativeResize(Eigen::NoChange, first + n);
  NoiseField maps(phantom.brain, settings.fwhm_mm, seed,
                  stream_of(RandomUse::field_maps, person, run));
  Eigen::VectorXd map;
  for (Eigen::Index k = 0; k < n; ++k) {
    maps.next(map);
    const bool moves = k < 6;
    const double percent = moves ? settings.motion_percent_per_mm * (k < 3 ? 1 : kMmPerRadian)
                                 : settings.drift_percent;
    maps_.col(first + k) = (percent / 100 * baseline_.cwiseProduct(map)).cast<float>();
    if (moves)
      time_courses_.col(first + k) = motion.col(k).cast<float>();
    else
      time_courses_.col(first + k) = drift.col(k - 6).cast<float>();
  }
}

const Eigen::VectorXd& RunImages::next() {
  require(scan_ < n_scans(), "no volume is left");
  field_.next(fresh_);
  // The first scan is drawn from the stationary distribution.
  if (scan_ == 0)
    noise_ = fresh_;
  else
    noise_ = ar_ * noise_ + std::sqrt(1 - ar_ * ar_) * fresh_;
  fill_normals(seed_, white_stream_, uint64_t(scan_) * ((white_.size() + 3) / 4), white_);
  const Eigen::VectorXf x = time_courses_.row(scan_).transpose();
  volume_ = (maps_ * x).cast<double>() + baseline_ + ar_sd_.cwiseProduct(noise_) +
            white_sd_.cwiseProduct(
                Eigen::Map<const Eigen::VectorXd>(white_.data(), Eigen::Index(white_.size())));
  ++scan_;
  return volume_;
}

}  // namespace sociometer
