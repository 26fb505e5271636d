#include "tests/io/raw_nifti.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include <zlib.h>

namespace sociometer::testing {
namespace {

/// Bytes of a number in the given byte order.
template <typename T>
std::string bytes_of(T value, bool big_endian) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  if (big_endian != (std::endian::native == std::endian::big))
    std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

class Writer {
 public:
  Writer(size_t size, bool big_endian) : bytes_(size, '\0'), big_endian_(big_endian) {}
  template <typename T>
  void put(size_t at, T value) {
    const std::string b = bytes_of(value, big_endian_);
    bytes_.replace(at, b.size(), b);
  }
  template <typename T, typename Numbers>
  void put_all(size_t at, const Numbers& numbers) {
    for (const auto number : numbers) {
      put(at, static_cast<T>(number));
      at += sizeof(T);
    }
  }
  void put_text(size_t at, const std::string& text) { bytes_.replace(at, text.size(), text); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  bool big_endian_;
};

std::string header_1(const RawNifti& n) {
  Writer w(n.pair ? 348 : size_t(352 + n.extra_offset), n.big_endian);
  w.put<int32_t>(0, 348);
  w.put_all<int16_t>(40, n.dim);
  w.put<int16_t>(70, int16_t(n.datatype));
  w.put<int16_t>(72, int16_t(bits_of(n.datatype)));
  w.put_all<float>(76, n.pixdim);
  w.put<float>(108, n.pair ? float(n.extra_offset) : float(352 + n.extra_offset));
  w.put<float>(112, float(n.slope));
  w.put<float>(116, float(n.inter));
  w.put<char>(123, char(n.xyzt_units));
  w.put<int16_t>(252, int16_t(n.qform_code));
  w.put<int16_t>(254, int16_t(n.sform_code));
  w.put_all<float>(256, n.quatern);
  w.put_all<float>(268, n.qoffset);
  w.put_all<float>(280, n.srow);
  w.put_text(344, std::string(n.pair ? "ni1" : "n+1"));
  return w.take();
}

std::string header_2(const RawNifti& n) {
  Writer w(n.pair ? 540 : size_t(544 + n.extra_offset), n.big_endian);
  w.put<int32_t>(0, 540);
  w.put_text(4, std::string(n.pair ? "ni2\0\r\n\032\n" : "n+2\0\r\n\032\n", 8));
  w.put<int16_t>(12, int16_t(n.datatype));
  w.put<int16_t>(14, int16_t(bits_of(n.datatype)));
  w.put_all<int64_t>(16, n.dim);
  w.put_all<double>(104, n.pixdim);
  w.put<int64_t>(168, n.pair ? n.extra_offset : 544 + n.extra_offset);
  w.put<double>(176, n.slope);
  w.put<double>(184, n.inter);
  w.put<int32_t>(344, n.qform_code);
  w.put<int32_t>(348, n.sform_code);
  w.put_all<double>(352, n.quatern);
  w.put_all<double>(376, n.qoffset);
  w.put_all<double>(400, n.srow);
  w.put<int32_t>(500, n.xyzt_units);
  return w.take();
}

std::string number_bytes(int datatype, double v, bool big) {
  switch (datatype) {
    case 2:
      return bytes_of(uint8_t(v), big);
    case 4:
      return bytes_of(int16_t(v), big);
    case 8:
      return bytes_of(int32_t(v), big);
    case 16:
      return bytes_of(float(v), big);
    case 64:
      return bytes_of(v, big);
    case 256:
      return bytes_of(int8_t(v), big);
    case 512:
      return bytes_of(uint16_t(v), big);
    case 768:
      return bytes_of(uint32_t(v), big);
    case 1024:
      return bytes_of(int64_t(v), big);
    case 1280:
      return bytes_of(uint64_t(v), big);
    default:
      return std::string(size_t(bits_of(datatype) / 8), '\0');
  }
}

}  // namespace

int bits_of(int datatype) {
  switch (datatype) {
    case 2:
    case 256:
      return 8;
    case 4:
    case 512:
      return 16;
    case 128:
      return 24;
    case 8:
    case 16:
    case 768:
    case 2304:
      return 32;
    case 64:
    case 32:
    case 1024:
    case 1280:
      return 64;
    case 1536:
    case 1792:
      return 128;
    case 2048:
      return 256;
    default:
      throw std::runtime_error("no such NIfTI datatype");
  }
}

size_t RawNifti::n_values() const {
  size_t n = 1;
  for (int64_t i = 1; i <= dim[0]; ++i) n *= size_t(std::max<int64_t>(0, dim[size_t(i)]));
  return n;
}

std::string RawNifti::header() const { return version == 1 ? header_1(*this) : header_2(*this); }

std::string RawNifti::voxels() const {
  std::string bytes = pair ? std::string(size_t(extra_offset), '\0') : "";
  for (size_t i = 0; i < n_values(); ++i) bytes += number_bytes(datatype, stored(i), big_endian);
  return bytes;
}

RawNifti raw_series(std::array<int64_t, 4> size, const std::vector<double>& values) {
  RawNifti raw;
  raw.dim = {4, size[0], size[1], size[2], size[3], 1, 1, 1};
  raw.sform_code = 1;
  raw.srow = {2, 0, 0, -10, 0, 2, 0, -20, 0, 0, 2, -30};
  raw.values = values;
  return raw;
}

std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  constexpr int kGzipFormat = 16;
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + kGzipFormat, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib does not start");
  std::string out(deflateBound(&stream, uLong(bytes.size())) + 32, '\0');
  std::string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = uInt(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib does not finish");
  return out;
}

}  // namespace sociometer::testing
