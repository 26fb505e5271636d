#include "cli/jobs/study/study_places.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "io/bids/bids_index.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// Name and path of each folder.
std::vector<std::pair<std::string, std::string>> named_folders(const StudyPlaces& places) {
  std::vector<std::pair<std::string, std::string>> folders{{"<output>", places.output},
                                                           {"<bids>", places.bids}};
  for (size_t d = 0; d < places.derivatives.size(); ++d)
    folders.emplace_back(fmt::format("<derivatives-{}>", d + 1), places.derivatives[d]);
  return folders;
}

bool is_in(const std::string& path, const std::string& folder) {
  return !folder.empty() && path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::string absolute_path(const std::string& path) {
  if (path.empty()) return path;
  fs::path absolute = fs::absolute(path).lexically_normal();
  if (!absolute.has_filename() && absolute.has_relative_path()) absolute = absolute.parent_path();
  return absolute.string();
}

std::string derivatives_folder(const std::string& word) {
  const size_t equals = word.find('=');
  const bool has_name = equals != std::string::npos && !fs::exists(word);
  return absolute_path(has_name ? word.substr(equals + 1) : word);
}

std::string StudyPlaces::portable(const std::string& path) const {
  const size_t named = path.find("=/");
  const size_t start = named == std::string::npos || path.find('/') < named ? 0 : named + 1;
  const std::string file = path.substr(start);
  std::pair<std::string, std::string> innermost;
  for (auto& folder : named_folders(*this))
    if (is_in(file, folder.second) && folder.second.size() > innermost.second.size())
      innermost = std::move(folder);
  if (innermost.first.empty()) return path;
  return path.substr(0, start) + innermost.first + file.substr(innermost.second.size());
}

std::string StudyPlaces::resolved(const std::string& name) const {
  for (const auto& [mark, folder] : named_folders(*this))
    if (is_in(name, mark)) return folder + name.substr(mark.size());
  return name;
}

Json StudyPlaces::portable(const Json& json) const {
  if (json.is_string()) return portable(json.get<std::string>());
  if (!json.is_structured()) return json;
  Json out = json;
  for (auto& element : out) element = portable(element);
  return out;
}

StudyPlaces places_of(const StudyRequest& request) {
  StudyPlaces places{absolute_path(request.output), absolute_path(request.bids), {}};
  for (const auto& folder : request.derivatives.empty()
                                ? std::vector{default_derivatives(request.bids)}
                                : request.derivatives)
    places.derivatives.push_back(derivatives_folder(folder));
  return places;
}

}  // namespace sociometer::jobs
