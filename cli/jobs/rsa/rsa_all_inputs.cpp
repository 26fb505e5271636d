#include "cli/jobs/rsa/rsa_all_inputs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/regions/made_regions.hpp"
#include "cli/jobs/rsa/rsa_overlap.hpp"

namespace sociometer::jobs {
namespace {

/// The regions asked for; each of --set is one region, the union of its spheres.
std::vector<KnownRegion> pattern_regions(const RsaRequest& a, const GridRule& rule,
                                         Journal& journal) {
  std::vector<std::string> lost;
  std::vector<KnownRegion> regions;
  if (!a.regions.rois.empty() || a.regions.atlas.given())
    regions = load_regions(a.regions, rule, lost, journal);
  for (const auto& set : a.sets) {
    MakeRequest make;
    make.sets = {set};
    make.unions = {set + "Network=" + set};
    for (auto& made : make_regions(make, rule, lost, journal))
      if (made.known.region.name == set + "Network") {
        made.known.region.name = set;
        regions.push_back(std::move(made.known));
      }
  }
  check_regions(regions, rule.name);
  for (const auto& region : regions)
    if (region.region.weighted())
      journal.warn(fmt::format("region {} has weights; patterns take its voxels without them",
                               region.region.name));
  return regions;
}

void warn_of_other_settings(const std::vector<TrialSource>& sources, Journal& journal) {
  for (const auto& source : sources)
    if (!source.settings.empty() && !sources[0].settings.empty() &&
        source.settings != sources[0].settings) {
      journal.warn(fmt::format(
          "{} was estimated with {}, {} with {}: their patterns may differ for "
          "that alone",
          source.table.path, source.settings, sources[0].table.path, sources[0].settings));
      return;
    }
}

/// Refuses what is wrong with tables and models before any image is read.
void check_participants(RsaInputs& in, Journal& journal) {
  if (in.models.values) {
    std::vector<std::string> warnings;
    check_conditions_of_values(*in.models.values, in.request, in.sources, warnings);
    for (const auto& warning : warnings) journal.warn(warning);
  }
  std::vector<std::string> kinds;
  for (const auto& source : in.sources) {
    try {
      const ParticipantRsa person = prepare_participant(in.request, source, in.models, kinds);
      in.used_pairs.push_back(std::count(person.rdms.used.begin(), person.rdms.used.end(), 1));
    } catch (const TooFewPairs& error) {
      if (in.sources.size() == 1) throw;  // of several, the analysis leaves it out, with a warning
      in.used_pairs.push_back(0);
      in.too_few_pairs.push_back(
          fmt::format("{} is left out: {}", source.participant, error.what()));
    }
  }
}

}  // namespace

RsaInputs read_rsa_inputs(const RsaRequest& a, Journal& journal) {
  if (a.unit() == PatternUnit::condition && a.chosen_dissimilarity() != Dissimilarity::crossnobis)
    journal.warn(fmt::format(
        "--dissimilarity {} of conditions over runs compares trials of a run with each other, "
        "whose "
        "noise is alike if they are near in time; --dissimilarity crossnobis and --by-run do not",
        name_of(a.chosen_dissimilarity())));
  RsaInputs in{a, read_sources(a), {}, {}, {}, {}, {}};
  in.models = read_model_sources(a, in.sources);
  warn_of_other_settings(in.sources, journal);
  check_participants(in, journal);
  if (a.wants_regions()) {
    const GridRule rule{in.sources[0].header.grid, in.sources[0].image, a.regions.resample};
    in.regions = pattern_regions(a, rule, journal);
    for (const auto& note : region_notes(in.regions)) journal.info(note);
  }
  std::vector<std::string> people;
  for (const auto& source : in.sources) people.push_back(source.participant);
  in.people = read_overlap_tables(a, people);
  return in;
}

}  // namespace sociometer::jobs
