#pragma once
#include <optional>
#include <string>

namespace sociometer {

/// The bytes of a small file; nullopt if there is none. Streams of the standard library either hide
/// a failed read, so that a part passes for the whole, or throw what names no file.
/// @throws Error{bad_input} if it cannot be read.
std::optional<std::string> file_content(const std::string& path);

/// The same of a file that must exist.
/// @param option  that names it, for the message; empty: none.
/// @throws Error{bad_input} also if there is none.
std::string required_content(const std::string& path, const std::string& option = "");

}  // namespace sociometer
