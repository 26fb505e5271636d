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
  bool by_place = false;       ///< a list of names, whose labels are their places in it
  /// The name of a label, or "label" and its number when the table lacks it.
  std::string name_of(int index) const;
};

/// Reads a label table in one of four forms:
/// - a table with a header that has columns `index` (or `label`, `id`) and `name`, as BIDS has it;
/// - a list of names, the first being label 1, or label 0 when it is Background (as in nilearn);
/// - lines "INDEX NAME" or "INDEX NAME RED GREEN BLUE ALPHA", as FreeSurfer has it;
/// - pairs of lines "NAME" and "INDEX RED GREEN BLUE ALPHA", as Connectome Workbench has it.
/// Names may have blanks. Label 0 is background and left out.
/// @throws Error{bad_input} for a name or number that occurs twice, or another form.
LabelTable read_label_table(const std::string& path);

/// Refuses a list of names that is longer than the atlas has labels: they would be shifted.
/// @param labels  those that occur in the atlas, without 0.
/// @throws Error{bad_input} with both numbers.
void require_names_fit(const LabelTable& table, const std::vector<int>& labels,
                       const std::string& atlas);

}  // namespace sociometer
