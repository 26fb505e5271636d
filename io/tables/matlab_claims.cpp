#include "io/tables/matlab_claims.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "engine/core/error.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/bytes/hdf5.hpp"
#include "io/bytes/zlib_read.hpp"

namespace sociometer {
namespace {

using Bytes = std::span<const std::byte>;

/// Types of elements and classes of arrays.
/// @source MathWorks, "MAT-File Format" (level 5), tables 1-1 and 1-3.
enum ElementType : uint32_t { kInt32 = 5, kUint32 = 6, kMatrix = 14, kCompressed = 15 };
enum ArrayClass : uint32_t { kCell = 1, kStruct, kObject, kChar, kSparse, kDouble, kUint64 = 15 };

constexpr size_t kHeader = 128, kTag = 8;
constexpr int kMostLevels = 100;  ///< cells within cells

/// Bytes of a value of a type; 0 for types that hold no values.
size_t value_bytes(uint32_t type) {
  switch (type) {
    case 1:  // int8, uint8, UTF-8
    case 2:
    case 16:
      return 1;
    case 3:  // int16, uint16, UTF-16
    case 4:
    case 17:
      return 2;
    case 5:  // int32, uint32, single, UTF-32
    case 6:
    case 7:
    case 18:
      return 4;
    case 9:  // double, int64, uint64
    case 12:
    case 13:
      return 8;
    default:
      return 0;
  }
}

struct Element {
  uint32_t type = 0;
  Bytes content;
};

/// Follows the elements of a level 5 file.
class Claims {
 public:
  /// @param swapped  the file has the other byte order.
  Claims(const std::string& path, bool swapped) : path_(path), swapped_(swapped) {}

  void check_file(Bytes rest) const {
    while (rest.size() >= kTag) {
      const uint32_t type = number_at(rest, 0);
      const size_t length = number_at(rest, 4);
      if (length > rest.size() - kTag)
        refuse(fmt::format("a variable claims {} bytes, the file has {} more", length,
                           rest.size() - kTag));
      const Bytes content = rest.subspan(kTag, length);
      if (type == kMatrix) check_array(content, 0);
      if (type == kCompressed) check_compressed(content);
      rest = rest.subspan(kTag + length);
    }
    if (!rest.empty())
      refuse(fmt::format("{} bytes are left after its last variable", rest.size()));
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail(ErrorCode::bad_input, "{} is damaged: {}", path_, why);
  }

  uint32_t number_at(Bytes bytes, size_t at) const {
    uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    return swapped_ ? __builtin_bswap32(value) : value;
  }

  /// The next element, which is taken off `rest` with its padding.
  Element take(Bytes& rest) const {
    if (rest.size() < kTag)
      refuse(fmt::format("an element needs {} bytes, {} are left", kTag, rest.size()));
    const uint32_t first = number_at(rest, 0);
    if (const size_t small = first >> 16; small != 0) {  // length and type in 4 bytes, then 4 more
      if (small > 4) refuse(fmt::format("a small element claims {} bytes of 4", small));
      const Element element{first & 0xFFFF, rest.subspan(4, small)};
      rest = rest.subspan(kTag);
      return element;
    }
    const size_t length = number_at(rest, 4);
    if (length > rest.size() - kTag)
      refuse(fmt::format("an element claims {} bytes, {} are left", length, rest.size() - kTag));
    const Element element{first, rest.subspan(kTag, length)};
    rest = rest.subspan(std::min(rest.size(), kTag + (length + 7) / 8 * 8));
    return element;
  }

  /// Compressed variables claim their length in their first bytes.
  void check_compressed(Bytes packed) const {
    ZlibReader reader(packed);
    std::vector<std::byte> bytes(kTag);
    if (reader.read(bytes) < kTag) refuse("a compressed variable ends within its first 8 bytes");
    const uint64_t length = number_at(bytes, 4);
    const uint64_t most = std::min<uint64_t>(packed.size() * kMostDeflated, kMostTextBytes);
    if (length > most)
      refuse(fmt::format("a compressed variable claims {} bytes, its {} bytes are read up to {}",
                         length, packed.size(), most));
    if (number_at(bytes, 0) != kMatrix) return;  // matio leaves out what is no variable
    bytes.resize(length);
    if (const size_t got = reader.read(bytes); got < length)
      refuse(fmt::format("a compressed variable claims {} bytes and has {}", length, got));
    check_array(bytes, 0);
  }

  void check_array(Bytes rest, int level) const {
    if (rest.empty()) return;  // an empty element of a cell
    if (level > kMostLevels)
      refuse(fmt::format("it has cells within cells, more than {} deep", kMostLevels));
    const Element flags = take(rest);
    if (flags.type != kUint32 || flags.content.size() < 8)
      refuse("an array does not begin with its flags");
    const uint32_t word = number_at(flags.content, 0), array_class = word & 0xFF;
    // Function handles and objects of MATLAB's newer kind are laid out in another way, not read
    // here.
    if (array_class < kCell || array_class > kUint64) return;
    const uint64_t n = count_of(take(rest));
    take(rest);  // its name
    const bool complex = ((word >> 8) & 0x8) != 0;
    if (array_class == kCell) return check_parts(n, rest, level);
    if (array_class == kStruct || array_class == kObject) {
      if (array_class == kObject) take(rest);  // the name of its class
      return check_fields(n, rest, level);
    }
    if (array_class == kSparse) {
      for (int part = complex ? 4 : 3; part > 0; --part) take(rest);
      return;
    }
    for (int part = complex ? 2 : 1; part > 0 && !(n == 0 && rest.empty()); --part)
      check_values(n, take(rest));
  }

  /// The product of an array's dimensions.
  uint64_t count_of(const Element& dimensions) const {
    const size_t rank = dimensions.content.size() / 4;
    if (dimensions.type != kInt32 || rank < 1) refuse("an array has no dimensions");
    uint64_t n = 1;
    bool overflows = false;
    for (size_t d = 0; d < rank; ++d) {
      const uint32_t size = number_at(dimensions.content, 4 * d);
      if (size > uint32_t(std::numeric_limits<int32_t>::max()))
        refuse(fmt::format("an array has the extent {}", int32_t(size)));
      overflows |= __builtin_mul_overflow(n, uint64_t{size}, &n);
    }
    if (overflows) refuse("an array claims more than 2^64 values");
    return n;
  }

  void check_values(uint64_t n, const Element& data) const {
    const size_t size = value_bytes(data.type);
    if (size == 0) refuse(fmt::format("an array has values of type {}", data.type));
    if (n > data.content.size() / size)
      refuse(fmt::format("an array claims {} values, its {} bytes hold {}", n, data.content.size(),
                         data.content.size() / size));
  }

  void check_parts(uint64_t n, Bytes rest, int level) const {
    if (n > rest.size() / kTag)
      refuse(fmt::format("an array claims {} cells or fields, its {} bytes hold at most {}", n,
                         rest.size(), rest.size() / kTag));
    for (uint64_t i = 0; i < n; ++i) {
      const Element part = take(rest);
      if (part.type != kMatrix) refuse(fmt::format("a cell is an element of type {}", part.type));
      check_array(part.content, level + 1);
    }
  }

  void check_fields(uint64_t n, Bytes rest, int level) const {
    const Element length = take(rest), names = take(rest);
    const uint32_t bytes = length.content.size() >= 4 ? number_at(length.content, 0) : 0;
    if (bytes == 0) refuse("a structure has names of 0 bytes");
    uint64_t n_parts = 0;
    if (__builtin_mul_overflow(n, uint64_t{names.content.size() / bytes}, &n_parts))
      refuse("a structure claims more than 2^64 fields");
    check_parts(n_parts, rest, level);
  }

  const std::string& path_;
  bool swapped_;
};

}  // namespace

void check_matlab_claims(const FileContent& content) {
  const std::string& bytes = content.value;
  if (bytes.starts_with("MATLAB 7.3")) return check_hdf5_extents(content.file.path);
  if (!bytes.starts_with("MATLAB 5.0")) return;
  if (bytes.size() < kHeader)
    fail(ErrorCode::bad_input, "{} is damaged: {} bytes, its header alone has {}",
         content.file.path, bytes.size(), kHeader);
  // "MI" written with the other byte order
  const Claims claims(content.file.path, bytes[126] == 'M');
  claims.check_file(
      Bytes(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()).subspan(kHeader));
}

}  // namespace sociometer
