#include "cli/jobs/mixed/mixed_job.hpp"

#include <fmt/format.h>

#include "cli/jobs/mixed/mixed_inputs.hpp"
#include "cli/jobs/mixed/mixed_summary.hpp"
#include "cli/jobs/summary.hpp"
#include "io/records/mixed_tables.hpp"

namespace sociometer::jobs {
namespace {

/// What all records of the job say.
MixedRowsFacts facts_of(const MixedRequest& a, const MixedInputs& inputs) {
  MixedRowsFacts facts;
  facts.coding = name_of(a.coding);
  if (!a.references.empty()) facts.references = a.references;
  if (!inputs.made.empty()) facts.made_columns = inputs.made;
  if (a.columns.follow_trials())
    facts.sequence =
        TrialSequenceRecord{inputs.sequence.within, inputs.sequence.within_files,
                            inputs.sequence.order.empty() ? "rows" : inputs.sequence.order,
                            inputs.sequence.consecutive};
  if (!a.where.empty()) facts.where = a.where;
  if (!a.join.empty()) facts.join = JoinRecord{inputs.keys, inputs.joined, inputs.without_match};
  facts.inputs = inputs.files;
  return facts;
}

MixedDesign design_of(const MixedRequest& a, const MixedTable& table) {
  MixedDesign out = make_mixed_design(parse_mixed_formula(a.formula), table,
                                      {a.family, a.coding, a.categories, a.references});
  if (!table.has(a.participant)) return out;
  std::vector<std::string> people;
  for (size_t row : out.rows) people.push_back(table.at(a.participant).words[row]);
  const size_t n = category_levels(people).size();
  // One row per participant needs no effect of theirs.
  if (n < size_t(out.n())) out.n_participants = n;
  return out;
}

void fit_model(const MixedRequest& a, const MixedInputs& inputs, const Session& session,
               OutputSet& outputs, JobSummary& summary) {
  const MixedDesign design =
      with_context(names_of_tables(a.tables), [&] { return design_of(a, inputs.table); });
  const MixedFit fit = fit_mixed(design, a.criterion);
  const MixedRowsFacts facts = facts_of(a, inputs);
  const std::string stem = name_prefix(a.prefix);
  write_mixed(outputs, stem, {design, fit, a.criterion, a.level, facts}, session.provenance);
  write_mixed_rows(outputs, stem, inputs.table, design, facts, session.provenance);
  for (const auto& line : mixed_sentences(design, fit, a)) summary.text += line + "\n";
  for (const auto& line : mixed_cautions(design, fit, a)) session.journal.warn(line);
  if (fit.separated)
    summary.failures.push_back("an effect of " + a.formula + " has no finite estimate");
  if (!fit.converged) summary.failures.push_back("the fit of " + a.formula + " has not converged");
}

void fit_mediation(const MixedRequest& a, const MixedInputs& inputs, const Session& session,
                   OutputSet& outputs, JobSummary& summary) {
  const MediationPlan plan{a.mediation[0], a.mediation[1], a.mediation[2], a.participant,
                           a.bootstraps,   a.seed,         a.level};
  const Mediation result =
      with_context(names_of_tables(a.tables), [&] { return mediate(inputs.table, plan); });
  write_mediation(outputs, name_prefix(a.prefix), result, plan, facts_of(a, inputs),
                  session.provenance);
  for (const auto& line : mediation_sentences(result, plan)) summary.text += line + "\n";
}

}  // namespace

JobSummary mixed(const MixedRequest& a, const Session& session) {
  check(a);
  const MixedInputs inputs = load_mixed(a, session.journal);
  note_read(session, inputs.files);
  JobSummary summary;
  OutputSet outputs(a.output, session.policy("mixed", a.prefix));
  if (!a.formula.empty()) fit_model(a, inputs, session, outputs, summary);
  if (!a.mediation.empty()) fit_mediation(a, inputs, session, outputs, summary);
  outputs.write(name_prefix(a.prefix) + "mixed.txt", summary.text);
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(session.journal, a.output, a.prefix);
  return summary;
}

}  // namespace sociometer::jobs
