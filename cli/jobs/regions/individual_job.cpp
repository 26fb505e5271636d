#include "cli/jobs/regions/individual_job.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/regions/individual_inputs.hpp"
#include "cli/jobs/regions/individual_picture.hpp"
#include "cli/jobs/regions/individual_summary.hpp"
#include "cli/jobs/summary.hpp"

namespace sociometer::jobs {

JobSummary individual(const IndividualRequest& request, const Session& session) {
  check(request);
  IndividualRecord record = load_individual(request, session.journal);
  note_read(session, record.inputs);
  record.result = individual_differences(record.data, record.options, session.threads);
  record.sentences = individual_sentences(record.data, record.result, record.options);
  JobSummary summary;
  for (const auto& line : record.sentences) summary.text += line + "\n";
  const std::string prefix = name_prefix(request.prefix);
  OutputSet outputs(request.output, session.policy("roi-individual", request.prefix));
  write_individual_differences(record, session.provenance, prefix, outputs);
  outputs.write(prefix + "individual.txt", summary.text);
  draw_individual(record, outputs.stage(prefix + "individual.png").string());
  session.provenance.write_configuration(outputs, request.prefix);
  outputs.commit();
  report_written(session.journal, request.output, request.prefix);
  const auto& slopes = record.result.slopes;
  const auto untested = std::count_if(slopes.begin(), slopes.end(),
                                      [](const ScoreSlope& s) { return std::isnan(s.slope.t); });
  if (untested > 0) {
    summary.failures.push_back(fmt::format("{} slope(s) not tested: no spread", untested));
    session.journal.warn(summary.failures.back());
  }
  return summary;
}

}  // namespace sociometer::jobs
