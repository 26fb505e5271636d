#pragma once
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/bytes/json.hpp"

namespace sociometer {

/// Label names of an atlas image.
struct LabelTable {
  struct Entry {
    int index;
    std::string name;
  };
  std::string path;
  std::vector<Entry> entries;  ///< names and indices are unique; see add()
  bool by_place = false;       ///< a list of names, numbered by their position
  std::string checksum;        ///< of the file, as in InputFile
  /// Appends a label; 0 is background and left out.
  /// @throws Error{bad_input} if the table has the number or the name already.
  /// @cost  constant: atlases have up to hundreds of thousands of labels.
  void add(int index, const std::string& name);
  /// The name of a label, or "label" and its number if the table does not contain it.
  /// @cost  constant.
  std::string name_of(int index) const;
  InputFile file() const { return {path, checksum}; }

 private:
  std::unordered_map<int, size_t> by_index_;  ///< places in `entries`
  std::unordered_map<std::string, size_t> by_name_;
};

/// Reads a label table in one of four forms:
/// - a table with a header with columns `index` (or `label`, `id`) and `name`, as in BIDS;
/// - a list of names, starting with label 1, or with label 0 if that is Background (as in nilearn);
/// - lines "INDEX NAME" or "INDEX NAME RED GREEN BLUE ALPHA", as in FreeSurfer;
/// - pairs of lines "NAME" and "INDEX RED GREEN BLUE ALPHA", as in Connectome Workbench.
/// Names may contain blanks. Label 0 is background and omitted.
/// @throws Error{bad_input} for a duplicate name or number, or any other form.
LabelTable read_label_table(const std::string& path);

/// Rejects a list of names with more entries than the atlas has labels: names would be shifted.
/// @param labels  labels present in the atlas, without 0.
/// @throws Error{bad_input} giving both numbers.
void require_names_fit(const LabelTable& table, const std::vector<int>& labels,
                       const std::string& atlas);

}  // namespace sociometer
