#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace sociometer {

/// What a folder holds, sorted by path: a folder that lists in part would leave out participants
/// without a word. A call that a signal interrupts is made again.
/// @throws Error{bad_input} naming folder and reason if it cannot be listed to the end.
std::vector<std::filesystem::directory_entry> entries_of_folder(
    const std::filesystem::path& folder);

/// A folder and all folders below it that are not hidden, sorted by path.
///
/// Links are followed, but each folder is listed once: those that lead back to a folder above, or
/// from many places to the same one, end the walk instead of multiplying it. A folder without links
/// on its path is listed by that path. One that is removed meanwhile counts as empty.
/// @return the start first; paths begin with it as given. Empty if it is no folder.
/// @throws Error{bad_input} as entries_of_folder.
std::vector<std::string> folders_below(const std::string& start);

}  // namespace sociometer
