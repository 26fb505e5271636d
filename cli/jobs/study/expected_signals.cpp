#include "cli/jobs/study/expected_signals.hpp"

#include <map>

#include "engine/learning/placeholder_signals.hpp"
#include "io/records/learning_settings.hpp"

namespace sociometer::jobs {
ExpectedSignals expected_signals(const EngineSettings& settings) {
  ExpectedSignals out;
  out.n_ranks =
      settings.learn_settings.empty()
          ? LearningSettings{}.n_ranks
          : learning_settings_from_json(read_json_file(settings.learn_settings).value).n_ranks;
  if (!settings.columns.empty())
    out.columns = trial_columns_from_json(read_json_file(settings.columns).value);
  return out;
}

void add_expected_signals(EventTable& events, const std::string& path,
                          const ExpectedSignals& expected) {
  Participant person;
  Warnings warnings;  // reported by learning itself
  const TrialTable run = read_trials(path, expected.columns, expected.n_ranks, 0, person, warnings);
  std::vector<TrialSignals> signals;
  for (size_t i = 0; i < person.trials.size(); ++i)
    signals.push_back(placeholder_signals(i, person.trials[i]));
  const auto names = names_with_signals(run.table);
  const auto rows = rows_with_signals(run, signals);
  std::map<int, size_t> row_of_line;
  for (size_t row = 0; row < rows.size(); ++row)
    row_of_line[row < run.table.line_numbers.size() ? run.table.line_numbers[row] : int(row) + 2] =
        row;
  for (size_t j = run.table.names.size(); j < names.size(); ++j) {
    std::vector<std::string> cells;
    for (int line : events.lines) cells.push_back(rows.at(row_of_line.at(line)).at(j));
    events.names.push_back(names[j]);
    events.columns.push_back(std::move(cells));
  }
}

}  // namespace sociometer::jobs
