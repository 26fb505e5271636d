#include "cli/jobs/group/shuffle_runs.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/toml_values.hpp"

namespace sociometer::jobs {
namespace {

/// The request without fields that change no byte of a result: the identity of an analysis.
Json identity_json(const GroupRequest& request) {
  Json json = to_json(request);
  for (const char* field :
       {"output", "shard", "checkpoint", "checkpoint_every_s", "memory_bytes", "scratch"})
    json.erase(field);
  return json;
}

/// The first difference between two documents, and both values there.
struct Difference {
  std::string what, a, b;
};

std::string short_text(const Json& value) {
  if (value.is_null()) return "not there";
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  constexpr size_t kLongest = 120;
  return text.size() > kLongest ? text.substr(0, kLongest) + ".." : text;
}

/// "permutation.seed" in a request; "XXH3 of sub-01_effect.nii.gz"; "Shuffles of contrast match".
std::string named(const std::string& parent, const std::string& key, const Json& object) {
  if (parent == "Request") return key;
  if (object.contains("Path") && key != "Path")
    return key + " of " + object["Path"].get<std::string>();
  if (object.contains("Contrast") && key != "Contrast")
    return key + " of contrast " + object["Contrast"].get<std::string>();
  const bool of_record = !parent.empty() && std::isupper(static_cast<unsigned char>(parent[0]));
  return parent.empty() || of_record ? key : parent + "." + key;
}

std::optional<Difference> difference(const std::string& what, const Json& a, const Json& b) {
  if (a == b) return std::nullopt;
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.items())
      if (auto found = difference(named(what, key, a), value, b.contains(key) ? b[key] : Json()))
        return found;
    for (const auto& [key, value] : b.items())
      if (!a.contains(key)) return difference(named(what, key, b), Json(), value);
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

Json shuffle_run_json(const GroupRequest& request, const Json& input_files, const Json& tests,
                      const Provenance& provenance) {
  Json json;
  json["Software"] = software_json();
  json["Request"] = identity_json(request);
  json["Inputs"] = input_files;
  json["Tests"] = tests;
  json["Command"] = provenance.command;
  json["Configuration"] = {{"Name", provenance.configuration_name},
                           {"Text", provenance.configuration}};
  std::error_code ignored;
  json["Folder"] = std::filesystem::current_path(ignored).string();
  return json;
}

GroupRequest request_of_run(const Json& run, const std::string& where) {
  if (!run.contains("Request"))
    fail(ErrorCode::bad_input,
         "{} does not say what it is of, as shards of other versions of sociometer; make the "
         "shards again",
         where);
  return from_json<GroupRequest>(run["Request"], "the request in " + where);
}

Provenance provenance_of_run(const Json& run, const std::string& output) {
  Provenance out;
  out.command = run.value("Command", std::vector<std::string>());
  for (size_t i = 0; i < out.command.size(); ++i) {
    if (out.command[i] == "-o" && i + 1 < out.command.size()) out.command[++i] = output;
    if (out.command[i].starts_with("--output=")) out.command[i] = "--output=" + output;
  }
  const Json configuration = run.value("Configuration", Json::object());
  out.configuration_name = configuration.value("Name", "");
  out.configuration = configuration.value("Text", "");
  const std::string key = "\noutput = ";
  if (const size_t at = out.configuration.find(key); at != std::string::npos) {
    const size_t from = at + key.size();
    out.configuration.replace(from, out.configuration.find('\n', from) - from, to_toml(output));
  }
  return out;
}

void require_same_run(const Json& a, const std::string& name_a, const Json& b,
                      const std::string& name_b) {
  for (const char* part : {"Software", "Request", "Inputs", "Tests"}) {
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

}  // namespace sociometer::jobs
