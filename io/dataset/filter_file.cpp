#include "io/dataset/filter_file.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/json_object.hpp"

namespace sociometer {
namespace {

/// Entries that fMRIPrep and its relatives read for other images.
constexpr std::array kOtherEntries{"t1w", "t2w", "flair",  "sbref", "fmap",   "roi",
                                   "dwi", "asl", "m0scan", "pet",   "mp2rage"};

void add_alternative(LabelRule& rule, const nlohmann::json& value, const std::string& where) {
  if (value.is_null() || value == "")
    rule.absent = true;
  else if (value == "*")
    rule.present = true;
  else if (value.is_string())
    rule.labels.push_back(value.get<std::string>());
  else if (value.is_number_integer())
    rule.labels.push_back(fmt::format("{}", value.get<long>()));
  else
    fail(ErrorCode::bad_input, "{} is {}; it may be a label, a list of labels, null or \"*\"",
         where, value.dump());
}

LabelRule rule_of(const nlohmann::json& value, const std::string& where) {
  LabelRule rule;
  if (!value.is_array()) {
    add_alternative(rule, value, where);
    return rule;
  }
  if (value.empty())
    fail(ErrorCode::bad_input, "{} is an empty list, which no image can match; leave it out",
         where);
  for (const auto& alternative : value) add_alternative(rule, alternative, where);
  return rule;
}

}  // namespace

void add_filter_file(BidsFilter& filter, const std::string& path, BidsFindings& findings) {
  const auto json = read_json_object(path);
  const auto unknown = [&](const std::string& message, const std::string& where) {
    findings.push_back({BidsOddity::unknown_filter_key, path + message, {where}});
  };
  for (const auto& [entry, rules] : json.items())
    if (entry != "bold" &&
        std::find(kOtherEntries.begin(), kOtherEntries.end(), entry) == kOtherEntries.end())
      unknown(": the entry '" + entry +
                  "' is not known and has no effect; images are chosen by "
                  "'bold'",
              entry);
  if (!json.contains("bold")) {
    unknown(" has no entry 'bold' and chooses nothing", "bold");
    return;
  }
  const auto& bold = json["bold"];
  if (!bold.is_object())
    fail(ErrorCode::bad_input, "{}: the entry 'bold' is no object of entities", path);
  for (const auto& [name, value] : bold.items()) {
    if (!is_filter_key(entity_key(name)))
      unknown(": '" + name + "' of 'bold' is no entity of BIDS names and has no effect", name);
    else
      filter.add(name, rule_of(value, fmt::format("{}: '{}' of 'bold'", path, name)));
  }
}

}  // namespace sociometer
