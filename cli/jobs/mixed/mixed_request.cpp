#include "cli/jobs/mixed/mixed_request.hpp"

#include <charconv>

#include "engine/core/error.hpp"
#include "engine/mixed/formula.hpp"

namespace sociometer::jobs {
namespace {

void check_columns(const MadeColumnsRequest& a) {
  for (const auto& text : a.lags) shifted_column(text, "--lag");
  for (const auto& text : a.leads) shifted_column(text, "--lead");
  if (a.consecutive && a.order.empty())
    fail(ErrorCode::usage,
         "--consecutive compares the numbers of neighbouring trials; name their column with "
         "--order");
}

void check_pairs(const std::vector<std::string>& texts, const char* option, const char* form) {
  for (const auto& text : texts)
    if (text.find('=') == std::string::npos || text.find('=') == 0)
      fail(ErrorCode::usage, "{} {}: it takes {}", option, text, form);
}

}  // namespace

ShiftedColumn shifted_column(const std::string& text, const std::string& option) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {text, 1};
  ShiftedColumn out{text.substr(0, colon), 0};
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + colon + 1, last, out.trials);
  if (error != std::errc() || end != last || out.trials < 1 || out.trials > 1000)
    fail(ErrorCode::usage, "{} {}: after the colon comes a number of trials from 1 to 1000", option,
         text);
  return out;
}

void check(const MixedRequest& a) {
  if (a.tables.empty())
    fail(ErrorCode::usage, "no table is given: name a TSV or CSV with one row per trial");
  if (a.formula.empty() && a.mediation.empty())
    fail(ErrorCode::usage,
         "give a --formula, as in 'dACC ~ value + (1 + value | participant_id)', or --mediation "
         "X,M,Y");
  if (!a.formula.empty() && parse_mixed_formula(a.formula).random.empty())
    fail(ErrorCode::usage,
         "formula '{}' has no random effects; give at least (1 | participant_id), since the trials "
         "of a participant are not independent",
         a.formula);
  if (!a.mediation.empty() && a.mediation.size() != 3)
    fail(ErrorCode::usage, "--mediation takes three columns, X,M,Y; {} are given",
         a.mediation.size());
  if (a.family == MixedFamily::logistic && a.formula.empty())
    fail(ErrorCode::usage, "--family logistic belongs to a --formula");
  if (a.family == MixedFamily::logistic && !a.mediation.empty())
    fail(ErrorCode::usage,
         "--mediation is by least squares, and --family logistic asks for a logistic model; run "
         "them one after the other");
  if (a.family == MixedFamily::logistic && a.criterion == MixedCriterion::ml)
    fail(ErrorCode::usage,
         "--criterion belongs to --family linear: a logistic model has one likelihood");
  check_pairs(a.references, "--reference", "COLUMN=LEVEL");
  check_pairs(a.where, "--where", "COLUMN=VALUE");
  if (!a.join_by.empty() && a.join.empty()) fail(ErrorCode::usage, "--join-by belongs to --join");
  if (a.bootstraps < 100 || a.bootstraps > 10'000'000)
    fail(ErrorCode::usage, "--bootstraps is {}; it takes 100 to 10000000", a.bootstraps);
  if (!(a.level > 0 && a.level < 1))
    fail(ErrorCode::usage, "--level is {}; it must lie between 0 and 1", a.level);
  if (!(a.alpha > 0 && a.alpha < 1))
    fail(ErrorCode::usage, "--alpha is {}; it must lie between 0 and 1", a.alpha);
  check_columns(a.columns);
}

}  // namespace sociometer::jobs
