#include "engine/roi/value_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fnmatch.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

bool matches(const std::string& name, const std::vector<std::string>& globs) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
           return name == glob || ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
         });
}

/// The only value of a field, or the one chosen.
std::string only_one(const std::vector<RegionValue>& values, const std::string& chosen,
                     const std::string& what, const std::string& table,
                     std::string (*field)(const RegionValue&)) {
  std::set<std::string> there;
  for (const auto& v : values) there.insert(field(v));
  if (!chosen.empty()) {
    if (!there.contains(chosen))
      fail(ErrorCode::bad_input, "{} has no {} '{}'; it has {}", table, what, chosen,
           there == std::set<std::string>{""} ? "none" : fmt::format("{}", fmt::join(there, ", ")));
    return chosen;
  }
  if (there.size() > 1)
    fail(ErrorCode::bad_input, "{} has several {}s ({}); choose the {} to take", table, what,
         fmt::join(there, ", "), what);
  return *there.begin();
}

/// Each once, in order of first appearance.
std::vector<std::string> distinct(const std::vector<std::pair<std::string, std::string>>& pairs,
                                  std::string std::pair<std::string, std::string>::*which) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const auto& pair : pairs)
    if (seen.insert(pair.*which).second) out.push_back(pair.*which);
  return out;
}

/// A glob that finds nothing is a typing error.
void check_found(const std::vector<std::string>& globs, const std::set<std::string>& there,
                 const std::string& what, const std::string& table) {
  for (const auto& glob : globs)
    if (std::none_of(there.begin(), there.end(),
                     [&](const std::string& name) { return matches(name, {glob}); }))
      fail(ErrorCode::bad_input, "{} has no {} '{}'; it has {}", table, what, glob,
           fmt::join(there, ", "));
}

}  // namespace

Eigen::Index ValueTable::find(const std::string& roi, const std::string& contrast) const {
  std::set<std::string> rois, contrasts;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].first == roi && columns[c].second == contrast) return Eigen::Index(c);
    rois.insert(columns[c].first);
    contrasts.insert(columns[c].second);
  }
  fail(ErrorCode::usage, "there is no region {} with contrast {}; regions: {}; contrasts: {}", roi,
       contrast, fmt::join(rois, ", "), fmt::join(contrasts, ", "));
}

std::vector<std::string> ValueTable::regions() const {
  return distinct(columns, &std::pair<std::string, std::string>::first);
}

std::vector<std::string> ValueTable::contrasts() const {
  return distinct(columns, &std::pair<std::string, std::string>::second);
}

void ValueTable::keep(const std::vector<Eigen::Index>& rows) {
  values = Eigen::MatrixXd(values(rows, Eigen::all));
  std::vector<std::string> kept;
  for (Eigen::Index i : rows) kept.push_back(participants[size_t(i)]);
  participants = kept;
}

ValueTable pivot(const std::vector<RegionValue>& values, const ValueChoice& choice,
                 const std::string& name) {
  ValueTable out;
  out.statistic = only_one(values, choice.statistic, "statistic", name,
                           [](const RegionValue& v) { return v.statistic; });
  out.session = only_one(values, choice.session, "session", name,
                         [](const RegionValue& v) { return v.unit.session; });
  std::set<std::string> rois, contrasts;
  for (const auto& v : values) {
    rois.insert(v.roi);
    contrasts.insert(v.unit.contrast);
  }
  check_found(choice.rois, rois, "region", name);
  check_found(choice.contrasts, contrasts, "contrast", name);
  std::map<std::string, Eigen::Index> row_of;
  std::map<std::pair<std::string, std::string>, Eigen::Index> column_of;
  std::vector<const RegionValue*> chosen;
  for (const auto& v : values) {
    if (v.statistic != out.statistic || v.unit.session != out.session ||
        !matches(v.roi, choice.rois) || !matches(v.unit.contrast, choice.contrasts))
      continue;
    chosen.push_back(&v);
    if (row_of.insert({v.unit.participant, Eigen::Index(row_of.size())}).second)
      out.participants.push_back(v.unit.participant);
    if (column_of.insert({{v.roi, v.unit.contrast}, Eigen::Index(column_of.size())}).second)
      out.columns.emplace_back(v.roi, v.unit.contrast);
  }
  if (chosen.empty())
    fail(ErrorCode::bad_input, "{} has no rows of the regions and contrasts chosen", name);
  out.values.setConstant(Eigen::Index(out.participants.size()), Eigen::Index(out.columns.size()),
                         kNaN);
  for (const auto* v : chosen) {
    if (v->coverage < choice.min_coverage) {
      ++out.left_out;
      continue;
    }
    out.values(row_of.at(v->unit.participant), column_of.at({v->roi, v->unit.contrast})) = v->value;
  }
  return out;
}

ValueTable differences_of(const ValueTable& table,
                          const std::vector<std::pair<std::string, std::string>>& pairs) {
  ValueTable out = table;
  out.columns.clear();
  const auto rois = table.regions();
  out.values.resize(table.values.rows(), Eigen::Index(pairs.size() * rois.size()));
  for (const auto& [first, second] : pairs)
    for (const auto& roi : rois) {
      out.values.col(Eigen::Index(out.columns.size())) =
          table.values.col(table.find(roi, first)) - table.values.col(table.find(roi, second));
      out.columns.emplace_back(roi, first + " - " + second);
    }
  return out;
}

DissociationData cells_of(const ValueTable& table, const std::vector<std::string>& regions,
                          const std::vector<std::string>& signals) {
  std::vector<Eigen::Index> columns;
  for (const auto& region : regions)
    for (const auto& signal : signals) columns.push_back(table.find(region, signal));
  return {regions, signals, table.participants, table.values(Eigen::all, columns)};
}

std::vector<std::string> without_regressor_sd(const std::vector<RegionValue>& values,
                                              const ValueTable& table,
                                              const DissociationData& data) {
  const std::set<std::string> signals(data.signals.begin(), data.signals.end());
  std::set<std::string> lacking;
  for (const auto& v : values)
    if (v.statistic == table.statistic && v.unit.session == table.session &&
        signals.contains(v.unit.contrast) && !(v.regressor_sd > 0))
      lacking.insert(v.unit.participant);
  std::vector<std::string> out;
  for (const auto& participant : data.participants)
    if (lacking.contains(participant)) out.push_back(participant);
  return out;
}

std::vector<double> regressor_sds(const std::vector<RegionValue>& values, const ValueTable& table,
                                  const std::string& region,
                                  const std::vector<std::string>& signals,
                                  const std::vector<std::string>& participants) {
  // t, z and p do not scale with the regressor.
  static const std::set<std::string> effects{
      "mean", "median",  "weighted-mean", "weighted-sum", "sum",
      "peak", "minimum", "psc",           "eigenvariate", "effect"};
  if (effects.count(table.statistic) == 0) return std::vector<double>(signals.size(), kNaN);
  const std::set<std::string> wanted(participants.begin(), participants.end());
  std::vector<double> out;
  for (const auto& signal : signals) {
    double sum = 0, n = 0;
    for (const auto& v : values) {
      if (v.unit.contrast != signal || v.roi != region || v.statistic != table.statistic ||
          v.unit.session != table.session || wanted.count(v.unit.participant) == 0)
        continue;
      sum += v.regressor_sd;  // one that is missing makes the mean missing
      n += 1;
    }
    out.push_back(n > 0 ? sum / n : kNaN);
  }
  return out;
}

std::vector<SignalCollinearity> signal_collinearity(const std::vector<RegionValue>& values,
                                                    const DissociationData& data,
                                                    const std::string& session) {
  std::vector<SignalCollinearity> out;
  for (size_t s = 0; s < data.signals.size(); ++s)
    for (size_t t = s + 1; t < data.signals.size(); ++t) {
      SignalCollinearity c;
      c.signal = data.signals[s];
      c.other = data.signals[t];
      double sum = 0;
      for (const auto& participant : data.participants) {
        double r = kNaN;
        for (const auto& v : values) {
          if (v.unit.participant != participant || v.unit.session != session) continue;
          const bool first = v.unit.contrast == c.signal, second = v.unit.contrast == c.other;
          if (!first && !second) continue;
          if (v.vif > c.largest_vif) c.largest_vif = v.vif;
          if (v.correlated_with == (first ? c.other : c.signal)) r = v.correlation;
        }
        if (std::isnan(r)) continue;
        ++c.n;
        sum += r;
        if (std::abs(r) <= std::abs(c.largest_r)) continue;
        c.largest_r = r;
        c.largest_r_in = participant;
      }
      if (c.n > 0) c.mean_r = sum / double(c.n);
      out.push_back(c);
    }
  return out;
}

}  // namespace sociometer
