#include "io/bytes/byte_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <isa-l.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/read_ahead.hpp"
#include "io/bytes/file_hash.hpp"
#include "io/bytes/read_log.hpp"

namespace sociometer {
namespace {

class File {
 public:
  explicit File(const std::string& path) : path_(path) {
    refuse_other_than_file(path);
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0)
      fail(ErrorCode::bad_input, "cannot open {}: {}", path, std::strerror(errno));
#ifdef POSIX_FADV_SEQUENTIAL
    ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  size_t read(uint8_t* out, size_t size) {
    size_t got = 0;
    while (got < size) {
      const ssize_t n = ::read(descriptor_, out + got, size - got);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(ErrorCode::bad_input, "cannot read {}: {}", path_, std::strerror(errno));
      if (n == 0) break;
      got += size_t(n);
    }
    hash_.add(out, got);
    bytes_ += got;
    return got;
  }
  void rewind() {
    ::lseek(descriptor_, 0, SEEK_SET);
    hash_.reset();
    bytes_ = 0;
  }
  int descriptor() const { return descriptor_; }
  uint64_t checksum() const { return hash_.value(); }
  uint64_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_;
  FileHash hash_;
  uint64_t bytes_ = 0;
};

/// Read by calls, not mapped: a file that is cut or fails while it is mapped ends the process by
/// SIGBUS, where read() reports it.
class PlainStream : public ByteStream {
 public:
  explicit PlainStream(std::unique_ptr<File> file) : file_(std::move(file)) {}
  size_t read(std::span<std::byte> out) override {
    return file_->read(reinterpret_cast<uint8_t*>(out.data()), out.size());
  }
  uint64_t file_checksum() const override { return file_->checksum(); }
  uint64_t file_bytes_read() const override { return file_->bytes(); }
  bool compressed() const override { return false; }

 private:
  std::unique_ptr<File> file_;
};

/// A file in pieces. Large files are read ahead on a separate thread: decompression sets the pace
/// of a fit, so its thread should do nothing else.
class Pieces {
 public:
  explicit Pieces(std::unique_ptr<File> file) : file_(std::move(file)) {
    struct stat about {};
    const bool large =
        ::fstat(file_->descriptor(), &about) == 0 && uint64_t(about.st_size) > 4 * kPiece;
    if (large) ahead_.emplace([this](Piece& piece) { return fill(piece); }, std::vector<Piece>(3));
  }

  /// The next piece, valid until the next call; empty at the end.
  std::span<uint8_t> next() {
    Piece* piece = ahead_ ? ahead_->next() : fill(own_) ? &own_ : nullptr;
    if (!piece) return {};
    checksum_ = piece->checksum;
    n_bytes_ = piece->n_before_end;
    return {piece->bytes.data(), piece->size};
  }
  uint64_t checksum() const { return checksum_; }  ///< of all pieces returned so far
  uint64_t n_bytes() const { return n_bytes_; }
  const std::string& path() const { return file_->path(); }

 private:
  struct Piece {
    std::vector<uint8_t> bytes;
    size_t size = 0;
    uint64_t checksum = 0;      ///< of the file up to the end of the piece
    uint64_t n_before_end = 0;  ///< bytes of the file up to the end of the piece
  };
  static constexpr size_t kPiece = size_t{1} << 20;

  bool fill(Piece& piece) {
    piece.bytes.resize(kPiece);
    piece.size = file_->read(piece.bytes.data(), kPiece);
    piece.checksum = file_->checksum();
    piece.n_before_end = file_->bytes();
    return piece.size > 0;
  }

  std::unique_ptr<File> file_;
  Piece own_;
  uint64_t checksum_ = 0;
  uint64_t n_bytes_ = 0;
  std::optional<ReadAhead<Piece>> ahead_;  // last, because its thread uses the members above
};

class GzipStream : public ByteStream {
 public:
  explicit GzipStream(std::unique_ptr<File> file) : pieces_(std::move(file)) {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.avail_in = 0;
  }
  size_t read(std::span<std::byte> out) override {
    size_t got = 0;
    while (got < out.size() && !ended_) {
      // ISA-L uses 32-bit counts.
      const size_t want = std::min(out.size() - got, size_t{1} << 30);
      state_.next_out = reinterpret_cast<uint8_t*>(out.data()) + got;
      state_.avail_out = uint32_t(want);
      inflate_some();
      got += want - state_.avail_out;
    }
    return got;
  }
  uint64_t file_checksum() const override { return pieces_.checksum(); }
  uint64_t file_bytes_read() const override { return pieces_.n_bytes(); }
  bool compressed() const override { return true; }

 private:
  bool refill() {
    if (state_.avail_in > 0) return true;
    const auto piece = pieces_.next();
    state_.next_in = piece.data();
    state_.avail_in = uint32_t(piece.size());
    return state_.avail_in > 0;
  }
  void inflate_some() {
    if (state_.block_state == ISAL_BLOCK_FINISH) return next_member();
    if (!refill())
      fail(ErrorCode::bad_input, "{} is truncated: the gzip stream ends early; copy the file again",
           pieces_.path());
    if (const int error = isal_inflate(&state_); error != ISAL_DECOMP_OK)
      fail(ErrorCode::bad_input, "{} is damaged: gzip error {}; copy the file again",
           pieces_.path(), error);
  }
  /// A gzip file may consist of several concatenated members; anything
  /// else after the end is padding.
  void next_member() {
    if (!refill() || state_.next_in[0] != 0x1f) {
      while (!pieces_.next().empty()) {
      }  // so that the checksum covers the whole file
      ended_ = true;
      return;
    }
    const auto next_in = state_.next_in;
    const auto avail_in = state_.avail_in;
    isal_inflate_reset(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.next_in = next_in;
    state_.avail_in = avail_in;
  }

  Pieces pieces_;
  inflate_state state_;
  bool ended_ = false;
};

/// By its magic bytes; the file is at its start again afterwards.
bool is_gzip(File& file) {
  uint8_t magic[2] = {0, 0};
  const size_t n = file.read(magic, 2);
  file.rewind();
  return n == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

}  // namespace

void refuse_other_than_file(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status))
    fail(ErrorCode::bad_input, "{} is a folder, not a file", path);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    fail(ErrorCode::bad_input, "{} is a pipe or device, not a file; write its content to a file",
         path);
}

FileCapacity capacity_of_file(const std::string& path, std::optional<bool> gzip) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0)
    fail(ErrorCode::bad_input, "cannot read {}: {}", path, std::strerror(errno));
  if (!gzip) {
    File file(path);
    gzip = is_gzip(file);
  }
  FileCapacity out{uint64_t(about.st_size), *gzip, uint64_t(about.st_size)};
  if (out.gzip && __builtin_mul_overflow(out.on_disk, kMostDeflated, &out.content))
    out.content = UINT64_MAX;
  return out;
}

std::unique_ptr<ByteStream> open_byte_stream(const std::string& path) {
  auto file = std::make_unique<File>(path);
  tell_read(path);
  if (is_gzip(*file)) return std::make_unique<GzipStream>(std::move(file));
  return std::make_unique<PlainStream>(std::move(file));
}

uint64_t checksum_of_file(const std::string& path) {
  File file(path);
  remember_read(path);
  std::vector<uint8_t> buffer(size_t{1} << 18);
  while (file.read(buffer.data(), buffer.size()) > 0) {
  }
  return file.checksum();
}

}  // namespace sociometer
