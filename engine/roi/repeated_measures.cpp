#include "engine/roi/repeated_measures.hpp"

#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// Helmert contrasts of unit length, (n, n - 1): columns sum to 0.
Eigen::MatrixXd helmert(Eigen::Index n) {
  Eigen::MatrixXd h = Eigen::MatrixXd::Zero(n, n - 1);
  for (Eigen::Index k = 1; k < n; ++k) {
    h.col(k - 1).head(k).setConstant(-1);
    h(k, k - 1) = double(k);
    h.col(k - 1).normalize();
  }
  return h;
}

/// Kronecker product: the weight of cell (r, s) is a(r) b(s).
Eigen::MatrixXd product(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  Eigen::MatrixXd out(a.rows() * b.rows(), a.cols() * b.cols());
  for (Eigen::Index i = 0; i < a.rows(); ++i)
    for (Eigen::Index j = 0; j < a.cols(); ++j)
      out.block(i * b.rows(), j * b.cols(), b.rows(), b.cols()) = a(i, j) * b;
  return out;
}

Eigen::MatrixXd mean_weights(Eigen::Index n) {
  return Eigen::MatrixXd::Constant(n, 1, 1 / std::sqrt(double(n)));
}

WithinEffect effect_of(const std::string& name, const Eigen::MatrixXd& z) {
  WithinEffect e;
  e.name = name;
  const auto n = double(z.rows()), k = double(z.cols());
  const Eigen::RowVectorXd mean = z.colwise().mean();
  const Eigen::MatrixXd centred = z.rowwise() - mean;
  e.sum_of_squares = n * mean.squaredNorm();
  e.error_sum_of_squares = centred.squaredNorm();
  e.dof = k;
  e.error_dof = (n - 1) * k;
  e.f = within_f(z);
  e.partial_eta2 = e.sum_of_squares / (e.sum_of_squares + e.error_sum_of_squares);
  const Eigen::MatrixXd covariance = centred.transpose() * centred / (n - 1);
  const double trace = covariance.trace();
  e.greenhouse_geisser = trace * trace / (k * covariance.squaredNorm());
  if (std::isnan(e.f)) return e;
  e.p = p_from_f(e.f, e.dof, e.error_dof);
  e.p_greenhouse_geisser =
      p_from_f(e.f, e.dof * e.greenhouse_geisser, e.error_dof * e.greenhouse_geisser);
  return e;
}

void check(const Eigen::MatrixXd& cells, Eigen::Index n_regions, Eigen::Index n_signals) {
  require(cells.cols() == n_regions * n_signals, "one column per region and signal");
  if (n_regions < 2 || n_signals < 2)
    fail(ErrorCode::bad_input,
         "a dissociation needs two regions and two signals or more; there are {} and {}", n_regions,
         n_signals);
  if (cells.rows() < 2)
    fail(ErrorCode::bad_input, "{} participant(s) with all values; an interaction needs two",
         cells.rows());
}

}  // namespace

double within_f(const Eigen::MatrixXd& z) {
  const Eigen::RowVectorXd mean = z.colwise().mean();
  const double error = (z.rowwise() - mean).squaredNorm() / double(z.rows() - 1);
  if (!(error > 1e-24 * z.squaredNorm())) return std::numeric_limits<double>::quiet_NaN();
  return double(z.rows()) * mean.squaredNorm() / error;
}

Eigen::MatrixXd interaction_contrasts(const Eigen::MatrixXd& cells, Eigen::Index n_regions,
                                      Eigen::Index n_signals) {
  return cells * product(helmert(n_regions), helmert(n_signals));
}

WithinAnova within_anova(const Eigen::MatrixXd& cells, Eigen::Index n_regions,
                         Eigen::Index n_signals) {
  check(cells, n_regions, n_signals);
  return {effect_of("region", cells * product(helmert(n_regions), mean_weights(n_signals))),
          effect_of("signal", cells * product(mean_weights(n_regions), helmert(n_signals))),
          effect_of("region:signal", interaction_contrasts(cells, n_regions, n_signals))};
}

ShuffleSequence participant_flips(Eigen::Index n_participants, uint64_t permutations,
                                  uint64_t seed) {
  return ShuffleSequence(ShuffleSet(Eigen::MatrixXd::Ones(n_participants, 1), ShuffleScheme::flips,
                                    {}, BlockExchange::within),
                         permutations, seed);
}

double interaction_permutation_p(const Eigen::MatrixXd& cells, Eigen::Index n_regions,
                                 Eigen::Index n_signals, uint64_t permutations, uint64_t seed,
                                 int n_threads) {
  check(cells, n_regions, n_signals);
  const Eigen::MatrixXd z = interaction_contrasts(cells, n_regions, n_signals);
  const double observed = within_f(z);
  if (permutations == 0 || std::isnan(observed)) return std::numeric_limits<double>::quiet_NaN();
  const ShuffleSequence shuffles = participant_flips(z.rows(), permutations, seed);
  const auto n = Eigen::Index(shuffles.size());
  std::vector<uint8_t> reached(static_cast<size_t>(n), 0);
  parallel_for(n, n_threads, [&](Eigen::Index k) {
    const Shuffle shuffle = shuffles[uint64_t(k)];
    Eigen::MatrixXd flipped = z;
    for (Eigen::Index i = 0; i < z.rows(); ++i) flipped.row(i) *= double(shuffle.sign[size_t(i)]);
    reached[size_t(k)] = !(within_f(flipped) < observed * (1 - 1e-10));
  });
  double count = 0;
  for (uint8_t r : reached) count += r;
  return count / double(n);
}

}  // namespace sociometer
