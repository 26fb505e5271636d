#pragma once
#include <string>

namespace sociometer {

/// Markup in which each picture of pixels is there once: of <image> elements with the same data the
/// first stays, and references to the others lead to it.
///
/// Pictures of a page share the glass brain, and those of the same slices the anatomy.
/// @param markup  in which ids are unique, and no text or script looks like such an element, as
///                html.hpp and svg_markup.hpp write it.
/// @cost  linear in its length.
std::string with_shared_images(const std::string& markup);

}  // namespace sociometer
