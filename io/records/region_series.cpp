#include "io/records/region_series.hpp"

#include "io/tables/table.hpp"

namespace sociometer {

void write_region_series(const RegionSeries& series, const std::vector<std::string>& regions,
                         const std::string& statistic, const InputFile& source,
                         const Provenance& provenance, const std::string& name,
                         OutputSet& outputs) {
  Json json{{"Description", "time courses of regions, one row per scan"},
            {"Statistic", statistic},
            {"Source", {{"Path", source.path}, {"XXH3", source.checksum}}}};
  for (size_t r = 0; r < regions.size(); ++r) json["Coverage"][regions[r]] = series.coverage[r];
  provenance.sign(json);
  std::vector<std::vector<std::string>> rows;
  for (Eigen::Index t = 0; t < series.values.rows(); ++t) {
    rows.emplace_back();
    for (Eigen::Index r = 0; r < series.values.cols(); ++r)
      rows.back().push_back(format_number(series.values(t, r)));
  }
  outputs.write(name + "_timeseries.tsv", to_tsv(regions, rows));
  outputs.write(name + "_timeseries.json", to_text(json));
}

}  // namespace sociometer
