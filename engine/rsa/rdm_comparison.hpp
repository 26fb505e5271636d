#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/rsa/rdm.hpp"

namespace sociometer {

/// How an RDM of the brain is compared with those of models.
enum class RdmComparison {
  spearman,             ///< rank correlation over pairs; partial with nuisance RDMs
  kendall,              ///< tau-a: (concordant - discordant) / all pairs of pairs
  pearson,              ///< correlation; partial with nuisance RDMs
  cosine,               ///< of the angle between the two vectors, neither centred
  regression,           ///< coefficients of all models and nuisance RDMs together, standardised
  weighted_regression,  ///< the same, pairs weighted by their numbers of trials
};
constexpr std::array<Name<RdmComparison>, 6> names_of(std::type_identity<RdmComparison>) {
  return {{{RdmComparison::spearman, "spearman"},
           {RdmComparison::kendall, "kendall"},
           {RdmComparison::pearson, "pearson"},
           {RdmComparison::cosine, "cosine"},
           {RdmComparison::regression, "regression"},
           {RdmComparison::weighted_regression, "weighted-regression"}}};
}
/// Whether all models are in one regression.
constexpr bool is_regression(RdmComparison c) {
  return c == RdmComparison::regression || c == RdmComparison::weighted_regression;
}
/// Whether nuisance RDMs can be taken out.
constexpr bool takes_nuisance(RdmComparison c) {
  return c != RdmComparison::kendall && c != RdmComparison::cosine;
}

/// Whether values are 0 on average if RDM and model are unrelated. The cosine of two RDMs without
/// negative values is above 0 whatever they are.
constexpr bool is_centred(RdmComparison c) { return c != RdmComparison::cosine; }

/// What an RDM is compared with, one column per RDM.
struct ModelRdms {
  Eigen::MatrixXd models, nuisance;  ///< (n_pairs, ..); NaN: the model says nothing of the pair
  std::vector<uint8_t> used;         ///< per pair, e.g. without those of one run
  Eigen::VectorXd weights;           ///< per pair, positive; for weighted_regression only
};

/// A model prepared for many RDMs: searchlights and permutations.
///
/// A pair is used if it is chosen, and model and nuisance have values (regression: all models).
/// spearman: mid-ranks of both, and of nuisance RDMs, over the pairs used. regression: RDM and
/// models have mean 0 and standard deviation 1 over the pairs used (weighted with the weights), so
/// coefficients can be compared between participants; with one model and no nuisance the
/// coefficient is Pearson's r. A partial correlation is that of residuals. A model that is
/// constant, or explained by the others, has no value: NaN.
class ModelComparison {
 public:
  /// @param model  column of `rdms.models`.
  ModelComparison(const ModelRdms& rdms, Eigen::Index model, RdmComparison comparison);

  /// @param rdm  (n_pairs). @return NaN if it lacks a pair that is used, or has no variance.
  /// @cost  a sort (spearman, kendall: n log n), then a few passes over the pairs.
  double value(const Eigen::Ref<const Eigen::VectorXd>& rdm) const;
  Eigen::Index n_pairs() const { return Eigen::Index(pairs_.size()); }
  const std::vector<Eigen::Index>& pairs() const { return pairs_; }  ///< that are compared
  bool testable() const { return testable_; }
  /// Whether values are 0 on average if RDM and model are unrelated.
  bool centred() const { return is_centred(comparison_); }

 private:
  friend class ItemPermutation;
  friend class ImportanceModels;
  friend class RegionImportance;
  /// The RDM's values at the pairs used, as the comparison takes them.
  Eigen::VectorXd taken(const Eigen::Ref<const Eigen::VectorXd>& rdm) const;
  Eigen::VectorXd transformed(Eigen::VectorXd values) const;
  /// A correlation, or for kendall tau. @param coefficient  of the regression instead.
  double of_taken(const Eigen::VectorXd& y, const Eigen::VectorXd& model, bool coefficient) const;
  RdmComparison comparison_;
  std::vector<Eigen::Index> pairs_;
  Eigen::VectorXd root_weights_;  ///< empty: none
  Eigen::VectorXd model_;         ///< transformed
  Eigen::MatrixXd nuisance_;      ///< orthonormal, with the constant
  bool testable_ = false;
};

/// Kendall's tau-a. @cost n log n. @source Knight 1966, J. Amer. Stat. Assoc. 61:436.
double kendall_tau_a(const Eigen::VectorXd& a, const Eigen::VectorXd& b);

}  // namespace sociometer
