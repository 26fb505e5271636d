#include "engine/group/welch.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "engine/core/error.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// Cholesky factor of the lower triangle, in place; the matrices are tiny.
void factor(std::vector<double>& a, size_t n) {
  for (size_t j = 0; j < n; ++j) {
    for (size_t k = 0; k < j; ++k)
      for (size_t i = j; i < n; ++i) a[i * n + j] -= a[i * n + k] * a[j * n + k];
    const double pivot = std::sqrt(a[j * n + j]);
    for (size_t i = j; i < n; ++i) a[i * n + j] /= pivot;
  }
}

/// x becomes L^-1 x; entries `stride` apart.
void solve(const std::vector<double>& factor, size_t n, double* x, size_t stride) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) x[i * stride] -= factor[i * n + k] * x[k * stride];
    x[i * stride] /= factor[i * n + i];
  }
}

}  // namespace

WelchModel::WelchModel(const Eigen::MatrixXd& design, const GroupContrast& contrast,
                       const std::vector<int>& groups)
    : is_t_(contrast.is_t()) {
  require(Eigen::Index(groups.size()) == design.rows(), "one variance group per row");
  const EstimableSpace space(design);
  basis_ = space.basis();
  effect_rows_ = space.betas_from_coordinates().transpose() * contrast.rows.transpose();
  std::map<int, std::vector<Eigen::Index>> of_group;
  for (Eigen::Index i = 0; i < design.rows(); ++i) of_group[groups[size_t(i)]].push_back(i);
  for (const auto& [group, rows] : of_group) {
    const Eigen::MatrixXd part = chosen_rows(basis_, rows);
    products_.push_back(part.transpose() * part);
    effect_products_.push_back(effect_rows_.transpose() * products_.back() * effect_rows_);
    freedom_.push_back(double(rows.size()) - part.squaredNorm());
    members_.push_back(rows);
  }
}

double WelchModel::least_dof() const {
  // The terms of the sum are at most 1 / freedom.
  double sum = 0;
  for (const double f : freedom_) sum += 1 / f;
  return double(n_rows() * (n_rows() + 2)) / (3 * sum);
}

double WelchModel::most_dof() const {
  // By Cauchy's inequality, as sum (1 - share) = groups - 1.
  double sum = 0;
  for (const double f : freedom_) sum += f;
  const double terms = std::max(1.0, double(n_groups() - 1));
  return double(n_rows() * (n_rows() + 2)) / 3 * sum / (terms * terms);
}

WelchModel::Workspace WelchModel::workspace() const {
  const auto r = size_t(rank()), s = size_t(effect_rows_.cols());
  Workspace w;
  w.normal.resize(r * r);
  w.solved.resize(r * s);
  w.covariance.resize(s * s);
  w.factor.resize(s * s);
  w.effect.resize(s);
  return w;
}

double WelchModel::spread_of_weights(std::span<const double> squares) const {
  double total = 0, spread = 0;
  for (size_t g = 0; g < members_.size(); ++g)
    total += freedom_[g] / squares[g] * double(members_[g].size());
  for (size_t g = 0; g < members_.size(); ++g) {
    const double rest = 1 - freedom_[g] / squares[g] * double(members_[g].size()) / total;
    spread += rest * rest / freedom_[g];
  }
  return spread / double(n_rows() * (n_rows() + 2));
}

double WelchModel::form_of(Workspace& work, double spread) const {
  const auto s = size_t(n_rows());
  std::vector<double>& covariance = work.factor;
  std::copy(work.covariance.begin(), work.covariance.end(), covariance.begin());
  factor(covariance, s);
  solve(covariance, s, work.effect.data(), 1);
  double form = 0;
  for (const double x : work.effect) form += x * x;
  return form / double(s) / (1 + 2 * double(s - 1) * spread);
}

WelchModel::Result WelchModel::operator()(std::span<const double> coordinates,
                                          std::span<const double> squares, Workspace& work) const {
  const auto r = size_t(rank()), s = size_t(n_rows()), n_groups = members_.size();
  std::fill(work.normal.begin(), work.normal.end(), 0);
  for (size_t g = 0; g < n_groups; ++g)
    for (size_t k = 0; k < r * r; ++k)
      work.normal[k] += freedom_[g] / squares[g] * products_[g].data()[k];
  const double spread = spread_of_weights(squares);
  factor(work.normal, r);
  for (size_t c = 0; c < s; ++c) {
    work.effect[c] = 0;
    for (size_t k = 0; k < r; ++k) {
      const double u = effect_rows_(Eigen::Index(k), Eigen::Index(c));
      work.solved[k * s + c] = u;
      work.effect[c] += u * coordinates[k];
    }
    solve(work.normal, r, work.solved.data() + c, s);
    for (size_t d = 0; d <= c; ++d) {
      double sum = 0;
      for (size_t k = 0; k < r; ++k) sum += work.solved[k * s + c] * work.solved[k * s + d];
      work.covariance[c * s + d] = work.covariance[d * s + c] = sum;
    }
  }
  const double dof = n_groups == 1 ? freedom_[0] : 1 / (3 * spread);
  if (is_t_) return {work.effect[0] / std::sqrt(work.covariance[0]), dof};
  return {form_of(work, spread), dof};
}

WelchModel::Result WelchModel::of_least_squares(std::span<const double> coordinates,
                                                std::span<const double> squares,
                                                Workspace& work) const {
  const auto r = size_t(rank()), s = size_t(n_rows()), n_groups = members_.size();
  std::fill(work.covariance.begin(), work.covariance.end(), 0);
  double terms = 0;  // of Satterthwaite's sum, for t
  for (size_t g = 0; g < n_groups; ++g) {
    const double variance = squares[g] / freedom_[g];
    for (size_t k = 0; k < s * s; ++k)
      work.covariance[k] += variance * effect_products_[g].data()[k];
    const double term = variance * effect_products_[g](0, 0);
    terms += term * term / freedom_[g];
  }
  for (size_t c = 0; c < s; ++c) {
    work.effect[c] = 0;
    for (size_t k = 0; k < r; ++k)
      work.effect[c] += effect_rows_(Eigen::Index(k), Eigen::Index(c)) * coordinates[k];
  }
  if (is_t_)
    return {work.effect[0] / std::sqrt(work.covariance[0]),
            work.covariance[0] * work.covariance[0] / terms};
  const double spread = spread_of_weights(squares);
  return {form_of(work, spread), n_groups == 1 ? freedom_[0] : 1 / (3 * spread)};
}

WelchTails::WelchTails(const WelchModel& model)
    : is_t_(model.is_t()),
      numerator_dof_(double(model.n_rows())),
      low_(std::max(3.0, model.least_dof())),
      high_(std::max(model.most_dof(), low_ * 1.01)) {
  const double middle = (std::log(low_) + std::log(high_)) / 2, half = std::log(high_ / low_) / 2;
  for (int k = 0; k < kNodes; ++k) {
    const double angle = (2 * k + 1) * std::numbers::pi / (2 * kNodes);
    nodes_.push_back(middle + half * std::cos(angle));
    weights_.push_back((k % 2 == 0 ? 1 : -1) * std::sin(angle));
    tables_.push_back(is_t_ ? TailTable::of_t(std::exp(nodes_.back()))
                            : TailTable::of_f(numerator_dof_, std::exp(nodes_.back())));
  }
  if (is_t_) set_powers();
}

shuffle_kernels::TailNodes WelchTails::for_kernels() const {
  return {low_, high_, kPieces, kWidth, nodes_.data(), weights_.data(), powers_.data()};
}

/// Polynomials through the Chebyshev nodes of each piece.
void WelchTails::set_powers() {
  constexpr int kPowers = shuffle_kernels::kTailPowers;
  Eigen::Matrix<double, kPowers, kPowers> monomials;
  Eigen::Matrix<double, kPowers, kNodes> values;
  Eigen::Vector<double, kPowers> places;
  for (int i = 0; i < kPowers; ++i) {
    places[i] = std::cos(std::numbers::pi * (i + 0.5) / kPowers);
    for (int k = 0; k < kPowers; ++k) monomials(i, k) = std::pow(places[i], k);
  }
  const auto factors = monomials.partialPivLu();
  powers_.resize(size_t(kPieces * kPowers * kNodes));
  using Powers = Eigen::Matrix<double, kPowers, kNodes, Eigen::RowMajor>;
  for (int piece = 0; piece < kPieces; ++piece) {
    for (int i = 0; i < kPowers; ++i) {
      const double t = kWidth * (piece + (1 + places[i]) / 2);
      for (int k = 0; k < kNodes; ++k) values(i, k) = tables_[size_t(k)](t).z / t;
    }
    Eigen::Map<Powers>(powers_.data() + piece * kPowers * kNodes) = factors.solve(values);
  }
}

double WelchTails::z(double statistic, double dof) const {
  if (!(dof >= low_ && dof <= high_))
    return is_t_ ? z_from_t(statistic, dof) : z_from_f(statistic, numerator_dof_, dof);
  const double place = std::log(dof);
  double above = 0, below = 0;
  for (size_t k = 0; k < nodes_.size(); ++k) {
    const double distance = place - nodes_[k], value = tables_[k](statistic).z;
    if (distance == 0) return value;
    above += weights_[k] / distance * value;
    below += weights_[k] / distance;
  }
  return above / below;
}

}  // namespace sociometer
