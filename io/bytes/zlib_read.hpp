#pragma once
#include <cstddef>
#include <memory>
#include <span>

namespace sociometer {

/// Inflates bytes with a zlib header (RFC 1950) piece by piece, so that what the first of them
/// claim can be looked at before memory is taken for the others.
class ZlibReader {
 public:
  /// @param bytes  must outlive the reader; at most 4 GiB.
  explicit ZlibReader(std::span<const std::byte> bytes);
  ~ZlibReader();
  /// Fills `out` with the next bytes and returns their number: fewer than out.size() at the end, or
  /// where the data are damaged.
  size_t read(std::span<std::byte> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sociometer
