#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// One `key = value` of a TOML file.
struct TomlValue {
  std::string table;  ///< "fit", "roi.test"; empty before the first table
  std::string key;
  std::vector<std::string> values;  ///< numbers and booleans as they are written
  bool is_list = false;
  int line = 0;
};

/// Reads what settings need of TOML 1.0: tables, strings of one line (basic and literal), numbers,
/// booleans and lists of them, over several lines too. Order is kept.
/// @param path  for messages.
/// @throws Error{bad_input} naming the line for anything else, and for a key that is there twice.
std::vector<TomlValue> parse_toml(const std::string& text, const std::string& path);

/// A value as TOML writes it: a number or boolean plain when it would be read back to the same
/// characters, else a string in quotes.
std::string to_toml(const std::string& value);
std::string to_toml(const std::vector<std::string>& values);

/// A key as TOML writes it, in quotes where it needs them.
std::string toml_key(const std::string& key);

}  // namespace sociometer
