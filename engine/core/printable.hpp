#pragma once
#include <string>
#include <string_view>

namespace sociometer {

/// Whether line ends may pass to a terminal unescaped.
enum class LineEnds { escaped, kept };

/// A text that no terminal obeys: control characters (C0, DEL, C1) and bytes that are not UTF-8 are
/// written as \n, \t, \r or \xHH. Names and labels come from files of others and are put into
/// messages as they are, so this is done once, where messages are printed.
/// @param line_ends  kept: line feeds pass, for texts of several lines.
std::string printable(std::string_view text, LineEnds line_ends = LineEnds::escaped);

/// The beginning of a text that may be of any length, for messages: at most 120 bytes and "..".
std::string shortened(std::string_view text);

/// A to Z in small letters; other bytes stay.
std::string in_small_letters(std::string text);

/// The first control character of a text as printable() writes it; empty if there is none.
std::string control_character_in(std::string_view text);

}  // namespace sociometer
