#include "cli/jobs/group/shuffle_runs.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "engine/core/error.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

/// Where two documents differ first, and what is there.
struct Difference {
  std::string what, a, b;
};

std::string short_text(const Json& value) {
  if (value.is_null()) return "not there";
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  constexpr size_t kLongest = 120;
  return text.size() > kLongest ? text.substr(0, kLongest) + ".." : text;
}

/// "--seed"; "XXH3 of sub-01_effect.nii.gz"; "Shuffles of contrast match".
std::string named(const std::string& key, const Json& object) {
  if (object.contains("Path") && key != "Path")
    return key + " of " + object["Path"].get<std::string>();
  if (object.contains("Contrast") && key != "Contrast")
    return key + " of contrast " + object["Contrast"].get<std::string>();
  return key;
}

std::optional<Difference> difference(const std::string& what, const Json& a, const Json& b) {
  if (a == b) return std::nullopt;
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.items())
      if (auto found = difference(named(key, a), value, b.contains(key) ? b[key] : Json()))
        return found;
    for (const auto& [key, value] : b.items())
      if (!a.contains(key)) return difference(named(key, b), Json(), value);
  }
  if (a.is_array() && b.is_array()) {
    if (a.size() == 1 && b.size() == 1) return difference(what, a[0], b[0]);
    for (size_t i = 0; i < std::max(a.size(), b.size()); ++i)
      if (auto found = difference(fmt::format("{}, number {}", what, i + 1),
                                  i < a.size() ? a[i] : Json(), i < b.size() ? b[i] : Json()))
        return found;
  }
  return Difference{what, short_text(a), short_text(b)};
}

std::string listed(const std::vector<uint64_t>& numbers) {
  return fmt::format("shard{} {}", numbers.size() == 1 ? "" : "s", fmt::join(numbers, ", "));
}

}  // namespace

Json result_options(const CLI::App& command) {
  Json json = Json::object();
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (name == "--output" || changes_no_byte(name)) continue;
    if (option->count() > 0)
      json[name] = option->results();
    else if (!option->get_default_str().empty())
      json[name] = Json::array({option->get_default_str()});
  }
  return json;
}

Json shuffle_run_json(const Json& options, const Json& input_files, const Json& tests) {
  Json json;
  json["Software"] = software_json();
  json["Options"] = options;
  json["Inputs"] = input_files;
  json["Tests"] = tests;
  json["Command"] = process_session().provenance.command;
  std::error_code ignored;
  json["Folder"] = std::filesystem::current_path(ignored).string();
  return json;
}

void require_same_run(const Json& a, const std::string& name_a, const Json& b,
                      const std::string& name_b) {
  for (const char* part : {"Software", "Options", "Inputs", "Tests"}) {
    const auto found = difference(part, a.value(part, Json()), b.value(part, Json()));
    if (found)
      fail(ErrorCode::bad_input,
           "{} and {} are of different runs: {} is {} in the first and {} in "
           "the second",
           name_a, name_b, found->what, found->a, found->b);
  }
}

ShardParts read_shard_parts(const std::vector<std::string>& paths) {
  ShardParts out;
  uint64_t n = 0;
  for (const std::string& path : paths) {
    ShufflePart part = read_shuffle_part(path);
    if (!part.done)
      fail(ErrorCode::bad_input,
           "{} is a checkpoint of a run that is not done; give its command again to finish it",
           path);
    if (out.paths.empty()) n = part.n_shards;
    if (part.n_shards != n || part.shard < 1 || part.shard > n)
      fail(ErrorCode::bad_input,
           "{} is shard {} of {}, but {} is one of {}; merge shards of one run", path, part.shard,
           part.n_shards, out.paths.empty() ? path : out.paths[0], n);
    if (!out.parts.empty()) require_same_run(out.parts[0].run, out.paths[0], part.run, path);
    for (size_t i = 0; i < out.parts.size(); ++i)
      if (out.parts[i].shard == part.shard)
        fail(ErrorCode::bad_input, "shard {} of {} is there twice: {} and {}; give each once",
             part.shard, n, out.paths[i], path);
    out.paths.push_back(path);
    out.parts.push_back(std::move(part));
  }
  std::vector<uint64_t> missing;
  for (uint64_t shard = 1; shard <= n && missing.size() < 20; ++shard)
    if (std::none_of(out.parts.begin(), out.parts.end(),
                     [&](const ShufflePart& part) { return part.shard == shard; }))
      missing.push_back(shard);
  if (!missing.empty())
    fail(ErrorCode::bad_input, "{} of {} missing; merge needs all", listed(missing),
         fmt::format("{} {}", n, missing.size() == 1 ? "is" : "are"));
  return out;
}

std::vector<ShuffleResults> joined_shards(const ShardParts& shards) {
  std::vector<ShuffleResults> out;
  for (size_t c = 0; c < shards.parts[0].contrasts.size(); ++c) {
    std::vector<ShuffleResults> of_contrast;
    for (const ShufflePart& part : shards.parts) {
      if (c >= part.contrasts.size())
        fail(ErrorCode::bad_input, "a part has {} contrasts, another {}", part.contrasts.size(),
             shards.parts[0].contrasts.size());
      of_contrast.push_back(part.contrasts[c].results);
    }
    uint64_t last = 0;
    for (const auto& results : of_contrast) last = std::max(last, results.last);
    out.push_back(joined(std::move(of_contrast), last));
  }
  return out;
}

}  // namespace sociometer::cli
