#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/design/subspace.hpp"
#include "engine/stats_models/transformation_step.hpp"

// Instructions that compute with the values of variables.
namespace sociometer {
namespace {

/// Sets each output to a function of its input's values, NaN where missing.
void transform_each(TransformationStep& step,
                    const std::function<Eigen::VectorXd(Eigen::VectorXd)>& function) {
  for (const auto& [input, output] : step.inputs_with_outputs())
    step.variables().set(output, with_numbers(step.at(input), function(numbers_of(step, input))));
}

std::vector<Eigen::Index> with_value(const Eigen::VectorXd& values) {
  std::vector<Eigen::Index> out;
  for (Eigen::Index i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i])) out.push_back(i);
  return out;
}

/// The inputs side by side: all per scan, or all about the same rows of the events table.
Eigen::MatrixXd aligned(TransformationStep& step, const std::vector<std::string>& names) {
  const auto* first = std::get_if<SparseVariable>(&step.at(names[0]));
  Eigen::MatrixXd out(numbers_of(step, names[0]).size(), Eigen::Index(names.size()));
  for (size_t j = 0; j < names.size(); ++j) {
    const auto* sparse = std::get_if<SparseVariable>(&step.at(names[j]));
    if ((first == nullptr) != (sparse == nullptr))
      step.refuse(
          "'{}' and '{}': one has a value per event, the other per scan; Convolve the events or "
          "make them ToDense before",
          names[0], names[j]);
    if (first && first->rows != sparse->rows)
      step.refuse("'{}' and '{}' do not have the same events ({} and {})", names[0], names[j],
                  first->size(), sparse->size());
    out.col(Eigen::Index(j)) = numbers_of(step, names[j]);
  }
  return out;
}

void combine(TransformationStep& step,
             const std::function<Eigen::VectorXd(const Eigen::MatrixXd&)>& function) {
  if (!step.has_all_inputs()) return;
  const auto names = step.inputs();
  step.variables().set(step.single_output(),
                       with_numbers(step.at(names[0]), function(aligned(step, names))));
}

/// Marks the values that ReplaceNA filled: they are no trials of a modulator.
void mark_filled(Variable& variable, const Eigen::VectorXd& before) {
  auto* sparse = std::get_if<SparseVariable>(&variable);
  if (!sparse) return;
  for (size_t i = 0; i < sparse->size(); ++i)
    sparse->values[i].filled |= std::isnan(before[Eigen::Index(i)]);
}

double apply_operation(transforms::Arithmetic::Operation operation, double a, double b) {
  using Operation = transforms::Arithmetic::Operation;
  switch (operation) {
    case Operation::add:
      return a + b;
    case Operation::subtract:
      return a - b;
    case Operation::multiply:
      return a * b;
    case Operation::divide:
      return a / b;
    case Operation::power:
      return std::pow(a, b);
  }
  return a;
}

/// onset and duration are no variables of their own: they change in every variable of events.
void change_times(const transforms::Arithmetic& a, TransformationStep& step, bool onset) {
  if (!step.instruction().output.empty())
    step.refuse("times of events are changed in place; leave Output out");
  for (const auto& name : step.variables().names()) {
    if (std::holds_alternative<DenseVariable>(step.at(name))) continue;
    SparseVariable variable = step.sparse(name);
    const auto rows =
        a.query ? rows_passing(step, *a.query, variable) : std::vector<uint8_t>(variable.size(), 1);
    auto& times = onset ? variable.onset_s : variable.duration_s;
    for (size_t i = 0; i < times.size(); ++i)
      if (rows[i]) times[i] = apply_operation(a.operation, times[i], a.value);
    step.variables().set(name, std::move(variable));
  }
}

/// Missing values are false; texts are true.
std::vector<uint8_t> truth_of(TransformationStep& step, const std::string& name) {
  std::vector<uint8_t> out;
  if (const auto* dense = std::get_if<DenseVariable>(&step.at(name))) {
    for (double v : dense->values) out.push_back(!std::isnan(v) && v != 0);
  } else {
    for (const auto& v : step.sparse(name).values) out.push_back(!v.missing() && !(v.number == 0));
  }
  return out;
}

Variable as_indicator(Variable variable, const std::vector<uint8_t>& truth) {
  Eigen::VectorXd numbers(Eigen::Index(truth.size()));
  for (size_t i = 0; i < truth.size(); ++i) numbers[Eigen::Index(i)] = truth[i];
  variable = with_numbers(std::move(variable), numbers);
  if (auto* sparse = std::get_if<SparseVariable>(&variable)) sparse->indicator = true;
  return variable;
}

void negate(TransformationStep& step) {
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    auto truth = truth_of(step, input);
    const Variable variable = step.at(input);
    const auto* sparse = std::get_if<SparseVariable>(&variable);
    for (size_t i = 0; i < truth.size(); ++i)
      truth[i] = !truth[i] && !(sparse && sparse->values[i].missing());
    step.variables().set(output, as_indicator(variable, truth));
  }
}

/// A sample at a place between, before or behind the values.
double sample_at(const Eigen::VectorXd& values, Eigen::Index i, const transforms::Lag& lag) {
  const Eigen::Index n = values.size();
  if (i >= 0 && i < n) return values[i];
  if (lag.edge == transforms::Lag::Edge::constant) return lag.constant;
  if (lag.edge == transforms::Lag::Edge::nearest) return values[i < 0 ? 0 : n - 1];
  const Eigen::Index period = 2 * n;
  const Eigen::Index place = ((i % period) + period) % period;
  return values[place < n ? place : period - 1 - place];
}

/// Events whose "all trials" column would lose them: no value, or one below zero.
void warn_of_lost_trials(const transforms::Threshold& t, TransformationStep& step,
                         const std::string& name, const Eigen::VectorXd& values) {
  const auto* sparse = std::get_if<SparseVariable>(&step.at(name));
  if (!sparse || !t.binarize || t.threshold != 0 || !t.above) return;
  std::vector<int> negative, missing;
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) missing.push_back(sparse->rows[size_t(i)]);
    if (t.is_signed && values[i] < 0) negative.push_back(sparse->rows[size_t(i)]);
  }
  if (negative.empty() && missing.empty()) return;
  step.log().notes.warn(fmt::format(
      "{}: {} of {} events of '{}' become 0 and are no trials any more: {} with a value below 0, "
      "{} without a value ({})",
      step.name(), negative.size() + missing.size(), values.size(), name, negative.size(),
      missing.size(), step.variables().lines_of(negative.empty() ? missing : negative)));
}

}  // namespace

void run(const transforms::Scale& s, TransformationStep& step) {
  using ReplaceMissing = transforms::Scale::ReplaceMissing;
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    Eigen::VectorXd values = numbers_of(step, input);
    const Eigen::VectorXd before = values;
    const auto observed = with_value(values);
    const bool constant =
        !observed.empty() && (values(observed).array() == values[observed[0]]).all();
    if (constant && s.refuses_constant && s.replace_missing != ReplaceMissing::after)
      step.refuse(
          "all values of '{}' are {}, which cannot be scaled; with ReplaceNA \"after\" it becomes "
          "zeros",
          input, values[observed[0]]);
    if (s.replace_missing == ReplaceMissing::before)
      values = values.array().isNaN().select(0, values);
    const auto rows = with_value(values);
    const double n = double(rows.size());
    const double mean = rows.empty() ? 0 : values(rows).mean();
    const double sd = rows.size() < 2
                          ? kMissing
                          : std::sqrt((values(rows).array() - mean).square().sum() / (n - 1));
    if (s.demean)
      values(rows) = constant ? Eigen::VectorXd::Zero(rows.size())
                              : Eigen::VectorXd(values(rows).array() - mean);
    if (s.rescale) values /= constant ? kMissing : sd;
    if (s.replace_missing == ReplaceMissing::after)
      values = values.array().isNaN().select(0, values);
    Variable scaled = with_numbers(step.at(input), values);
    if (s.replace_missing != ReplaceMissing::never) mark_filled(scaled, before);
    step.variables().set(output, std::move(scaled));
  }
}

void run(const transforms::Threshold& t, TransformationStep& step) {
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    Eigen::VectorXd values = numbers_of(step, input);
    warn_of_lost_trials(t, step, input, values);
    const double limit = t.is_signed ? t.threshold : std::abs(t.threshold);
    if (!t.is_signed) values = values.cwiseAbs();
    for (double& value : values) {
      const bool keep = t.above ? value >= limit : value <= limit;
      value = !keep ? 0 : t.binarize ? 1 : value;
    }
    Variable made = with_numbers(step.at(input), values);
    if (auto* sparse = std::get_if<SparseVariable>(&made)) sparse->indicator = t.binarize;
    step.variables().set(output, std::move(made));
  }
}

void run(const transforms::Product&, TransformationStep& step) {
  combine(step, [](const Eigen::MatrixXd& m) { return Eigen::VectorXd(m.rowwise().prod()); });
}

void run(const transforms::Sum& s, TransformationStep& step) {
  combine(step, [&](const Eigen::MatrixXd& m) {
    if (s.weights.empty()) return Eigen::VectorXd(m.rowwise().sum());
    if (Eigen::Index(s.weights.size()) != m.cols())
      step.refuse("{} Weights for {} variables", s.weights.size(), m.cols());
    return Eigen::VectorXd(m * Eigen::Map<const Eigen::VectorXd>(s.weights.data(), m.cols()));
  });
}

void run(const transforms::Arithmetic& a, TransformationStep& step) {
  const auto is_time = [&](const std::string& name) {
    return (name == "onset" || name == "duration") && !step.variables().find(name);
  };
  const auto& inputs = step.instruction().input;
  if (std::any_of(inputs.begin(), inputs.end(), is_time)) {
    for (const auto& name : inputs) {
      if (!is_time(name))
        step.refuse("give times of events ('{}') an instruction of their own", name);
      change_times(a, step, name == "onset");
    }
    return;
  }
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    Eigen::VectorXd values = numbers_of(step, input);
    const auto* sparse = std::get_if<SparseVariable>(&step.at(input));
    if (a.query && !sparse) step.refuse("'{}' has a value per scan; Query selects events", input);
    const auto rows = a.query ? rows_passing(step, *a.query, SparseVariable(*sparse))
                              : std::vector<uint8_t>(size_t(values.size()), 1);
    for (Eigen::Index i = 0; i < values.size(); ++i)
      if (rows[size_t(i)]) values[i] = apply_operation(a.operation, values[i], a.value);
    if (values.array().isInf().any()) step.refuse("a value of '{}' becomes infinite", input);
    step.variables().set(output, with_numbers(step.at(input), values));
  }
}

void run(const transforms::Logical& l, TransformationStep& step) {
  if (l.operation == transforms::Logical::Operation::negation) return negate(step);
  if (!step.has_all_inputs()) return;
  const auto names = step.inputs();
  const bool both = l.operation == transforms::Logical::Operation::both;
  auto truth = truth_of(step, names[0]);
  const Variable first = step.at(names[0]);
  for (size_t j = 1; j < names.size(); ++j) {
    const auto* a = std::get_if<SparseVariable>(&first);
    const auto* b = std::get_if<SparseVariable>(&step.at(names[j]));
    if ((a == nullptr) != (b == nullptr) || (a && a->rows != b->rows))
      step.refuse("'{}' and '{}' do not have the same events", names[0], names[j]);
    const auto next = truth_of(step, names[j]);
    for (size_t i = 0; i < truth.size(); ++i)
      truth[i] = both ? truth[i] && next[i] : truth[i] || next[i];
  }
  step.variables().set(step.single_output(), as_indicator(first, truth));
}

void run(const transforms::Orthogonalize& o, TransformationStep& step) {
  std::vector<std::string> others;
  for (const auto& pattern : o.other)
    for (auto& found : step.resolved(pattern, "Other")) others.push_back(std::move(found));
  if (others.empty()) return;
  for (const auto& [input, output] : step.inputs_with_outputs()) {
    std::vector<std::string> names{input};
    names.insert(names.end(), others.begin(), others.end());
    const Eigen::MatrixXd columns = aligned(step, names);
    std::vector<Eigen::Index> rows;
    for (Eigen::Index i = 0; i < columns.rows(); ++i)
      if (!columns.row(i).array().isNaN().any()) rows.push_back(i);
    Eigen::VectorXd values = columns.col(0);
    if (!rows.empty()) {
      // The fit has a constant, which is not taken out: as in pybids.
      Eigen::MatrixXd other = columns(rows, Eigen::all).rightCols(columns.cols() - 1);
      const Eigen::RowVectorXd means = other.colwise().mean();
      const Eigen::VectorXd y = values(rows);
      const Eigen::MatrixXd centred = other.rowwise() - means;
      const Eigen::VectorXd slopes =
          centred.completeOrthogonalDecomposition().solve(Eigen::VectorXd(y.array() - y.mean()));
      values(rows) = y - other * slopes;
    }
    step.variables().set(output, with_numbers(step.at(input), values));
  }
}

void run(const transforms::Lag& lag, TransformationStep& step) {
  const double whole = std::floor(lag.shift);
  const double part = lag.shift - whole;
  if (part != 0 && lag.order != 1)
    step.refuse(
        "Shift {} is not a whole number: splines of order {} are not supported; give Order 1",
        lag.shift, lag.order);
  transform_each(step, [&](const Eigen::VectorXd& values) {
    Eigen::VectorXd shifted(values.size());
    for (Eigen::Index i = 0; i < values.size(); ++i) {
      const auto from = i - Eigen::Index(whole);
      shifted[i] = sample_at(values, from, lag);
      if (part != 0) shifted[i] = (1 - part) * shifted[i] + part * sample_at(values, from - 1, lag);
    }
    if (!lag.difference) return shifted;
    return Eigen::VectorXd(lag.shift >= 0 ? values - shifted : shifted - values);
  });
}

void run(const transforms::Derivative& d, TransformationStep& step) {
  if (d.order < 1) step.refuse("Order is {}; it must be 1 or more", d.order);
  transform_each(step, [&](Eigen::VectorXd values) {
    for (int k = 0; k < d.order; ++k) {
      const Eigen::VectorXd before = values;
      for (Eigen::Index i = 1; i < values.size(); ++i) values[i] = before[i] - before[i - 1];
      if (values.size() > 0) values[0] = d.initial.value_or(kMissing);
    }
    return values;
  });
}

}  // namespace sociometer
