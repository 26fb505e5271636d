#include "cli/jobs/regions/dissociate_job.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "cli/jobs/regions/dissociation_summary.hpp"
#include "cli/jobs/regions/voxelwise.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/roi/study_regions.hpp"
#include "io/records/dissociation.hpp"
#include "io/records/region_values.hpp"

namespace sociometer::jobs {
namespace {

/// The caveat that accompanies every finding in rejection-related regions.
constexpr const char* kRejectionCaveat =
    "of 53 studies of exclusion (Mwilambwe-Tshilobo & Spreng 2021) no reliable activation of the "
    "dACC came out: that a region is called rejection-related does not say that rejection is what "
    "moves it";

/// Notes from the table's dictionary and the built-in table, and the caveat of rejection regions.
std::map<std::string, std::string> notes_of(const std::map<std::string, RegionFacts>& in_table,
                                            const std::vector<std::string>& regions) {
  std::map<std::string, std::string> notes;
  for (const auto& region : regions) {
    std::string note, role;
    if (const auto found = in_table.find(region); found != in_table.end()) {
      note = found->second.note;
      role = found->second.role;
    }
    for (const auto& built_in : study_regions())
      if (built_in.name == region) {
        if (note.empty()) note = built_in.note;
        if (role.empty()) role = to_string(built_in.role);
      }
    std::string lower = region;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char ch) { return char(std::tolower(ch)); });
    const bool rejection = role == "rejection" || lower.find("reject") != std::string::npos ||
                           lower.find("dacc") != std::string::npos;
    if (rejection && note.find("Mwilambwe") == std::string::npos)
      note += (note.empty() ? "" : "; ") + std::string(kRejectionCaveat);
    if (!note.empty()) notes[region] = note;
  }
  return notes;
}

/// The participants with complete cells; the others are named.
DissociationData complete_cells(const ValueTable& table, const std::vector<std::string>& regions,
                                const std::vector<std::string>& signals, Journal& journal) {
  DissociationData data = cells_of(table, regions, signals);
  if (const auto left_out = keep_complete(data); !left_out.empty())
    journal.warn(fmt::format("left out because a value is missing in some region and signal: {}",
                             fmt::join(left_out, ", ")));
  return data;
}

/// One person without the regressor's standard deviation changes the unit for all.
void warn_of_unknown_units(const std::vector<RegionValue>& values, const ValueTable& table,
                           const DissociationData& data, bool chosen, Journal& journal) {
  if (chosen) return;
  const auto without = without_regressor_sd(values, table, data);
  if (without.empty() || without.size() == data.participants.size()) return;
  journal.warn(fmt::format(
      "the standard deviation of the regressors is not known of {}: all signals are in standard "
      "deviations of the difference between regions in place of those of the regressors",
      fmt::join(without, ", ")));
}

SignalSetRecord analysed(const DissociateRequest& a, const std::vector<std::string>& signals,
                         const StoredRegionValues& stored, const ValueTable& table,
                         const DissociationRecord& record, const Session& session) {
  const DissociationData data = complete_cells(table, a.regions, signals, session.journal);
  SignalSetRecord set;
  set.regressor_sd =
      regressor_sds(stored.values, table, data.regions[0], data.signals, data.participants);
  set.scaled = in_comparable_units(data, set.regressor_sd, a.units ? &*a.units : nullptr);
  warn_of_unknown_units(stored.values, table, data, a.units.has_value(), session.journal);
  set.result = dissociate(set.scaled.data, record.options, session.threads);
  set.collinearity = signal_collinearity(stored.values, data, table.session);
  set.unit = unit_text(set.scaled.units, table.statistic);
  const SummaryContext context{set.scaled,   record.options,   set.collinearity,
                               record.notes, set.regressor_sd, table.statistic};
  set.sentences = dissociation_sentences(set.result, context);
  for (const auto& pair : set.result.pairs) set.verdicts.push_back(verdict_sentence(pair, context));
  return set;
}

std::string text_of(const std::vector<SignalSetRecord>& sets) {
  std::string text;
  for (const auto& set : sets) {
    if (sets.size() > 1)
      text += fmt::format("Signals {}\n", fmt::join(set.scaled.data.signals, ", "));
    for (const auto& line : set.sentences) text += line + "\n";
  }
  return text;
}

JobSummary dissociate_table(const DissociateRequest& a, const Session& session) {
  const StoredRegionValues stored = read_region_values(a.table);
  note_read(session, stored.files());
  const ValueTable table = pivot(stored.values, a.choice, a.table);
  require_effects(stored, table.statistic);
  DissociationRecord record{
      a.options, table.statistic, notes_of(stored.regions, a.regions), stored.files(), {}};
  record.options.rule.cauchy_scale = a.options.tests.cauchy_scale;
  for (const auto& signals : a.signal_sets)
    record.sets.push_back(analysed(a, signals, stored, table, record, session));
  JobSummary summary;
  summary.text = text_of(record.sets);
  const std::string prefix = name_prefix(a.prefix);
  OutputSet outputs(a.output, session.policy("roi-dissociate", a.prefix));
  write_dissociation(record, session.provenance, prefix, outputs);
  outputs.write(prefix + "dissociation.txt", summary.text);
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(session.journal, a.output, a.prefix);
  return summary;
}

}  // namespace

JobSummary dissociate_regions(const DissociateRequest& request, const Session& session) {
  check(request);
  return request.table.empty() ? dissociate_voxelwise(request, session)
                               : dissociate_table(request, session);
}

}  // namespace sociometer::jobs
