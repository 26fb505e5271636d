#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <regex>

#include "engine/stats_models/transformation_step.hpp"

// Instructions about events: which there are, what they are called, when they happen.
namespace sociometer {
namespace {

/// Positions in a variable of the rows of the events table.
std::map<int, size_t> positions_of_rows(const SparseVariable& variable) {
  std::map<int, size_t> out;
  for (size_t i = 0; i < variable.size(); ++i) out[variable.rows[i]] = i;
  return out;
}

SparseVariable chosen_events(const SparseVariable& variable, const std::vector<uint8_t>& keep) {
  SparseVariable out;
  out.indicator = variable.indicator;
  for (size_t i = 0; i < variable.size(); ++i) {
    if (!keep[i]) continue;
    out.onset_s.push_back(variable.onset_s[i]);
    out.duration_s.push_back(variable.duration_s[i]);
    out.values.push_back(variable.values[i]);
    out.rows.push_back(variable.rows[i]);
  }
  return out;
}

/// A series of boxcars, one per scan, for the convolution of what was sampled at the TR.
Stimulus boxcars_of(const std::string& name, const DenseVariable& dense,
                    const TransformationStep& step, const TransformationContext& context) {
  Stimulus out;
  out.name = name;
  const auto& onsets = context.timing.volume_onset_s;
  for (Eigen::Index i = 0; i < dense.values.size(); ++i) {
    if (std::isnan(dense.values[i]))
      step.refuse("'{}' has no value at scan {} (counted from 0)", name, i);
    out.onset_s.push_back(onsets.empty() ? double(i) * context.timing.tr_s : onsets[size_t(i)]);
    out.duration_s.push_back(context.timing.tr_s);
    out.weight.push_back(dense.values[i]);
  }
  return out;
}

/// Removes a variable and puts the columns made of it in its place.
/// @param events  with the response; without rows, of what are no events.
void place_columns(RunVariables& variables, const std::string& input, const std::string& output,
                   const RegressorGroup& group, const EventColumn& events) {
  const HrfModel& hrf = events.hrf;
  // FIR has no column with the variable's own name, and no response of one shape.
  const bool has_response = group.names[0] == output && !events.rows.empty();
  const auto shared = has_response ? std::make_shared<const EventColumn>(events) : nullptr;
  std::string last;
  for (size_t k = 0; k < group.names.size(); ++k) {
    DenseVariable column{group.values.col(Eigen::Index(k)),
                         hrf.shape != HrfShape::none,
                         hrf,
                         ColumnRole::task,
                         events.stimulus.trial_sd,
                         shared,
                         k};
    if (k == 0 && group.names[0] == output)
      variables.set(output, std::move(column));
    else if (k == 0)
      variables.set_after(input, group.names[0], std::move(column));
    else
      variables.set_after(last, group.names[k], std::move(column));
    last = group.names[k];
  }
  if (input == output && group.names[0] != output) variables.remove(input);
}

double& time_of(SparseVariable& variable, VariablePart part, size_t i) {
  return part == VariablePart::onset ? variable.onset_s[i] : variable.duration_s[i];
}

EventValue part_of(const SparseVariable& variable, VariablePart part, size_t i) {
  if (part == VariablePart::value) return variable.values[i];
  return event_value(part == VariablePart::onset ? variable.onset_s[i] : variable.duration_s[i]);
}

/// Gives the target's events what the input has in the same rows.
SparseVariable assigned(const transforms::Assign& a, TransformationStep& step,
                        const std::string& input, const std::string& target) {
  const SparseVariable source = step.sparse(input);
  SparseVariable out = step.sparse(target);
  const auto places = positions_of_rows(source);
  std::vector<int> without;
  size_t events = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const bool counts = !out.values[i].missing() && out.values[i].number != 0;
    events += counts;
    const auto place = places.find(out.rows[i]);
    const EventValue value =
        place == places.end() ? EventValue{} : part_of(source, a.from, place->second);
    if (a.to == VariablePart::value && counts) out.values[i] = value;
    if (a.to != VariablePart::value && !std::isnan(value.number))
      time_of(out, a.to, i) = value.number;
    else if (a.to != VariablePart::value && !value.missing())
      step.refuse("'{}' has the text '{}' ({}), which is no time", input, value.text,
                  step.place_of(out.rows[i]));
    if (!value.missing() || !counts) continue;
    // Without its time an event cannot be placed; pybids stops here or, with n/a kept, adds NaN.
    out.values[i] = {};
    without.push_back(out.rows[i]);
  }
  out.indicator = out.indicator && a.to != VariablePart::value;
  if (!without.empty())
    step.log().notes.warn(fmt::format(
        "{}: '{}' has no value for {} of {} events of '{}', which are left out of it ({})",
        step.name(), input, without.size(), events, target, step.variables().lines_of(without)));
  return out;
}

/// A regular expression that is not matched by backtracking, which takes exponential time for some;
/// without references to groups (\1) therefore.
/// @throws std::regex_error also for one that is too long or nested too deep for the stack.
std::regex expression_of(const std::string& text) {
  constexpr size_t kLongest = 1000;
  constexpr int kDeepest = 50;
  int depth = 0, deepest = 0;
  for (const char c : text) {
    depth += c == '(';
    depth -= c == ')';
    deepest = std::max(deepest, depth);
  }
  if (text.size() > kLongest || deepest > kDeepest)
    throw std::regex_error(std::regex_constants::error_complexity);
  return std::regex(text, std::regex_constants::ECMAScript | std::regex_constants::__polynomial);
}

/// The pairs of a Replace, with the old value as it is compared.
struct Replacement {
  EventValue from, to;
  std::optional<std::regex> expression;  ///< of a list of pairs, for texts
};

std::vector<Replacement> replacements_of(const transforms::Replace& r) {
  std::vector<Replacement> out;
  for (const auto& pair : r.pairs) {
    Replacement one{event_value(pair.from), event_value(pair.to), {}};
    if (r.patterns && std::isnan(one.from.number)) one.expression = expression_of(pair.from);
    out.push_back(std::move(one));
  }
  return out;
}

/// What a text or number becomes; itself if no pair has it.
/// @param in_turn  each pair looks at what the one before made: a list. The pairs of a dictionary
/// all look at the old value.
EventValue replaced(const std::vector<Replacement>& pairs, bool in_turn, const EventValue& value) {
  EventValue out = value;
  for (const auto& [from, to, expression] : pairs) {
    const EventValue& now = in_turn ? out : value;
    bool same = from.missing() ? now.missing() : !now.missing() && from.text == now.text;
    same |= !std::isnan(from.number) && from.number == now.number;
    if (expression && !same && !now.missing()) same = std::regex_match(now.text, *expression);
    if (!same) continue;
    out = to;
    if (!in_turn) break;
  }
  return out;
}

Variable replaced(const transforms::Replace& r, TransformationStep& step, Variable variable) {
  const std::vector<Replacement> pairs = replacements_of(r);
  if (auto* dense = std::get_if<DenseVariable>(&variable)) {
    for (double& number : dense->values)
      number = replaced(pairs, r.patterns, event_value(number)).number;
    dense->events.reset();
    return variable;
  }
  auto& sparse = std::get<SparseVariable>(variable);
  for (size_t i = 0; i < sparse.size(); ++i)
    for (const VariablePart part : r.parts) {
      const EventValue value = replaced(pairs, r.patterns, part_of(sparse, part, i));
      if (part == VariablePart::value)
        sparse.values[i] = value;
      else if (!std::isnan(value.number))
        time_of(sparse, part, i) = value.number;
      else
        step.refuse("a time cannot become '{}' ({})", value.text, step.place_of(sparse.rows[i]));
    }
  sparse.indicator = false;
  return variable;
}

}  // namespace

bool passes(const RowQuery& query, const EventValue& value) {
  using Comparison = RowQuery::Comparison;
  if (value.missing()) return false;
  const bool numbers = query.number && !std::isnan(value.number);
  const bool equal = numbers ? value.number == *query.number : value.text == query.text;
  switch (query.comparison) {
    case Comparison::equal:
      return equal;
    case Comparison::unequal:
      return !equal;
    case Comparison::less:
      return numbers && value.number < *query.number;
    case Comparison::less_equal:
      return numbers && value.number <= *query.number;
    case Comparison::greater:
      return numbers && value.number > *query.number;
    case Comparison::greater_equal:
      return numbers && value.number >= *query.number;
  }
  return false;
}

std::vector<uint8_t> rows_passing(TransformationStep& step, const RowQuery& query,
                                  const SparseVariable& variable) {
  std::vector<uint8_t> out(variable.size(), 0);
  SparseVariable column = step.variables().rows();
  if (query.column == "onset" || query.column == "duration") {
    const auto& times = query.column == "onset" ? column.onset_s : column.duration_s;
    for (size_t i = 0; i < column.size(); ++i) column.values[i] = event_value(times[i]);
  } else {
    const auto found = step.resolved(query.column, "Query");
    if (found.empty()) return out;
    column = step.sparse(found[0]);
  }
  const auto places = positions_of_rows(column);
  for (size_t i = 0; i < variable.size(); ++i)
    if (const auto place = places.find(variable.rows[i]); place != places.end())
      out[i] = passes(query, column.values[place->second]);
  return out;
}

void run(const transforms::Factor& f, TransformationStep& step) {
  using Constraint = transforms::Factor::Constraint;
  for (const auto& name : step.inputs()) {
    const SparseVariable source = step.sparse(name);
    const auto levels = levels_of(source);
    const bool leaves_out = f.constraint != Constraint::none && levels.size() > 1;
    const std::string reference = !leaves_out ? "" : f.reference.empty() ? levels[0] : f.reference;
    step.variables().remove(name);
    for (const auto& level : levels) {
      if (leaves_out && level == reference) continue;
      SparseVariable column = indicator_of(source, level);
      if (leaves_out && f.constraint == Constraint::mean_zero) {
        const SparseVariable at_reference = indicator_of(source, reference);
        column.indicator = false;
        for (size_t i = 0; i < column.size(); ++i)
          if (at_reference.values[i].number == 1)
            column.values[i] = event_value(-1.0 / double(levels.size() - 1));
      }
      step.variables().set(name + f.separator + level, std::move(column));
    }
  }
}

void run(const transforms::Convolve& c, TransformationStep& step) {
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    EventColumn events;
    if (const auto* dense = std::get_if<DenseVariable>(&step.at(input))) {
      if (dense->convolved) {
        step.log().notes.warn(
            fmt::format("{}: '{}' is convolved already, and is left as it is", step.name(), input));
        continue;
      }
      events.stimulus = boxcars_of(output, *dense, step, step.context());
    } else {
      // Named again: clang 14 captures no structured binding.
      events = with_context(step.name(), [&, &name = input] {
        return events_of_column(name, step.sparse(name), step.variables());
      });
      events.stimulus.name = output;
    }
    events.hrf = c.hrf;
    place_columns(step.variables(), input, output,
                  convolved(events.stimulus, c.hrf, c.fir_delays, step.context()), events);
  }
}

void run(const transforms::ToDense& t, TransformationStep& step) {
  if (t.sampling_rate_hz)
    step.log().notes.note(fmt::format(
        "{}: SamplingRate has no effect; variables are sampled at the scans", step.name()));
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    if (std::holds_alternative<DenseVariable>(step.at(input))) continue;
    const HrfModel none{HrfShape::none};
    EventColumn events = events_of_column(input, step.sparse(input), step.variables());
    events.stimulus.name = output;
    events.hrf = none;
    place_columns(step.variables(), input, output,
                  convolved(events.stimulus, none, {}, step.context()), events);
  }
}

void run(const transforms::Assign& a, TransformationStep& step) {
  const auto& inputs = step.instruction().input;
  const auto& outputs = step.instruction().output;
  if (inputs.size() != a.target.size())
    step.refuse("{} Input(s) for {} Target(s); they are taken in pairs", inputs.size(),
                a.target.size());
  if (!outputs.empty() && outputs.size() != inputs.size())
    step.refuse("{} Output(s) for {} Input(s)", outputs.size(), inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto input = step.resolved(inputs[i], "Input");
    const auto target = step.resolved(a.target[i], "Target");
    if (input.empty() || target.empty()) continue;
    if (input.size() > 1 || target.size() > 1)
      step.refuse("'{}' and '{}' must each be one variable", inputs[i], a.target[i]);
    step.variables().set(outputs.empty() ? target[0] : outputs[i],
                         assigned(a, step, input[0], target[0]));
  }
}

void run(const transforms::Replace& r, TransformationStep& step) {
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    try {
      step.variables().set(output, replaced(r, step, step.at(input)));
    } catch (const std::regex_error&) {
      step.refuse(
          "a key is no regular expression, or one of more than 1000 characters, more than 50 "
          "parentheses in each other, or with references to groups");
    }
  }
}

void run(const transforms::Filter& f, TransformationStep& step) {
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    const SparseVariable variable = step.sparse(input);
    step.variables().set(output, chosen_events(variable, rows_passing(step, f.query, variable)));
  }
}

void run(const transforms::DropMissing&, TransformationStep& step) {
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    const SparseVariable variable = step.sparse(input);
    std::vector<uint8_t> keep;
    for (const auto& value : variable.values) keep.push_back(!value.missing());
    step.variables().set(output, chosen_events(variable, keep));
  }
}

void run(const transforms::Split& s, TransformationStep& step) {
  struct Part {
    std::string name;
    SparseVariable variable;
  };
  for (const auto& input : step.inputs()) {
    std::vector<Part> parts{{input, step.sparse(input)}};
    for (const auto& by : s.by) {
      const auto found = step.resolved(by, "By");
      if (found.empty()) return;
      const SparseVariable factor = step.sparse(found[0]);
      std::vector<Part> finer;
      for (const auto& part : parts)
        for (const auto& level : levels_of(factor)) {
          const RowQuery query{found[0], RowQuery::Comparison::equal, level,
                               std::isnan(event_value(level).number)
                                   ? std::nullopt
                                   : std::optional<double>(event_value(level).number)};
          auto events = chosen_events(part.variable, rows_passing(step, query, part.variable));
          if (events.size() > 0)
            finer.push_back({fmt::format("{}.{}[{}]", part.name, by, level), std::move(events)});
        }
      parts = std::move(finer);
    }
    for (auto& part : parts) step.variables().set(part.name, std::move(part.variable));
  }
}

void run(const transforms::Concatenate&, TransformationStep& step) {
  if (!step.has_all_inputs()) return;
  const auto names = step.inputs();
  SparseVariable out = step.sparse(names[0]);
  out.indicator = false;
  for (size_t j = 1; j < names.size(); ++j) {
    const auto places = positions_of_rows(step.sparse(names[j]));
    for (size_t i = 0; i < out.size(); ++i) {
      const auto place = places.find(out.rows[i]);
      const EventValue next =
          place == places.end() ? EventValue{} : step.sparse(names[j]).values[place->second];
      const bool gap = out.values[i].missing() || next.missing();
      out.values[i] = gap ? EventValue{} : event_value(out.values[i].text + "_" + next.text);
    }
  }
  step.variables().set(step.single_output(), std::move(out));
}

void run(const transforms::LabelIdenticalRows& l, TransformationStep& step) {
  const bool named = !step.instruction().output.empty();
  for (const auto& [input, given] : step.inputs_with_outputs()) {
    SparseVariable out = step.sparse(input);
    std::map<std::string, int> seen;
    std::string previous;
    int in_row = 0;
    for (auto& value : out.values) {
      in_row = !value.missing() && value.text == previous ? in_row + 1 : 1;
      previous = value.text;
      value = event_value(double(l.cumulative ? ++seen[previous] : in_row));
    }
    out.indicator = false;
    step.variables().set(named ? given : input + "_label", std::move(out));
  }
}

void run(const transforms::Constant& c, TransformationStep& step) {
  SparseVariable out = step.variables().rows();
  for (auto& value : out.values) value = event_value(c.value);
  step.variables().set(step.single_output(), std::move(out));
}

}  // namespace sociometer
