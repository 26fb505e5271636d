#pragma once
#include <string>
#include <string_view>

namespace sociometer {

/// Bytes in base64, without line breaks, padded. @source RFC 4648, section 4.
std::string base64(std::string_view bytes);

}  // namespace sociometer
