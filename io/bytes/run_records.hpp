#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

// Records of what runs wrote into a folder (.outputs/RUN.txt, see OutputSet), when results go.
namespace sociometer {

/// Removes the records of which no file is left in the folder, and .outputs if that was the last;
/// then also a dataset_description.json that nothing else lies beside.
/// @return the number of records that were removed.
size_t remove_spent_records(const std::filesystem::path& folder);

/// Removes the files of a run by its record, the record, and folders that become empty, this one
/// included. Files that the record names outside of the folder stay, and so do links to folders.
/// @param run  as OutputPolicy::run.
/// @return the number of files that were removed, without the record.
size_t remove_run(const std::filesystem::path& folder, const std::string& run);

}  // namespace sociometer
