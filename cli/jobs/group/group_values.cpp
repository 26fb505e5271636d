#include "cli/jobs/group/group_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "io/images/nifti.hpp"
#include "io/stores/scratch_values.hpp"

namespace sociometer::jobs {
namespace {

using Eigen::Index;

/// A file being read volume by volume.
struct OpenFile {
  const MapFile* file;
  Index first_participant;
  std::unique_ptr<NiftiSource> source;
  std::vector<std::byte> raw;
  Index next = 0;
  InputFile read_file{};  ///< once all of it has been read

  void read() {
    if (!source) {
      source = std::make_unique<NiftiSource>(file->path);
      raw.resize(source->volume_bytes());
    }
    source->read(raw);
    if (++next == file->n_volumes) read_file = source->finish_file();
  }
  void close_when_done() {
    if (next < file->n_volumes) return;
    source.reset();
    std::vector<std::byte>().swap(raw);
  }
};

/// @param volume  counted from 1.
[[noreturn]] void refuse_empty(const MapFile& file, Index volume) {
  fail(ErrorCode::bad_input, "{}{} has no value inside the mask", file.path,
       file.n_volumes > 1 ? fmt::format(" volume {}", volume) : "");
}

/// Reads participants [first, last) into the rows of `values`, several files in parallel.
class MapReader {
 public:
  MapReader(const std::vector<MapFile>& files, const Mask& mask,
            const std::function<bool(double)>& missing)
      : mask_(mask), missing_(missing) {
    Index participant = 0;
    for (const MapFile& file : files) {
      files_.push_back({&file, participant, nullptr, {}});
      participant += file.n_volumes;
    }
  }

  void read(Index first, Index last, int n_threads, Eigen::MatrixXd& values) {
    std::vector<OpenFile*> open;
    for (OpenFile& file : files_)
      if (file.first_participant < last && file.first_participant + file.file->n_volumes > first)
        open.push_back(&file);
    parallel_for(Index(open.size()), n_threads, [&](Index f) {
      OpenFile& file = *open[size_t(f)];
      std::vector<double> map(mask_.voxels.size());
      while (file.next < file.file->n_volumes && file.first_participant + file.next < last) {
        const Index row = file.first_participant + file.next - first;
        file.read();
        decode_voxels(file.raw, file.source->format(), mask_.voxels, map.data());
        put(map, values, row, file);
      }
      file.close_when_done();
    });
  }

  /// The files, when all participants have been read.
  std::vector<InputFile> files() const {
    std::vector<InputFile> out;
    for (const OpenFile& file : files_) out.push_back(file.read_file);
    return out;
  }

 private:
  void put(const std::vector<double>& map, Eigen::MatrixXd& values, Index row,
           const OpenFile& file) const {
    bool any = !missing_;
    for (size_t v = 0; v < map.size(); ++v) {
      const bool none = missing_ && missing_(map[v]);
      values(row, Index(v)) = none ? std::numeric_limits<double>::quiet_NaN() : map[v];
      any |= !none;
    }
    if (!any) refuse_empty(*file.file, file.next);
  }

  const Mask& mask_;
  const std::function<bool(double)>& missing_;
  std::vector<OpenFile> files_;
};

}  // namespace

InputFile for_each_volume(const std::string& path,
                          const std::function<void(Index, std::span<const double>)>& use) {
  NiftiSource source(path);
  std::vector<std::byte> raw(source.volume_bytes());
  std::vector<double> values(size_t(source.grid().n_voxels()));
  for (Index i = 0; i < source.n_volumes(); ++i) {
    source.read(raw);
    decode_range(raw, source.format(), 0, values.size(), values.data());
    use(i, values);
  }
  return source.finish_file();
}

ReadWholeMaps read_whole_maps(const std::vector<MapFile>& files, Index n_grid_voxels, Zeros zeros,
                              int n_threads) {
  std::vector<Index> first_map;
  Index n_maps = 0;
  for (const MapFile& file : files) {
    first_map.push_back(n_maps);
    n_maps += file.n_volumes;
  }
  ReadWholeMaps out{WholeMaps(n_maps, n_grid_voxels, zeros), std::vector<InputFile>(files.size())};
  parallel_for(Index(files.size()), n_threads, [&](Index f) {
    const MapFile& file = files[size_t(f)];
    out.files[size_t(f)] =
        for_each_volume(file.path, [&](Index volume, std::span<const double> values) {
          if (volume < file.n_volumes && !out.maps.put(first_map[size_t(f)] + volume, values))
            fail(ErrorCode::bad_input, "{}{} has no value in any voxel", file.path,
                 file.n_volumes > 1 ? fmt::format(" volume {}", volume + 1) : "");
        });
  });
  return out;
}

ReadMaps maps_within(ReadWholeMaps read, const std::vector<MapFile>& files, const Mask& mask) {
  std::vector<Index> empty;
  ReadMaps out{std::move(read.maps).take(mask.voxels, empty), std::move(read.files)};
  if (empty.empty()) return out;
  Index volume = empty.front();
  auto file = files.begin();
  for (; volume >= file->n_volumes; ++file) volume -= file->n_volumes;
  refuse_empty(*file, volume + 1);
}

ReadMaps read_group_values(const std::vector<MapFile>& files, const Mask& mask,
                           const std::function<bool(double)>& missing, const GroupMemory& memory,
                           const std::string& scratch_folder, bool in_memory,
                           const Session& session) {
  Index n = 0;
  for (const MapFile& file : files) n += file.n_volumes;
  MapReader reader(files, mask, missing);
  if (in_memory) {
    auto values = std::make_shared<Eigen::MatrixXd>(n, mask.n_voxels());
    reader.read(0, n, session.threads, *values);
    return {std::make_shared<OwnValues>(std::move(values)), reader.files()};
  }
  auto scratch = std::make_shared<ScratchValues>(scratch_folder, n, mask.n_voxels());
  const Index at_a_time = memory.rows_at_a_time(n, mask.n_voxels());
  const auto progress = session.journal.start(
      fmt::format("{} maps to a scratch file of {} in {}", n,
                  memory_text(8.0 * double(mask.n_voxels()) * double(n)), scratch_folder));
  Eigen::MatrixXd values;
  for (Index first = 0; first < n; first += at_a_time) {
    const Index rows = std::min(at_a_time, n - first);
    values.resize(rows, mask.n_voxels());
    reader.read(first, first + rows, session.threads, values);
    scratch->put(first, values, session.threads);
    progress->update(long(first + rows), long(n));
  }
  return {scratch, reader.files()};
}

}  // namespace sociometer::jobs
