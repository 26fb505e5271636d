#include "cli/jobs/group/shuffle_runs.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
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

/// A run whose inputs are called by their names, without folders: where a file lies changes no
/// result, its content does, and its checksum is compared.
Json without_folders(Json run) {
  std::map<std::string, std::string> names;
  const auto inputs = run.find("Inputs");
  if (inputs == run.end() || !inputs->is_array()) return run;
  for (auto& input : *inputs) {
    if (!input.is_object() || !input.contains("Path") || !input["Path"].is_string()) continue;
    const std::string path = input["Path"];
    names[path] = fs::path(path).filename().string();
    input["Path"] = names[path];
  }
  const std::function<void(Json&)> rename = [&](Json& value) {
    if (value.is_string()) {
      if (const auto name = names.find(value.get<std::string>()); name != names.end())
        value = name->second;
    } else if (value.is_structured()) {
      for (auto& element : value) rename(element);
    }
  };
  if (run.contains("Request")) rename(run["Request"]);
  return run;
}

std::string shards_text(const std::vector<uint64_t>& numbers) {
  return fmt::format("shard{} {}", numbers.size() == 1 ? "" : "s", fmt::join(numbers, ", "));
}

}  // namespace

Json shuffle_run_json(const GroupRequest& request, const std::vector<InputFile>& input_files,
                      const std::vector<ShuffledTest>& tests, const Provenance& provenance) {
  ShuffleRun run;
  run.request = identity_json(request);
  run.inputs = input_files;
  run.tests = tests;
  run.command = provenance.command;
  run.configuration = {provenance.configuration_name, provenance.configuration};
  std::error_code ignored;
  run.folder = fs::current_path(ignored).string();
  run.output = fs::absolute(request.output, ignored).lexically_normal().string();
  Json json;
  provenance.sign(json, RecordKind::shuffles);
  append(json, record_to_json(run));
  return json;
}

ShuffleRun shuffle_run_in(const Json& run, const std::string& where) {
  if (!run.is_object() || !run.contains("Request"))
    fail(
        ErrorCode::bad_input,
        "{} does not identify its analysis; it may be from another version of sociometer; make the "
        "shards or the checkpoint again",
        where);
  return parse_record<ShuffleRun>(run, where);
}

GroupRequest request_of_run(const ShuffleRun& run, const std::string& where) {
  return from_json<GroupRequest>(run.request, "the request in " + where);
}

Provenance provenance_of_run(const ShuffleRun& run, const std::string& output) {
  Provenance out;
  out.command = run.command;
  out.configuration_name = run.configuration.name;
  out.configuration = run.configuration.text;
  return out.with_output(output);
}

GroupRequest with_moved_files(GroupRequest request, const ShuffleRun& run,
                              const std::string& part) {
  if (run.output.empty()) return request;
  std::error_code ignored;
  // The prefix of a part may have folders.
  fs::path now = fs::absolute(part, ignored).lexically_normal().parent_path();
  for (fs::path at = fs::path(request.prefix).parent_path(); !at.empty(); at = at.parent_path())
    now = now.parent_path();
  const auto move = [&](std::string& path) {
    if (fs::exists(path, ignored)) return;
    const fs::path other =
        (now / fs::absolute(path, ignored).lexically_relative(run.output)).lexically_normal();
    if (fs::exists(other, ignored)) path = other.string();
  };
  visit_files(request, move);
  return request;
}

namespace {

/// Completes the file name in "XXH3 of a.nii.gz" with the folder in which the first run read it.
std::string with_folder(std::string what, const ShuffleRun& run) {
  for (const InputFile& input : run.inputs) {
    const std::string name = fs::path(input.path).filename().string();
    if (!name.empty() && what.ends_with(" of " + name))
      return what.replace(what.size() - name.size(), name.size(), input.path);
  }
  return what;
}

}  // namespace

void require_same_run(const Json& first, const std::string& name_a, const Json& second,
                      const std::string& name_b) {
  const Json a = without_folders(first), b = without_folders(second);
  for (const char* part : {"Software", "Request", "Inputs", "Tests"}) {
    const auto found = difference(part, a.value(part, Json()), b.value(part, Json()));
    if (found)
      fail(ErrorCode::bad_input,
           "{} and {} are of different runs: {} is {} in the first and {} in "
           "the second",
           name_a, name_b, with_folder(found->what, shuffle_run_in(first, name_a)), found->a,
           found->b);
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
    fail(ErrorCode::bad_input, "{} of {} missing; merge needs all", shards_text(missing),
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
