#include "engine/glm/tapered_noise.hpp"

#include <cmath>
#include <complex>

#include <unsupported/Eigen/FFT>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/packed.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kSpectraAtATime = 64;
/// The spectrum must stay above this share of its mean.
constexpr double kLeastPower = 1e-3;

double taper(Eigen::Index lag, Eigen::Index n_lags) {
  return 0.5 * (1 + std::cos(M_PI * double(lag + 1) / double(n_lags)));
}

}  // namespace

namespace {

Eigen::Index padded_scans(Eigen::Index n_scans) {
  Eigen::Index n = 1;
  while (n < n_scans) n *= 2;
  return n;
}

/// 1 / sqrt of the spectrum, scaled to mean square 1.
Eigen::VectorXd tapered_filter(Eigen::VectorXd lags, Eigen::Index n_padded) {
  thread_local Eigen::FFT<double> fft;
  Eigen::VectorXcd symmetric(n_padded), spectrum(n_padded);
  for (int round = 0;; ++round, lags *= 0.9) {
    symmetric.setZero();
    symmetric[0] = 1;
    for (Eigen::Index k = 0; k < lags.size(); ++k) {
      symmetric[k + 1] += lags[k];
      symmetric[n_padded - k - 1] += lags[k];
    }
    fft.fwd(spectrum, symmetric);
    constexpr int kMostRounds = 200;  // autocorrelations have vanished by then
    if (spectrum.real().minCoeff() > kLeastPower || round == kMostRounds) break;
  }
  Eigen::VectorXd filter = spectrum.real().cwiseMax(kLeastPower).cwiseSqrt().cwiseInverse();
  return filter / std::sqrt(filter.squaredNorm() / double(n_padded));
}

}  // namespace

Eigen::Index default_tukey_lags(Eigen::Index n_scans) {
  return std::max<Eigen::Index>(2, Eigen::Index(2 * std::sqrt(double(n_scans))) / 2);
}

TaperedModel::TaperedModel(const RunDesign& design, Eigen::Index n_lags)
    : n_scans_(design.n_scans()),
      n_kept_(design.n_kept),
      rank_(design.rank()),
      n_lags_(n_lags),
      basis_(design.space.basis()) {
  for (size_t t = 0; t < design.kept.size(); ++t)
    if (design.kept[t]) scans_.push_back(Eigen::Index(t));
  n_padded_ = padded_scans(n_scans_);
  const Eigen::Index n_spikes = n_scans_ - n_kept_;
  n_columns_ = rank_ + n_spikes;
  // An even number of real columns: two are the real and imaginary parts of one transform.
  Eigen::MatrixXd columns = Eigen::MatrixXd::Zero(n_padded_, (n_columns_ + 2) / 2 * 2);
  for (Eigen::Index i = 0; i < n_kept_; ++i) {
    columns.row(scans_[size_t(i)]).head(rank_) = basis_.row(i);
    columns(scans_[size_t(i)], n_columns_) = 1;
  }
  for (Eigen::Index t = 0, spike = 0; t < n_scans_; ++t)
    if (!design.kept[size_t(t)]) columns(t, rank_ + spike++) = 1;
  spectra_.resize(n_padded_, columns.cols() / 2);
  Eigen::FFT<double> fft;
  for (Eigen::Index p = 0; p < spectra_.cols(); ++p) {
    Eigen::VectorXcd pair(n_padded_), spectrum(n_padded_);
    pair.real() = columns.col(2 * p);
    pair.imag() = columns.col(2 * p + 1);
    fft.fwd(spectrum, pair);
    spectra_.col(p) = spectrum;
  }
  n_pairs_.assign(size_t(n_lags), 0);
  for (size_t i = 0; i < scans_.size(); ++i)
    for (size_t j = i; j < scans_.size() && scans_[j] - scans_[i] < n_lags; ++j)
      n_pairs_[size_t(scans_[j] - scans_[i])] += 1;
}

Eigen::MatrixXd TaperedModel::autocorrelations(Eigen::Index n_voxels, const ReadSeries& read,
                                               int n_threads) const {
  Eigen::MatrixXd out = Eigen::MatrixXd::Constant(n_lags_ - 1, n_voxels, kNaN);
  parallel_for(
      (n_voxels + kSpectraAtATime - 1) / kSpectraAtATime, n_threads, [&](Eigen::Index task) {
        const Eigen::Index first = task * kSpectraAtATime,
                           here = std::min(kSpectraAtATime, n_voxels - first);
        Eigen::MatrixXd y(n_kept_, here);
        read(first, here, y.data());
        y -= basis_ * (basis_.transpose() * y).eval();
        Eigen::VectorXd residual = Eigen::VectorXd::Zero(n_scans_);
        for (Eigen::Index v = 0; v < here; ++v) {
          for (Eigen::Index i = 0; i < n_kept_; ++i) residual[scans_[size_t(i)]] = y(i, v);
          const double variance = residual.squaredNorm() / n_pairs_[0];
          if (!(variance > 0)) continue;
          for (Eigen::Index k = 1; k < n_lags_; ++k) {
            const double sum = residual.head(n_scans_ - k).dot(residual.tail(n_scans_ - k));
            out(k - 1, first + v) =
                n_pairs_[size_t(k)] == 0
                    ? 0.0
                    : sum / n_pairs_[size_t(k)] / variance * taper(k, n_lags_) / taper(0, n_lags_);
          }
        }
      });
  return out;
}

Eigen::VectorXd TaperedModel::filter(Eigen::VectorXd lags) const {
  return tapered_filter(std::move(lags), n_padded_);
}

/// True for a series that the design explains: there is no noise to whiten by.
void TaperedModel::least_squares(const Eigen::Ref<const Eigen::VectorXd>& y, Eigen::Index voxel,
                                 Estimates& out) const {
  out.coordinates.col(voxel) = basis_.transpose() * y;
  out.residual_squares[voxel] = 0;
  out.total_squares[voxel] = y.squaredNorm();
}

TaperedModel::Estimates TaperedModel::fit(const Eigen::MatrixXd& autocorrelations,
                                          const ReadSeries& read,
                                          const std::vector<Eigen::MatrixXd>& contrasts,
                                          int n_threads) const {
  const Eigen::Index n_voxels = autocorrelations.cols();
  Estimates out;
  out.covariances = empty_covariances(contrasts, n_voxels);
  std::vector<Eigen::MatrixXd> padded;  // zero weight on spikes
  for (const auto& c : contrasts) {
    padded.push_back(Eigen::MatrixXd::Zero(c.rows(), n_columns_));
    padded.back().leftCols(rank_) = c;
  }
  if (read) {
    out.coordinates.setConstant(rank_, n_voxels, kNaN);
    out.residual_squares.setConstant(n_voxels, kNaN);
    out.total_squares.setConstant(n_voxels, kNaN);
  }
  parallel_for((n_voxels + kSpectraAtATime - 1) / kSpectraAtATime, n_threads,
               [&](Eigen::Index task) {
                 const Eigen::Index first = task * kSpectraAtATime,
                                    here = std::min(kSpectraAtATime, n_voxels - first);
                 Eigen::FFT<double> fft;
                 Eigen::MatrixXd y(n_kept_, here);
                 if (read) read(first, here, y.data());
                 Eigen::MatrixXd columns(n_scans_, 2 * spectra_.cols());
                 Eigen::VectorXcd spectrum(n_padded_), series(n_padded_);
                 for (Eigen::Index v = 0; v < here; ++v) {
                   const Eigen::Index at = first + v;
                   if (!autocorrelations.col(at).allFinite()) {
                     if (read) least_squares(y.col(v), at, out);
                     continue;
                   }
                   const Eigen::VectorXcd gain =
                       filter(autocorrelations.col(at)).cast<std::complex<double>>();
                   for (Eigen::Index p = 0; p < spectra_.cols(); ++p) {
                     spectrum = spectra_.col(p).cwiseProduct(gain);
                     fft.inv(series, spectrum);
                     columns.col(2 * p) = series.head(n_scans_).real();
                     columns.col(2 * p + 1) = series.head(n_scans_).imag();
                   }
                   const auto design = columns.leftCols(n_columns_);
                   Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(n_columns_, n_columns_);
                   normal.selfadjointView<Eigen::Lower>().rankUpdate(design.transpose());
                   const Eigen::LLT<Eigen::MatrixXd> factor(normal);
                   if (factor.info() != Eigen::Success) continue;
                   fill_covariances(factor, padded, at, out.covariances);
                   if (!read) continue;
                   series.setZero();
                   for (Eigen::Index i = 0; i < n_kept_; ++i) series[scans_[size_t(i)]] = y(i, v);
                   fft.fwd(spectrum, series);
                   spectrum = spectrum.cwiseProduct(gain).eval();
                   fft.inv(series, spectrum);
                   const Eigen::VectorXd whitened = series.head(n_scans_).real();
                   const Eigen::VectorXd gamma = factor.solve(design.transpose() * whitened);
                   const Eigen::MatrixXd plain = columns.middleCols(rank_, n_columns_ - rank_ + 1);
                   const Eigen::VectorXd level =
                       (plain.transpose() * plain).llt().solve(plain.transpose() * whitened);
                   out.coordinates.col(at) = gamma.head(rank_);
                   out.residual_squares[at] = (whitened - design * gamma).squaredNorm();
                   out.total_squares[at] = (whitened - plain * level).squaredNorm();
                 }
               });
  return out;
}

TaperedWhitening::TaperedWhitening(const RunDesign& design, Eigen::Index n_lags,
                                   const Eigen::VectorXd& autocorrelations)
    : n_scans_(design.n_scans()), n_padded_(padded_scans(n_scans_)) {
  require(autocorrelations.size() == n_lags - 1, "a taper has its autocorrelations");
  for (size_t t = 0; t < design.kept.size(); ++t)
    (design.kept[t] ? kept_ : censored_).push_back(Eigen::Index(t));
  gain_ = tapered_filter(autocorrelations, n_padded_).cast<std::complex<double>>();
}

Eigen::MatrixXd TaperedWhitening::filtered(const Eigen::MatrixXd& all_scans) const {
  thread_local Eigen::FFT<double> fft;
  Eigen::MatrixXd out(n_scans_, all_scans.cols());
  Eigen::VectorXcd pair(n_padded_), spectrum(n_padded_);
  // Two real columns are the real and imaginary parts of one transform.
  for (Eigen::Index c = 0; c < out.cols(); c += 2) {
    const bool both = c + 1 < out.cols();
    pair.setZero();
    pair.head(n_scans_).real() = all_scans.col(c);
    if (both) pair.head(n_scans_).imag() = all_scans.col(c + 1);
    fft.fwd(spectrum, pair);
    spectrum = spectrum.cwiseProduct(gain_).eval();
    fft.inv(pair, spectrum);
    out.col(c) = pair.head(n_scans_).real();
    if (both) out.col(c + 1) = pair.head(n_scans_).imag();
  }
  return out;
}

Eigen::MatrixXd TaperedWhitening::whiten(const Eigen::MatrixXd& columns) const {
  Eigen::MatrixXd all = Eigen::MatrixXd::Zero(n_scans_, columns.cols());
  all(kept_, Eigen::all) = columns;
  return filtered(all);
}

Eigen::MatrixXd TaperedWhitening::nuisance() const {
  Eigen::MatrixXd spikes = Eigen::MatrixXd::Zero(n_scans_, Eigen::Index(censored_.size()));
  for (size_t s = 0; s < censored_.size(); ++s) spikes(censored_[s], Eigen::Index(s)) = 1;
  return filtered(spikes);
}

}  // namespace sociometer
