#include "engine/group/influence.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/design/estimability.hpp"
#include "engine/stats/quantiles.hpp"

namespace sociometer {
namespace {

/// 1 - h below this: the participant alone determines a column of the design.
constexpr double kAlone = 1e-10;
/// Residual sum of squares below this share of the values' counts as none.
constexpr double kNoSpread = 1e-20;

/// What depends on the design of the participants present alone.
struct DeletionTerms {
  Eigen::MatrixXd basis;     ///< Z, (n, rank)
  Eigen::VectorXd leverage;  ///< (n)
  Eigen::VectorXd tested;    ///< g'z_i, (n)
  Eigen::VectorXd along;     ///< g, (rank)
  double length = 0;         ///< g'g
  double dof = 0;
  bool estimable = false;
};

DeletionTerms deletion_terms(const Eigen::MatrixXd& design, const GroupContrast& contrast) {
  DeletionTerms d;
  const EstimableSpace space(design);
  const Eigen::VectorXd weights = contrast.rows.row(0).transpose();
  d.dof = double(design.rows() - space.rank());
  d.estimable = d.dof >= 1 && space.is_estimable(weights);
  if (!d.estimable) return d;
  d.basis = space.basis();
  d.along = space.coordinates(weights);
  d.length = d.along.squaredNorm();
  d.leverage = d.basis.rowwise().squaredNorm();
  d.tested = d.basis * d.along;
  return d;
}

/// Figures of one voxel; NaN where there are none.
void fit_voxel(const DeletionTerms& d, const Eigen::VectorXd& y, VoxelInfluence& out) {
  const Eigen::Index n = y.size();
  const double rank = double(d.basis.cols());
  out.leverage = d.leverage;
  out.cooks_distance = out.studentised = out.t_without = Eigen::VectorXd::Constant(n, kNaN);
  out.t = kNaN;
  out.dof = d.dof;
  const Eigen::VectorXd gamma = d.basis.transpose() * y, e = y - d.basis * gamma;
  const double sse = e.squaredNorm(), effect = d.along.dot(gamma);
  if (!(sse > kNoSpread * y.squaredNorm())) return;
  const double variance = sse / d.dof;
  out.t = effect / std::sqrt(variance * d.length);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double rest = 1 - d.leverage[i];
    if (rest < kAlone) continue;
    out.cooks_distance[i] = e[i] * e[i] * d.leverage[i] / (rank * variance * rest * rest);
    const double sse_without = sse - e[i] * e[i] / rest;
    if (d.dof < 2 || !(sse_without > 1e-12 * sse)) continue;
    const double variance_without = sse_without / (d.dof - 1);
    out.studentised[i] = e[i] / std::sqrt(variance_without * rest);
    out.t_without[i] = (effect - d.tested[i] * e[i] / rest) /
                       std::sqrt(variance_without * (d.length + d.tested[i] * d.tested[i] / rest));
  }
}

/// Sums over voxels, and peaks so far.
class Accumulation {
 public:
  explicit Accumulation(Eigen::Index n)
      : cook_(size_t(n)), square_(size_t(n)), counted_(size_t(n), 0) {
    out_.participants.resize(size_t(n));
  }

  void add(Eigen::Index voxel, const std::vector<Eigen::Index>& participants,
           const VoxelInfluence& v) {
    if (std::isnan(v.t)) return;
    ++out_.n_voxels;
    if (out_.peak_voxel < 0 || std::abs(v.t) > std::abs(out_.peak_t)) {
      out_.peak_voxel = voxel;
      out_.peak_t = v.t;
      out_.peak_dof = v.dof;
      for (auto& p : out_.participants) p.t_at_peak = v.t;  // of those without a value there
      for (size_t k = 0; k < participants.size(); ++k)
        out_.participants[size_t(participants[k])].t_at_peak = v.t_without[Eigen::Index(k)];
    }
    std::vector<bool> present(out_.participants.size(), false);
    for (size_t k = 0; k < participants.size(); ++k) {
      const auto i = size_t(participants[k]);
      present[i] = true;
      add_one(i, voxel, v, Eigen::Index(k));
    }
    for (size_t i = 0; i < present.size(); ++i)
      if (!present[i]) offer_peak(i, voxel, v.t);
  }

  GroupInfluence result(const InfluenceOptions& options) {
    for (size_t i = 0; i < out_.participants.size(); ++i) {
      ParticipantInfluence& p = out_.participants[i];
      p.n_voxels = counted_[i];
      const double n = double(counted_[i]);
      p.cooks_distance = n > 0 ? cook_[i] / n : kNaN;
      p.distance = n > 0 ? std::sqrt(square_[i] / n) : kNaN;
      p.t_change = p.t_at_peak - out_.peak_t;
      p.peak_lost =
          p.t_at_peak * (out_.peak_t < 0 ? -1 : 1) < options.peak_share * std::abs(out_.peak_t);
      if (p.peak_voxel < 0) p.peak_t = kNaN;
    }
    judge_distances(options.distance_limit);
    return std::move(out_);
  }

 private:
  void add_one(size_t i, Eigen::Index voxel, const VoxelInfluence& v, Eigen::Index k) {
    if (!std::isnan(v.t_without[k])) offer_peak(i, voxel, v.t_without[k]);
    if (std::isnan(v.cooks_distance[k]) || std::isnan(v.studentised[k])) return;
    cook_[i] += v.cooks_distance[k];
    square_[i] += v.studentised[k] * v.studentised[k];
    ++counted_[i];
  }

  void offer_peak(size_t i, Eigen::Index voxel, double t) {
    ParticipantInfluence& p = out_.participants[i];
    if (p.peak_voxel >= 0 && std::abs(t) <= std::abs(p.peak_t)) return;
    p.peak_t = t;
    p.peak_voxel = voxel;
  }

  void judge_distances(double limit) {
    std::vector<double> logs, deviations;
    for (const auto& p : out_.participants)
      if (p.distance > 0) logs.push_back(std::log(p.distance));
    const double middle = median_of(logs);
    for (double x : logs) deviations.push_back(std::abs(x - middle));
    const double spread = 1.4826 * median_of(deviations);
    for (auto& p : out_.participants) {
      p.distance_z = p.distance > 0 && spread > 0 ? (std::log(p.distance) - middle) / spread : kNaN;
      p.far_away = p.distance_z > limit;
    }
  }

  GroupInfluence out_;
  std::vector<double> cook_, square_;
  std::vector<Eigen::Index> counted_;
};

void check_influence(Eigen::Index rows, const Eigen::MatrixXd& design,
                     const GroupContrast& contrast) {
  if (rows != design.rows())
    fail(ErrorCode::shape_mismatch, "{} maps, but the group design has {} rows", rows,
         design.rows());
  if (!contrast.is_t() || contrast.rows.rows() != 1)
    fail(ErrorCode::bad_input, "contrast {} is of F; influence is on t of a t contrast",
         contrast.spec.name);
}

}  // namespace

VoxelInfluence voxel_influence(const Eigen::VectorXd& y, const Eigen::MatrixXd& design,
                               const GroupContrast& contrast) {
  check_influence(y.size(), design, contrast);
  const DeletionTerms terms = deletion_terms(design, contrast);
  if (!terms.estimable)
    fail(ErrorCode::bad_input, "contrast {} cannot be tested in this design", contrast.spec.name);
  VoxelInfluence out;
  fit_voxel(terms, y, out);
  return out;
}

GroupInfluence group_influence(const GroupData& data, const Eigen::MatrixXd& design,
                               const GroupContrast& contrast, const InfluenceOptions& options) {
  check_influence(data.n_participants(), design, contrast);
  Accumulation sums(design.rows());
  Eigen::MatrixXd space;
  VoxelInfluence voxel;
  for (const PresencePattern& pattern : presence_patterns(data, design.cols() + 1)) {
    const DeletionTerms terms = deletion_terms(chosen_rows(design, pattern.participants), contrast);
    if (!terms.estimable) continue;
    Eigen::VectorXd y(pattern.n());
    for (size_t k = 0; k < pattern.voxels.size();) {
      // The block of the grid that this voxel is in, as far as the data go.
      const Eigen::Index first = Eigen::Index(pattern.voxels[k]) / kGroupBlock * kGroupBlock;
      const Eigen::Index size = std::min(kGroupBlock, data.n_voxels() - first);
      const GroupBlock values = data.block(first, size, space);
      for (; k < pattern.voxels.size() && Eigen::Index(pattern.voxels[k]) < first + size; ++k) {
        const Eigen::Index v = pattern.voxels[k];
        for (Eigen::Index i = 0; i < y.size(); ++i)
          y[i] = values(pattern.participants[size_t(i)], v - first);
        fit_voxel(terms, y, voxel);
        sums.add(v, pattern.participants, voxel);
      }
    }
  }
  GroupInfluence out = sums.result(options);
  const EstimableSpace whole(design);
  for (size_t i = 0; i < out.participants.size(); ++i)
    out.participants[i].leverage = whole.basis().row(Eigen::Index(i)).squaredNorm();
  out.mean_leverage = double(whole.rank()) / double(design.rows());
  return out;
}

}  // namespace sociometer
