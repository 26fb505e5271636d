#include "engine/group/design_terms.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "engine/core/error.hpp"
#include "engine/design/estimability.hpp"

namespace sociometer {
namespace {

std::optional<double> number_of_level(const std::string& label) {
  double value = 0;
  const char* end = label.data() + label.size();
  const auto [at, error] = std::from_chars(label.data(), end, value);
  return error == std::errc() && at == end ? std::optional(value) : std::nullopt;
}

bool level_less(const std::string& a, const std::string& b) {
  const auto x = number_of_level(a), y = number_of_level(b);
  if (x && y && *x != *y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

std::string level_in_name(std::string level) {
  for (char& c : level)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.') c = '_';
  return level;
}

}  // namespace

Covariate covariate(Eigen::VectorXd values, CovariateCentering centering) {
  Covariate out;
  double sum = 0;
  for (const double value : values) {
    if (std::isnan(value))
      ++out.n_missing;
    else
      sum += value;
  }
  out.mean = sum / double(values.size() - out.n_missing);
  out.values = values.array().isNaN().select(out.mean, values);
  if ((out.values.array() == out.values[0]).all()) out.constant = out.values[0];
  if (centering == CovariateCentering::mean) out.values.array() -= out.mean;
  return out;
}

std::vector<std::string> factor_levels(const std::vector<std::string>& labels) {
  std::vector<std::string> levels = labels;
  std::sort(levels.begin(), levels.end(), level_less);
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

std::string reference_level(const Factor& factor, FactorCoding coding) {
  const auto levels = factor_levels(factor.labels);
  if (levels.size() < 2)
    fail(ErrorCode::bad_input,
         "factor {} has a single level ({}) among these maps; leave it out, or give maps of "
         "another level",
         factor.name, levels.empty() ? "none" : levels[0]);
  if (factor.reference.empty())
    return coding == FactorCoding::treatment ? levels.front() : levels.back();
  if (std::find(levels.begin(), levels.end(), factor.reference) != levels.end())
    return factor.reference;
  std::string all;
  for (const auto& level : levels) all += (all.empty() ? "" : ", ") + level;
  fail(ErrorCode::bad_input, "factor {} has no level '{}' to be the reference; it has: {}",
       factor.name, factor.reference, all);
}

DesignColumns factor_columns(const Factor& factor, FactorCoding coding) {
  const std::string reference = reference_level(factor, coding);
  const auto n = Eigen::Index(factor.labels.size());
  DesignColumns out{{}, Eigen::MatrixXd(n, 0)};
  for (const std::string& level : factor_levels(factor.labels)) {
    if (level == reference) continue;
    const std::string name = factor.name + "_" + level_in_name(level);
    if (std::find(out.names.begin(), out.names.end(), name) != out.names.end())
      fail(ErrorCode::bad_input,
           "factor {}: level '{}' and another one would both be column {}; rename a level",
           factor.name, level, name);
    out.names.push_back(name);
    out.values.conservativeResize(Eigen::NoChange, out.values.cols() + 1);
    for (Eigen::Index i = 0; i < n; ++i) {
      const std::string& label = factor.labels[size_t(i)];
      const bool is_base = coding == FactorCoding::sum && label == reference;
      out.values(i, out.values.cols() - 1) = label == level ? 1 : is_base ? -1 : 0;
    }
  }
  return out;
}

DesignColumns interaction_columns(const DesignColumns& a, const DesignColumns& b) {
  DesignColumns out{{}, Eigen::MatrixXd(a.values.rows(), a.values.cols() * b.values.cols())};
  for (Eigen::Index i = 0; i < a.values.cols(); ++i)
    for (Eigen::Index j = 0; j < b.values.cols(); ++j) {
      out.values.col(Eigen::Index(out.names.size())) =
          a.values.col(i).cwiseProduct(b.values.col(j));
      out.names.push_back(a.names[size_t(i)] + ":" + b.names[size_t(j)]);
    }
  return out;
}

DesignColumns person_columns(const std::vector<std::string>& participants) {
  DesignColumns out;
  for (const auto& one : participants)
    if (std::find(out.names.begin(), out.names.end(), one) == out.names.end())
      out.names.push_back(one);
  out.values.setZero(Eigen::Index(participants.size()), Eigen::Index(out.names.size()));
  for (size_t i = 0; i < participants.size(); ++i)
    out.values(Eigen::Index(i), std::find(out.names.begin(), out.names.end(), participants[i]) -
                                    out.names.begin()) = 1;
  return out;
}

DesignColumns joined_columns(const std::vector<DesignColumns>& parts) {
  DesignColumns out;
  Eigen::Index n = 0, rows = 0;
  for (const auto& part : parts) {
    n += part.values.cols();
    rows = std::max(rows, part.values.rows());
  }
  out.values.resize(rows, n);
  for (const auto& part : parts) {
    if (part.values.cols() == 0) continue;
    out.values.middleCols(Eigen::Index(out.names.size()), part.values.cols()) = part.values;
    out.names.insert(out.names.end(), part.names.begin(), part.names.end());
  }
  return out;
}

bool spans(const Eigen::MatrixXd& design, const Eigen::VectorXd& column) {
  if (design.cols() == 0) return column.isZero(0);
  const Eigen::MatrixXd basis = EstimableSpace(design).basis();
  return (column - basis * (basis.transpose() * column)).norm() <= 1e-9 * column.norm();
}

}  // namespace sociometer
