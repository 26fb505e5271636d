#include "cli/jobs/first_level/design_record.hpp"

#include <fmt/format.h>

#include "io/records/signed_record.hpp"
#include "io/report/design_picture.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

DesignRecord design_record(const DesignRequest& request, const RunDesigns& designs, size_t run,
                           const DesignMatrix& design, const DesignDiagnostics& diagnostics) {
  DesignRecord record;
  record.design = design_columns(design, diagnostics);
  record.scans = scan_counts(designs, run);
  record.run = run_settings(request, designs, run);
  record.settings = design_settings(request, designs);
  record.inputs = designs.inputs;
  return record;
}

void write_design_files(OutputSet& outputs, const std::string& base, const std::string& name,
                        const DesignMatrix& design, const DesignDiagnostics& diagnostics,
                        const DesignRecord& record, const Provenance& provenance) {
  outputs.write(base + "design.tsv", design_to_tsv(design));
  outputs.write(base + "design.json", signed_text(record, provenance));
  draw_design(outputs.stage(base + "design.png").string(),
              fmt::format("Design of {}: {} scans, {} columns, rank {}", name, design.n_scans(),
                          design.n_columns(), diagnostics.rank),
              design, diagnostics);
}

}  // namespace sociometer::jobs
