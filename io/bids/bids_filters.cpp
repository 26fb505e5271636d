#include "io/bids/bids_filters.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr std::array kFileKeys{"datatype", "suffix", "extension"};

/// Labels under which a name may be asked for; an empty one if it lacks the entity.
std::vector<std::string> labels_of(const std::string& key, const BidsName& name) {
  if (key == "suffix") return {name.suffix};
  if (key == "extension") return {name.extension};
  if (key == "datatype") return {"func"};
  const std::string label = name.label(key), space = name.label("space");
  const size_t plus = space.find('+');
  if (key == "space" && plus != std::string::npos) return {label, space.substr(0, plus)};
  if (key == "cohort" && label.empty() && plus != std::string::npos)
    return {space.substr(plus + 1)};
  if (key == "part" && label.empty()) return {label, "mag"};
  return {label};
}

std::string plain_label(const std::string& key, const std::string& label) {
  if (key == "extension" && !label.empty() && label[0] != '.') return "." + label;
  return label.starts_with(key + "-") ? label.substr(key.size() + 1) : label;
}

/// The native space has no label. The words are fMRIPrep's and bidspm's.
bool is_native(const std::string& space) {
  static constexpr std::array kWords{"",        "native", "func",  "bold",
                                     "boldref", "run",    "sbref", "individual"};
  return std::find(kWords.begin(), kWords.end(), space) != kWords.end();
}

}  // namespace

bool LabelRule::allows(const std::string& key, const std::string& label) const {
  if (label.empty()) return absent;
  return present || std::any_of(labels.begin(), labels.end(), [&](const std::string& wanted) {
           return same_label(key, wanted, label);
         });
}

bool is_filter_key(const std::string& key) {
  const auto& entities = entity_order();
  return std::find(entities.begin(), entities.end(), key) != entities.end() ||
         std::find(kFileKeys.begin(), kFileKeys.end(), key) != kFileKeys.end();
}

void BidsFilter::add(const std::string& given, LabelRule rule) {
  const std::string key = entity_key(given);
  if (!is_filter_key(key))
    fail(ErrorCode::usage, "'{}' is no entity of BIDS names, by which images could be chosen",
         given);
  for (auto& label : rule.labels) label = plain_label(key, label);
  rules_.emplace_back(key, std::move(rule));
}

void BidsFilter::add(const std::string& key, const std::vector<std::string>& labels) {
  add(key, LabelRule{labels, false, false});
}

void BidsFilter::add_space(const std::string& space) {
  size_t colon = std::min(space.find(':'), space.size());
  const std::string name = space.substr(0, colon);
  if (is_native(name))
    add("space", LabelRule{{}, true, false});
  else
    add("space", {name == "anat" ? "T1w" : name});
  while (colon < space.size()) {
    const size_t end = std::min(space.find(':', colon + 1), space.size());
    const std::string modifier = space.substr(colon + 1, end - colon - 1);
    const size_t dash = modifier.find('-');
    const std::string key = entity_key(modifier.substr(0, dash));
    if (dash == std::string::npos || (key != "res" && key != "cohort" && key != "den"))
      fail(ErrorCode::usage, "'{}' of the space '{}' is none of res-, cohort- and den-", modifier,
           space);
    const std::string label = modifier.substr(dash + 1);
    if (key == "res" && label == "native")
      add("res", LabelRule{{"native"}, true, false});
    else
      add(key, {label});
    colon = end;
  }
}

bool BidsFilter::mentions(const std::string& key) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const auto& rule) { return rule.first == key; });
}

bool BidsFilter::allows(const std::string& key, const BidsName& name) const {
  return std::all_of(rules_.begin(), rules_.end(), [&](const auto& rule) {
    if (rule.first != key) return true;
    const auto labels = labels_of(key, name);
    return std::any_of(labels.begin(), labels.end(),
                       [&](const std::string& label) { return rule.second.allows(key, label); });
  });
}

bool BidsFilter::allows(const BidsName& name) const {
  return std::all_of(rules_.begin(), rules_.end(),
                     [&](const auto& rule) { return allows(rule.first, name); });
}

std::vector<std::string> BidsFilter::keys() const {
  std::vector<std::string> out;
  for (const char* key : kFileKeys)
    if (mentions(key)) out.emplace_back(key);
  for (const auto& key : entity_order())
    if (mentions(key)) out.push_back(key);
  return out;
}

std::string BidsFilter::wish(const std::string& key) const {
  std::vector<std::string> rules;
  for (const auto& [of, rule] : rules_) {
    if (of != key) continue;
    std::vector<std::string> words;
    for (const auto& label : rule.labels) words.push_back(key + "-" + label);
    if (rule.present) words.push_back("any " + key);
    if (rule.absent) words.push_back(key + " absent");
    rules.push_back(fmt::format("{}", fmt::join(words, " or ")));
  }
  return fmt::format("{}", fmt::join(rules, ", and "));
}

}  // namespace sociometer
