#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/mixed/mixed_fit.hpp"
#include "io/tables/long_table.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

/// A data set of tests/golden/r/mixed.
inline MixedTable mixed_golden(const std::string& name) {
  return read_long_tables({golden("r/mixed/" + name + ".tsv")}, "participant").table;
}

/// Rows of one model in a table of reference figures.
inline std::vector<std::map<std::string, std::string>> reference_rows(const std::string& table,
                                                                      const std::string& model) {
  const Table all = read_table(golden("r/mixed/" + table + ".tsv"));
  std::vector<std::map<std::string, std::string>> out;
  for (const auto& row : all.rows) {
    if (row[0] != model) continue;
    out.emplace_back();
    for (size_t c = 0; c < row.size(); ++c) out.back()[all.names[c]] = row[c];
  }
  return out;
}

/// cbpp of lme4 with a row per animal: ill is 1 or 0.
inline MixedTable animals_of_cbpp() {
  const MixedTable herds = mixed_golden("cbpp");
  std::vector<std::string> herd, period;
  std::vector<double> ill;
  for (size_t i = 0; i < herds.n_rows; ++i)
    for (int k = 0; k < int(herds.at("size").numbers[i]); ++k) {
      herd.push_back(herds.at("herd").words[i]);
      period.push_back(herds.at("period").words[i]);
      ill.push_back(k < herds.at("incidence").numbers[i] ? 1 : 0);
    }
  MixedTable out;
  out.add(column_of_words("herd", herd));
  out.add(column_of_words("period", period));
  out.add(column_of_numbers("ill", ill));
  return out;
}

}  // namespace sociometer::testing
