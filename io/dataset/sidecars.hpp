#pragma once
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sociometer {

/// JSON sidecars, each read once, when it is first needed.
class Sidecars {
 public:
  /// @throws Error{bad_input} as read_json_object.
  const nlohmann::json& read(const std::string& path);
  /// Fields of several sidecars, most general first: later ones replace earlier ones key by key.
  nlohmann::json merged(const std::vector<std::string>& paths);

 private:
  std::map<std::string, nlohmann::json> read_;
};

}  // namespace sociometer
