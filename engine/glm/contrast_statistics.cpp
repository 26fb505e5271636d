#include "engine/glm/contrast_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/design/subspace.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

/// Rows that are linearly independent of earlier rows: dropping the others does not change F.
Eigen::MatrixXd independent_rows(const std::vector<Eigen::VectorXd>& rows) {
  Eigen::MatrixXd kept(rows.front().size(), 0);
  for (const auto& row : rows) {
    if (residual_of(row, kept).norm() <= 1e-10 * row.norm()) continue;
    kept.conservativeResize(Eigen::NoChange, kept.cols() + 1);
    kept.rightCols(1) = row;
  }
  return kept.transpose();
}

Eigen::MatrixXd unit_covariance(const ContrastValues& values, Eigen::Index voxel, Eigen::Index q) {
  Eigen::MatrixXd c(q, q);
  for (Eigen::Index i = 0, at = 0; i < q; ++i)
    for (Eigen::Index j = 0; j <= i; ++j) c(i, j) = c(j, i) = values.unit_covariance(at++, voxel);
  return c;
}

double quadratic_form(const Eigen::VectorXd& effect, const Eigen::MatrixXd& covariance) {
  const Eigen::LDLT<Eigen::MatrixXd> factor(covariance);
  return effect.dot(factor.solve(effect));
}

using Runs = std::vector<const ContrastValues*>;

struct Combined {
  Eigen::VectorXd effect;
  Eigen::MatrixXd covariance;
};

Combined combine_equally(const Runs& runs, Eigen::Index voxel, Eigen::Index q) {
  Combined out{Eigen::VectorXd::Zero(q), Eigen::MatrixXd::Zero(q, q)};
  const double n = double(runs.size());
  for (const auto* run : runs) {
    out.effect += run->effect.col(voxel) / n;
    out.covariance += unit_covariance(*run, voxel, q) * (run->residual_variance[voxel] / (n * n));
  }
  return out;
}

Combined combine_by_precision(const Runs& runs, Eigen::Index voxel, Eigen::Index q) {
  Eigen::VectorXd weighted = Eigen::VectorXd::Zero(q);
  Eigen::MatrixXd precision = Eigen::MatrixXd::Zero(q, q);
  for (const auto* run : runs) {
    const Eigen::MatrixXd one =
        unit_covariance(*run, voxel, q).inverse() / run->residual_variance[voxel];
    weighted += one * run->effect.col(voxel);
    precision += one;
  }
  const Eigen::MatrixXd covariance = precision.inverse();
  return {covariance * weighted, covariance};
}

/// nilearn's F over runs: effects whitened by the square root of their unit covariance are averaged
/// and compared with the averaged residual variance.
double nilearn_f(const Runs& runs, Eigen::Index voxel, Eigen::Index q) {
  Eigen::VectorXd whitened = Eigen::VectorXd::Zero(q);
  double variance = 0;
  const double n = double(runs.size());
  for (const auto* run : runs) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(unit_covariance(*run, voxel, q));
    whitened += eigen.operatorInverseSqrt() * run->effect.col(voxel) / n;
    variance += run->residual_variance[voxel] / (n * n);
  }
  return whitened.squaredNorm() / double(q) / variance;
}

void set_statistic(ContrastMaps& maps, Eigen::Index v, double statistic, const TailTable& table) {
  const Tails tails = table(statistic);
  maps.statistic[v] = statistic;
  maps.z[v] = tails.z;
  maps.p[v] = tails.p;
}

/// t of a single row: the common case, without matrices.
void fill_t_voxel(const Runs& runs, Eigen::Index v, FixedEffects how, const TailTable& table,
                  ContrastMaps& maps) {
  const double n = double(runs.size());
  const bool by_precision = how == FixedEffects::precision && runs.size() > 1;
  double effect = 0, variance = 0;
  for (const auto* run : runs) {
    const double one = run->unit_covariance(0, v) * run->residual_variance[v];
    effect += by_precision ? run->effect(0, v) / one : run->effect(0, v) / n;
    variance += by_precision ? 1 / one : one / (n * n);
  }
  if (by_precision) {
    variance = 1 / variance;
    effect *= variance;
  }
  for (const auto* run : runs)
    if (!(run->residual_variance[v] > 0)) return;  // some run has no statistics here: NaN
  maps.effect(0, v) = effect;
  maps.variance(0, v) = variance;
  set_statistic(maps, v, effect / std::sqrt(variance), table);
}

void fill_f_voxel(const Runs& runs, Eigen::Index v, FixedEffects how, const TailTable& table,
                  ContrastMaps& maps) {
  const Eigen::Index q = maps.effect.rows();
  for (const auto* run : runs)
    if (!(run->residual_variance[v] > 0)) return;
  const bool by_precision = how == FixedEffects::precision && runs.size() > 1;
  const Combined c = by_precision ? combine_by_precision(runs, v, q) : combine_equally(runs, v, q);
  maps.effect.col(v) = c.effect;
  maps.variance.col(v) = c.covariance.diagonal();
  const double f = how == FixedEffects::nilearn
                       ? nilearn_f(runs, v, q)
                       : quadratic_form(c.effect, c.covariance) / double(q);
  set_statistic(maps, v, f, table);
}

/// Weights of a contrast in one run, or the reason why it has none there.
std::string resolve_in_run(const ContrastSpec& spec, const std::vector<std::string>& columns,
                           const std::vector<std::string>& known,
                           const std::vector<std::string>& reference, const EstimableSpace& space,
                           Eigen::MatrixXd& rows) {
  std::vector<Eigen::VectorXd> weights;
  for (const auto& expression : spec.rows) {
    const ContrastRow row = contrast_weights(expression, columns, known, reference);
    if (!row.missing.empty()) return "no column " + joined(row.missing);
    if (row.weights.isZero(0)) return "all weights are zero";
    constexpr double kLargest = 1e50;  // keeps squares and products finite
    const double largest = row.weights.cwiseAbs().maxCoeff();
    if (!(largest < kLargest && largest > 1 / kLargest))
      return fmt::format("its largest weight is {:g}; it must lie between {:g} and {:g}", largest,
                         1 / kLargest, kLargest);
    for (Eigen::Index j = 0; j < row.weights.size(); ++j)
      if (row.weights[j] != 0 && space.is_zero_column(j))
        return "column '" + columns[size_t(j)] + "' is zero in every scan that is kept";
    if (!space.is_estimable(row.weights))
      return "not estimable: '" + expression +
             "' depends on columns that the design cannot tell apart";
    weights.push_back(row.weights);
  }
  rows = independent_rows(weights);
  return "";
}

}  // namespace

FixedEffects parse_fixed_effects(const std::string& text) {
  return value_of<FixedEffects>(text, "fixed effects");
}
std::string to_string(FixedEffects f) { return name_of(f); }

bool ResolvedContrast::usable() const {
  return std::any_of(rows.begin(), rows.end(),
                     [](const Eigen::MatrixXd& m) { return m.size() > 0; });
}

ResolvedContrast resolve_contrast(const ContrastSpec& spec,
                                  const std::vector<std::vector<std::string>>& columns,
                                  const std::vector<EstimableSpace>& spaces) {
  std::vector<std::string> known;
  for (const auto& run : columns)
    for (const auto& name : run)
      if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
  ResolvedContrast out{spec, std::vector<Eigen::MatrixXd>(columns.size()),
                       std::vector<std::string>(columns.size())};
  for (size_t r = 0; r < columns.size(); ++r)
    out.why_not[r] = resolve_in_run(spec, columns[r], known, columns[0], spaces[r], out.rows[r]);
  // Rows that are independent in one run may be dependent in another: the runs then test different
  // hypotheses.
  Eigen::Index q = 0;
  for (const auto& rows : out.rows) q = std::max(q, rows.rows());
  for (size_t r = 0; r < columns.size(); ++r)
    if (out.usable_in(r) && out.rows[r].rows() < q) {
      out.rows[r].resize(0, 0);
      out.why_not[r] = "its rows are dependent in this run and not in others";
    }
  return out;
}

ContrastMaps combine_runs(const ResolvedContrast& contrast,
                          const std::vector<const ContrastValues*>& values,
                          const std::vector<double>& dof, FixedEffects fixed_effects, int n_threads,
                          TailTables* tables) {
  Runs used;
  ContrastMaps maps;
  for (size_t r = 0; r < values.size(); ++r) {
    if (!contrast.usable_in(r)) continue;
    used.push_back(values[r]);
    maps.dof += dof[r];
  }
  require(!used.empty(), "a contrast is usable in some run before it is combined");
  const Eigen::Index q = used[0]->effect.rows(), n_voxels = used[0]->effect.cols();
  // Filled below, so that page faults of the new memory are spread over all working threads.
  maps.effect.resize(q, n_voxels);
  maps.variance.resize(q, n_voxels);
  for (Eigen::VectorXd* map : {&maps.statistic, &maps.z, &maps.p}) map->resize(n_voxels);
  if (contrast.spec.kind == ContrastKind::F) maps.numerator_dof = double(q);
  TailTables own;
  const bool is_t = contrast.spec.kind == ContrastKind::t;
  const TailTable& table = *(tables ? *tables : own).of(is_t ? 0 : maps.numerator_dof, maps.dof);
  constexpr Eigen::Index kChunk = 1024;
  parallel_for((n_voxels + kChunk - 1) / kChunk, n_threads, [&](Eigen::Index chunk) {
    const Eigen::Index first = chunk * kChunk, n = std::min(kChunk, n_voxels - first);
    for (Eigen::MatrixXd* map : {&maps.effect, &maps.variance})
      map->middleCols(first, n).setConstant(kNaN);
    for (Eigen::VectorXd* map : {&maps.statistic, &maps.z, &maps.p})
      map->segment(first, n).setConstant(kNaN);
    for (Eigen::Index v = first; v < first + n; ++v)
      is_t ? fill_t_voxel(used, v, fixed_effects, table, maps)
           : fill_f_voxel(used, v, fixed_effects, table, maps);
  });
  return maps;
}

}  // namespace sociometer
