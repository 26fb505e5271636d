#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// Names of the labels of an atlas image.
struct LabelTable {
  struct Entry {
    int index;
    std::string name;
  };
  std::string path;
  std::vector<Entry> entries;  ///< names and indices are distinct
  /// The name of a label, or "label" and its number when the table lacks it.
  std::string name_of(int index) const;
};

/// Reads a label table in one of three forms:
/// - a table with a header that has columns `index` (or `label`, `id`) and `name`, as BIDS has it;
/// - a list of names, the first being label 1;
/// - pairs of lines "NAME" and "INDEX RED GREEN BLUE ALPHA", as Connectome Workbench has it.
/// Label 0 is background and left out.
/// @throws Error{bad_input} for a name or number that occurs twice, or another form.
LabelTable read_label_table(const std::string& path);

}  // namespace sociometer
