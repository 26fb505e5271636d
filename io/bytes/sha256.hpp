#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace sociometer {

/// The digest by which a page names the scripts that it lets run; for files see file_hash.hpp.
/// @cost  about 5 ms per MB. @source FIPS 180-4, section 6.2.
std::array<uint8_t, 32> sha256(std::string_view bytes);

}  // namespace sociometer
