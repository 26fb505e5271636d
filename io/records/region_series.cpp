#include "io/records/region_series.hpp"

#include <filesystem>

#include "engine/core/error.hpp"
#include "io/records/signed_record.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

void write_region_series(const RegionSeries& series, const std::vector<std::string>& regions,
                         RegionStatistic statistic, const InputFile& source,
                         const Provenance& provenance, const std::string& name, OutputSet& outputs,
                         const ScanTimes& times) {
  RegionSeriesRecord record{
      "time courses of regions, one row per scan", name_of(statistic), source, {}, times};
  for (size_t r = 0; r < regions.size(); ++r)
    record.coverage.emplace_back(regions[r], series.coverage[r]);
  std::vector<std::vector<std::string>> rows;
  for (Eigen::Index t = 0; t < series.values.rows(); ++t) {
    rows.emplace_back();
    for (Eigen::Index r = 0; r < series.values.cols(); ++r)
      rows.back().push_back(format_number(series.values(t, r)));
  }
  outputs.write(name + "_timeseries.tsv", to_tsv(regions, rows));
  outputs.write(name + "_timeseries.json", signed_text(record, provenance));
}

StoredSeries read_stored_series(const std::string& record_path) {
  StoredSeries out;
  out.record = read_record<RegionSeriesRecord>(record_path);
  std::filesystem::path table_path(record_path);
  const Table table = read_table(table_path.replace_extension(".tsv").string());
  out.regions = table.names;
  out.values.resize(Eigen::Index(table.rows.size()), Eigen::Index(table.names.size()));
  for (size_t row = 0; row < table.rows.size(); ++row)
    for (size_t r = 0; r < table.names.size(); ++r)
      out.values(Eigen::Index(row), Eigen::Index(r)) = number_in(table, row, int(r));
  if (out.record.coverage.size() != out.regions.size())
    fail(ErrorCode::bad_input, "{} has the coverage of {} regions, {} has {} columns", record_path,
         out.record.coverage.size(), table.path, out.regions.size());
  return out;
}

}  // namespace sociometer
