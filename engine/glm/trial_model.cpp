#include "engine/glm/trial_model.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// A response of which less than this share is left by the other columns is theirs.
constexpr double kLeastOwn = 1e-6;
/// A response with less than this share of its own loses digits unless it is first made orthogonal
/// to the other columns: the relative error is about 1e-16 over the square of the share.
constexpr double kLeastOfResponses = 1e-2;

std::vector<Eigen::Index> kept_positions(const std::vector<uint8_t>& kept) {
  std::vector<Eigen::Index> rows;
  for (size_t t = 0; t < kept.size(); ++t)
    if (kept[t]) rows.push_back(Eigen::Index(t));
  return rows;
}

double squares_about_mean(const Eigen::VectorXd& x) {
  return (x.array() - x.mean()).square().sum();
}

/// T = T_o L with L unit upper triangular: coefficients on the orthogonalised responses are L times
/// those on T.
struct Orthogonalised {
  Eigen::MatrixXd l;                    ///< (n_functions, n_functions)
  std::vector<double> squared_lengths;  ///< of T_o, relative to the first
};

Orthogonalised orthogonalise(const Eigen::MatrixXd& t) {
  const Eigen::Index n = t.cols();
  Eigen::MatrixXd o = t;
  Orthogonalised out{Eigen::MatrixXd::Identity(n, n), {}};
  for (Eigen::Index f = 0; f < n; ++f) {
    for (Eigen::Index g = 0; g < f; ++g) {
      const double squares = o.col(g).squaredNorm();
      if (!(squares > 0)) continue;
      out.l(g, f) = o.col(g).dot(t.col(f)) / squares;
      o.col(f) -= out.l(g, f) * o.col(g);
    }
    out.squared_lengths.push_back(o.col(f).squaredNorm() / o.col(0).squaredNorm());
  }
  return out;
}

/// The trial whose response correlates most with one.
void find_twin(const Eigen::MatrixXd& correlations, Eigen::Index trial, TrialFacts& facts) {
  for (Eigen::Index t = 0; t < correlations.cols(); ++t) {
    if (t == trial || !(std::abs(correlations(t, trial)) > std::abs(facts.twin_correlation)))
      continue;
    facts.twin = t;
    facts.twin_correlation = correlations(t, trial);
  }
}

/// Whether a trial has the same response as another one: no model can separate the two.
bool has_twin(const Eigen::MatrixXd& correlations, Eigen::Index trial) {
  constexpr double kSameResponse = 1 - 1e-10;
  for (Eigen::Index t = 0; t < correlations.cols(); ++t)
    if (t != trial && std::abs(correlations(t, trial)) > kSameResponse) return true;
  return false;
}

/// Correlations of the trials' responses (first functions) over kept scans; 0 for a response of 0.
Eigen::MatrixXd correlations_of(const SingleTrials& trials, const std::vector<Eigen::Index>& rows) {
  Eigen::MatrixXd x(Eigen::Index(rows.size()), Eigen::Index(trials.n_trials()));
  for (Eigen::Index t = 0; t < x.cols(); ++t)
    x.col(t) = trials.columns.col(t * trials.n_functions)(rows);
  x = x.rowwise() - x.colwise().mean().eval();
  x.colwise().normalize();
  return x.transpose() * x;
}

/// The responses of one trial against the space of the model: T = Z r + Q triangle, Q with a column
/// for each function that the others do not explain.
struct OwnPart {
  Eigen::MatrixXd on_basis;         ///< r, (rank, n_functions)
  Eigen::MatrixXd q;                ///< (n_kept, n_free)
  Eigen::MatrixXd triangle;         ///< (n_free, n_functions)
  std::vector<Eigen::Index> free_;  ///< functions with a column of Q
};

OwnPart own_part(const Eigen::MatrixXd& t, const EstimableSpace& space) {
  OwnPart out;
  const Eigen::Index n = t.cols();
  out.on_basis = space.basis().transpose() * t;
  Eigen::MatrixXd rest = t - space.basis() * out.on_basis;
  rest -= space.basis() * (space.basis().transpose() * rest).eval();  // twice is enough
  out.q.resize(t.rows(), 0);
  out.triangle.setZero(n, n);
  for (Eigen::Index f = 0; f < n; ++f) {
    Eigen::VectorXd left = rest.col(f);
    for (int pass = 0; pass < 2; ++pass)
      for (Eigen::Index k = 0; k < out.q.cols(); ++k) {
        const double on = out.q.col(k).dot(left);
        out.triangle(k, f) += on;
        left -= on * out.q.col(k);
      }
    const double length = left.norm();
    if (!(length > kLeastOwn * t.col(f).norm())) continue;
    const Eigen::Index k = out.q.cols();
    out.triangle(k, f) = length;
    out.q.conservativeResize(Eigen::NoChange, k + 1);
    out.q.col(k) = left / length;
    out.free_.push_back(f);
  }
  out.triangle.conservativeResize(out.q.cols(), n);
  return out;
}

/// The triangle's columns of the free functions: g of T's free functions is its inverse times g of
/// Q.
Eigen::MatrixXd free_triangle(const OwnPart& own) { return own.triangle(Eigen::all, own.free_); }

/// Whether the responses can stand for Q.
bool keeps_enough(const OwnPart& own, const Eigen::MatrixXd& t) {
  for (size_t k = 0; k < own.free_.size(); ++k)
    if (own.triangle(Eigen::Index(k), own.free_[k]) <
        kLeastOfResponses * t.col(own.free_[k]).norm())
      return false;
  return true;
}

/// Weights of the coefficients on the free responses, scaled to length 1.
/// @param l  Orthogonalised::l.
void weigh_responses(const OwnPart& own, const Eigen::MatrixXd& t, const Eigen::MatrixXd& l,
                     TrialParts& parts) {
  for (size_t c = 0; c < parts.coefficients.size(); ++c) {
    Eigen::VectorXd& weights = parts.coefficients[c].on_own;
    for (Eigen::Index k = 0; k < weights.size(); ++k) {
      const Eigen::Index f = own.free_[size_t(k)];
      weights[k] = l(Eigen::Index(c), f) / t.col(f).norm();
    }
  }
}

}  // namespace

/// The model of all trials over kept scans.
struct TrialModel::Space {
  std::vector<Eigen::Index> rows;
  EstimableSpace space;
  Eigen::MatrixXd correlations;  ///< of the trials' responses
};

namespace {

/// Whether c'b is determined: (A c, c) must be orthogonal to every null vector of [S T].
/// @param weights  A c on the model's columns.
bool is_determined(const Eigen::VectorXd& weights, const Eigen::VectorXd& c, const OwnPart& own,
                   const EstimableSpace& space) {
  constexpr double kTolerance = 1e-6;
  if (!weights.isZero(0) && !space.is_estimable(weights)) return false;
  const Eigen::VectorXd on_basis = space.coordinates(weights);
  const Eigen::MatrixXd triangle = free_triangle(own);
  for (Eigen::Index f = 0; f < c.size(); ++f) {
    if (std::find(own.free_.begin(), own.free_.end(), f) != own.free_.end()) continue;
    // T_f = T_free s + S t.
    Eigen::VectorXd s(0), r = own.on_basis.col(f);
    double on_own = c[f];
    if (triangle.cols() > 0) {
      s = triangle.triangularView<Eigen::Upper>().solve(own.triangle.col(f));
      r -= own.on_basis(Eigen::all, own.free_) * s;
      on_own -= Eigen::VectorXd(c(own.free_)).dot(s);
    }
    if (std::abs(on_own - on_basis.dot(r)) > kTolerance) return false;
  }
  return true;
}

}  // namespace

TrialModel::TrialModel(const SingleTrials& trials, const std::vector<uint8_t>& kept,
                       TrialAmplitude amplitude, TrialBasis columns,
                       const SingleTrials* defined_by) {
  const std::vector<Eigen::Index> rows = kept_positions(kept);
  const Space space{rows, EstimableSpace(trials.model.values(rows, Eigen::all)),
                    correlations_of(trials, rows)};
  for (const auto& shares : trials.shares)
    for (const auto& share : shares)
      for (Eigen::Index f = 0; f < trials.n_functions; ++f)
        shared_.push_back(share.first_column + f);
  std::sort(shared_.begin(), shared_.end());
  shared_.erase(std::unique(shared_.begin(), shared_.end()), shared_.end());
  for (size_t t = 0; t < trials.n_trials(); ++t)
    add_trial(trials, space, t, amplitude, columns, defined_by ? *defined_by : trials);
  own_.setZero(Eigen::Index(kept.size()), Eigen::Index(own_list_.size()));
  for (size_t k = 0; k < own_list_.size(); ++k) own_(rows, Eigen::Index(k)) = own_list_[k];
  own_list_.clear();
}

void TrialModel::add_trial(const SingleTrials& trials, const Space& space, size_t trial,
                           TrialAmplitude amplitude, TrialBasis columns,
                           const SingleTrials& defined_by) {
  const Eigen::Index n = trials.n_functions;
  const Eigen::MatrixXd all = trials.columns.middleCols(Eigen::Index(trial) * n, n);
  const Eigen::MatrixXd t = all(space.rows, Eigen::all);
  TrialFacts& facts = facts_.emplace_back();
  TrialParts& parts = parts_.emplace_back();
  parts.first_own = Eigen::Index(own_list_.size());
  facts.vif = kNaN;
  if (t.col(0).isZero(0)) {
    facts.status = TrialStatus::no_response;
    return;
  }
  const OwnPart own = own_part(t, space.space);
  const Orthogonalised o = orthogonalise(defined_by.columns.middleCols(Eigen::Index(trial) * n, n));
  parts.squared_lengths = o.squared_lengths;
  const Eigen::Index n_coefficients = amplitude == TrialAmplitude::peak ? n : 1;
  for (Eigen::Index f = 0; f < n_coefficients; ++f) {
    const Eigen::VectorXd c = o.l.row(f).transpose();
    Eigen::VectorXd weights = Eigen::VectorXd::Zero(trials.model.n_columns());
    for (const auto& share : trials.shares[trial])
      weights.segment(share.first_column, n) += share.weight * c;
    if (has_twin(space.correlations, Eigen::Index(trial)) ||
        !is_determined(weights, c, own, space.space)) {
      facts.status = TrialStatus::not_separable;
      find_twin(space.correlations, Eigen::Index(trial), facts);
      parts.coefficients.clear();
      return;
    }
    TrialCoefficient coefficient;
    for (size_t s = 0; s < shared_.size(); ++s)
      if (weights[shared_[s]] != 0)
        coefficient.on_shared.push_back({Eigen::Index(s), weights[shared_[s]]});
    const Eigen::VectorXd on_basis = space.space.coordinates(weights);
    if (!own.free_.empty())
      coefficient.on_own =
          free_triangle(own).triangularView<Eigen::Upper>().transpose().solve(Eigen::VectorXd(
              c(own.free_) - own.on_basis(Eigen::all, own.free_).transpose() * on_basis));
    if (f == 0)
      facts.vif = (coefficient.on_own.squaredNorm() + on_basis.squaredNorm()) *
                  squares_about_mean(t.col(0));
    parts.coefficients.push_back(std::move(coefficient));
  }
  parts.n_own = own.q.cols();
  const bool as_they_are = columns == TrialBasis::responses && keeps_enough(own, t);
  if (as_they_are) weigh_responses(own, t, o.l, parts);
  for (Eigen::Index k = 0; k < own.q.cols(); ++k)
    own_list_.push_back(as_they_are ? t.col(own.free_[size_t(k)]).normalized() : own.q.col(k));
}

std::vector<TrialFacts> lsa_facts(const SingleTrials& trials, const std::vector<uint8_t>& kept) {
  const std::vector<Eigen::Index> rows = kept_positions(kept);
  const Eigen::MatrixXd x = trials.model.values(rows, Eigen::all);
  const EstimableSpace space(x);
  const Eigen::MatrixXd correlations = correlations_of(trials, rows);
  std::vector<TrialFacts> all;
  for (Eigen::Index t = 0; t < Eigen::Index(trials.n_trials()); ++t) {
    TrialFacts& facts = all.emplace_back();
    facts.vif = kNaN;
    const Eigen::Index column = t * trials.n_functions;
    bool determined = true;
    for (Eigen::Index f = 0; f < trials.n_functions; ++f)
      determined &= x.col(column + f).isZero(0) ||
                    space.is_estimable(Eigen::VectorXd::Unit(x.cols(), column + f));
    if (x.col(column).isZero(0)) {
      facts.status = TrialStatus::no_response;
    } else if (!determined) {
      facts.status = TrialStatus::not_separable;
      find_twin(correlations, t, facts);
    } else {
      facts.vif = space.coordinates(Eigen::VectorXd::Unit(x.cols(), column)).squaredNorm() *
                  squares_about_mean(x.col(column));
    }
  }
  return all;
}

std::string why_not(const TrialFacts& facts,
                    const std::function<std::string(Eigen::Index)>& label) {
  if (facts.status == TrialStatus::ok) return "";
  if (facts.status == TrialStatus::no_response)
    return "its response is 0 in every scan that is kept";
  constexpr double kSame = 0.999;
  if (facts.twin >= 0 && std::abs(facts.twin_correlation) > kSame)
    return fmt::format("its response is that of {} (r = {:.4f})", label(facts.twin),
                       facts.twin_correlation);
  return "the other columns of the design explain its response";
}

}  // namespace sociometer
