#include "cli/jobs/rsa/rsa_tables.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/core/missing.hpp"
#include "io/records/described_table.hpp"
#include "io/records/region_tests.hpp"

namespace sociometer::jobs {
namespace {

const char* const kNone = "n/a";

std::string run_text(const PatternItem& item) {
  return item.run > 0 ? std::to_string(item.run) : kNone;
}

std::string text_of(double value) { return format_number(value); }

/// The columns of RDMs: pairs of patterns, then models and nuisance.
DescribedColumns rdm_columns(const RsaRequest& a, const RsaResults& r) {
  DescribedColumns columns{
      {"participant_id", "participant"},
      {"region", "region"},
      {"first", "first pattern: its condition, or the number of its trial"},
      {"second", "second pattern"},
      {"first_run", "run of the first pattern; n/a over runs"},
      {"second_run", "run of the second pattern"},
      {"dissimilarity", name_of(a.chosen_dissimilarity()) + "; n/a if the data do not give it"}};
  for (const auto& name : r.models) columns.emplace_back("model_" + name, "model RDM");
  for (const auto& name : r.models)
    columns.emplace_back("used_" + name, "1 if the pair is compared with this model, 0 if not");
  for (const auto& name : r.nuisance) columns.emplace_back("nuisance_" + name, "nuisance RDM");
  return columns;
}

void add_rdm_rows(const RsaParticipant& p, const std::string& region,
                  const RegionOfParticipant& figures, TableRows& rows) {
  const RegionRdm& rdm = figures.rdm;
  const auto pairs = pairs_of(p.person.items.size());
  for (size_t k = 0; k < pairs.size(); ++k) {
    const auto& first = p.person.items.items[size_t(pairs[k][0])];
    const auto& second = p.person.items.items[size_t(pairs[k][1])];
    const auto at = Eigen::Index(k);
    std::vector<std::string> row{
        p.name,          region,           first.label,         second.label,
        run_text(first), run_text(second), text_of(rdm.rdm[at])};
    const Eigen::MatrixXd &models = p.person.rdms.models, &nuisance = p.person.rdms.nuisance;
    for (Eigen::Index m = 0; m < models.cols(); ++m) row.push_back(text_of(models(at, m)));
    for (const auto& value : figures.values)
      row.push_back(std::binary_search(value.pairs.begin(), value.pairs.end(), at) ? "1" : "0");
    for (Eigen::Index m = 0; m < nuisance.cols(); ++m) row.push_back(text_of(nuisance(at, m)));
    rows.push_back(std::move(row));
  }
}

std::string value_description(RdmComparison comparison) {
  switch (comparison) {
    case RdmComparison::spearman:
      return "Spearman's correlation of the RDM with the model's";
    case RdmComparison::kendall:
      return "Kendall's tau-a of the RDM and the model's";
    case RdmComparison::pearson:
      return "Pearson's correlation of the RDM with the model's";
    case RdmComparison::cosine:
      return "cosine of the angle between the RDM and the model's";
    case RdmComparison::regression:
    case RdmComparison::weighted_regression:
      break;
  }
  return "standardised coefficient of the model in a regression of the RDM on all models";
}

void write_values(const RsaRequest& a, const RsaResults& r, const RsaRecord& common,
                  const std::string& prefix, const Provenance& provenance, OutputSet& outputs) {
  const DescribedColumns columns{
      {"participant_id", "participant"},
      {"region", "region"},
      {"model", "model RDM"},
      {"value", value_description(a.comparison) +
                    (a.nuisance.empty() ? "" : ", nuisance RDMs taken out of both")},
      {"p_permutation", is_centred(a.comparison)
                            ? "two-sided p by permutation of the patterns; n/a without one"
                            : "p by permutation of the patterns, two-sided about the mean of the "
                              "permuted values; n/a without one"},
      {"n_pairs", "pairs of patterns compared"},
      {"n_patterns", "patterns"},
      {"n_voxels", "voxels of the region with data"},
      {"coverage", "part of the region's voxels with data"},
      {"shrinkage", "weight of the target in the noise covariance; n/a unless multivariate"}};
  TableRows rows;
  for (const auto& p : r.participants)
    for (size_t g = 0; g < r.regions.size(); ++g)
      for (size_t m = 0; m < r.models.size(); ++m) {
        const RegionOfParticipant& region = p.regions[g];
        const RsaValue& value = region.values[m];
        rows.push_back({p.name, r.regions[g], r.models[m], text_of(value.value), text_of(value.p),
                        std::to_string(value.n_pairs()), std::to_string(p.person.items.size()),
                        std::to_string(region.rdm.n_voxels), text_of(region.coverage),
                        text_of(region.rdm.shrinkage)});
      }
  write_described_table(outputs, prefix + "rsaValues", columns, rows, RsaValuesRecord{common},
                        provenance);
}

/// The columns of a test over participants and conditions.
DescribedColumns two_factor_columns(const RegionTestOptions& o) {
  return {{"mean_both", "mean value over participants, over the pairs that all have"},
          {"error_participants",
           "standard error of the mean over other participants with these conditions"},
          {"error_conditions", "the same over other conditions with these participants"},
          {"error_both", "the same over other participants and other conditions"},
          {"t_both", "mean_both over error_both"},
          {"dof_both", "the smaller number of participants and conditions, less 1"},
          {"p_both", "p of t_both, " + to_string(o.alternative) +
                         ": other participants and other conditions at once; n/a without shared "
                         "conditions, or if most drawings have no value"},
          {"n_conditions", "conditions that were drawn from"},
          {"n_drawings", "drawings of conditions that gave all participants a value"}};
}

void add_two_factor(const TwoFactorTest& t, std::vector<std::string>& row) {
  for (const double value :
       {t.mean, t.error_of_people(), t.error_of_conditions(), t.error_of_both(), t.t, t.dof, t.p})
    row.push_back(text_of(value));
  row.push_back(std::to_string(t.n_conditions));
  row.push_back(std::to_string(t.n_draws));
}

void write_group(const RsaRequest& a, const RsaResults& r, const RsaRecord& common,
                 const std::string& prefix, const Provenance& provenance, OutputSet& outputs) {
  const RegionTestOptions& o = a.tests;
  DescribedColumns columns{
      {"region", "region"},
      {"model", "model RDM"},
      {"n", "participants with a value"},
      {"mean", "mean value over participants"},
      {"standard_error", "of the mean"},
      {"t", is_centred(a.comparison) ? "t against 0"
                                     : "n/a: a cosine is above 0 even for unrelated patterns"},
      {"dof", "degrees of freedom"},
      {"p", "p of t, " + to_string(o.alternative)},
      {"lower", fmt::format("lower end of the {:g} % interval of the mean", 100 * o.level)},
      {"upper", "upper end"},
      {"cohens_d", "mean over the standard deviation"},
      {"bf10", "JZS Bayes factor against 0, two-sided"},
      {"p_sign_flips", fmt::format("p by sign flips of participants, {} or all there are, seed {}",
                                   o.permutations, o.seed)},
      {"p_conditions",
       "two-sided p by exchanging the conditions of the model, alike in all participants, of the "
       "mean over participants; n/a without --pattern-permutations, or without shared conditions"},
      {"p_fwe", "sign-flip p of the largest statistic over all rows"},
      {"p_holm", "p after Holm over all rows"},
      {"p_fdr", "p after Benjamini-Hochberg over all rows"},
      {"ceiling_lower", "noise ceiling of the region: participants with the mean of the others"},
      {"ceiling_upper",
       "the same with the mean of all; n/a with nuisance RDMs, in regressions, and for patterns "
       "that "
       "participants do not share"},
      {"ceiling_pairs", "pairs of patterns that the ceiling is of"}};
  if (!r.two_factor.empty())
    for (auto& column : two_factor_columns(o)) columns.push_back(std::move(column));
  TableRows rows;
  for (size_t g = 0; g < r.regions.size(); ++g)
    for (size_t m = 0; m < r.models.size(); ++m) {
      const RegionTestResult& t = r.test(g, m);
      const NoiseCeiling ceiling =
          r.ceilings.empty() ? NoiseCeiling{kNaN, kNaN, 0} : r.ceilings[g * r.models.size() + m];
      std::vector<std::string> row{r.regions[g], r.models[m], std::to_string(t.n)};
      for (const double value :
           {t.estimate, t.standard_error, t.t, t.dof, t.p, t.lower, t.upper, t.effect.d,
            std::exp(t.log_bf10), t.p_permutation, r.conditions_p(g, m, a.options()), t.p_fwe,
            t.p_holm, t.p_fdr, ceiling.lower, ceiling.upper})
        row.push_back(text_of(value));
      row.push_back(ceiling.n_pairs > 0 ? std::to_string(ceiling.n_pairs) : kNone);
      if (!r.two_factor.empty()) add_two_factor(r.two_factor[g * r.models.size() + m], row);
      rows.push_back(std::move(row));
    }
  write_described_table(outputs, prefix + "rsaGroup", columns, rows, RsaGroupRecord{common},
                        provenance);
}

}  // namespace

double RsaResults::conditions_p(size_t region, size_t model, const RsaOptions& options) const {
  const std::vector<PersonRdm> people = people_with_same_conditions(region);
  return people.empty() ? kNaN : sociometer::conditions_p(people, Eigen::Index(model), options);
}

std::vector<PersonRdm> RsaResults::people_with_same_conditions(size_t region) const {
  std::vector<PersonRdm> people;
  for (const auto& p : participants) {
    if (!same_items(participants[0].person.items, p.person.items)) return {};
    people.push_back({&p.person, &p.regions[region].rdm.rdm});
  }
  return people;
}

Eigen::MatrixXd values_over_participants(const RsaResults& r) {
  const auto n_models = Eigen::Index(r.models.size());
  Eigen::MatrixXd out(Eigen::Index(r.participants.size()),
                      Eigen::Index(r.regions.size()) * n_models);
  for (Eigen::Index p = 0; p < out.rows(); ++p)
    for (Eigen::Index c = 0; c < out.cols(); ++c)
      out(p, c) = r.participants[size_t(p)]
                      .regions[size_t(c / n_models)]
                      .values[size_t(c % n_models)]
                      .value;
  return out;
}

Eigen::MatrixXd shared_rdms(const RsaResults& r, size_t region, size_t model) {
  const PatternItems& items = r.participants[0].person.items;
  Eigen::MatrixXd out = Eigen::MatrixXd::Constant(n_pairs_of(items.size()),
                                                  Eigen::Index(r.participants.size()), kNaN);
  for (size_t i = 0; i < r.participants.size(); ++i) {
    const RsaParticipant& p = r.participants[i];
    if (!same_items(items, p.person.items)) return {};
    const Eigen::VectorXd& rdm = p.regions[region].rdm.rdm;
    if (rdm.size() == 0) return {};
    for (const Eigen::Index k : p.regions[region].values[model].pairs)
      out(k, Eigen::Index(i)) = rdm[k];
  }
  return out;
}

void write_rsa_tables(const RsaRequest& a, const RsaResults& r, const RsaRecord& common,
                      const std::string& prefix, const Provenance& provenance, OutputSet& outputs) {
  TableRows rows;
  for (const auto& p : r.participants)
    for (size_t g = 0; g < r.regions.size(); ++g)
      if (p.regions[g].rdm.rdm.size() > 0) add_rdm_rows(p, r.regions[g], p.regions[g], rows);
  write_described_table(outputs, prefix + "rsaRdms", rdm_columns(a, r), rows, RsaRdmsRecord{common},
                        provenance);
  write_values(a, r, common, prefix, provenance, outputs);
  if (!r.tests.empty()) write_group(a, r, common, prefix, provenance, outputs);
}

}  // namespace sociometer::jobs
