#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/jobs/session.hpp"
#include "engine/core/mask.hpp"
#include "engine/group/group_data.hpp"
#include "engine/group/group_memory.hpp"
#include "engine/group/whole_maps.hpp"
#include "io/bytes/read.hpp"

namespace sociometer::jobs {

/// Images that hold the maps of a group, in the order of the participants.
struct MapFile {
  std::string path;
  Eigen::Index n_volumes = 1;
};

/// Calls use(volume, values) for each volume of an image, with one volume in memory at a time.
/// @return the file.
InputFile for_each_volume(const std::string& path,
                          const std::function<void(Eigen::Index, std::span<const double>)>& use);

/// The maps of a group and their files, in order.
struct ReadMaps {
  std::shared_ptr<const GroupData> data;
  std::vector<InputFile> files;
};

/// All voxels of the maps, and their files.
struct ReadWholeMaps {
  WholeMaps maps;
  std::vector<InputFile> files;
};
/// @throws Error{bad_input} if the memory cannot be had.
ReadWholeMaps read_whole_maps(const std::vector<MapFile>& files, Eigen::Index n_grid_voxels,
                              Zeros zeros, int n_threads);

/// The maps at the mask's voxels. @throws Error{bad_input} for a map without any value there.
ReadMaps maps_within(ReadWholeMaps read, const std::vector<MapFile>& files, const Mask& mask);

/// Reads the maps at the mask's voxels into memory or, if `in_memory` is false, into a scratch file
/// in the folder, as many participants at a time as fit into the memory.
/// @param missing  whether a value means missing data; it becomes NaN.
/// @throws Error{bad_input} for a map without any value in the mask, if `missing` is given.
ReadMaps read_group_values(const std::vector<MapFile>& files, const Mask& mask,
                           const std::function<bool(double)>& missing, const GroupMemory& memory,
                           const std::string& scratch, bool in_memory, const Session& session);

}  // namespace sociometer::jobs
