#pragma once
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace sociometer {

/// Hidden folders in which outputs are created before they get their final names. The process keeps
/// track of its own, so that it can remove them when interrupted; their names identify the process
/// that created them, so that a later one can remove those left by a killed process.

/// Creates `.sociometer-MACHINE-PROCESS-START-XXXXXX` in `folder`, after removing what dead
/// processes of this machine left there.
/// @param made_folders  folders created for it, innermost first: removed with it if empty.
/// @return its path; empty, with errno set, on failure.
std::filesystem::path make_staging_folder(const std::filesystem::path& folder,
                                          std::vector<std::filesystem::path> made_folders);
/// Removes it with its contents.
void remove_staging_folder(const std::filesystem::path& staging) noexcept;

/// Whether this is the name of a staging folder, current or left over.
bool is_staging_name(const std::string& name);

/// The path without staging folders: what a file will be called once it is complete, for messages.
std::string final_name(const std::string& path);

/// While the lock is held, remove_all_staging waits: outputs are renamed all or none.
std::unique_lock<std::recursive_mutex> hold_staging();

/// Removes every staging folder of this process and keeps the lock, for a process that is being
/// interrupted. Threads still writing get errors.
void remove_all_staging() noexcept;

}  // namespace sociometer
