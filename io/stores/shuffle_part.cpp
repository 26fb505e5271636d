#include "io/stores/shuffle_part.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "engine/core/checksum.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/hdf5.hpp"
#include "io/bytes/staging_folder.hpp"

namespace sociometer {
namespace {

constexpr const char* kShuffleFormat = "sociometer-shuffles";
constexpr int kShuffleVersion = 1;

struct ResultColumn {
  const char* name;
  std::vector<double> ShuffleResults::*values;
};
constexpr ResultColumn kResultColumns[] = {{"voxel", &ShuffleResults::voxel},
                                           {"tfce", &ShuffleResults::tfce},
                                           {"extent", &ShuffleResults::extent},
                                           {"mass", &ShuffleResults::mass}};

std::string sum_of(const ShufflePart& part) {
  Checksum sum;
  sum.add(part.run.dump());
  const uint64_t numbers[] = {part.shard, part.n_shards, part.done};
  sum.add(std::span<const uint64_t>(numbers));
  for (const auto& one : part.contrasts) {
    sum.add(one.contrast);
    const uint64_t range[] = {one.results.first, one.results.last};
    sum.add(std::span<const uint64_t>(range));
    for (const ResultColumn& column : kResultColumns)
      sum.add(std::span<const double>(one.results.*column.values));
    sum.add(std::span<const uint32_t>(one.results.reached));
    sum.add(std::span<const uint32_t>(one.results.reached_tfce));
  }
  return sum.text();
}

size_t bytes_of(const ShufflePart& part) {
  size_t bytes = (size_t{1} << 20) + 4 * part.run.dump().size();
  for (const auto& one : part.contrasts) {
    for (const ResultColumn& column : kResultColumns)
      bytes += 8 * (one.results.*column.values).size();
    bytes += 8 * (one.results.reached.size() + one.results.reached_tfce.size()) + (size_t{1} << 18);
  }
  return bytes;
}

void write_file(const std::string& path, const ShufflePart& part) {
  Hdf5File file(path, Hdf5File::Mode::create, 1, bytes_of(part));
  file.write_attribute("/", "format", kShuffleFormat);
  file.write_attribute("/", "format_version", kShuffleVersion);
  file.write_attribute("/", "shard", double(part.shard));
  file.write_attribute("/", "n_shards", double(part.n_shards));
  file.write_attribute("/", "done", part.done ? 1 : 0);
  file.write_attribute("/", "n_contrasts", double(part.contrasts.size()));
  file.write_attribute("/", "checksum", sum_of(part));
  file.write("/run", std::vector<std::string>{part.run.dump()});
  for (size_t c = 0; c < part.contrasts.size(); ++c) {
    const std::string group = "/contrast_" + std::to_string(c + 1);
    const ShuffleResults& r = part.contrasts[c].results;
    file.make_group(group);
    file.write_attribute(group, "name", part.contrasts[c].contrast);
    file.write_attribute(group, "first", double(r.first));
    file.write_attribute(group, "last", double(r.last));
    for (const ResultColumn& column : kResultColumns) {
      const std::vector<double>& values = r.*column.values;
      if (!values.empty())
        file.write(group + "/" + column.name, Eigen::MatrixXd(Eigen::Map<const Eigen::RowVectorXd>(
                                                  values.data(), Eigen::Index(values.size()))));
    }
    file.write(group + "/reached", r.reached);
    if (!r.reached_tfce.empty()) file.write(group + "/reached_tfce", r.reached_tfce);
  }
  file.close();
}

/// Syncs to disk before renaming: if a node fails, either the old or the new file is there.
void settle(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool good = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!good)
    fail(ErrorCode::cannot_write, "cannot write {}: {}", final_name(path), std::strerror(reason));
}

/// Whether the file says what was to be written. A checkpoint replaces the previous one, which must
/// not be lost to one that cannot be read.
void require_readable(const std::string& path, const ShufflePart& part) {
  std::string reason;
  try {
    if (sum_of(read_shuffle_part(path)) == sum_of(part)) return;
    reason = "its content is not what was written";
  } catch (const Error& error) {
    reason = error.what();
  }
  fail(ErrorCode::cannot_write, "cannot write {}: reading it back failed ({})", final_name(path),
       reason);
}

uint64_t whole_number(const Hdf5File& file, const std::string& path, const std::string& object,
                      const std::string& name) {
  const double value = file.read_number_attribute(object, name);
  if (!(value >= 0) || value != std::floor(value) || value > 9e15)
    fail(ErrorCode::bad_input, "{}: {} of {} is {}; the file is damaged", path, name, object,
         value);
  return uint64_t(value);
}

ContrastPart read_contrast(const Hdf5File& file, const std::string& path,
                           const std::string& group) {
  ContrastPart one;
  one.contrast = file.read_string_attribute(group, "name");
  ShuffleResults& r = one.results;
  r.first = whole_number(file, path, group, "first");
  r.last = whole_number(file, path, group, "last");
  for (const ResultColumn& column : kResultColumns) {
    const std::string name = group + "/" + column.name;
    if (!file.exists(name)) continue;
    const Eigen::MatrixXd values = file.read_matrix(name);
    (r.*column.values).assign(values.data(), values.data() + values.size());
    if (r.last < r.first || uint64_t(values.size()) != r.last - r.first)
      fail(ErrorCode::bad_input, "{}: {} has {} values for shuffles {} to {}; the file is damaged",
           path, name, values.size(), r.first, r.last);
  }
  r.reached = file.read_uint32(group + "/reached");
  if (file.exists(group + "/reached_tfce"))
    r.reached_tfce = file.read_uint32(group + "/reached_tfce");
  return one;
}

}  // namespace

void write_shuffle_part(const std::string& path, const ShufflePart& part) {
  const std::filesystem::path target = path;
  const auto folder = target.has_parent_path() ? target.parent_path() : ".";
  const auto staging = make_staging_folder(folder, {});
  if (staging.empty())
    fail(ErrorCode::cannot_write, "cannot write {}: {}", path, std::strerror(errno));
  try {
    const auto temporary = staging / target.filename();
    write_file(temporary.string(), part);
    settle(temporary.string());
    require_readable(temporary.string(), part);
    std::error_code error;
    const auto hold = hold_staging();
    std::filesystem::rename(temporary, path, error);
    if (error) fail(ErrorCode::cannot_write, "cannot write {}: {}", path, error.message());
  } catch (...) {
    remove_staging_folder(staging);
    throw;
  }
  remove_staging_folder(staging);
}

ShufflePart read_shuffle_part(const std::string& path) {
  const Hdf5File file(path, Hdf5File::Mode::read);
  ShufflePart part;
  const std::string format = file.read_string_attribute("/", "format");
  if (format != kShuffleFormat)
    fail(ErrorCode::bad_input, "{} has format '{}', not {}: it holds no shuffles", path, format,
         kShuffleFormat);
  const double version = file.read_number_attribute("/", "format_version");
  if (version != kShuffleVersion)
    fail(ErrorCode::bad_input, "{} has version {} of {}; this program reads version {}", path,
         version, kShuffleFormat, kShuffleVersion);
  const std::vector<std::string> run = file.read_strings("/run");
  part.run = parse_json(run.empty() ? "" : run[0], path);
  part.shard = whole_number(file, path, "/", "shard");
  part.n_shards = whole_number(file, path, "/", "n_shards");
  part.done = whole_number(file, path, "/", "done") != 0;
  const uint64_t n = whole_number(file, path, "/", "n_contrasts");
  for (uint64_t c = 0; c < n; ++c)
    part.contrasts.push_back(read_contrast(file, path, "/contrast_" + std::to_string(c + 1)));
  const std::string written = file.read_string_attribute("/", "checksum");
  const std::string found = part.run.is_discarded() ? "unreadable" : sum_of(part);
  if (found != written)
    fail(ErrorCode::bad_input,
         "{} is damaged: the sum of its content is {}, the one written with it {}", path, found,
         written);
  return part;
}

}  // namespace sociometer
