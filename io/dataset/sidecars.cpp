#include "io/dataset/sidecars.hpp"

#include "io/tables/json_object.hpp"

namespace sociometer {

const nlohmann::json& Sidecars::read(const std::string& path) {
  const auto found = read_.find(path);
  return found != read_.end() ? found->second
                              : read_.emplace(path, read_json_object(path)).first->second;
}

nlohmann::json Sidecars::merged(const std::vector<std::string>& paths) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& path : paths)
    for (const auto& [key, value] : read(path).items()) out[key] = value;
  return out;
}

}  // namespace sociometer
