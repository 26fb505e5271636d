#include "engine/mixed/mixed_design.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/mixed/coded_columns.hpp"

namespace sociometer {
namespace {

void find_complete_rows(const MixedTable& table, MixedDesign& d) {
  std::map<std::string, size_t> missing;
  const std::vector<std::string> needed = variables_of(d.formula);
  for (const auto& name : needed) table.at(name);
  for (size_t i = 0; i < table.n_rows; ++i) {
    bool complete = true;
    for (const auto& name : needed) {
      if (!table.at(name).words[i].empty()) continue;
      complete = false;
      ++missing[name];
    }
    if (complete)
      d.rows.push_back(i);
    else
      ++d.n_dropped;
  }
  for (const auto& name : needed)
    if (missing.contains(name)) d.missing.emplace_back(name, missing[name]);
  if (!d.rows.empty()) return;
  std::vector<std::string> why;
  for (const auto& item : d.missing)
    why.push_back(fmt::format("{} in {}", item.first, item.second));
  fail(ErrorCode::bad_input, "none of {} rows has all columns of the formula; missing: {}",
       table.n_rows, fmt::join(why, ", "));
}

/// Appends the columns; a constant of category levels is coded once if there is no intercept.
void append_columns(const CodedColumns& added, std::vector<std::string>& names,
                    Eigen::MatrixXd& values) {
  names.insert(names.end(), added.names.begin(), added.names.end());
  const Eigen::Index before = values.cols();
  values.conservativeResize(added.values.rows(), before + added.values.cols());
  values.rightCols(added.values.cols()) = added.values;
}

/// Columns of a constant and terms; `each` is told of every term.
template <typename Each>
CodedColumns coded(const ColumnCoder& coder, bool intercept, const std::vector<Interaction>& terms,
                   Eigen::Index n, Each&& each) {
  CodedColumns out;
  out.values.resize(n, 0);
  if (intercept) {
    append_columns({{"intercept"}, Eigen::MatrixXd::Ones(n, 1)}, out.names, out.values);
    each(Interaction{}, out.values.cols());
  }
  bool spanned = intercept;
  for (const auto& term : terms) {
    append_columns(coder.columns(term, terms, spanned), out.names, out.values);
    spanned |= term.size() == 1 && coder.is_category(term[0]);
    each(term, out.values.cols());
  }
  return out;
}

void make_fixed(const ColumnCoder& coder, MixedDesign& d) {
  const auto each = [&](const Interaction& term, Eigen::Index end) {
    const Eigen::Index first = d.terms.empty() ? 0 : d.terms.back().first + d.terms.back().n;
    d.terms.push_back({name_of_term(term), first, end - first});
  };
  CodedColumns columns =
      coded(coder, d.formula.intercept, d.formula.fixed, Eigen::Index(d.rows.size()), each);
  d.effects = std::move(columns.names);
  d.fixed = std::move(columns.values);
}

RandomFactor& factor_of(MixedDesign& d, const RandomTerm& term, const MixedTable& table) {
  const std::string name = fmt::format("{}", fmt::join(term.grouping, ":"));
  for (auto& factor : d.random)
    if (factor.name == name) return factor;
  RandomFactor out;
  out.name = name;
  const std::vector<std::string> groups = joined_groups(table, term.grouping);
  std::vector<std::string> own;
  for (size_t row : d.rows) own.push_back(groups[row]);
  out.levels = category_levels(own);
  std::map<std::string, int> numbers;
  for (size_t i = 0; i < out.levels.size(); ++i) numbers[out.levels[i]] = int(i);
  for (const auto& word : own) out.level.push_back(numbers[word]);
  if (out.levels.size() < 2)
    fail(ErrorCode::bad_input,
         "the grouping factor '{}' has one level, '{}': random effects need several", name,
         out.levels[0]);
  out.z.resize(Eigen::Index(d.rows.size()), 0);
  d.random.push_back(std::move(out));
  return d.random.back();
}

/// The columns that follow from those before them. Beside an intercept their spread counts; the
/// mean takes digits away, of which some must stay.
std::vector<std::string> dependent_columns(const Eigen::MatrixXd& columns,
                                           const std::vector<std::string>& names, bool intercept) {
  Eigen::MatrixXd basis(columns.rows(), 0);
  std::vector<std::string> out;
  for (Eigen::Index j = 0; j < columns.cols(); ++j) {
    const Eigen::VectorXd own = columns.col(j);
    Eigen::VectorXd rest = own;
    for (int pass = 0; pass < 2; ++pass) rest -= basis * (basis.transpose() * rest);
    const double spread = intercept && j > 0 ? (own.array() - own.mean()).matrix().norm() : 0;
    const double least =
        spread > 0 ? std::max(1e-7 * spread, 1e-11 * own.norm()) : 1e-7 * own.norm();
    if (rest.norm() <= least) {
      out.push_back(names[size_t(j)]);
      continue;
    }
    basis.conservativeResize(Eigen::NoChange, basis.cols() + 1);
    basis.rightCols(1) = rest.normalized();
  }
  return out;
}

void check_rank(const MixedDesign& d) {
  const Eigen::Index p = d.fixed.cols();
  if (d.n() <= p)
    fail(ErrorCode::bad_input, "{} complete rows for {} fixed effects: more rows are needed", d.n(),
         p);
  const auto dependent = dependent_columns(d.fixed, d.effects, d.formula.intercept);
  if (!dependent.empty())
    fail(ErrorCode::bad_input,
         "fixed effects follow from those before them and cannot be estimated: {}; leave them out "
         "of the formula",
         fmt::join(dependent, ", "));
}

/// One term's random effects: they must differ from the residual and from each other.
void check_term(const MixedDesign& d, const RandomFactor& factor, const CodedColumns& columns) {
  const Eigen::Index k = columns.values.cols();
  if (factor.n_levels() * k >= d.n() && d.family == MixedFamily::linear)
    fail(ErrorCode::bad_input,
         "the random effects ({}) over '{}' are {} ({} levels, {} each) in {} rows: they cannot be "
         "told from the residual; leave effects out of this term",
         fmt::join(columns.names, ", "), factor.name, factor.n_levels() * k, factor.n_levels(), k,
         d.n());
  const std::vector<std::string> dependent =
      dependent_columns(columns.values, columns.names, columns.names[0] == "intercept");
  if (!dependent.empty())
    fail(
        ErrorCode::bad_input,
        "random effects over '{}' follow from those before them and cannot be estimated: {}; leave "
        "them out of the formula",
        factor.name, fmt::join(dependent, ", "));
}

void make_random(const ColumnCoder& coder, const MixedTable& table, MixedDesign& d) {
  for (const auto& term : d.formula.random) {
    RandomFactor& factor = factor_of(d, term, table);
    const CodedColumns columns =
        coded(coder, term.intercept, term.slopes, Eigen::Index(d.rows.size()),
              [](const Interaction&, Eigen::Index) {});
    for (const auto& name : columns.names)
      if (std::find(factor.columns.begin(), factor.columns.end(), name) != factor.columns.end())
        fail(ErrorCode::usage, "the random effect '{}' of '{}' is in the formula twice", name,
             factor.name);
    check_term(d, factor, columns);
    append_columns(columns, factor.columns, factor.z);
    factor.blocks.push_back(int(columns.values.cols()));
  }
}

void make_response(const ColumnCoder& coder, const MixedTable& table, MixedDesign& d) {
  const std::string& name = d.formula.response;
  const MixedColumn& column = table.at(name);
  d.response.resize(Eigen::Index(d.rows.size()));
  const std::vector<std::string> levels = coder.levels(name);
  if (d.family == MixedFamily::logistic) {
    if (levels.size() != 2)
      fail(ErrorCode::bad_input, "a logistic model needs a response of two values; '{}' has {}",
           name, levels.size());
    const std::vector<std::string> words = coder.words(name);
    for (size_t i = 0; i < words.size(); ++i)
      d.response[Eigen::Index(i)] = words[i] == levels[1] ? 1 : 0;
    d.success = levels[1];
    return;
  }
  if (!column.is_numeric() && !column.stray.empty())
    fail(ErrorCode::bad_input,
         "the response '{}' has numbers, but for {}; write n/a for a missing value", name,
         column.stray);
  if (!column.is_numeric())
    fail(ErrorCode::bad_input,
         "the response '{}' has words ('{}'); choose the family logistic if it has two values",
         name, levels[0]);
  for (size_t i = 0; i < d.rows.size(); ++i)
    d.response[Eigen::Index(i)] = column.numbers[d.rows[i]];
  if (levels.size() < 2)
    fail(ErrorCode::bad_input, "the response '{}' is {} in all {} rows", name, levels[0], d.n());
}

}  // namespace

MixedDesign make_mixed_design(const MixedFormula& formula, const MixedTable& table,
                              const MixedCoding& coding) {
  MixedDesign d;
  d.formula = formula;
  d.family = coding.family;
  find_complete_rows(table, d);
  const ColumnCoder coder(table, d.rows, coding);
  make_response(coder, table, d);
  make_fixed(coder, d);
  check_rank(d);
  make_random(coder, table, d);
  return d;
}

std::vector<std::string> effects_without_slope(const MixedDesign& d, const std::string& name) {
  std::vector<std::string> out;
  for (const auto& factor : d.random) {
    if (factor.name != name) continue;
    for (Eigen::Index j = d.formula.intercept ? 1 : 0; j < d.fixed.cols(); ++j) {
      const auto& columns = factor.columns;
      const std::string& effect = d.effects[size_t(j)];
      if (std::find(columns.begin(), columns.end(), effect) != columns.end()) continue;
      std::vector<double> first(factor.levels.size(), kNaN);
      bool varies = false;
      for (Eigen::Index i = 0; i < d.n() && !varies; ++i) {
        double& known = first[size_t(factor.level[size_t(i)])];
        if (std::isnan(known)) known = d.fixed(i, j);
        varies = std::abs(d.fixed(i, j) - known) > 1e-12 * (1 + std::abs(known));
      }
      if (varies) out.push_back(effect);
    }
  }
  return out;
}

Eigen::VectorXd variance_inflation(const MixedDesign& d) {
  const Eigen::Index first = d.formula.intercept ? 1 : 0, k = d.fixed.cols() - first;
  Eigen::VectorXd out = Eigen::VectorXd::Constant(d.fixed.cols(), kNaN);
  if (k == 0) return out;
  Eigen::MatrixXd x = d.fixed.rightCols(k);
  if (d.formula.intercept) x.rowwise() -= x.colwise().mean().eval();
  x.colwise().normalize();
  // At least 1 but for rounding.
  out.tail(k) =
      (x.transpose() * x).ldlt().solve(Eigen::MatrixXd::Identity(k, k)).diagonal().cwiseMax(1);
  return out;
}

}  // namespace sociometer
