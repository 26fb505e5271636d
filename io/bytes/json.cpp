#include "io/bytes/json.hpp"

#include <fmt/format.h>

namespace sociometer {

void append(Json& object, const Json& fields) {
  for (const auto& [key, value] : fields.items()) object[key] = value;
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

InputFile input_file(const std::string& path, uint64_t checksum) {
  return {path, fmt::format("{:016x}", checksum)};
}

}  // namespace sociometer
