#pragma once
#include <string>

#include <nlohmann/json.hpp>

namespace sociometer {

/// Reads a JSON file that holds an object, as other programs write them.
///
/// Tolerated, since sidecars hold them in fields that nobody here needs: NaN and Infinity (they
/// become null), a byte-order mark, and text that is Latin-1 rather than UTF-8.
/// @throws Error{bad_input} naming the line and what is wrong there.
nlohmann::json read_json_object(const std::string& path);

}  // namespace sociometer
