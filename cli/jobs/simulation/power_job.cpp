#include "cli/jobs/simulation/power_job.hpp"

#include "cli/jobs/simulation/power_figure.hpp"
#include "cli/jobs/simulation/power_inputs.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer::jobs {

PowerSummary power(const PowerRequest& request, const Session& session) {
  check(request);
  PowerRecord record = load_power_designs(request, session);
  const std::string prefix = name_prefix(request.prefix);
  OutputSet outputs(request.output, session.policy("power", request.prefix));
  record.rows = power_rows(record.plan, record.designs, session.threads);
  PowerSummary summary;
  summary.sentences = power_sentences(record);
  std::string text;
  for (const auto& line : summary.sentences) text += line + "\n";
  outputs.write(prefix + "power.tsv", power_tsv(record));
  outputs.write(prefix + "power.json", to_text(to_json(record)));
  outputs.write(prefix + "power.txt", text);
  draw_power_of(record, outputs.stage(prefix + "power.png").string());
  session.provenance.write_configuration(outputs, request.prefix);
  outputs.commit();
  return summary;
}

}  // namespace sociometer::jobs
