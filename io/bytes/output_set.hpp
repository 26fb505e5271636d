#pragma once
#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace sociometer {

/// Whose results a set of files is, and what may happen to those that are there.
struct OutputPolicy {
  /// Names the run in its folder: the command and the prefix of its files. Empty: no record is
  /// kept.
  std::string run;
  bool overwrite = false;  ///< replace what the same run wrote before, as a whole
  bool raw = false;        ///< a whole raw BIDS dataset: others do not go into the root of one
};

/// Output files that appear together or not at all.
///
/// Results are never mixed: a run that wrote into the folder before, or a file that is there with
/// other content, is refused, unless `overwrite` asks to replace them. What a run wrote is listed
/// in .outputs/RUN.txt of the folder, so that replacing also takes away what is not made again.
/// Files that this program has read are never replaced or taken away: a run that would is refused,
/// at once where they were read before.
///
/// A dataset_description.json of another program is left as it is. Of two runs that write into one
/// folder at the same time the second to finish is refused.
///
/// Files are written into a hidden folder beside their final place and renamed by commit(). Without
/// commit() everything made here is removed again, the output folder too when it was made here and
/// is empty.
class OutputSet {
 public:
  /// @throws Error{cannot_write} when the folder cannot be made or written to.
  /// Also when results of the same run are there and `overwrite` is not set, or one of them was
  /// read.
  explicit OutputSet(std::filesystem::path folder, OutputPolicy policy = {});
  ~OutputSet();
  OutputSet(const OutputSet&) = delete;
  OutputSet& operator=(const OutputSet&) = delete;

  /// Writes one file; `name` may have sub-folders. Safe to call from several threads at a time.
  void write(const std::string& name, std::span<const uint8_t> bytes);
  void write(const std::string& name, const std::string& text);
  /// @throws Error{usage} when a name would lead out of the folder.
  void check_name(const std::string& name) const;
  /// A file of this run that is there and stays as it is, as one of its results.
  void keep(const std::string& name);
  /// A temporary path for a library that writes the file itself.
  std::filesystem::path stage(const std::string& name);
  /// Renames everything to its final name, after it reached the disk.
  /// @throws Error{cannot_write} when a file with other content has a name and `overwrite` is not
  /// set; nothing is changed then.
  void commit();
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void remove_made_folders();
  std::filesystem::path record_path() const;
  void refuse_raw_dataset() const;
  std::vector<std::filesystem::path> staged_files() const;
  std::set<std::string> files_of_other_runs() const;
  void refuse_if_read(const std::filesystem::path& name) const;
  void refuse_conflicts(const std::vector<std::filesystem::path>& names) const;
  void replace_record(const std::vector<std::filesystem::path>& names);
  std::filesystem::path folder_, staging_;
  OutputPolicy policy_;
  std::vector<std::string> former_;  ///< files of the run that is replaced
  std::set<std::string> kept_;
  std::vector<std::string> record_;  ///< what the run's record said at the beginning
  std::vector<std::filesystem::path> made_folders_;
  bool committed_ = false;
};

}  // namespace sociometer
