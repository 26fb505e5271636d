#pragma once
#include <filesystem>
#include <mutex>
#include <vector>

namespace sociometer {

/// Hidden folders in which outputs are made before they get their names. The process knows all of
/// its own, so that one that is interrupted can take them away; their names tell which process
/// made them, so that the next one can take away what a killed one left.

/// Makes a folder `.sociometer-MACHINE-PROCESS-START-XXXXXX` in `folder`, with what other processes
/// of this machine left there when they died removed before.
/// @param made_folders  folders made for it, innermost first: they go with it when they are empty.
/// @return its path; empty, with errno set, when it cannot be made.
std::filesystem::path make_staging_folder(const std::filesystem::path& folder,
                                          std::vector<std::filesystem::path> made_folders);
/// Removes it with all that is in it.
void remove_staging_folder(const std::filesystem::path& staging) noexcept;

/// Whether a file of this name is, or was, a staging folder.
bool is_staging_name(const std::string& name);

/// While one lives, remove_all_staging waits: outputs are given their names all or none.
std::unique_lock<std::recursive_mutex> hold_staging();

/// Removes every staging folder of this process, and holds them from then on: for the end of a
/// process that is interrupted. Threads that still write get errors.
void remove_all_staging() noexcept;

}  // namespace sociometer
