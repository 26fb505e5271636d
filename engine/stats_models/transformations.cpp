#include "engine/stats_models/transformations.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/core/volume_times.hpp"
#include "engine/design/spm_regressors.hpp"
#include "engine/stats_models/transformation_step.hpp"

namespace sociometer {
namespace {

bool is_number(const EventValue& value) { return !std::isnan(value.number); }

bool all_numbers(const SparseVariable& variable) {
  return std::all_of(variable.values.begin(), variable.values.end(),
                     [](const EventValue& v) { return v.missing() || is_number(v); });
}

/// The text of each number: that of the file where all its occurrences agree, else the shortest.
std::map<double, std::string> spellings(const SparseVariable& variable) {
  std::map<double, std::string> out;
  for (const auto& value : variable.values) {
    if (value.missing()) continue;
    const auto [place, is_new] = out.emplace(value.number, value.text);
    if (!is_new && place->second != value.text) place->second = event_value(value.number).text;
  }
  return out;
}

/// What "trial_type.go" may split into: a sparse variable and the pattern of its levels.
struct LevelPattern {
  std::string variable, level;
};
std::vector<LevelPattern> level_patterns(const std::string& pattern,
                                         const RunVariables& variables) {
  std::vector<LevelPattern> out;
  for (const auto& name : variables.names()) {
    const std::string prefix = name + ".";
    if (pattern.starts_with(prefix) && pattern.size() > prefix.size() &&
        std::holds_alternative<SparseVariable>(*variables.find(name)))
      out.push_back({name, pattern.substr(prefix.size())});
  }
  return out;
}

}  // namespace

std::vector<std::string> levels_of(const SparseVariable& variable) {
  std::vector<std::string> levels;
  if (all_numbers(variable)) {
    for (const auto& [number, text] : spellings(variable)) levels.push_back(text);
    return levels;
  }
  std::set<std::string> texts;
  for (const auto& value : variable.values)
    if (!value.missing()) texts.insert(value.text);
  return {texts.begin(), texts.end()};
}

SparseVariable indicator_of(const SparseVariable& variable, const std::string& level) {
  const bool numeric = all_numbers(variable);
  const double number = event_value(level).number;
  SparseVariable out = variable;
  out.indicator = true;
  for (auto& value : out.values) {
    const bool has = !value.missing() && (numeric ? value.number == number : value.text == level);
    value = event_value(has ? 1.0 : 0.0);
  }
  return out;
}

bool factor_implicitly(const std::string& pattern, RunVariables& variables, ModelNotes& notes) {
  bool made = false;
  for (const auto& [name, wanted] : level_patterns(pattern, variables)) {
    const SparseVariable source = std::get<SparseVariable>(*variables.find(name));
    for (const auto& level : levels_of(source)) {
      const std::string full = name + "." + level;
      if (variables.find(full) || (level != wanted && !matches_glob(level, wanted))) continue;
      variables.set(full, indicator_of(source, level));
      made = true;
    }
    if (made)
      notes.note(
          fmt::format("no Factor made '{}': its levels are those of the column {}", pattern, name));
  }
  return made;
}

std::string TransformationStep::name() const {
  return instruction_.name + (instruction_.place.empty() ? "" : " (" + instruction_.place + ")");
}

std::vector<std::string> TransformationStep::resolved(const std::string& pattern,
                                                      const char* role) {
  if (!variables_.find(pattern)) factor_implicitly(pattern, variables_, log_.notes);
  auto found = variables_.matching(pattern);
  if (!found.empty()) return found;
  if (is_glob(pattern)) {
    log_.notes.note(fmt::format("{}: {} '{}' matches no variable", name(), role, pattern));
    return found;
  }
  log_.missing.push_back({fmt::format("{}: {} '{}'", name(), role, pattern), pattern});
  return found;
}

std::vector<std::string> TransformationStep::inputs() {
  std::vector<std::string> out;
  for (const auto& pattern : instruction_.input)
    for (auto& found : resolved(pattern, "Input"))
      if (std::find(out.begin(), out.end(), found) == out.end()) out.push_back(std::move(found));
  return out;
}

bool TransformationStep::has_all_inputs() {
  const size_t before = log_.missing.size();
  const bool any = !inputs().empty();
  return any && log_.missing.size() == before;
}

std::vector<std::pair<std::string, std::string>> TransformationStep::inputs_with_outputs() {
  std::vector<std::pair<std::string, std::string>> out;
  const auto& outputs = instruction_.output;
  if (outputs.empty()) {
    for (const auto& input : inputs()) out.emplace_back(input, input);
    return out;
  }
  // Outputs belong to the inputs as written: an absent one must not shift the others.
  const bool has_glob = std::any_of(
      instruction_.input.begin(), instruction_.input.end(),
      [&](const auto& pattern) { return is_glob(pattern) && !variables_.find(pattern); });
  const auto names = has_glob ? inputs() : instruction_.input;
  if (names.size() != outputs.size())
    refuse("{} output(s) for {} input(s); give one output per input", outputs.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i)
    for (const auto& found : resolved(names[i], "Input")) out.emplace_back(found, outputs[i]);
  return out;
}

std::string TransformationStep::single_output() {
  if (instruction_.output.size() != 1)
    refuse("it makes one variable of its inputs and needs one Output, not {}",
           instruction_.output.size());
  return instruction_.output[0];
}

const SparseVariable& TransformationStep::sparse(const std::string& variable) const {
  const auto* found = std::get_if<SparseVariable>(variables_.find(variable));
  if (!found) refuse("'{}' has a value per scan; events are needed here", variable);
  return *found;
}

Eigen::VectorXd numbers_of(const TransformationStep& step, const std::string& name) {
  if (const auto* dense = std::get_if<DenseVariable>(&step.at(name))) return dense->values;
  const SparseVariable& sparse = step.sparse(name);
  Eigen::VectorXd out(Eigen::Index(sparse.size()));
  for (size_t i = 0; i < sparse.size(); ++i) {
    const EventValue& value = sparse.values[i];
    if (!value.missing() && !is_number(value))
      step.refuse("'{}' has the text '{}' ({}); numbers are needed here: Factor it before", name,
                  value.text, step.place_of(sparse.rows[i]));
    out[Eigen::Index(i)] = value.number;
  }
  return out;
}

Variable with_numbers(Variable variable, const Eigen::VectorXd& numbers) {
  if (auto* dense = std::get_if<DenseVariable>(&variable)) {
    dense->values = numbers;
    dense->events.reset();
    return variable;
  }
  auto& sparse = std::get<SparseVariable>(variable);
  sparse.indicator = false;
  for (size_t i = 0; i < sparse.size(); ++i) {
    const bool filled = sparse.values[i].filled;
    sparse.values[i] = event_value(numbers[Eigen::Index(i)]);
    sparse.values[i].filled = filled;
  }
  return variable;
}

void apply(const Instruction& instruction, RunVariables& variables,
           const TransformationContext& context, TransformationLog& log) {
  TransformationStep step(instruction, variables, context, log);
  std::visit([&](const auto& parameters) { run(parameters, step); }, instruction.parameters);
}

void apply(const std::vector<Instruction>& instructions, RunVariables& variables,
           const TransformationContext& context, TransformationLog& log) {
  for (const auto& instruction : instructions) apply(instruction, variables, context, log);
}

EventColumn events_of_column(const std::string& name, const SparseVariable& variable,
                             const RunVariables& variables) {
  EventColumn column;
  Stimulus& out = column.stimulus;
  out.name = name;
  double sum = 0, squares = 0;
  long n = 0;
  for (size_t i = 0; i < variable.size(); ++i) {
    const EventValue& value = variable.values[i];
    if (value.missing()) continue;
    if (!is_number(value))
      fail(ErrorCode::bad_input,
           "'{}' has the text '{}' ({}), which is no amplitude: use Factor, or name a level as "
           "{}.{}",
           name, value.text, variables.place_of(variable.rows[i]), name, value.text);
    if (!value.filled) ++n, sum += value.number;
    if (value.number == 0) continue;
    if (!(std::isfinite(variable.onset_s[i]) && variable.duration_s[i] >= 0))
      fail(ErrorCode::bad_input, "'{}' has an event with onset {} s and duration {} s ({})", name,
           variable.onset_s[i], variable.duration_s[i], variables.place_of(variable.rows[i]));
    out.onset_s.push_back(variable.onset_s[i]);
    out.duration_s.push_back(variable.duration_s[i]);
    out.weight.push_back(value.number);
    column.rows.push_back(variable.rows[i]);
  }
  if (variable.indicator || n < 2) return column;
  for (const auto& value : variable.values)
    if (!value.missing() && !value.filled)
      squares += (value.number - sum / double(n)) * (value.number - sum / double(n));
  // A constant amplitude is no modulator.
  if (squares > 0) out.trial_sd = std::sqrt(squares / double(n - 1));
  return column;
}

RegressorGroup convolved(const Stimulus& stimulus, const HrfModel& hrf,
                         const std::vector<int>& fir_delays, const TransformationContext& context) {
  const ScanTiming& timing = context.timing;
  if (context.options.grid == HrfGrid::spm && timing.volume_onset_s.empty())
    return spm_regressors({stimulus}, timing.n_scans, timing.tr_s, hrf, context.options.microtime,
                          false)
        .front();
  FineGridOptions grid = context.options.fine_grid;
  grid.fir_delays = fir_delays;
  constexpr double kCoveredS = 20;  // as many FIR delays as cover the response
  if (hrf.shape == HrfShape::fir && fir_delays.empty())
    for (int delay = 0; delay * timing.tr_s < kCoveredS; ++delay) grid.fir_delays.push_back(delay);
  return nilearn_regressors(stimulus, frame_times_s(context), hrf, grid);
}

Eigen::VectorXd frame_times_s(const TransformationContext& context) {
  if (!context.timing.volume_onset_s.empty())
    return sampled_at(context.timing.volume_onset_s, context.options.start_time_s);
  Eigen::VectorXd times(context.timing.n_scans);
  for (Eigen::Index i = 0; i < times.size(); ++i)
    times[i] = double(i) * context.timing.tr_s + context.options.start_time_s;
  return times;
}

}  // namespace sociometer
