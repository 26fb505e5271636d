#include "engine/roi/left_out_prediction.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/design/estimability.hpp"
#include "engine/group/shuffling.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// An orthonormal basis of a model, and 1 - leverage of each value.
struct Fit {
  Eigen::MatrixXd basis;
  Eigen::VectorXd one_minus_leverage;
  explicit Fit(const Eigen::MatrixXd& model) : basis(EstimableSpace(model).basis()) {
    one_minus_leverage = 1 - basis.rowwise().squaredNorm().array();
  }
  bool predicts() const { return one_minus_leverage.minCoeff() > 1e-10; }
  Eigen::VectorXd residual(const Eigen::VectorXd& y) const {
    return y - basis * (basis.transpose() * y);
  }
  /// Observed value minus its prediction from all others.
  Eigen::VectorXd left_out_error(const Eigen::VectorXd& y) const {
    return residual(y).cwiseQuotient(one_minus_leverage);
  }
};

double correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  const Eigen::VectorXd x = a.array() - a.mean(), y = b.array() - b.mean();
  const double size = x.norm() * y.norm();
  return size > 0 ? x.dot(y) / size : kNaN;
}

struct Quality {
  double r, q2;
};

Quality quality(const Fit& with, const Fit& without, const Eigen::VectorXd& y) {
  const Eigen::VectorXd error = with.left_out_error(y);
  const double baseline = without.left_out_error(y).squaredNorm();
  return {correlation(y - error, y), baseline > 0 ? 1 - error.squaredNorm() / baseline : kNaN};
}

/// Proportion of permutations, including the observed one, that reach the observed statistic.
double share_reaching(const Eigen::Ref<const Eigen::RowVectorXd>& shuffled, double observed) {
  if (std::isnan(observed)) return kNaN;
  // Permutations equivalent to the observed data may differ from it in the last bit.
  const double limit = observed - 1e-10 * std::max(1.0, std::abs(observed));
  return double((shuffled.array() >= limit).count()) / double(shuffled.size());
}

ShuffleSequence orders_of(Index n, uint64_t permutations, uint64_t seed) {
  return ShuffleSequence(ShuffleSet(Eigen::VectorXd::LinSpaced(n, 0, double(n - 1)),
                                    ShuffleScheme::permutations, {}, BlockExchange::within),
                         permutations, seed);
}

}  // namespace

std::vector<LeftOutPrediction> predict_left_out(const Eigen::MatrixXd& values,
                                                const Eigen::MatrixXd& nuisance,
                                                const Eigen::VectorXd& score, uint64_t permutations,
                                                uint64_t seed, int n_threads) {
  require(values.rows() == nuisance.rows() && values.rows() == score.size(),
          "values, nuisance and a score of each participant");
  std::vector<LeftOutPrediction> out(size_t(values.cols()));
  Eigen::MatrixXd model(nuisance.rows(), nuisance.cols() + 1);
  model << nuisance, score;
  const Fit with(model), without(nuisance);
  if (values.rows() < 3 || !with.predicts() || !without.predicts()) return out;
  Eigen::MatrixXd residuals(values.rows(), values.cols());
  for (Index c = 0; c < values.cols(); ++c) {
    residuals.col(c) = without.residual(values.col(c));
    if (residuals.col(c).norm() <= 1e-12 * values.col(c).norm()) continue;
    const Quality observed = quality(with, without, values.col(c));
    out[size_t(c)].r = observed.r;
    out[size_t(c)].q2 = observed.q2;
  }
  if (permutations == 0) return out;
  const Eigen::MatrixXd fitted = values - residuals;
  const ShuffleSequence orders = orders_of(values.rows(), permutations, seed);
  const auto n = Index(orders.size());
  Eigen::MatrixXd r(values.cols(), n), q2(values.cols(), n);
  parallel_for(n, n_threads, [&](Index k) {
    const Shuffle shuffle = orders[uint64_t(k)];
    for (Index c = 0; c < values.cols(); ++c) {
      Eigen::VectorXd y = fitted.col(c);
      for (Index i = 0; i < y.size(); ++i) y[i] += residuals(shuffle.from[size_t(i)], c);
      const Quality shuffled = quality(with, without, y);
      r(c, k) = shuffled.r;
      q2(c, k) = shuffled.q2;
    }
  });
  for (Index c = 0; c < values.cols(); ++c) {
    out[size_t(c)].p_r = share_reaching(r.row(c), out[size_t(c)].r);
    out[size_t(c)].p_q2 = share_reaching(q2.row(c), out[size_t(c)].q2);
  }
  return out;
}

}  // namespace sociometer
