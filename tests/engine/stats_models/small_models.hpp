#pragma once
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "engine/stats_models/run_design.hpp"
#include "engine/stats_models/transformations.hpp"
#include "io/models/model_file.hpp"

namespace sociometer::testing {

/// An events table from lines of blank-separated cells, the first with the names; "~" in a cell is
/// a space.
inline EventTable events_of(const std::string& text) {
  EventTable table;
  table.source = "events.tsv";
  std::istringstream lines(text);
  int line_number = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> cells;
    for (std::string word; words >> word; cells.push_back(word))
      std::replace(word.begin(), word.end(), '~', ' ');
    ++line_number;
    if (cells.empty()) continue;
    if (table.columns.empty() && table.names.empty()) {
      table.names.assign(cells.begin() + 2, cells.end());
      table.columns.resize(table.names.size());
      continue;
    }
    table.onset_s.push_back(std::stod(cells[0]));
    table.duration_s.push_back(std::stod(cells[1]));
    table.lines.push_back(line_number);
    for (size_t j = 0; j < table.names.size(); ++j) table.columns[j].push_back(cells[j + 2]);
  }
  return table;
}

/// A model with this one Run node; `rest` are its members beside Level, Name and GroupBy.
inline ReadModel run_model(const std::string& rest, const ModelReading& reading = {}) {
  return model_from_json(Json::parse(R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [
        {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"], )" +
                                     rest + "}]}"),
                         "model.json", reading);
}

/// Instructions as in a file.
inline std::vector<Instruction> instructions_of(const std::string& list) {
  return run_model(
             R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": )" +
             list + R"(}, "Model": {"Type": "glm", "X": [1]})")
      .model.nodes[0]
      .instructions;
}

/// The variables after instructions, and what was said.
struct Transformed {
  RunVariables variables;
  TransformationLog log;

  /// Values of a variable of events; NaN where missing.
  std::vector<double> values(const std::string& name) const {
    std::vector<double> out;
    for (const auto& v : sparse(name).values) out.push_back(v.number);
    return out;
  }
  std::vector<std::string> texts(const std::string& name) const {
    std::vector<std::string> out;
    for (const auto& v : sparse(name).values) out.push_back(v.text);
    return out;
  }
  const SparseVariable& sparse(const std::string& name) const {
    const Variable* found = variables.find(name);
    if (!found) throw std::runtime_error("no variable " + name);
    return std::get<SparseVariable>(*found);
  }
  const DenseVariable& dense(const std::string& name) const {
    const Variable* found = variables.find(name);
    if (!found) throw std::runtime_error("no variable " + name);
    return std::get<DenseVariable>(*found);
  }
};

inline Transformed transformed(const EventTable& events, const std::string& list,
                               const std::optional<NamedColumns>& confounds = std::nullopt,
                               const ScanTiming& timing = {2, 40, 0}) {
  Transformed out{RunVariables(events, confounds), {}};
  TransformationContext context;
  context.timing = timing;
  context.options.start_time_s = timing.start_time_s;
  apply(instructions_of(list), out.variables, context, out.log);
  return out;
}

/// Whether some line has the words.
inline bool says(const std::vector<std::string>& lines, const std::string& words) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(words) != std::string::npos;
  });
}

}  // namespace sociometer::testing
