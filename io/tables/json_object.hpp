#pragma once
#include <string>

#include <nlohmann/json.hpp>

#include "io/tables/table.hpp"

namespace sociometer {

/// Reads a JSON file whose top level is an object, as other programs write them.
///
/// Tolerated, because sidecars contain them in fields that are not used here: NaN and Infinity
/// (they become null), a byte-order mark, and text in Latin-1 rather than UTF-8.
/// @throws Error{bad_input} naming the line and the error.
nlohmann::json read_json_object(const std::string& path);

/// The same from a text that was read before.
nlohmann::json json_object_of(const FileContent& content);

}  // namespace sociometer
