#include "engine/glm/contrast_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/design/subspace.hpp"
#include "engine/stats/quantiles.hpp"
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

/// One run's values, its degrees of freedom where voxels have none of their own, and its share in
/// the mean unless voxels have weights of their own.
struct UsedRun {
  const ContrastValues* values;
  double dof;
  double share = 1;
  double dof_at(Eigen::Index v) const { return values->dof.size() > 0 ? values->dof[v] : dof; }
};
using Runs = std::vector<UsedRun>;

/// Whether runs are weighted; a single one is what it is.
bool by_precision(FixedEffects how, const Runs& runs) {
  return runs.size() > 1 && (how == FixedEffects::precision || how == FixedEffects::meier);
}

/// Whether the weights' own noise is in the variance.
bool corrects_for_weights(FixedEffects how, const Runs& runs) {
  return runs.size() > 1 && how == FixedEffects::meier;
}

/// Log variance of a run's contrast, of several rows the mean of those of independent ones.
double log_variance(const ContrastValues& run, Eigen::Index voxel) {
  const Eigen::Index q = run.effect.rows();
  double unit = 0;
  if (q == 1) {
    unit = std::log(run.unit_covariance(0, voxel));
  } else {  // the logarithm of the determinant, which in some units is no number
    const Eigen::LLT<Eigen::MatrixXd> factor(unit_covariance(run, voxel, q));
    unit = 2 * factor.matrixLLT().diagonal().array().log().mean();
  }
  return unit + std::log(run.residual_variance[voxel]);
}

/// Shares of runs in their mean, of sum 1: equal ones unless they are pooled over voxels.
std::vector<double> shares_of_runs(FixedEffects how, const Runs& runs) {
  const size_t n = runs.size();
  std::vector<double> shares(n, 1 / double(n));
  if (how != FixedEffects::pooled || n == 1) return shares;
  std::vector<std::vector<double>> logs(n);
  std::vector<double> of_voxel(n);
  for (Eigen::Index v = 0; v < runs[0].values->effect.cols(); ++v) {
    double mean = 0;
    for (size_t r = 0; r < n; ++r) mean += of_voxel[r] = log_variance(*runs[r].values, v);
    mean /= double(n);
    if (!std::isfinite(mean)) continue;  // some run has no statistics here
    for (size_t r = 0; r < n; ++r) logs[r].push_back(of_voxel[r] - mean);
  }
  if (logs[0].empty()) return shares;
  double sum = 0;
  for (size_t r = 0; r < n; ++r) sum += shares[r] = std::exp(-median_of(logs[r]));
  for (double& share : shares) share /= sum;
  return shares;
}

struct Combined {
  Eigen::VectorXd effect;
  Eigen::MatrixXd covariance;
};

Combined combine_by_shares(const Runs& runs, Eigen::Index voxel, Eigen::Index q) {
  Combined out{Eigen::VectorXd::Zero(q), Eigen::MatrixXd::Zero(q, q)};
  for (const auto& [run, dof, share] : runs) {
    out.effect += share * run->effect.col(voxel);
    out.covariance +=
        unit_covariance(*run, voxel, q) * (run->residual_variance[voxel] * share * share);
  }
  return out;
}

Combined combine_by_precision(const Runs& runs, Eigen::Index voxel, Eigen::Index q) {
  Eigen::VectorXd weighted = Eigen::VectorXd::Zero(q);
  Eigen::MatrixXd precision = Eigen::MatrixXd::Zero(q, q);
  for (const auto& [run, dof, share] : runs) {
    const Eigen::MatrixXd one =
        unit_covariance(*run, voxel, q).inverse() / run->residual_variance[voxel];
    weighted += one * run->effect.col(voxel);
    precision += one;
  }
  const Eigen::MatrixXd covariance = precision.inverse();
  return {covariance * weighted, covariance};
}

/// Meier's correction of the covariance C of a mean by precision, for several rows.
Eigen::MatrixXd noise_of_weights(const Runs& runs, Eigen::Index voxel, const Eigen::MatrixXd& c) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(c.rows(), c.cols());
  for (const auto& run : runs) {
    const Eigen::MatrixXd share = c * unit_covariance(*run.values, voxel, c.rows()).inverse() /
                                  run.values->residual_variance[voxel];
    const Eigen::MatrixXd part = share * c;
    out += (part - share * part) * (4 / run.dof_at(voxel));
  }
  return (out + out.transpose()) / 2;
}

/// nilearn's F over runs: effects whitened by the square root of their unit covariance are averaged
/// and compared with the averaged residual variance.
double nilearn_f(const Runs& runs, Eigen::Index voxel, Eigen::Index q) {
  Eigen::VectorXd whitened = Eigen::VectorXd::Zero(q);
  double variance = 0;
  const double n = double(runs.size());
  for (const auto& [run, dof, share] : runs) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(unit_covariance(*run, voxel, q));
    whitened += eigen.operatorInverseSqrt() * run->effect.col(voxel) / n;
    variance += run->residual_variance[voxel] / (n * n);
  }
  return whitened.squaredNorm() / double(q) / variance;
}

/// Degrees of freedom of a weighted mean of runs (Satterthwaite 1946): the share of each run in
/// the variance of the mean, by whose square its own uncertainty counts.
template <typename Share>
double combined_dof(const Runs& runs, Eigen::Index v, const Share& share) {
  double sum = 0;
  for (const auto& run : runs) {
    const double own = share(run);
    sum += own * own / run.dof_at(v);
  }
  return 1 / sum;
}

void set_statistic(ContrastMaps& maps, Eigen::Index v, double statistic, const TailTable& table) {
  const bool own = maps.own_dof.size() > 0;
  const double dof = own ? maps.own_dof[v] : 0;
  const Tails tails = !own                     ? table(statistic)
                      : maps.numerator_dof > 0 ? tails_from_f(statistic, maps.numerator_dof, dof)
                                               : tails_from_t(statistic, dof);
  maps.statistic[v] = statistic;
  maps.z[v] = tails.z;
  maps.p[v] = tails.p;
}

/// t of a single row: the common case, without matrices.
void fill_t_voxel(const Runs& runs, Eigen::Index v, FixedEffects how, const TailTable& table,
                  ContrastMaps& maps) {
  const bool weighs = by_precision(how, runs);
  double effect = 0, variance = 0;
  for (const auto& [run, dof, share] : runs) {
    const double one = run->unit_covariance(0, v) * run->residual_variance[v];
    effect += weighs ? run->effect(0, v) / one : run->effect(0, v) * share;
    variance += weighs ? 1 / one : one * share * share;
  }
  if (weighs) {
    variance = 1 / variance;
    effect *= variance;
  }
  for (const auto& run : runs)
    if (!(run.values->residual_variance[v] > 0)) return;  // some run has no statistics here: NaN
  const auto share = [&](const UsedRun& run) {
    const double one = run.values->unit_covariance(0, v) * run.values->residual_variance[v];
    return weighs ? variance / one : one * run.share * run.share / variance;
  };
  if (maps.own_dof.size() > 0) maps.own_dof[v] = combined_dof(runs, v, share);
  if (corrects_for_weights(how, runs)) {
    double noise = 0;
    for (const auto& run : runs) {
      const double p = share(run);
      noise += p * (1 - p) / run.dof_at(v);
    }
    variance *= 1 + 4 * noise;
  }
  maps.effect(0, v) = effect;
  maps.variance(0, v) = variance;
  set_statistic(maps, v, effect / std::sqrt(variance), table);
}

void fill_f_voxel(const Runs& runs, Eigen::Index v, FixedEffects how, const TailTable& table,
                  ContrastMaps& maps) {
  const Eigen::Index q = maps.effect.rows();
  for (const auto& run : runs)
    if (!(run.values->residual_variance[v] > 0)) return;
  const bool weighs = by_precision(how, runs);
  const Combined c = weighs ? combine_by_precision(runs, v, q) : combine_by_shares(runs, v, q);
  Eigen::MatrixXd covariance = c.covariance;
  if (corrects_for_weights(how, runs)) covariance += noise_of_weights(runs, v, c.covariance);
  maps.effect.col(v) = c.effect;
  maps.variance.col(v) = covariance.diagonal();
  const double f = how == FixedEffects::nilearn ? nilearn_f(runs, v, q)
                                                : quadratic_form(c.effect, covariance) / double(q);
  if (maps.own_dof.size() > 0) {
    const Eigen::MatrixXd precision = c.covariance.inverse();
    maps.own_dof[v] = combined_dof(runs, v, [&](const UsedRun& run) {
      const Eigen::MatrixXd one =
          unit_covariance(*run.values, v, q) * run.values->residual_variance[v];
      return (weighs ? (c.covariance * one.inverse()).trace()
                     : (precision * one).trace() * run.share * run.share) /
             double(q);
    });
  }
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
    used.push_back({values[r], dof[r]});
    maps.dof += dof[r];
  }
  require(!used.empty(), "a contrast is usable in some run before it is combined");
  const std::vector<double> shares = shares_of_runs(fixed_effects, used);
  for (size_t r = 0; r < used.size(); ++r) used[r].share = shares[r];
  if (fixed_effects == FixedEffects::pooled && used.size() > 1) {
    double sum = 0;
    for (const auto& run : used) sum += run.share * run.share / run.dof;
    maps.dof = 1 / sum;
  }
  const Eigen::Index q = used[0].values->effect.rows(), n_voxels = used[0].values->effect.cols();
  if (corrects_for_weights(fixed_effects, used) ||
      std::ranges::any_of(used, [](const UsedRun& run) { return run.values->dof.size() > 0; }))
    maps.own_dof.resize(n_voxels);
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
    if (maps.own_dof.size() > 0) maps.own_dof.segment(first, n).setConstant(kNaN);
    for (Eigen::Index v = first; v < first + n; ++v)
      is_t ? fill_t_voxel(used, v, fixed_effects, table, maps)
           : fill_f_voxel(used, v, fixed_effects, table, maps);
  });
  return maps;
}

namespace {

/// The runs of one set, and what is known of a contrast in them.
struct OneSet {
  ResolvedContrast contrast;
  std::vector<const ContrastValues*> values;
  std::vector<double> dof;
};

std::vector<OneSet> split_into_sets(const ResolvedContrast& contrast,
                                    const std::vector<const ContrastValues*>& values,
                                    const std::vector<double>& dof,
                                    const std::vector<size_t>& set_of) {
  std::vector<OneSet> sets;
  for (size_t r = 0; r < values.size(); ++r) {
    if (set_of[r] >= sets.size()) sets.resize(set_of[r] + 1);
    OneSet& set = sets[set_of[r]];
    set.contrast.spec = contrast.spec;
    set.contrast.rows.push_back(contrast.rows[r]);
    set.contrast.why_not.push_back(contrast.why_not[r]);
    set.values.push_back(values[r]);
    set.dof.push_back(dof[r]);
  }
  return sets;
}

/// What a set found, as if it were a run: its effect and variance times a factor.
ContrastValues as_run(const ContrastMaps& maps, double factor) {
  ContrastValues out;
  out.effect = maps.effect * factor;
  out.unit_covariance = maps.variance * (factor * factor);
  out.dof = maps.own_dof;
  // Voxels without statistics stay without.
  out.residual_variance.setZero(maps.variance.cols());
  for (Eigen::Index v = 0; v < maps.variance.cols(); ++v)
    if (std::isfinite(maps.variance(0, v))) out.residual_variance[v] = 1;
  return out;
}

}  // namespace

ContrastMaps combine_sets(const ResolvedContrast& contrast,
                          const std::vector<const ContrastValues*>& values,
                          const std::vector<double>& dof, const RunSets& how, int n_threads) {
  require(contrast.spec.kind == ContrastKind::t, "sets are combined for t contrasts");
  require(how.set_of.size() == values.size(), "each run is in a set");
  const std::vector<OneSet> sets = split_into_sets(contrast, values, dof, how.set_of);
  require(how.weights.empty() || how.weights.size() == sets.size(), "each set has a weight");
  const auto takes_part = [&](size_t s) { return how.weights.empty() || how.weights[s] != 0; };
  double n_used = 0;
  for (size_t s = 0; s < sets.size(); ++s)
    n_used += double(takes_part(s) && sets[s].contrast.usable());
  std::vector<ContrastValues> of_sets(sets.size());
  OneSet across;
  across.contrast.spec = contrast.spec;
  for (size_t s = 0; s < sets.size(); ++s) {
    if (!takes_part(s)) continue;
    if (!sets[s].contrast.usable()) {
      if (how.weights.empty()) continue;
      fail(ErrorCode::bad_input,
           "contrast {} is not estimable in one of the sets of runs it compares: {}",
           contrast.spec.name, sets[s].contrast.why_not.front());
    }
    const ContrastMaps maps =
        combine_runs(sets[s].contrast, sets[s].values, sets[s].dof, how.within, n_threads);
    // The mean of n sets times n is their sum.
    of_sets[s] = as_run(maps, how.weights.empty() ? 1 : how.weights[s] * n_used);
    across.values.push_back(&of_sets[s]);
    across.dof.push_back(maps.dof);
    across.contrast.rows.push_back(Eigen::MatrixXd::Ones(1, 1));
    across.contrast.why_not.emplace_back();
  }
  return combine_runs(across.contrast, across.values, across.dof,
                      how.weights.empty() ? how.between : FixedEffects::equal, n_threads);
}

}  // namespace sociometer
