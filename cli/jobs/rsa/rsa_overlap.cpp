#include "cli/jobs/rsa/rsa_overlap.hpp"

#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/regions/individual_inputs.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/stats/finite_values.hpp"
#include "io/records/described_table.hpp"
#include "io/records/region_tests.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

constexpr size_t kLeastPeople = 5;

std::string number_text(double value) { return format_number(value); }

/// Of a pair of models in a region; NaN without voxels.
ImportanceOverlap overlap_in(const RegionOfParticipant& region, size_t pair) {
  if (pair < region.importance.overlaps.size()) return region.importance.overlaps[pair];
  return {0, 0, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
}

/// What is tested and related, (n_participants, n_regions * n_pairs), pairs contiguous.
Eigen::MatrixXd overlap_values(const RsaRequest& a, const RsaResults& r) {
  const auto n_pairs = Eigen::Index(r.overlap.pairs.size());
  Eigen::MatrixXd out(Eigen::Index(r.participants.size()),
                      Eigen::Index(r.regions.size()) * n_pairs);
  for (Eigen::Index p = 0; p < out.rows(); ++p)
    for (Eigen::Index c = 0; c < out.cols(); ++c) {
      const ImportanceOverlap one =
          overlap_in(r.participants[size_t(p)].regions[size_t(c / n_pairs)], size_t(c % n_pairs));
      out(p, c) = a.importance.permutations > 0 ? one.above() : one.overlap;
    }
  return out;
}

std::string pair_text(const RsaResults& r, size_t pair) {
  return r.models[r.overlap.pairs[pair][0]] + " with " + r.models[r.overlap.pairs[pair][1]];
}

/// Slopes of the overlaps on the score, by region, then pair.
void relate(const RsaRequest& a, const RsaResults& r, const Eigen::MatrixXd& values,
            const std::vector<ParticipantTable>& tables, int n_threads, RsaOverlap& out) {
  IndividualData data;
  data.brain.regions = r.regions;
  for (size_t k = 0; k < r.overlap.pairs.size(); ++k) data.brain.signals.push_back(pair_text(r, k));
  for (const auto& p : r.participants) data.brain.participants.push_back(p.name);
  data.brain.cells = values;
  data.scores = {a.importance.score};
  data.score_values = columns_of_people(data.scores, tables, data.brain.participants);
  data.covariate_values.resize(values.rows(), 0);
  out.left_out = keep_complete(data);
  IndividualOptions options;
  options.tests = a.tests;
  options.tests.alternative = Alternative::two_sided;
  options.units = SlopeUnits::given;
  try {
    out.relations = individual_differences(data, options, n_threads).slopes;
  } catch (const Error& error) {
    out.not_related = error.what();  // too few people: what was computed is not lost for it
  }
}

double mean_of(const RsaResults& r, size_t region, size_t pair,
               double (*figure)(const ImportanceOverlap&)) {
  Eigen::VectorXd values(Eigen::Index(r.participants.size()));
  for (size_t p = 0; p < r.participants.size(); ++p)
    values[Eigen::Index(p)] = figure(overlap_in(r.participants[p].regions[region], pair));
  return finite_mean(values);
}

void write_overlaps(const RsaResults& r, const ImportanceOverlapRecord& record,
                    const std::string& prefix, const Provenance& provenance, OutputSet& outputs) {
  const DescribedColumns columns{
      {"participant_id", "participant"},
      {"region", "region"},
      {"first", "model"},
      {"second", "another model"},
      {"overlap", "Pearson's r over the region's voxels of the importances for both models"},
      {"expected",
       "mean overlap after models and nuisance RDMs were permuted together: what noise and the "
       "relations of the RDMs give; n/a without permutations"},
      {"above", "overlap less expected"},
      {"p_permutation",
       "two-sided p of the overlap about the mean of all, itself and the permuted ones"},
      {"dice",
       "Dice's coefficient of the voxels of largest importance for both, as many as ImportanceTop "
       "says"},
      {"dice_expected", "its mean after permutation"},
      {"model_correlation", "Pearson's r of both model RDMs over the pairs of both"},
      {"n_voxels", "voxels of the region with data"}};
  TableRows rows;
  for (const auto& p : r.participants)
    for (size_t g = 0; g < r.regions.size(); ++g)
      for (size_t k = 0; k < r.overlap.pairs.size(); ++k) {
        const ImportanceOverlap one = overlap_in(p.regions[g], k);
        std::vector<std::string> row{p.name, r.regions[g], r.models[r.overlap.pairs[k][0]],
                                     r.models[r.overlap.pairs[k][1]]};
        for (const double value : {one.overlap, one.expected, one.above(), one.p, one.dice,
                                   one.dice_expected, one.model_correlation})
          row.push_back(number_text(value));
        row.push_back(std::to_string(p.regions[g].rdm.n_voxels));
        rows.push_back(std::move(row));
      }
  write_described_table(outputs, prefix + "rsaOverlap", columns, rows, RsaOverlapRecord{record},
                        provenance);
}

DescribedColumns group_columns(const RsaRequest& a, const RsaResults& r) {
  const RegionTestOptions& o = a.tests;
  DescribedColumns columns{
      {"region", "region"},
      {"first", "model"},
      {"second", "another model"},
      {"n", "participants with a value"},
      {"overlap", "mean over participants"},
      {"expected", "mean over participants of what permuted models have"},
      {"above", "mean of overlap less expected: what is tested"},
      {"standard_error", "of above"},
      {"t", "t of above against 0; n/a without permutations"},
      {"dof", "degrees of freedom"},
      {"p", "p of t, " + to_string(o.alternative)},
      {"lower", fmt::format("lower end of the {:g} % interval of above", 100 * o.level)},
      {"upper", "upper end"},
      {"cohens_d", "above over its standard deviation"},
      {"bf10", "JZS Bayes factor against 0, two-sided"},
      {"p_sign_flips", fmt::format("p by sign flips of participants, {} or all there are, seed {}",
                                   o.permutations, o.seed)},
      {"p_holm", "p after Holm over all rows"}};
  if (r.overlap.relations.empty()) return columns;
  const DescribedColumns more{
      {"score", "column that the overlap (above, without permutations overlap) is related to"},
      {"score_n", "participants with all values and the score"},
      {"pearson_r", "Pearson's r over participants"},
      {"pearson_lower", "lower end of its interval (Fisher's z)"},
      {"pearson_upper", "upper end"},
      {"pearson_p", "two-sided p of its t"},
      {"spearman_rho", "Spearman's rank correlation"},
      {"spearman_lower", "lower end of its interval (Bonett & Wright)"},
      {"spearman_upper", "upper end"},
      {"spearman_p", "asymptotic p"},
      {"score_p_permutation",
       fmt::format("two-sided permutation p of the slope on the score, {} permutations, seed {}",
                   o.permutations, o.seed)}};
  columns.insert(columns.end(), more.begin(), more.end());
  return columns;
}

void write_overlap_group(const RsaRequest& a, const RsaResults& r, ImportanceOverlapRecord record,
                         const std::string& prefix, const Provenance& provenance,
                         OutputSet& outputs) {
  TableRows rows;
  const size_t n_pairs = r.overlap.pairs.size();
  for (size_t g = 0; g < r.regions.size(); ++g)
    for (size_t k = 0; k < n_pairs; ++k) {
      const RegionTestResult& t = r.overlap.test(g, k);
      std::vector<std::string> row{r.regions[g], r.models[r.overlap.pairs[k][0]],
                                   r.models[r.overlap.pairs[k][1]], std::to_string(t.n)};
      const auto mean = [&](double (*of)(const ImportanceOverlap&)) {
        return mean_of(r, g, k, of);
      };
      for (const double value : {mean([](const ImportanceOverlap& o) { return o.overlap; }),
                                 mean([](const ImportanceOverlap& o) { return o.expected; }),
                                 mean([](const ImportanceOverlap& o) { return o.above(); }),
                                 t.standard_error, t.t, t.dof, t.p, t.lower, t.upper, t.effect.d,
                                 std::exp(t.log_bf10), t.p_permutation, t.p_holm})
        row.push_back(number_text(value));
      if (!r.overlap.relations.empty()) {
        const ScoreSlope& s = r.overlap.relations[g * n_pairs + k];
        row.push_back(a.importance.score);
        row.push_back(std::to_string(s.slope.n));
        for (const double value :
             {s.pearson.r, s.pearson.lower, s.pearson.upper, s.pearson.p, s.spearman.r,
              s.spearman.lower, s.spearman.upper, s.spearman.p, s.slope.p_permutation})
          row.push_back(number_text(value));
      }
      rows.push_back(std::move(row));
    }
  if (!a.importance.score.empty()) record.left_out_of_relation = r.overlap.left_out;
  write_described_table(outputs, prefix + "rsaOverlapGroup", group_columns(a, r), rows,
                        RsaOverlapGroupRecord{std::move(record)}, provenance);
}

}  // namespace

std::vector<ParticipantTable> read_overlap_tables(const RsaRequest& a,
                                                  const std::vector<std::string>& people) {
  std::vector<ParticipantTable> tables;
  for (const auto& path : a.importance.participants) tables.emplace_back(path);
  if (a.importance.score.empty()) return tables;
  if (people.size() < kLeastPeople)
    fail(ErrorCode::bad_input,
         "--overlap-with {} is a correlation over participants, and {} are given; it needs {} or "
         "more",
         a.importance.score, people.size(), kLeastPeople);
  columns_of_people({a.importance.score}, tables, people);  // now, not after hours
  return tables;
}

RsaOverlap overlap_over_participants(const RsaRequest& a, const RsaResults& r,
                                     const std::vector<ParticipantTable>& tables, int n_threads) {
  RsaOverlap out;
  out.pairs = r.overlap.pairs;
  if (out.pairs.empty() || r.participants.size() < 2) return out;
  const Eigen::MatrixXd values = overlap_values(a, r);
  out.tests = test_one_sample(values, a.tests, n_threads);
  if (a.importance.permutations == 0)  // an overlap of noise is not 0
    for (auto& test : out.tests) {
      const Eigen::Index n = test.n;
      test = {};
      test.n = n;
    }
  if (!a.importance.score.empty()) relate(a, r, values, tables, n_threads, out);
  return out;
}

void write_overlap_tables(const RsaRequest& a, const RsaResults& r, const RsaRecord& common,
                          const std::string& prefix, const Provenance& provenance,
                          OutputSet& outputs) {
  if (r.overlap.pairs.empty()) return;
  const ImportanceOverlapRecord record{common, importance_record(a), {}};
  write_overlaps(r, record, prefix, provenance, outputs);
  if (!r.overlap.tests.empty()) write_overlap_group(a, r, record, prefix, provenance, outputs);
}

std::vector<std::pair<std::string, std::string>> overlap_sentences(const RsaRequest& a,
                                                                   const RsaResults& r) {
  std::vector<std::pair<std::string, std::string>> rows;
  // With many regions a line for each would hide the other results; the tables have them all.
  constexpr size_t kMostLines = 12;
  if (r.overlap.tests.size() > kMostLines) return rows;
  for (size_t c = 0; c < r.overlap.tests.size(); ++c) {
    const size_t g = c / r.overlap.pairs.size(), k = c % r.overlap.pairs.size();
    const RegionTestResult& t = r.overlap.tests[c];
    std::string text =
        fmt::format("overlap of voxel importance (our definition) {:.3f}",
                    mean_of(r, g, k, [](const ImportanceOverlap& o) { return o.overlap; }));
    if (std::isfinite(t.t)) text += fmt::format(", above permuted models {:.3f}", t.estimate);
    if (!r.overlap.relations.empty()) {
      const ScoreSlope& s = r.overlap.relations[c];
      text += fmt::format(
          "; with {}: r = {:.2f} [{:.2f}, {:.2f}], permutation p = {:.2g}, uncorrected (n = {})",
          a.importance.score, s.pearson.r, s.pearson.lower, s.pearson.upper, s.slope.p_permutation,
          s.slope.n);
    }
    rows.emplace_back(r.regions[g] + " " + pair_text(r, k), text);
  }
  return rows;
}

std::vector<std::string> overlap_failures(const RsaRequest& a, const RsaResults& r) {
  std::vector<std::string> lines;
  if (r.overlap.pairs.empty()) return lines;
  for (const auto& p : r.participants) {
    std::vector<std::string> missing;
    for (size_t g = 0; g < r.regions.size() && a.importance.permutations > 0; ++g)
      for (size_t k = 0; k < r.overlap.pairs.size(); ++k)
        if (const ImportanceOverlap& o = overlap_in(p.regions[g], k);
            std::isfinite(o.overlap) && !std::isfinite(o.expected))
          missing.push_back(fmt::format("{} {}", r.regions[g], pair_text(r, k)));
    if (!missing.empty())
      lines.push_back(fmt::format(
          "{} has no expected overlap, as permuted models have no value for some pair that is "
          "compared, and is left out of its tests: {}",
          p.name, fmt::join(missing, ", ")));
  }
  if (!r.overlap.not_related.empty())
    lines.push_back(fmt::format("the overlap is not related to {}: {}", a.importance.score,
                                r.overlap.not_related));
  return lines;
}

ImportanceRecord importance_record(const RsaRequest& a) {
  ImportanceRecord record;
  record.method = name_of(a.chosen_importance());
  record.meaning = a.chosen_importance() == ImportanceMethod::contribution
                       ? "the voxel's share of the value; the shares of a region add up to it"
                       : "the value with all voxels less the value without the voxel";
  record.inferred =
      "importance and overlap are definitions of Sociometer: Babür et al. 2024 report an overlap, "
      "and we know of no definition by them";
  if (a.importance.overlap) {
    record.top = a.importance.top;
    record.permutations = a.importance.permutations;
    record.expected =
        "mean overlap after models and nuisance RDMs are permuted together, the patterns as they "
        "are";
    record.seed = a.tests.seed;
  }
  if (!a.importance.score.empty()) record.score = a.importance.score;
  return record;
}

}  // namespace sociometer::jobs
