#include "engine/glm/residual_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr Index kNeighbours = 2;  ///< on each side, of the running mean

/// Columns less their predictions by the autoregression, without the first scans.
MatrixXd whitened(const MatrixXd& columns, const Eigen::Ref<const VectorXd>& ar) {
  const Index order = ar.size(), n = columns.rows() - order;
  MatrixXd out = columns.bottomRows(n);
  for (Index k = 0; k < order; ++k) out -= ar[k] * columns.middleRows(order - 1 - k, n);
  return out;
}

/// An orthonormal basis of a design's columns.
MatrixXd basis_of(const MatrixXd& design) {
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(design);
  return qr.householderQ() * MatrixXd::Identity(design.rows(), qr.rank());
}

VectorXd running_mean(const VectorXd& values) {
  VectorXd out(values.size());
  for (Index i = 0; i < values.size(); ++i) {
    const Index from = std::max<Index>(0, i - kNeighbours),
                to = std::min(values.size(), i + kNeighbours + 1);
    out[i] = values.segment(from, to - from).mean();
  }
  return out;
}

/// |sum of e(t) exp(-2 pi i k t / n)|^2 / n at k = 1 .. n / 2.
class Periodogram {
 public:
  explicit Periodogram(Index n) : cosine_(n / 2, n), sine_(n / 2, n) {
    for (Index k = 0; k < n / 2; ++k)
      for (Index t = 0; t < n; ++t) {
        const double angle = 2 * std::acos(-1.0) * double((k + 1) * t % n) / double(n);
        cosine_(k, t) = std::cos(angle);
        sine_(k, t) = std::sin(angle);
      }
  }
  VectorXd of(const VectorXd& e) const {
    return ((cosine_ * e).array().square() + (sine_ * e).array().square()) / double(e.size());
  }

 private:
  MatrixXd cosine_, sine_;
};

}  // namespace

ResidualSpectrum residual_spectrum(const Eigen::Ref<const Eigen::MatrixXf>& series,
                                   const Eigen::Ref<const MatrixXd>& design,
                                   const Eigen::Ref<const MatrixXd>& ar, double tr_s) {
  const Index order = ar.rows(), n = series.rows() - order;
  require(design.rows() == series.rows(), "a row of the design for each scan");
  require(order == 0 || ar.cols() == series.cols(), "coefficients of each voxel");
  require(tr_s > 0 && n > design.cols() + 1, "more scans than columns");
  ResidualSpectrum out;
  out.frequency_hz = VectorXd::LinSpaced(n / 2, 1, double(n / 2)) / (double(n) * tr_s);
  out.power = VectorXd::Zero(n / 2);
  const Periodogram periodogram(n);
  const MatrixXd own = design;
  MatrixXd basis = order == 0 ? basis_of(own) : MatrixXd();
  for (Index v = 0; v < series.cols(); ++v) {
    MatrixXd y = series.col(v).cast<double>();
    if (!y.allFinite() || (order > 0 && !ar.col(v).allFinite())) continue;
    const double scale = y.squaredNorm();
    if (order > 0) {
      basis = basis_of(whitened(own, ar.col(v)));
      y = whitened(y, ar.col(v));
    }
    const VectorXd e = y.col(0) - basis * (basis.transpose() * y.col(0));
    const double squares = e.squaredNorm();
    if (!(squares > 1e-12 * scale)) continue;
    out.power += periodogram.of(e) * (double(n - basis.cols()) / squares);
    ++out.n_voxels;
  }
  if (out.n_voxels > 0) out.power = running_mean(out.power / double(out.n_voxels));
  return out;
}

}  // namespace sociometer
