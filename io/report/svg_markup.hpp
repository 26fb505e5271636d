#pragma once
#include <string>
#include <string_view>

#include "io/report/html.hpp"

namespace sociometer {

/// An SVG for use inside a page: without prolog, as wide as its column at most.
///
/// Ids are numbered in the order in which they appear and get the picture's own as a prefix: cairo
/// calls the first glyph of every picture alike, and numbers surfaces over the whole process.
/// Long outlines are rounded to tenths of a pixel.
/// @param svg  what Canvas::svg() gives.
/// @param id   of the picture, unique in the page; letters, digits and '-'.
std::string inline_svg(const std::string& svg, std::string_view id);
Html svg_markup(const std::string& svg, std::string_view id);

}  // namespace sociometer
