#pragma once
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace sociometer {

/// Kinds of failure a user can encounter; the command line maps each to an exit code.
enum class ErrorCode {
  usage,           ///< options that contradict each other or name something unknown
  bad_input,       ///< a file, or a value in a file, that cannot be used
  shape_mismatch,  ///< two inputs whose sizes or grids differ
  cannot_write,    ///< an output that could not be written
};

/// Invalid input, reported in one line: what, both values, where, and what to do about it.
///
/// Failures of single voxels are never exceptions (see VoxelStatus); programming errors are
/// std::logic_error, thrown through `require`.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// Throws Error with a formatted message.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

/// Throws std::logic_error unless `condition` holds: only a bug in this program can violate it.
void require(bool condition, const char* what);

/// Runs `work`; prefixes "context: " to the message of any Error it throws.
template <typename Work>
auto with_context(const std::string& context, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(error.code(), context + ": " + error.what());
  }
}

}  // namespace sociometer
