#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// One `key = value` of a TOML file.
struct TomlValue {
  std::string table;  ///< "fit", "roi.test"; empty before the first table
  std::string key;
  std::vector<std::string> values;  ///< numbers and booleans as written
  bool is_list = false;
  int line = 0;
};

/// Reads the subset of TOML 1.0 needed for settings: tables, single-line strings (basic, literal),
/// numbers, booleans, and lists of these, also over several lines. Order is preserved.
/// @param path  for messages.
/// @throws Error{bad_input} naming the line for anything else, and for a duplicate key.
std::vector<TomlValue> parse_toml(const std::string& text, const std::string& path);

/// A value in TOML syntax: a number or boolean unquoted if it would be read back character by
/// character, else a quoted string.
std::string to_toml(const std::string& value);
std::string to_toml(const std::vector<std::string>& values);

/// A key in TOML syntax, quoted if necessary.
std::string toml_key(const std::string& key);

}  // namespace sociometer
