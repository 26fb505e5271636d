#include "cli/jobs/group/group_observations.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/group/design_terms.hpp"
#include "io/bids/bids_name.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

std::string few_names(const std::vector<std::string>& names) {
  constexpr size_t kMost = 10;
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + long(std::min(kMost, names.size())));
  const std::string more =
      names.size() > kMost ? fmt::format(" and {} more", names.size() - kMost) : "";
  return fmt::format("{}{}", fmt::join(first, ", "), more);
}

/// The entity whose labels contain both.
std::string entity_with(const std::vector<Observation>& observations, const std::string& a,
                        const std::string& b) {
  std::map<std::string, std::set<std::string>> labels;
  for (const auto& one : observations)
    for (const auto& [key, label] : bids_name(one.path).entities) labels[key].insert(label);
  std::vector<std::string> keys;
  for (const auto& [key, of] : labels)
    if (key != "sub" && of.count(a) && of.count(b)) keys.push_back(key);
  if (keys.size() != 1)
    fail(ErrorCode::bad_input,
         "--difference {}-{}: {} of the maps' names has both labels; name the entity with --within",
         a, b, keys.empty() ? "no entity" : "more than one entity");
  return keys[0];
}

}  // namespace

WithinFactor parse_within(const std::string& text) {
  const size_t colon = text.find(':');
  WithinFactor out;
  out.name = unpadded(text.substr(0, colon));
  out.key = entity_key(out.name);
  if (colon != std::string::npos) out.reference = unpadded(text.substr(colon + 1));
  if (out.reference.starts_with(out.key + "-")) out.reference.erase(0, out.key.size() + 1);
  return out;
}

std::vector<Observation> observations_of(const std::vector<EffectMap>& maps) {
  std::vector<Observation> out;
  for (size_t i = 0; i < maps.size(); ++i)
    out.push_back({maps[i].participant, "", maps[i].name, maps[i].path, i, std::nullopt});
  return out;
}

bool set_levels(const WithinFactor& within, std::vector<Observation>& observations) {
  size_t n = 0;
  for (Observation& one : observations) {
    one.level = bids_name(one.path).label(within.key);
    n += !one.level.empty();
  }
  if (n == 0) return false;
  for (const Observation& one : observations) {
    if (one.level.empty())
      fail(ErrorCode::bad_input,
           "{} has no {}-<label> in its path, {} of {} maps have (--within {})", one.path,
           within.key, n, observations.size(), within.name);
    if (one.participant.empty())
      fail(ErrorCode::bad_input,
           "{} does not say whose it is; --within {} needs sub-<label> in the paths", one.path,
           within.name);
  }
  return true;
}

std::vector<Observation> repeated_measures(const WithinFactor& within,
                                           std::vector<Observation> observations,
                                           Journal& journal) {
  std::map<std::string, std::map<std::string, std::string>> levels;
  for (const Observation& one : observations) {
    const auto [other, fresh] = levels[one.participant].emplace(one.level, one.path);
    if (!fresh)
      fail(ErrorCode::bad_input,
           "{} has two maps of {} {} ({} and {}); average them first (sociometer contrast), or "
           "choose with --filter",
           one.participant, within.name, one.level, other->second, one.path);
  }
  std::set<std::string> all;
  for (const Observation& one : observations) all.insert(one.level);
  std::vector<std::string> alone, incomplete;
  for (const auto& [who, of] : levels) {
    if (of.size() == 1) alone.push_back(who);
    if (of.size() > 1 && of.size() < all.size()) incomplete.push_back(who);
  }
  if (!alone.empty())
    journal.warn(
        fmt::format("left out, with a map of a single {}: {}", within.name, few_names(alone)));
  if (!incomplete.empty())
    journal.info(
        fmt::format("kept, though a {} is missing: {}", within.name, few_names(incomplete)));
  std::erase_if(observations,
                [&](const Observation& one) { return levels[one.participant].size() == 1; });
  if (observations.empty())
    fail(ErrorCode::bad_input,
         "no participant has maps of two levels of {}; leave --within out, or give the other maps",
         within.name);
  return observations;
}

std::vector<Observation> difference_rows(const std::string& difference, WithinFactor& within,
                                         std::vector<Observation> observations, Journal& journal) {
  const size_t minus = difference.find('-');
  const std::string a = unpadded(difference.substr(0, minus)),
                    b = minus == std::string::npos ? "" : unpadded(difference.substr(minus + 1));
  if (a.empty() || b.empty() || a == b)
    fail(ErrorCode::usage, "--difference is '{}'; it must be LEVEL-LEVEL, as in post-pre",
         difference);
  if (within.name.empty()) {
    within.name = within.key = entity_with(observations, a, b);
    set_levels(within, observations);
  }
  std::map<std::string, std::map<std::string, const Observation*>> levels;
  std::vector<std::string> order;
  std::set<std::string> known;
  for (const Observation& one : observations) {
    known.insert(one.level);
    if (one.level != a && one.level != b) continue;
    if (levels.find(one.participant) == levels.end()) order.push_back(one.participant);
    const auto [other, fresh] = levels[one.participant].emplace(one.level, &one);
    if (!fresh) fail_for_two_maps(one.participant, other->second->path, one.path);
  }
  for (const std::string& level : {a, b})
    if (!known.count(level))
      fail(ErrorCode::bad_input, "--difference {}: no map is of {} {}; there are: {}", difference,
           within.name, level, fmt::join(known, ", "));
  std::vector<Observation> out;
  std::vector<std::string> incomplete;
  for (const std::string& who : order) {
    const auto& of = levels[who];
    if (of.size() < 2) {
      incomplete.push_back(who);
      continue;
    }
    const Observation &plus = *of.at(a), &less = *of.at(b);
    out.push_back(
        {who, "", fmt::format("{} - {}", plus.path, less.path), plus.path, plus.map, less.map});
  }
  if (!incomplete.empty())
    journal.warn(fmt::format("left out, without both {} and {}: {}", a, b, few_names(incomplete)));
  if (out.empty())
    fail(ErrorCode::bad_input, "--difference {}: no participant has maps of both", difference);
  return out;
}

std::vector<EffectMap> maps_in_use(const std::vector<EffectMap>& maps,
                                   std::vector<Observation>& observations) {
  std::vector<size_t> place(maps.size(), maps.size());
  for (const Observation& one : observations) {
    place[one.map] = 0;
    if (one.minus) place[*one.minus] = 0;
  }
  std::vector<EffectMap> out;
  for (size_t i = 0; i < maps.size(); ++i)
    if (place[i] == 0) {
      place[i] = out.size();
      out.push_back(maps[i]);
    }
  if (out.size() < maps.size() && maps.front().path == maps.back().path)
    fail(ErrorCode::bad_input,
         "{} holds the maps of all participants, so none can be left out; give one file each",
         maps[0].path);
  for (Observation& one : observations) {
    one.map = place[one.map];
    if (one.minus) one.minus = place[*one.minus];
  }
  return out;
}

std::vector<MapPair> pairs_of(const std::vector<Observation>& observations) {
  std::vector<MapPair> out;
  for (const Observation& one : observations) out.push_back({one.map, one.minus});
  return out;
}

}  // namespace sociometer::jobs
