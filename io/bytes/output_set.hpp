#pragma once
#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "io/bytes/read_log.hpp"

namespace sociometer {

/// Which run a set of output files belongs to, and whether existing files may be replaced.
struct OutputPolicy {
  /// Identifies the run in its folder: the command and the prefix of its files.
  /// Empty: no record is written.
  std::string run;
  bool overwrite = false;  ///< replace everything the same run wrote before
  bool raw = false;        ///< a raw BIDS dataset; derivatives may not go into the root of one
  /// commit() appends the paths of the results, if the caller wants to know them; not those that
  /// several runs share.
  std::vector<std::filesystem::path>* written = nullptr;
  /// Checks what can be checked beforehand and makes nothing; nothing can be written then.
  bool dry_run = false;
  ReadMark reads_since{};  ///< files read since then are inputs, never replaced or removed
};

/// Refuses names that would lead out of the output folder, hold control characters, have a part of
/// more than 255 bytes, or a part that begins with = + - or @.
/// @param folder  for the message; empty if it is not known yet.
/// @throws Error{usage}.
void check_output_name(const std::string& name, const std::string& folder = "");

/// Output files that appear together or not at all.
///
/// Results are never mixed: if a previous run wrote into the folder, or a file with other content
/// exists, the run is refused, unless `overwrite` is set. The files a run wrote are listed in
/// .outputs/RUN.txt of the folder, so that overwriting also removes those it no longer produces.
/// Files that were read since `reads_since` are never replaced or removed: a run that would do so
/// is refused, immediately if they have been read already.
///
/// A dataset_description.json of another program is left unchanged. If two runs write into one
/// folder at the same time, the second to finish is refused.
///
/// Files are written into a hidden folder next to their destination and renamed by commit().
/// Without commit() everything created here is removed again, including the output folder if it was
/// created here and is empty.
class OutputSet {
 public:
  /// @param folder  created if it does not exist.
  /// @throws Error{cannot_write} if the folder cannot be created or written to, or if results of
  /// the same run exist and `overwrite` is not set or one of them has been read.
  explicit OutputSet(std::filesystem::path folder, OutputPolicy policy = {});
  ~OutputSet();
  OutputSet(const OutputSet&) = delete;
  OutputSet& operator=(const OutputSet&) = delete;

  /// Writes one file; `name` may contain sub-folders. Thread-safe.
  void write(const std::string& name, std::span<const uint8_t> bytes);
  void write(const std::string& name, const std::string& text);
  /// @throws Error{usage}, see check_output_name.
  void check_name(const std::string& name) const;
  /// Marks an existing file of this run, left unchanged, as one of its results.
  void keep(const std::string& name);
  /// A temporary path for a library that writes the file itself; commit() renames it to `name`.
  std::filesystem::path stage(const std::string& name);
  /// Renames all files to their final names once they are on disk.
  /// @throws Error{cannot_write} if a file with other content exists and `overwrite` is not set, a
  /// file has vanished from the hidden folder, or one cannot be renamed. The folder is as it was in
  /// that case. Only a process that is killed while files are renamed leaves a part of them; the
  /// record of the run is then that of the former one.
  void commit();
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void check_run();
  void require_writable() const;
  void remove_made_folders();
  std::filesystem::path record_path() const;
  void refuse_raw_dataset() const;
  void require_staged(const std::vector<std::filesystem::path>& names) const;
  std::set<std::string> files_of_other_runs() const;
  void refuse_if_read(const std::filesystem::path& name) const;
  void refuse_conflicts(const std::vector<std::filesystem::path>& names) const;
  std::vector<std::filesystem::path> outdated_files(
      const std::vector<std::filesystem::path>& names);
  std::filesystem::path staged_record(const std::vector<std::filesystem::path>& names) const;
  void replace_files(const std::vector<std::filesystem::path>& names);
  std::filesystem::path folder_, staging_;
  OutputPolicy policy_;
  std::vector<std::string> former_;                 ///< files of the run being replaced
  std::set<std::filesystem::path> names_;           ///< of the files written so far
  std::set<std::filesystem::path> staged_folders_;  ///< of them, in the hidden folder
  std::set<std::string> kept_;
  std::vector<std::string> record_;  ///< content of the run's record at the start
  std::vector<std::filesystem::path> made_folders_;
  bool committed_ = false;
};

}  // namespace sociometer
