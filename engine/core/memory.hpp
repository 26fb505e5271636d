#pragma once
#include <string>

namespace sociometer {

/// Bytes for messages: "1.50 GiB".
std::string memory_text(double bytes);

/// What the program takes before it has read anything: code and libraries, bytes (measured: 21
/// MiB).
inline constexpr double kProgramBytes = 24 * 1048576.0;

/// Refuses work that would take more memory than allowed, before it takes any.
/// @param allowed  bytes; 0: no limit.
/// @param what     takes it, as "fitting one run at a time".
/// @param remedy   what helps other than more memory.
/// @throws Error{bad_input} giving both numbers.
void require_memory(double needed, double allowed, const std::string& what,
                    const std::string& remedy);

}  // namespace sociometer
