#include "cli/jobs/rsa/rsa_preset.hpp"

#include <cmath>
#include <limits>

#include "cli/jobs/given.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "io/records/described_table.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

constexpr double kNotReported = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kSource = "Babür, Leong, Pan & Hackel 2024, PNAS 121:e2400022121";

/// A test as the paper names it, and its figures there.
struct ReportedTest {
  const char* name;
  size_t part;
  const char* model;  ///< null: the overlap of the part's two models with the score
  double t, dof, r;
};

constexpr ReportedTest kReported[] = {
    {"being-liked ratings", 0, "rating", 3.59, 39, kNotReported},
    {"trial-wise rank belief", 1, "rank_mean_before", 3.08, 39, kNotReported},
    {"outcome belief", 1, "outcome_value_before", 5.17, 39, kNotReported},
    {"overlap of voxel importance with rating bias", 1, nullptr, kNotReported, kNotReported, 0.57},
};

void require_absent(bool absent, const char* option) {
  if (!absent)
    fail(ErrorCode::usage, "--preset babur2024 decides {}; leave it out, or leave the preset out",
         option);
}

/// The columns of one test in one region.
std::vector<std::string> row_of(const ReportedTest& test, const RsaPart& part, const RsaResults& r,
                                size_t region) {
  const RsaRequest& a = part.request;
  RegionTestResult t;
  double value = kNaN, r_own = kNaN, p = kNaN;
  long n_related = 0;
  if (test.model) {
    size_t model = 0;
    while (r.models[model] != test.model) ++model;
    if (!r.tests.empty()) t = r.test(region, model);
    value = t.estimate;
    p = t.p;
  } else {
    if (!r.overlap.tests.empty()) {
      value = r.overlap.test(region, 0).estimate;
      t.n = r.overlap.test(region, 0).n;
    }
    if (!r.overlap.relations.empty()) {
      const ScoreSlope& slope = r.overlap.relations[region * r.overlap.pairs.size()];
      n_related = slope.slope.n;
      r_own = slope.pearson.r;
      p = slope.slope.p_permutation;
    }
  }
  // The paper's figures are of the rejection network: no other region is beside them.
  const bool same_regions = a.sets == std::vector<std::string>{"rejection"} &&
                            a.regions.rois.empty() && !a.regions.atlas.given();
  const auto reported = [&](double figure) { return same_regions ? figure : kNaN; };
  std::vector<std::string> row{test.name,
                               r.regions[region],
                               test.model ? test.model : a.importance.score,
                               part.name,
                               name_of(a.chosen_dissimilarity()),
                               name_of(a.comparison),
                               std::to_string(t.n)};
  if (row[2].empty()) row[2] = "n/a";
  row.push_back(n_related > 0 ? std::to_string(n_related) : "n/a");
  for (const double figure :
       {value, t.t, t.dof, p, r_own, reported(test.t), reported(test.dof), reported(test.r)})
    row.push_back(format_number(figure));
  return row;
}

}  // namespace

std::vector<RsaPart> parts_of(const RsaRequest& a) {
  if (!a.preset) return {{"", a}};
  RsaRequest common = a;
  common.preset.reset();
  if (common.trial_types.empty()) common.trial_types = {"feedback"};
  if (!common.wants_regions()) common.sets = {"rejection"};
  RsaRequest deciders = common;
  if (deciders.conditions.empty()) deciders.conditions = "chosen";
  deciders.models = {"rating"};
  deciders.dissimilarity = Dissimilarity::crossnobis;
  deciders.comparison = RdmComparison::spearman;
  deciders.importance = {};
  RsaRequest trials = common;
  trials.conditions.clear();
  trials.values.clear();
  trials.bootstraps = 0;  // of conditions
  trials.models = {"rank_mean_before", "outcome_value_before"};
  trials.dissimilarity = Dissimilarity::euclidean;
  trials.comparison = RdmComparison::regression;
  trials.nuisance = {"trial_number", deciders.conditions + ":category"};
  trials.importance.overlap = true;
  const std::string prefix = a.prefix.empty() ? "" : name_prefix(a.prefix);
  deciders.prefix = prefix + "deciders";
  trials.prefix = prefix + "trials";
  return {{"deciders", deciders}, {"trials", trials}};
}

void check_preset(const RsaRequest& a) {
  require_absent(a.models.empty(), "--model");
  require_absent(a.model_rdms.empty(), "--model-rdm");
  require_absent(a.nuisance.empty(), "--nuisance");
  require_absent(!a.by_run, "--by-run");
  require_absent(!a.dissimilarity, "--dissimilarity");
  require_absent(!a.normalisation, "--normalisation");
  require_absent(a.residuals.empty(), "--residuals");
  require_absent(!a.pairs, "--pairs");
  require_absent(a.comparison == RsaRequest{}.comparison, "--compare");
  require_absent(!a.searchlight_mm, "--searchlight");
  require_absent(!a.importance.overlap, "--overlap");
  if (a.values.empty())
    fail(ErrorCode::usage,
         "--preset babur2024 compares the Deciders with being-liked ratings: give --values TABLE "
         "with a column rating, such as phenotype/ratings.tsv of simulate");
  for (const auto& part : parts_of(a)) check(part.request);
}

void write_reported(const RsaRequest& a, const std::vector<RsaPart>& parts,
                    const std::vector<const RsaResults*>& results, const ByName<RsaRecord>& facts,
                    const Provenance& provenance, OutputSet& outputs) {
  const DescribedColumns columns{
      {"test", "the test, as the paper names it"},
      {"region", "region"},
      {"model", "column that gives the model RDM; for the overlap the column it is related to"},
      {"patterns", "deciders (means per partner) or trials; also the prefix of the test's tables"},
      {"dissimilarity", "of the patterns"},
      {"comparison", "of the RDM with the model"},
      {"n", "participants of the value"},
      {"n_related", "participants of r: with the overlap and the column; n/a without"},
      {"value", "mean value over participants; for the overlap its mean above permuted models"},
      {"t", "t of the mean against 0; n/a for the overlap"},
      {"dof", "degrees of freedom"},
      {"p", "p of t; for the overlap permutation p of its relation to the column"},
      {"r", "Pearson's r of the overlap and the column over participants"},
      {"reported_t", "t in the paper; n/a for other regions than those of --set rejection"},
      {"reported_dof", "its degrees of freedom"},
      {"reported_r", "r in the paper"}};
  TableRows rows;
  for (const auto& test : kReported)
    for (size_t g = 0; g < results[test.part]->regions.size(); ++g)
      rows.push_back(row_of(test, parts[test.part], *results[test.part], g));
  RsaReportedRecord record;
  record.preset = name_of(*a.preset);
  record.reported_by = kSource;
  record.stated = {"the three models", "t(39) of the tests", "r of the overlap",
                   "that they are of the rejection network"};
  record.inferred = {"patterns: the mean per Decider, or single trials",
                     "dissimilarities and comparisons",
                     "that pairs of one run are left out",
                     "nuisance: trial number and Decider of the trials",
                     "that the spheres are one region",
                     "importance of voxels and its overlap",
                     "the column that is the rating bias"};
  for (const auto& part : parts) record.requests.emplace_back(part.name, to_json(part.request));
  record.facts = facts;
  write_described_table(outputs, (a.prefix.empty() ? "" : name_prefix(a.prefix)) + "rsaReported",
                        columns, rows, record, provenance);
}

}  // namespace sociometer::jobs
