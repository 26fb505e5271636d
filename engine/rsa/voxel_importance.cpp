#include "engine/rsa/voxel_importance.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/stats/correlation.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Voxels whose RDMs are in memory at a time.
constexpr Index kVoxels = 128;
/// What projection leaves of a vector that is explained is rounding, this part of its length.
constexpr double kExplainedPart = 1e-9;

Eigen::VectorXd without_span(const Eigen::MatrixXd& basis, const Eigen::VectorXd& values) {
  return values - basis * (basis.transpose() * values);
}

/// Items that take part in the pairs of all models.
std::vector<uint8_t> items_of_all(const std::vector<std::vector<Index>>& pairs, Index n_items) {
  std::vector<uint8_t> present(size_t(n_items), 1);
  for (const auto& own : pairs) {
    const auto has = items_with_pairs(own, n_items);
    for (size_t i = 0; i < present.size(); ++i) present[i] = present[i] && has[i];
  }
  return present;
}

/// Where each of the pairs is after the items were permuted, as positions in the list; empty if
/// one is not in it.
std::vector<Index> permuted_positions(const std::vector<Index>& pairs,
                                      const std::vector<Index>& order) {
  const auto n_items = Index(order.size());
  const std::vector<ItemPair> items = pairs_of(n_items);
  std::vector<Index> out;
  for (const Index p : pairs) {
    const ItemPair& pair = items[size_t(p)];
    const Index moved = pair_index(order[size_t(pair[0])], order[size_t(pair[1])], n_items);
    const auto at = std::lower_bound(pairs.begin(), pairs.end(), moved);
    if (at == pairs.end() || *at != moved) return {};
    out.push_back(at - pairs.begin());
  }
  return out;
}

/// Columns with mean 0 and length 1; NaN without spread.
Eigen::MatrixXd standardised_columns(Eigen::MatrixXd values) {
  for (Index k = 0; k < values.cols(); ++k) {
    const double scale = values.col(k).norm();
    values.col(k).array() -= values.col(k).mean();
    const double norm = values.col(k).norm();
    values.col(k) /= norm > kExplainedPart * scale ? norm : kNaN;
  }
  return values;
}

/// One flag per voxel: the n of largest value; the earlier of equal ones.
std::vector<uint8_t> largest(const Eigen::Ref<const Eigen::VectorXd>& values, Index n) {
  std::vector<Index> order(size_t(values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::nth_element(order.begin(), order.begin() + (n - 1), order.end(), [&](Index a, Index b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  });
  std::vector<uint8_t> flags(order.size(), 0);
  for (Index k = 0; k < n; ++k) flags[size_t(order[size_t(k)])] = 1;
  return flags;
}

double dice_of(const Eigen::Ref<const Eigen::VectorXd>& a,
               const Eigen::Ref<const Eigen::VectorXd>& b, double top) {
  if (!a.allFinite() || !b.allFinite()) return kNaN;
  const Index n = std::clamp<Index>(Index(std::lround(top * double(a.size()))), 1, a.size());
  const auto first = largest(a, n), second = largest(b, n);
  Index both = 0;
  for (size_t v = 0; v < first.size(); ++v) both += first[v] && second[v];
  return double(both) / double(n);
}

/// Pearson's r of two RDMs over pairs that are in both lists.
double correlation_at_pairs_of_both(const Eigen::VectorXd& a, const Eigen::VectorXd& b,
                                    const std::vector<Index>& first,
                                    const std::vector<Index>& second) {
  std::vector<Index> both;
  std::set_intersection(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(both));
  if (both.size() < 2) return kNaN;
  return pearson_correlation(a(both), b(both), Eigen::MatrixXd::Ones(Index(both.size()), 1)).r;
}

double mean_of_permuted(const std::vector<double>& values) {
  double sum = 0, n = 0;
  for (size_t k = 1; k < values.size(); ++k)
    if (std::isfinite(values[k])) sum += values[k], ++n;
  return n > 0 ? sum / n : kNaN;
}

}  // namespace

ImportanceModels::ImportanceModels(const ParticipantRsa& person, const RsaOptions& options,
                                   uint64_t permutations) {
  require(has_importance(options.comparison), "this comparison has no importances");
  const ModelRdms available = available_rdms(person, options.dissimilarity);
  std::vector<std::vector<Index>> pairs;
  for (Index m = 0; m < available.models.cols(); ++m) {
    ModelComparison comparison(available, m, options.comparison);
    pairs.push_back(comparison.pairs());
    Model model{std::move(comparison), {}, {}};
    const ModelComparison& c = model.comparison;
    model.left.resize(c.n_pairs(), Index(permutations) + 1);
    model.left.col(0) = without_span(c.nuisance_, c.model_);
    // Beside a constant, lengths of what nuisance leaves depend on the order.
    if (!is_regression(options.comparison) && c.nuisance_.cols() > 1)
      model.nuisance = {c.nuisance_};
    models_.push_back(std::move(model));
  }
  correlations_.resize(n_models(), n_models());
  for (Index a = 0; a < n_models(); ++a)
    for (Index b = 0; b < n_models(); ++b)
      correlations_(a, b) = correlation_at_pairs_of_both(
          available.models.col(a), available.models.col(b), pairs[size_t(a)], pairs[size_t(b)]);
  const ItemOrders orders(person.items, items_of_all(pairs, person.items.size()), options.seed);
  for (uint64_t k = 1; k <= permutations && orders.possible(); ++k)
    if (!add_version(orders.order(k))) break;
  if (n_versions_ <= Index(permutations)) n_versions_ = 1;
  for (auto& model : models_) model.left.conservativeResize(Eigen::NoChange, n_versions_);
}

bool ImportanceModels::add_version(const std::vector<Index>& order) {
  for (auto& [comparison, left, nuisance] : models_) {
    const std::vector<Index> to = permuted_positions(comparison.pairs_, order);
    if (to.size() != comparison.pairs_.size()) return false;
    const Eigen::VectorXd& w = comparison.root_weights_;
    for (size_t p = 0; p < to.size(); ++p)
      left(to[p], n_versions_) = left(Index(p), 0) * (w.size() > 0 ? w[Index(p)] / w[to[p]] : 1.0);
    if (nuisance.empty()) continue;
    Eigen::MatrixXd moved(nuisance[0].rows(), nuisance[0].cols());
    for (size_t p = 0; p < to.size(); ++p) moved.row(to[p]) = nuisance[0].row(Index(p));
    nuisance.push_back(std::move(moved));
  }
  ++n_versions_;
  return true;
}

/// The importances of one region's voxels for one model, for all its versions.
class RegionImportance {
 public:
  RegionImportance(const RdmParts& parts, const ImportanceModels::Model& model,
                   ImportanceMethod method)
      : parts_(parts),
        c_(model.comparison),
        left_(model.left),
        nuisance_(model.nuisance),
        method_(method) {}

  /// (n_voxels, n_versions).
  Eigen::MatrixXd values() const {
    const Index n = parts_.n_voxels();
    Eigen::MatrixXd out = Eigen::MatrixXd::Constant(n, left_.cols(), kNaN);
    const Eigen::VectorXd y = c_.taken(parts_.rdm());
    if (!c_.testable() || y.size() == 0) return out;
    for (Index first = 0; first < n; first += kVoxels) {
      const Index size = std::min(kVoxels, n - first);
      out.middleRows(first, size) = method_ == ImportanceMethod::contribution
                                        ? contributions(first, size)
                                        : losses(first, size);
    }
    if (method_ == ImportanceMethod::jackknife) {
      const Eigen::RowVectorXd whole = agreements(y);
      return (-out).rowwise() + whole;
    }
    return out * scale(y);
  }

 private:
  Eigen::VectorXd at_pairs_used(const Eigen::VectorXd& rdm) const {
    Eigen::VectorXd out(c_.n_pairs());
    for (Index p = 0; p < out.size(); ++p) out[p] = rdm[c_.pairs_[size_t(p)]];
    if (c_.root_weights_.size() > 0) out.array() *= c_.root_weights_.array();
    return out;
  }

  /// Numerators: products of the voxels' shares with the models. The models have no constant, so
  /// centring the shares would change nothing.
  Eigen::MatrixXd contributions(Index first, Index size) const {
    Eigen::MatrixXd shares(c_.n_pairs(), size);
    Eigen::VectorXd own(parts_.n_pairs());
    for (Index v = 0; v < size; ++v) {
      parts_.share(first + v, own);
      shares.col(v) = at_pairs_used(own);
    }
    return shares.transpose() * left_;
  }

  /// What turns the sum of the first version's numerators into its value.
  double scale(const Eigen::VectorXd& y) const {
    const double model = left_.col(0).norm();
    const double raw = without_span(c_.nuisance_, at_pairs_used(parts_.rdm())).norm();
    if (!is_regression(c_.comparison_)) return 1 / (model * raw);
    return without_span(c_.nuisance_, y).norm() / (model * model * raw);
  }

  /// Values of the comparison for one RDM, per version.
  Eigen::RowVectorXd agreements(const Eigen::VectorXd& y) const {
    const Eigen::RowVectorXd products = y.transpose() * left_;
    const double length = left_.col(0).norm();
    if (is_regression(c_.comparison_)) return products / (length * length);
    Eigen::RowVectorXd own = Eigen::RowVectorXd::Constant(left_.cols(), left_length(y, 0));
    for (Index k = 1; k < own.size() && !nuisance_.empty(); ++k) own[k] = left_length(y, k);
    return products.cwiseQuotient(own) / length;
  }

  /// Length of what nuisance leaves of an RDM in one version.
  double left_length(const Eigen::VectorXd& y, Index version) const {
    const Eigen::MatrixXd& basis = version == 0 ? c_.nuisance_ : nuisance_[size_t(version)];
    const double own = without_span(basis, y).norm();
    return own > kExplainedPart * y.norm() ? own : kNaN;
  }

  /// Values without each voxel.
  Eigen::MatrixXd losses(Index first, Index size) const {
    Eigen::MatrixXd out(size, left_.cols());
    Eigen::VectorXd own(parts_.n_pairs());
    for (Index v = 0; v < size; ++v) {
      parts_.without(first + v, own);
      const Eigen::VectorXd y = c_.taken(own);
      if (y.size() == 0)
        out.row(v).setConstant(kNaN);
      else
        out.row(v) = agreements(y);
    }
    return out;
  }

  const RdmParts& parts_;
  const ModelComparison& c_;
  const Eigen::MatrixXd& left_;
  const std::vector<Eigen::MatrixXd>& nuisance_;  ///< empty: the same in all versions
  ImportanceMethod method_;
};

std::vector<Eigen::MatrixXd> ImportanceModels::in_region(const RdmParts& parts,
                                                         ImportanceMethod method) const {
  std::vector<Eigen::MatrixXd> out;
  for (const auto& model : models_) out.push_back(RegionImportance(parts, model, method).values());
  return out;
}

namespace {

ImportanceOverlap overlap_of(const Eigen::MatrixXd& first, const Eigen::MatrixXd& second,
                             double top) {
  const Eigen::MatrixXd a = standardised_columns(first), b = standardised_columns(second);
  std::vector<double> overlaps, dices;
  for (Index k = 0; k < a.cols(); ++k) {
    overlaps.push_back(a.col(k).dot(b.col(k)));
    dices.push_back(dice_of(first.col(k), second.col(k), top));
  }
  ImportanceOverlap out;
  out.overlap = overlaps[0];
  out.expected = mean_of_permuted(overlaps);
  out.p = permutation_p(overlaps, false);
  out.dice = dices[0];
  out.dice_expected = mean_of_permuted(dices);
  return out;
}

}  // namespace

VoxelImportances voxel_importances(const RdmParts& parts, const ImportanceModels& models,
                                   const VoxelImportanceOptions& options) {
  VoxelImportances out;
  out.values.resize(parts.n_voxels(), models.n_models());
  std::vector<Eigen::MatrixXd> all = models.in_region(parts, options.method);
  for (Index m = 0; m < models.n_models(); ++m) out.values.col(m) = all[size_t(m)].col(0);
  for (Index a = 0; a < models.n_models(); ++a)
    for (Index b = a + 1; b < models.n_models(); ++b) {
      ImportanceOverlap overlap = overlap_of(all[size_t(a)], all[size_t(b)], options.top);
      overlap.first = a;
      overlap.second = b;
      overlap.model_correlation = models.correlation(a, b);
      out.overlaps.push_back(overlap);
    }
  return out;
}

}  // namespace sociometer
