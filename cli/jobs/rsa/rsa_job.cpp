#include "cli/jobs/rsa/rsa_job.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "cli/jobs/counted.hpp"
#include "cli/jobs/rsa/rsa_all_inputs.hpp"
#include "cli/jobs/rsa/rsa_forecast.hpp"
#include "cli/jobs/rsa/rsa_maps.hpp"
#include "cli/jobs/rsa/rsa_overlap.hpp"
#include "cli/jobs/rsa/rsa_preset.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/memory.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/roi/region_values.hpp"
#include "io/records/record_fields.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {
namespace {

/// Positions in `mask` of a region's voxels.
std::vector<Eigen::Index> positions_in(const Mask& mask, const Region& region) {
  std::vector<Eigen::Index> out;
  for (const uint32_t voxel : region.voxels) {
    const auto at = std::lower_bound(mask.voxels.begin(), mask.voxels.end(), voxel);
    if (at != mask.voxels.end() && *at == voxel) out.push_back(at - mask.voxels.begin());
  }
  return out;
}

/// What regions of a participant are compared with.
struct Compared {
  const ParticipantRsa& person;
  const RsaOptions& options;
  const std::optional<ImportanceModels>& importance;
  VoxelImportanceOptions importance_options{};
};

RegionOfParticipant analysed(const Compared& with, const PatternData& data,
                             const std::vector<Eigen::Index>& voxels, const Region& region) {
  RegionOfParticipant out;
  out.coverage = double(voxels.size()) / double(region.n_voxels());
  if (voxels.empty()) {
    out.rdm.shrinkage = kNaN;
    out.values.assign(size_t(with.person.rdms.models.cols()), {kNaN, kNaN, {}});
    return out;
  }
  PatternNoise noise{{}, data.noise.dof};
  if (data.noise.residuals.size() > 0) noise.residuals = data.noise.residuals(Eigen::all, voxels);
  RegionPatterns made =
      region_patterns(with.person, with.options, data.amplitudes(Eigen::all, voxels), noise);
  out.rdm = {rdm_of_patterns(with.person, with.options.dissimilarity, made.patterns),
             Eigen::Index(voxels.size()), made.shrinkage};
  out.values = model_values(with.person, with.options, out.rdm.rdm);
  if (with.importance)
    out.importance = voxel_importances(
        RdmParts(with.person, with.options.dissimilarity, std::move(made.patterns)),
        *with.importance, with.importance_options);
  return out;
}

GeneralisationRecord generalisation(const RsaRequest& a, const RsaResults& results) {
  GeneralisationRecord record;
  record.p = std::string("other participants, with these ") +
             (a.conditions.empty() ? "kinds of trials" : "conditions");
  if (a.item_permutations > 0 && a.unit() == PatternUnit::condition)
    record.p_conditions =
        "other conditions, with these participants: conditions are exchanged in all alike";
  if (!results.two_factor.empty())
    record.p_both =
        "other participants and other conditions: both are drawn with replacement, with the "
        "variance corrected (Schuett et al. 2023, eLife 12:e82566)";
  return record;
}

/// What all records state. @param kinds  how the RDMs of models and nuisance were made.
RsaRecord common_record(const RsaRequest& a, const RsaResults& results,
                        const std::vector<std::string>& kinds) {
  RsaRecord record;
  record.patterns = name_of(a.unit());
  if (!a.conditions.empty()) record.conditions = a.conditions;
  if (!a.trial_types.empty()) record.trial_types = a.trial_types;
  record.dissimilarity = name_of(a.chosen_dissimilarity());
  record.normalisation = name_of(a.chosen_normalisation());
  if (a.chosen_normalisation() != NoiseNormalisation::none) record.noise_from = noise_source(a);
  record.comparison = name_of(a.comparison);
  record.pairs = pairs_in_words(a);
  record.generalises_to = generalisation(a, results);
  const auto names = model_names(a);
  for (size_t m = 0; m < names.size(); ++m) record.models.emplace_back(names[m], kinds[m]);
  if (!a.nuisance.empty())
    record.nuisance =
        named_kinds(nuisance_names(a), {kinds.begin() + long(names.size()), kinds.end()});
  if (a.item_permutations > 0) record.permutations = a.item_permutations;
  if (!results.two_factor.empty()) record.bootstraps = a.bootstraps;
  if (record.permutations || record.bootstraps) record.seed = a.tests.seed;
  for (const auto& person : results.participants) record.participants.push_back(person.name);
  return record;
}

void test_over_participants(const RsaRequest& a, RsaResults& results, int threads) {
  if (results.participants.size() < 2) return;
  results.tests = test_one_sample(values_over_participants(results), a.tests, threads);
  if (!is_centred(a.comparison))  // above 0 whatever the patterns are: 0 is no hypothesis
    for (auto& test : results.tests) {
      const RegionTestResult all = test;
      test = {};
      test.n = all.n;
      test.estimate = all.estimate;
      test.standard_error = all.standard_error;
    }
  // Nothing is taken out of the RDMs of a ceiling, so values with nuisance RDMs have none.
  if (!a.nuisance.empty() || is_regression(a.comparison)) return;
  for (size_t g = 0; g < results.regions.size(); ++g)
    for (size_t m = 0; m < results.models.size(); ++m) {
      const Eigen::MatrixXd rdms = shared_rdms(results, g, m);
      results.ceilings.push_back(rdms.size() == 0 ? NoiseCeiling{kNaN, kNaN, 0}
                                                  : noise_ceiling(rdms, a.comparison));
    }
}

/// Tests over participants and conditions, if asked for.
void test_both(const RsaRequest& a, RsaResults& results, int threads) {
  if (a.bootstraps == 0 || results.tests.empty()) return;
  const size_t n_models = results.models.size();
  results.two_factor.resize(results.regions.size() * n_models);
  parallel_for(Eigen::Index(results.two_factor.size()), threads, [&](Eigen::Index i) {
    results.two_factor[size_t(i)] =
        two_factor_test(results.people_with_same_conditions(size_t(i) / n_models),
                        i % Eigen::Index(n_models), a.options(), a.bootstraps, a.tests.alternative);
  });
}

/// Regions and models without a test over participants and conditions, in one line.
void explain_missing_two_factor(const RsaResults& r, Journal& journal) {
  std::vector<std::string> missing;
  for (size_t i = 0; i < r.two_factor.size(); ++i)
    if (std::isnan(r.two_factor[i].p))
      missing.push_back(
          fmt::format("{} {}", r.regions[i / r.models.size()], r.models[i % r.models.size()]));
  if (!missing.empty())
    journal.warn(fmt::format(
        "no test over participants and conditions, as the participants' conditions differ, fewer "
        "than four are shared, a participant has no value, or most drawings give none: {}",
        fmt::join(missing, ", ")));
}

std::string items_in_words(const RsaRequest& a) {
  switch (a.unit()) {
    case PatternUnit::trial:
      return "trials";
    case PatternUnit::condition:
      return "conditions (" + a.conditions + ")";
    case PatternUnit::condition_run:
      break;
  }
  return "conditions in runs (" + a.conditions + ")";
}

/// What one test says: of what, in whom, against what, and what was held constant.
std::string sentence(const RsaRequest& a, const RsaResults& r, const std::string& model,
                     const RegionTestResult& t) {
  std::vector<std::string> held;
  for (const auto& other : r.models)
    if (is_regression(a.comparison) && other != model) held.push_back(other);
  held.insert(held.end(), r.nuisance.begin(), r.nuisance.end());
  return fmt::format(
      "the more two {} differ in {}, the {} similar are their patterns{}: mean {:.3f} of n = {}, "
      "t({:.0f}) = {:.2f}, p = {:.2g} ({}), after Holm {:.2g}",
      items_in_words(a), model, t.estimate > 0 ? "less" : "more",
      held.empty() ? "" : fmt::format(", holding {} constant", fmt::join(held, ", ")), t.estimate,
      t.n, t.dof, t.t, t.p, to_string(a.tests.alternative), t.p_holm);
}

/// What --bootstraps adds to it.
std::string of_both(const RsaResults& r, size_t test) {
  if (r.two_factor.empty()) return "";
  const TwoFactorTest& both = r.two_factor[test];
  if (std::isnan(both.p)) return "; over other conditions as well: no test";
  return fmt::format("; over other participants and other conditions: mean {:.3f}, p = {:.2g}{}",
                     both.mean, both.p, both.p <= 0.05 ? "" : ", not shown for other conditions");
}

/// What the figures say, a row per model and region whose p after Holm is at most .05.
void report_results(const RsaRequest& a, const RsaResults& r, size_t n_people, Journal& journal) {
  constexpr double kPasses = 0.05;
  std::vector<std::pair<std::string, std::string>> rows;
  for (size_t g = 0; g < r.regions.size() && !r.tests.empty(); ++g)
    for (size_t m = 0; m < r.models.size(); ++m) {
      const RegionTestResult& t = r.test(g, m);
      if (!(t.p_holm <= kPasses)) continue;
      rows.emplace_back(fmt::format("{} {}", r.regions[g], r.models[m]),
                        sentence(a, r, r.models[m], t) + of_both(r, g * r.models.size() + m));
    }
  std::string title = fmt::format("{}, {}, {}, compared by {}", counted(n_people, "participant"),
                                  counted(r.models.size(), "model"),
                                  name_of(a.chosen_dissimilarity()), name_of(a.comparison));
  if (!r.tests.empty() && !is_centred(a.comparison))
    title += "; not tested over participants: it is above 0 even for unrelated patterns";
  else if (!r.tests.empty())
    title += fmt::format("; {} of {} tests with p after Holm at most {:g}", rows.size(),
                         r.tests.size(), kPasses);
  for (auto& row : overlap_sentences(a, r)) rows.push_back(std::move(row));
  Summary summary(title);
  for (auto& [name, text] : rows) summary.add(std::move(name), std::move(text));
  summary.report(journal, a.output, a.prefix);
}

/// Regions in which a participant has no value, one line per participant.
JobSummary missing_values(const RsaResults& r, Journal& journal) {
  JobSummary summary;
  for (const auto& p : r.participants) {
    std::vector<std::string> missing;
    for (size_t g = 0; g < r.regions.size(); ++g)
      for (size_t m = 0; m < r.models.size(); ++m)
        if (std::isnan(p.regions[g].values[m].value))
          missing.push_back(fmt::format("{} {}", r.regions[g], r.models[m]));
    if (missing.empty()) continue;
    summary.failures.push_back(fmt::format(
        "{} has no value, as data are missing, a pattern is the same in all voxels, or a model is "
        "constant or explained by others: {}",
        p.name, fmt::join(missing, ", ")));
    journal.warn(summary.failures.back());
  }
  return summary;
}

/// Why values have no p by permutation, one line per participant.
void explain_missing_p(const RsaRequest& a, const RsaResults& r, Journal& journal) {
  for (const auto& p : r.participants) {
    std::vector<std::string> missing;
    for (size_t g = 0; g < r.regions.size() && a.item_permutations > 0; ++g)
      for (size_t m = 0; m < r.models.size(); ++m)
        if (const auto& v = p.regions[g].values[m]; std::isfinite(v.value) && std::isnan(v.p))
          missing.push_back(fmt::format("{} {}", r.regions[g], r.models[m]));
    if (missing.empty()) continue;
    journal.warn(fmt::format(
        "{} has no p by permutation, as {} has no value for some pair that would be compared: {}",
        p.name,
        a.unit() == PatternUnit::condition_run ? "a condition is missing in a run, or a model"
                                               : "a model or the RDM",
        fmt::join(missing, ", ")));
  }
}

/// One part of a request: all participants, only one of whose images are in memory at a time.
class Analysis {
 public:
  Analysis(const RsaInputs& inputs, const Session& session)
      : in_(inputs), a_(inputs.request), session_(session), model_files_(inputs.models.files()) {
    for (const auto& region : in_.regions) results.regions.push_back(region.region.name);
    results.models = model_names(a_);
    results.nuisance = nuisance_names(a_);
    for (size_t one = 0; a_.importance.overlap && one < results.models.size(); ++one)
      for (size_t other = one + 1; other < results.models.size(); ++other)
        results.overlap.pairs.push_back({one, other});
    files = model_files_;
    for (const auto& file : files_of(in_.regions)) files.push_back(file);
    for (const auto& table : in_.people) files.push_back(table.file());
  }

  void run(OutputSet& outputs) {
    const auto task = session_.journal.start("comparing patterns");
    const long n = long(in_.sources.size());
    for (long p = 0; p < n; ++p) {
      task->update(p, n);
      try {
        add_participant(in_.sources[size_t(p)], outputs);
      } catch (const TooFewPairs& error) {
        if (n == 1) throw;
        if (left_out_.empty()) first_error_ = error.what();
        left_out_.push_back(
            fmt::format("{} is left out: {}", in_.sources[size_t(p)].participant, error.what()));
      }
    }
    task->update(n, n);
    if (results.participants.empty())
      fail(ErrorCode::bad_input, "no participant can be analysed: {}", first_error_);
    if (in_.regions.empty()) return;
    test_over_participants(a_, results, session_.threads);
    test_both(a_, results, session_.threads);
    results.overlap = overlap_over_participants(a_, results, in_.people, session_.threads);
    const RsaRecord common = record();
    const std::string prefix = a_.prefix.empty() ? "" : name_prefix(a_.prefix);
    write_rsa_tables(a_, results, common, prefix, session_.provenance, outputs);
    write_overlap_tables(a_, results, common, prefix, session_.provenance, outputs);
  }

  /// What all records state.
  RsaRecord record() const {
    RsaRecord common = common_record(a_, results, kinds_);
    common.inputs = files;
    if (!left_out_.empty()) common.left_out = left_out_;
    for (const auto& known : in_.regions) {
      PatternRegionRecord region{known.kind, known.source, {}};
      if (std::ranges::find(a_.sets, known.region.name) != a_.sets.end())
        region.inferred =
            "that its spheres are one region: the source of the coordinates does not say";
      common.regions.emplace_back(known.region.name, std::move(region));
    }
    return common;
  }

  /// Reports the results. @return what failed.
  std::vector<std::string> report() const {
    Journal& journal = session_.journal;
    explain_missing_p(a_, results, journal);
    explain_missing_two_factor(results, journal);
    report_results(a_, results, results.participants.size(), journal);
    std::vector<std::string> failures = left_out_;
    for (auto& line : overlap_failures(a_, results)) failures.push_back(std::move(line));
    for (const auto& line : failures) journal.warn(line);
    if (!results.overlap.left_out.empty())
      journal.warn(fmt::format("{} left out of the relations to {}, as a value is missing: {}",
                               counted(results.overlap.left_out.size(), "participant"),
                               a_.importance.score, fmt::join(results.overlap.left_out, ", ")));
    if (!in_.regions.empty())
      for (auto& line : missing_values(results, journal).failures)
        failures.push_back(std::move(line));
    for (const auto& line : without_maps_) {
      journal.warn(line);
      failures.push_back(line);
    }
    return failures;
  }

  RsaResults results{};
  std::vector<InputFile> files;

 private:
  void add_participant(const TrialSource& source, OutputSet& outputs) {
    RsaParticipant person{
        source.participant, prepare_participant(a_, source, in_.models, kinds_), {}};
    const RsaMapWriting writing{a_, results.models, kinds_, model_files_, session_};
    if (!in_.regions.empty()) add_regions(source, person, writing, outputs);
    if (a_.searchlight_mm)
      for (auto& line : write_searchlight(writing, source, person.person, outputs))
        without_maps_.push_back(std::move(line));
    for (auto& region : person.regions) region.importance.values.resize(0, 0);
    results.participants.push_back(std::move(person));
  }

  void add_regions(const TrialSource& source, RsaParticipant& person, const RsaMapWriting& writing,
                   OutputSet& outputs) {
    const RsaOptions options = a_.options();
    const RegionGather gather(plain_regions(in_.regions));
    const PatternData data = read_patterns(source, {source.header.grid, gather.voxels()},
                                           person.person.run_items, options.normalisation);
    files.insert(files.end(), data.files.begin(), data.files.end());
    std::optional<ImportanceModels> importance;
    if (a_.importance.wanted())
      importance.emplace(person.person, options,
                         a_.importance.overlap ? a_.importance.permutations : 0);
    const Compared with{
        person.person, options, importance, {a_.chosen_importance(), a_.importance.top}};
    std::vector<std::vector<Eigen::Index>> voxels;
    for (const auto& known : in_.regions) voxels.push_back(positions_in(data.mask, known.region));
    person.regions.resize(in_.regions.size());
    parallel_for(Eigen::Index(in_.regions.size()), session_.threads, [&](Eigen::Index g) {
      person.regions[size_t(g)] =
          analysed(with, data, voxels[size_t(g)], in_.regions[size_t(g)].region);
    });
    if (!a_.importance.maps) return;
    ImportanceMaps maps{source.participant, results.regions, {}};
    for (size_t g = 0; g < voxels.size(); ++g) {
      maps.masks.push_back({data.mask.grid, {}});
      for (const Eigen::Index v : voxels[g])
        maps.masks[g].voxels.push_back(data.mask.voxels[size_t(v)]);
      maps.values.push_back(&person.regions[g].importance.values);
    }
    maps.files = data.files;
    maps.files.insert(maps.files.end(), model_files_.begin(), model_files_.end());
    write_importance_maps(writing, maps, outputs);
  }

  const RsaInputs& in_;
  const RsaRequest& a_;
  const Session& session_;
  const std::vector<InputFile> model_files_;
  std::vector<std::string> kinds_{};
  std::vector<std::string> without_maps_{};  ///< of searchlights, a line each
  std::vector<std::string> left_out_{};      ///< participants who cannot be analysed, a line each
  std::string first_error_{};
};

}  // namespace

JobSummary rsa(const RsaRequest& a, const Session& session) {
  check(a);
  Journal& journal = session.journal;
  const std::vector<RsaPart> parts = parts_of(a);
  std::vector<RsaInputs> inputs;
  for (const auto& part : parts) inputs.push_back(read_rsa_inputs(part.request, journal));
  OutputSet outputs(a.output, session.policy("rsa", a.prefix));
  const double memory = rsa_memory(inputs, session.threads);
  if (session.dry_run) return rsa_forecast(a, parts, inputs, memory, session);
  require_memory(memory, session.memory_bytes,
                 "comparing the patterns of one participant at a time",
                 "fewer regions, models or --overlap-permutations");
  std::vector<Analysis> analyses;
  std::vector<const RsaResults*> results;
  for (const auto& input : inputs) analyses.emplace_back(input, session);
  for (auto& analysis : analyses) {
    analysis.run(outputs);
    note_read(session, analysis.files);
    results.push_back(&analysis.results);
  }
  if (a.preset) {
    ByName<RsaRecord> facts;
    for (size_t k = 0; k < parts.size(); ++k)
      facts.emplace_back(parts[k].name, analyses[k].record());
    write_reported(a, parts, results, facts, session.provenance, outputs);
  }
  write_dataset_description(outputs);
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  JobSummary summary;
  for (const auto& analysis : analyses)
    for (auto& line : analysis.report()) summary.failures.push_back(std::move(line));
  return summary;
}

}  // namespace sociometer::jobs
