#include "io/images/nifti.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "engine/core/error.hpp"
#include "io/images/stored_header.hpp"

namespace sociometer {

NiftiSource::NiftiSource(const std::string& path) {
  const std::string header_path = header_path_of(path);
  stream_ = open_byte_stream(header_path);
  StoredHeader stored =
      stored_header([&](std::span<std::byte> part) { return stream_->read(part); });
  stored.compressed = stream_->compressed();
  header_ = header_of(stored, header_path, path);
  if (header_.data_path == header_path && uint64_t(header_.data_offset) >= stored.size) {
    skip_to_voxels(stored.size);
  } else {
    stream_ = open_byte_stream(header_.data_path);
    skip_to_voxels(0);
  }
}

NiftiSource::NiftiSource(NiftiHeader header)
    : header_(std::move(header)), stream_(open_byte_stream(header_.data_path)) {
  skip_to_voxels(0);
}

void NiftiSource::skip_to_voxels(uint64_t at) {
  std::vector<std::byte> skipped(size_t{1} << 16);
  for (auto left = uint64_t(header_.data_offset) - at; left > 0;) {
    const auto n = size_t(std::min<uint64_t>(left, skipped.size()));
    if (stream_->read(std::span(skipped).first(n)) != n)
      fail(ErrorCode::bad_input, "{} is truncated: it ends before its voxels begin",
           header_.data_path);
    left -= n;
  }
}

namespace {

/// As fast as memory: it ends at the first byte that is not 0.
bool all_zero(std::span<const std::byte> bytes) {
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

void NiftiSource::read(std::span<std::byte> bytes) {
  const size_t got = stream_->read(bytes);
  if (got != bytes.size())
    fail(ErrorCode::bad_input, "{} is truncated: it ends in volume {} of {}; copy the file again",
         header_.data_path, (bytes_read_ + got) / volume_bytes() + 1, header_.n_volumes);
  bytes_read_ += got;
  volume_is_empty_ = volume_is_empty_ && all_zero(bytes);
  if (bytes_read_ % volume_bytes() != 0) return;
  if (volume_is_empty_) empty_volumes_.push_back(Eigen::Index(bytes_read_ / volume_bytes()) - 1);
  volume_is_empty_ = true;
}

uint64_t NiftiSource::finish() {
  std::vector<std::byte> rest(size_t{1} << 16);
  while (stream_->read(rest) > 0) {
  }
  return stream_->file_checksum();
}

InputFile NiftiSource::finish_file() {
  const uint64_t data = finish();
  return input_file(header_.path,
                    header_.data_path == header_.path ? data : checksum_of_file(header_.path));
}

Image read_nifti(const std::string& path) {
  NiftiSource source(path);
  Image image{source.header(), Eigen::MatrixXd(source.grid().n_voxels(), source.n_volumes()), {}};
  std::vector<std::byte> raw(source.volume_bytes());
  for (Eigen::Index i = 0; i < source.n_volumes(); ++i) {
    source.read(raw);
    decode_range(raw, source.format(), 0, size_t(image.values.rows()), image.values.col(i).data());
  }
  image.file = source.finish_file();
  return image;
}

Mask read_mask(const std::string& path) { return read_mask_file(path).value; }

Read<Mask> read_mask_file(const std::string& path) {
  const Image image = read_nifti(path);
  if (image.values.cols() != 1)
    fail(ErrorCode::bad_input, "mask {} has {} volumes; a mask has one", path, image.values.cols());
  Mask mask = mask_from_values(image.header.grid,
                               std::span(image.values.data(), size_t(image.values.rows())));
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "mask {} is empty: no voxel differs from zero", path);
  return {std::move(mask), image.file};
}

}  // namespace sociometer
