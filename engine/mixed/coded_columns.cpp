#include "engine/mixed/coded_columns.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

bool has_term(const std::vector<Interaction>& terms, const Interaction& term) {
  return std::any_of(terms.begin(), terms.end(), [&](const Interaction& other) {
    return other.size() == term.size() &&
           std::is_permutation(other.begin(), other.end(), term.begin());
  });
}

/// Every product of a column of `a` with one of `b`; those of `a` run faster.
CodedColumns column_products(const CodedColumns& a, const CodedColumns& b) {
  CodedColumns out;
  out.values.resize(a.values.rows(), a.values.cols() * b.values.cols());
  for (Eigen::Index j = 0, at = 0; j < b.values.cols(); ++j)
    for (Eigen::Index i = 0; i < a.values.cols(); ++i, ++at) {
      out.values.col(at) = a.values.col(i).cwiseProduct(b.values.col(j));
      out.names.push_back(a.names[size_t(i)] + ":" + b.names[size_t(j)]);
    }
  return out;
}

}  // namespace

ColumnCoder::ColumnCoder(const MixedTable& table, const std::vector<size_t>& rows,
                         const MixedCoding& coding)
    : table_(table), rows_(rows), coding_(coding) {
  for (const auto& name : coding.categories) table.at(name);
}

bool ColumnCoder::is_category(const std::string& name) const {
  const auto& given = coding_.categories;
  if (std::find(given.begin(), given.end(), name) != given.end()) return true;
  const MixedColumn& column = table_.at(name);
  if (!column.is_numeric() && !column.stray.empty())
    fail(ErrorCode::bad_input,
         "column '{}' has numbers, but for {}; write n/a for a missing value, or declare the "
         "column a factor if it is a category",
         name, column.stray);
  return !column.is_numeric();
}

std::vector<std::string> ColumnCoder::words(const std::string& name) const {
  const auto& all = table_.at(name).words;
  std::vector<std::string> out;
  for (size_t row : rows_) out.push_back(all[row]);
  return out;
}

std::vector<std::string> ColumnCoder::levels(const std::string& name) const {
  std::vector<std::string> out = category_levels(words(name));
  for (const auto& reference : coding_.references) {
    if (!reference.starts_with(name + "=")) continue;
    const std::string level = reference.substr(name.size() + 1);
    const auto at = std::find(out.begin(), out.end(), level);
    if (at == out.end())
      fail(ErrorCode::usage, "the reference {}: '{}' is no level of '{}'; it has {}", reference,
           level, name, fmt::join(out, ", "));
    std::rotate(out.begin(), at, at + 1);
  }
  return out;
}

CodedColumns ColumnCoder::variable(const std::string& name, bool all_levels) const {
  const auto n = Eigen::Index(rows_.size());
  CodedColumns out;
  if (!is_category(name)) {
    const auto& numbers = table_.at(name).numbers;
    out.names = {name};
    out.values.resize(n, 1);
    for (Eigen::Index i = 0; i < n; ++i) out.values(i, 0) = numbers[rows_[size_t(i)]];
    return out;
  }
  const std::vector<std::string> all = levels(name), own = words(name);
  if (all.size() < 2)
    fail(ErrorCode::bad_input,
         "column '{}' is '{}' in all {} complete rows: it cannot be a predictor", name,
         all.empty() ? "" : all[0], n);
  const bool sum = coding_.coding == CategoryCoding::sum && !all_levels;
  // Treatment leaves out the first level, sum the last; the latter is -1 in every column.
  const size_t first = all_levels || sum ? 0 : 1, last = all.size() - (sum ? 1 : 0);
  out.values = Eigen::MatrixXd::Zero(n, Eigen::Index(last - first));
  for (size_t k = first; k < last; ++k) out.names.push_back(fmt::format("{}[{}]", name, all[k]));
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = size_t(std::find(all.begin(), all.end(), own[size_t(i)]) - all.begin());
    if (sum && k == last)
      out.values.row(i).setConstant(-1);
    else if (k >= first)
      out.values(i, Eigen::Index(k - first)) = 1;
  }
  return out;
}

CodedColumns ColumnCoder::columns(const Interaction& term, const std::vector<Interaction>& margins,
                                  bool intercept) const {
  CodedColumns out;
  for (size_t v = 0; v < term.size(); ++v) {
    Interaction margin = term;
    margin.erase(margin.begin() + long(v));
    const bool in_model = margin.empty() ? intercept : has_term(margins, margin);
    // Without an intercept, only the first category spans the constant.
    CodedColumns own = variable(term[v], !in_model);
    out = v == 0 ? std::move(own) : column_products(out, own);
  }
  return out;
}

}  // namespace sociometer
