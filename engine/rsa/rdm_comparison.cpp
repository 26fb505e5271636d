#include "engine/rsa/rdm_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/stats/correlation.hpp"

namespace sociometer {
namespace {

/// What projection leaves of a vector that is explained is rounding, this part of its length.
constexpr double kExplained = 1e-9;

/// A basis of the columns' space. Rounding of columns that repeat each other is no direction.
Eigen::MatrixXd orthonormal_columns(Eigen::MatrixXd columns) {
  if (columns.size() == 0) return Eigen::MatrixXd(columns.rows(), 0);
  for (Eigen::Index k = 0; k < columns.cols(); ++k)
    if (const double norm = columns.col(k).norm(); norm > 0) columns.col(k) /= norm;
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(columns.rows(), columns.cols());
  qr.setThreshold(kExplained);
  qr.compute(columns);
  return Eigen::MatrixXd(qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), qr.rank()));
}

Eigen::VectorXd at_pairs(const Eigen::Ref<const Eigen::VectorXd>& values,
                         const std::vector<Eigen::Index>& pairs) {
  Eigen::VectorXd out(Eigen::Index(pairs.size()));
  for (size_t p = 0; p < pairs.size(); ++p) out[Eigen::Index(p)] = values[pairs[p]];
  return out;
}

double pairs_of_equal(double n) { return n * (n - 1) / 2; }

/// Pairs with equal values in a sorted range. @param same  of two neighbours.
template <class Same>
double tied_pairs(size_t n, const Same& same) {
  double tied = 0;
  for (size_t first = 0; first < n;) {
    size_t last = first + 1;
    while (last < n && same(last - 1, last)) ++last;
    tied += pairs_of_equal(double(last - first));
    first = last;
  }
  return tied;
}

/// Sorts values and returns the number of exchanges of neighbours that this takes.
double sort_and_count(std::vector<double>& values) {
  std::vector<double> merged(values.size());
  double exchanges = 0;
  for (size_t width = 1; width < values.size(); width *= 2) {
    for (size_t first = 0; first < values.size(); first += 2 * width) {
      const size_t middle = std::min(first + width, values.size());
      const size_t last = std::min(first + 2 * width, values.size());
      size_t a = first, b = middle;
      for (size_t at = first; at < last; ++at) {
        if (b == last || (a < middle && values[a] <= values[b])) {
          merged[at] = values[a++];
        } else {
          merged[at] = values[b++];
          exchanges += double(middle - a);
        }
      }
    }
    values.swap(merged);
  }
  return exchanges;
}

}  // namespace

double kendall_tau_a(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  require(a.size() == b.size(), "tau is of pairs");
  const size_t n = size_t(a.size());
  if (n < 2 || !a.allFinite() || !b.allFinite()) return kNaN;
  std::vector<Eigen::Index> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Eigen::Index i, Eigen::Index j) {
    return a[i] != a[j] ? a[i] < a[j] : b[i] != b[j] ? b[i] < b[j] : i < j;
  });
  std::vector<double> sorted(n);
  for (size_t i = 0; i < n; ++i) sorted[i] = b[order[i]];
  const auto same_a = [&](size_t i, size_t j) { return a[order[i]] == a[order[j]]; };
  const double tied_a = tied_pairs(n, same_a);
  const double tied_both =
      tied_pairs(n, [&](size_t i, size_t j) { return same_a(i, j) && b[order[i]] == b[order[j]]; });
  const double discordant = sort_and_count(sorted);
  const double tied_b = tied_pairs(n, [&](size_t i, size_t j) { return sorted[i] == sorted[j]; });
  const double all = pairs_of_equal(double(n));
  return (all - tied_a - tied_b + tied_both - 2 * discordant) / all;
}

ModelComparison::ModelComparison(const ModelRdms& rdms, Eigen::Index model,
                                 RdmComparison comparison)
    : comparison_(comparison) {
  const Eigen::Index n_models = rdms.models.cols(), n_nuisance = rdms.nuisance.cols();
  require(takes_nuisance(comparison) || n_nuisance == 0, "this comparison takes no nuisance RDMs");
  for (Eigen::Index p = 0; p < rdms.models.rows(); ++p) {
    const bool has_models = is_regression(comparison) ? rdms.models.row(p).allFinite()
                                                      : std::isfinite(rdms.models(p, model));
    if (rdms.used[size_t(p)] && has_models && (n_nuisance == 0 || rdms.nuisance.row(p).allFinite()))
      pairs_.push_back(p);
  }
  if (comparison == RdmComparison::weighted_regression)
    root_weights_ = at_pairs(rdms.weights, pairs_).cwiseSqrt();
  std::vector<Eigen::VectorXd> others;
  for (Eigen::Index k = 0; k < n_nuisance; ++k)
    others.push_back(transformed(at_pairs(rdms.nuisance.col(k), pairs_)));
  for (Eigen::Index k = 0; is_regression(comparison) && k < n_models; ++k)
    if (k != model) others.push_back(transformed(at_pairs(rdms.models.col(k), pairs_)));
  const bool centred = takes_nuisance(comparison);
  Eigen::MatrixXd columns(n_pairs(), Eigen::Index(others.size()) + (centred ? 1 : 0));
  for (size_t k = 0; k < others.size(); ++k) columns.col(Eigen::Index(k)) = others[k];
  if (centred && root_weights_.size() > 0)
    columns.rightCols(1) = root_weights_;
  else if (centred)
    columns.rightCols(1).setOnes();
  // A constant column is 0 after standardising, or a multiple of the constant: both add no rank.
  nuisance_ = orthonormal_columns(std::move(columns));
  model_ = transformed(at_pairs(rdms.models.col(model), pairs_));
  const double length = model_.norm();
  const Eigen::VectorXd left = model_ - nuisance_ * (nuisance_.transpose() * model_);
  testable_ = n_pairs() > nuisance_.cols() + 1 && left.norm() > kExplained * length;
  if (comparison == RdmComparison::kendall && n_pairs() > 0)
    testable_ = n_pairs() > 1 && model_.minCoeff() < model_.maxCoeff();
}

Eigen::VectorXd ModelComparison::transformed(Eigen::VectorXd values) const {
  if (comparison_ == RdmComparison::spearman) return mid_ranks(values);
  if (!is_regression(comparison_) || values.size() == 0) return values;
  const Eigen::VectorXd w = root_weights_.size() > 0 ? Eigen::VectorXd(root_weights_.cwiseAbs2())
                                                     : Eigen::VectorXd::Ones(values.size());
  const double total = w.sum(), scale = values.cwiseAbs().maxCoeff();
  values.array() -= w.dot(values) / total;
  const double sd = std::sqrt(w.dot(values.cwiseAbs2()) / total);
  if (sd > kExplained * scale)
    values /= sd;
  else
    values.setZero();
  if (root_weights_.size() > 0) values.array() *= root_weights_.array();
  return values;
}

Eigen::VectorXd ModelComparison::taken(const Eigen::Ref<const Eigen::VectorXd>& rdm) const {
  Eigen::VectorXd y = at_pairs(rdm, pairs_);
  if (!y.allFinite()) return {};
  return transformed(std::move(y));
}

double ModelComparison::of_taken(const Eigen::VectorXd& y, const Eigen::VectorXd& model,
                                 bool coefficient) const {
  if (comparison_ == RdmComparison::kendall) return kendall_tau_a(y, model);
  const Eigen::VectorXd y_left = y - nuisance_ * (nuisance_.transpose() * y);
  const Eigen::VectorXd model_left = model - nuisance_ * (nuisance_.transpose() * model);
  const double y_norm = y_left.norm(), model_norm = model_left.norm();
  if (!(y_norm > kExplained * y.norm()) || !(model_norm > kExplained * model.norm())) return kNaN;
  return y_left.dot(model_left) / model_norm / (coefficient ? model_norm : y_norm);
}

double ModelComparison::value(const Eigen::Ref<const Eigen::VectorXd>& rdm) const {
  if (!testable_) return kNaN;
  const Eigen::VectorXd y = taken(rdm);
  return y.size() == 0 ? kNaN : of_taken(y, model_, is_regression(comparison_));
}

}  // namespace sociometer
