#include "engine/rsa/noise_ceiling.hpp"

#include <vector>

#include "engine/core/missing.hpp"
#include "engine/stats/correlation.hpp"

namespace sociometer {
namespace {

/// An RDM as it enters the mean.
Eigen::VectorXd as_averaged(const Eigen::VectorXd& rdm, RdmComparison comparison) {
  if (comparison == RdmComparison::spearman || comparison == RdmComparison::kendall)
    return mid_ranks(rdm);
  if (comparison == RdmComparison::cosine) return rdm.normalized();
  return (rdm.array() - rdm.mean()).matrix().normalized();
}

double compared(const Eigen::VectorXd& rdm, const Eigen::VectorXd& mean, RdmComparison comparison) {
  const ModelRdms model{
      mean, Eigen::MatrixXd(rdm.size(), 0), std::vector<uint8_t>(size_t(rdm.size()), 1), {}};
  const bool linear = is_regression(comparison);
  return ModelComparison(model, 0, linear ? RdmComparison::pearson : comparison).value(rdm);
}

}  // namespace

NoiseCeiling noise_ceiling(const Eigen::MatrixXd& rdms, RdmComparison comparison) {
  std::vector<Eigen::Index> shared;
  for (Eigen::Index p = 0; p < rdms.rows(); ++p)
    if (rdms.row(p).allFinite()) shared.push_back(p);
  NoiseCeiling out{kNaN, kNaN, Eigen::Index(shared.size())};
  const Eigen::Index n = rdms.cols();
  if (n < 2 || shared.size() < 3) return out;
  const Eigen::MatrixXd kept = rdms(shared, Eigen::all);
  Eigen::MatrixXd averaged(kept.rows(), n);
  for (Eigen::Index i = 0; i < n; ++i) averaged.col(i) = as_averaged(kept.col(i), comparison);
  const Eigen::VectorXd sum = averaged.rowwise().sum();
  out.lower = out.upper = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    out.upper += compared(kept.col(i), sum, comparison) / double(n);
    out.lower += compared(kept.col(i), sum - averaged.col(i), comparison) / double(n);
  }
  return out;
}

}  // namespace sociometer
