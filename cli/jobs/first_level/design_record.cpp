#include "cli/jobs/first_level/design_record.hpp"

#include <cmath>

#include <fmt/format.h>

#include "io/report/design_picture.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json diagnostics_json(const DesignMatrix& design, const DesignDiagnostics& d) {
  Json json;
  json["Rank"] = d.rank;
  json["Columns"] = Json::array();
  for (Eigen::Index j = 0; j < design.n_columns(); ++j) {
    Json column{{"Name", design.names[size_t(j)]}, {"Role", to_string(design.roles[size_t(j)])}};
    column["VIF"] = number_or_null(d.vif[j]);
    if (std::isinf(d.vif[j])) column["Note"] = "other columns explain it entirely";
    json["Columns"].push_back(column);
  }
  return json;
}

void write_design_files(OutputSet& outputs, const std::string& base, const std::string& name,
                        const DesignMatrix& design, const DesignDiagnostics& diagnostics,
                        const Json& json) {
  outputs.write(base + "design.tsv", design_to_tsv(design));
  outputs.write(base + "design.json", to_text(json));
  draw_design(outputs.stage(base + "design.png").string(),
              fmt::format("Design of {}: {} scans, {} columns, rank {}", name, design.n_scans(),
                          design.n_columns(), diagnostics.rank),
              design, diagnostics);
}

}  // namespace sociometer::jobs
