#include "engine/mixed/penalised_system.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {
namespace {

/// Columns of the factors after the first, times their relative factors.
void times_factors(const std::vector<RandomFactor>& random, const RelativeFactors& factors,
                   Eigen::MatrixXd& columns) {
  Eigen::Index at = 0;
  for (size_t f = 1; f < random.size(); ++f) {
    const Eigen::Index k = random[f].n_columns();
    for (Eigen::Index l = 0; l < random[f].n_levels(); ++l, at += k)
      columns.middleCols(at, k) = (columns.middleCols(at, k) * factors[f]).eval();
  }
}

}  // namespace

void largest_first(std::vector<RandomFactor>& random) {
  const auto size = [](const RandomFactor& f) { return f.n_levels() * f.n_columns(); };
  const auto largest =
      std::max_element(random.begin(), random.end(),
                       [&](const auto& a, const auto& b) { return size(a) < size(b); });
  if (largest != random.end()) std::rotate(random.begin(), largest, largest + 1);
}

Eigen::Index n_relative_parameters(const std::vector<RandomFactor>& random) {
  return Eigen::Index(on_diagonal(random).size());
}

RelativeFactors relative_factors(const std::vector<RandomFactor>& random,
                                 const Eigen::Ref<const Eigen::VectorXd>& parameters) {
  RelativeFactors out;
  Eigen::Index p = 0;
  for (const auto& factor : random) {
    Eigen::MatrixXd t = Eigen::MatrixXd::Zero(factor.n_columns(), factor.n_columns());
    Eigen::Index at = 0;
    for (int size : factor.blocks) {
      for (Eigen::Index c = at; c < at + size; ++c)
        for (Eigen::Index r = c; r < at + size; ++r) t(r, c) = parameters[p++];
      at += size;
    }
    out.push_back(std::move(t));
  }
  return out;
}

std::vector<bool> on_diagonal(const std::vector<RandomFactor>& random) {
  std::vector<bool> out;
  for (const auto& factor : random)
    for (int size : factor.blocks)
      for (int c = 0; c < size; ++c)
        for (int r = c; r < size; ++r) out.push_back(r == c);
  return out;
}

void add_up(const std::vector<RandomFactor>& random, const Eigen::MatrixXd& dense,
            const Eigen::VectorXd& weights, CrossProducts& out) {
  const RandomFactor& first = random[0];
  Eigen::Index per_row = dense.cols();
  out.n_random = 0;
  for (size_t f = 1; f < random.size(); ++f) {
    per_row += random[f].n_columns();
    out.n_random += random[f].n_columns() * random[f].n_levels();
  }
  const Eigen::Index k = first.n_columns(), m = out.n_random + dense.cols();
  out.own.assign(size_t(first.n_levels()), Eigen::MatrixXd::Zero(k, k));
  out.beside.assign(size_t(first.n_levels()), Eigen::MatrixXd::Zero(k, m));
  out.rest.setZero(m, m);
  std::vector<Eigen::Index> index(size_t(per_row), 0);
  Eigen::VectorXd value(per_row), z(k);
  for (Eigen::Index i = 0; i < dense.rows(); ++i) {
    Eigen::Index at = 0, start = 0;
    for (size_t f = 1; f < random.size(); ++f) {
      const Eigen::Index own = random[f].n_columns();
      for (Eigen::Index c = 0; c < own; ++c, ++at) {
        index[size_t(at)] = start + random[f].level[size_t(i)] * own + c;
        value[at] = random[f].z(i, c);
      }
      start += own * random[f].n_levels();
    }
    for (Eigen::Index c = 0; c < dense.cols(); ++c, ++at) {
      index[size_t(at)] = start + c;
      value[at] = dense(i, c);
    }
    const double w = weights.size() > 0 ? weights[i] : 1;
    z = w * first.z.row(i).transpose();
    const auto level = size_t(first.level[size_t(i)]);
    out.own[level].noalias() += z * first.z.row(i);
    for (Eigen::Index a = 0; a < per_row; ++a) {
      out.beside[level].col(index[size_t(a)]) += z * value[a];
      // Indices rise along a row, so that these are below the diagonal.
      for (Eigen::Index b = 0; b <= a; ++b)
        out.rest(index[size_t(a)], index[size_t(b)]) += w * value[a] * value[b];
    }
  }
}

PenalisedSystem::PenalisedSystem(const CrossProducts& products,
                                 const std::vector<RandomFactor>& random,
                                 const RelativeFactors& factors)
    : random_(random), n_random_(products.n_random) {
  factor_ = products.rest.selfadjointView<Eigen::Lower>();
  if (n_random_ > 0) {
    times_factors(random, factors, factor_);
    factor_.transposeInPlace();
    times_factors(random, factors, factor_);
  }
  factor_.diagonal().head(n_random_).array() += 1;
  beside_ = products.beside;
  if (n_random_ > 0)
    for (auto& beside : beside_) times_factors(random, factors, beside);
  eliminate_first(products, factors[0]);
  if (positive_) factor_rest();
}

void PenalisedSystem::eliminate_first(const CrossProducts& products, const Eigen::MatrixXd& t) {
  own_.reserve(products.own.size());
  for (size_t l = 0; l < products.own.size(); ++l) {
    Eigen::MatrixXd own = t.transpose() * products.own[l] * t;
    own.diagonal().array() += 1;
    own_.emplace_back(own);
    if (own_.back().info() != Eigen::Success || !own.allFinite()) {
      positive_ = false;
      return;
    }
    log_det_random_ += 2 * own_.back().matrixLLT().diagonal().array().log().sum();
    beside_[l] = (t.transpose() * beside_[l]).eval();
    own_.back().matrixL().solveInPlace(beside_[l]);
    factor_.selfadjointView<Eigen::Lower>().rankUpdate(beside_[l].transpose(), -1);
  }
}

void PenalisedSystem::factor_rest() {
  const Eigen::Index m = factor_.rows() - 1;
  regressed_ = factor_.row(m).head(m).transpose();
  const double squares = factor_(m, m);
  factor_.conservativeResize(m, m);
  const Eigen::LLT<Eigen::MatrixXd> llt(factor_);
  positive_ = llt.info() == Eigen::Success;
  if (!positive_) return;
  factor_ = llt.matrixL();
  factor_.triangularView<Eigen::Lower>().solveInPlace(regressed_);
  squares_ = squares - regressed_.squaredNorm();
  log_det_random_ += 2 * factor_.diagonal().head(n_random_).array().log().sum();
}

double PenalisedSystem::log_det_fixed() const {
  return 2 * factor_.diagonal().tail(factor_.rows() - n_random_).array().log().sum();
}

Eigen::VectorXd PenalisedSystem::effects() const {
  const Eigen::VectorXd all = factor_.transpose().triangularView<Eigen::Upper>().solve(regressed_);
  return all.tail(all.size() - n_random_);
}

Eigen::MatrixXd PenalisedSystem::effects_covariance() const {
  const Eigen::Index p = factor_.rows() - n_random_;
  const Eigen::MatrixXd inverse =
      factor_.bottomRightCorner(p, p).triangularView<Eigen::Lower>().solve(
          Eigen::MatrixXd::Identity(p, p));
  return inverse.transpose() * inverse;
}

std::vector<Eigen::MatrixXd> PenalisedSystem::spherical_modes() const {
  const Eigen::Index m = factor_.rows();
  const Eigen::VectorXd others =
      factor_.transpose().triangularView<Eigen::Upper>().solve(regressed_);
  std::vector<Eigen::MatrixXd> out;
  for (const auto& factor : random_) out.emplace_back(factor.n_levels(), factor.n_columns());
  for (size_t l = 0; l < own_.size(); ++l) {
    const Eigen::VectorXd right = beside_[l].col(m) - beside_[l].leftCols(m) * others;
    out[0].row(Eigen::Index(l)) = own_[l].matrixU().solve(right).transpose();
  }
  Eigen::Index at = 0;
  for (size_t f = 1; f < random_.size(); ++f)
    for (Eigen::Index l = 0; l < random_[f].n_levels(); ++l, at += random_[f].n_columns())
      out[f].row(l) = others.segment(at, random_[f].n_columns()).transpose();
  return out;
}

std::vector<std::vector<Eigen::MatrixXd>> PenalisedSystem::mode_covariances(
    const RelativeFactors& factors) const {
  std::vector<std::vector<Eigen::MatrixXd>> out(random_.size());
  const Eigen::MatrixXd inverse = factor_.topLeftCorner(n_random_, n_random_)
                                      .triangularView<Eigen::Lower>()
                                      .solve(Eigen::MatrixXd::Identity(n_random_, n_random_));
  const Eigen::MatrixXd& t = factors[0];
  for (size_t l = 0; l < own_.size(); ++l) {
    const Eigen::MatrixXd lower =
        own_[l].matrixL().solve(Eigen::MatrixXd::Identity(t.rows(), t.rows()));
    Eigen::MatrixXd spherical = lower.transpose() * lower;
    if (n_random_ > 0) {
      const Eigen::MatrixXd through =
          lower.transpose() * beside_[l].leftCols(n_random_) * inverse.transpose();
      spherical += through * through.transpose();
    }
    out[0].push_back(t * spherical * t.transpose());
  }
  Eigen::Index at = 0;
  for (size_t f = 1; f < random_.size(); ++f) {
    const Eigen::Index k = random_[f].n_columns();
    for (Eigen::Index l = 0; l < random_[f].n_levels(); ++l, at += k) {
      const auto columns = inverse.middleCols(at, k);
      out[f].push_back(factors[f] * (columns.transpose() * columns) * factors[f].transpose());
    }
  }
  return out;
}

}  // namespace sociometer
