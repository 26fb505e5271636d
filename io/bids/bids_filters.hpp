#pragma once
#include <string>
#include <utility>
#include <vector>

#include "io/bids/bids_name.hpp"

namespace sociometer {

/// What one entity may be: any of the alternatives that are set.
struct LabelRule {
  std::vector<std::string> labels;  ///< run and echo are compared as numbers
  bool absent = false;              ///< the name lacks the entity
  bool present = false;             ///< the name has it, with any label
  /// @param label  empty: absent.
  bool allows(const std::string& key, const std::string& label) const;
};

/// Whether names of functional images can have a key: an entity by its short name, or suffix,
/// extension or datatype.
bool is_filter_key(const std::string& key);

/// Rules by entity that the names of images must fulfil, all of them: two rules for one entity
/// (--session and a filter file) leave what both allow.
class BidsFilter {
 public:
  /// @param key    an entity by its short or long name (ses, session), `suffix`, `extension`, or
  ///               `datatype` (which is always func).
  void add(const std::string& key, LabelRule rule);
  /// The same with labels as people give them: without or with "sub-", "ses-" and the like.
  void add(const std::string& key, const std::vector<std::string>& labels);
  /// A space as fMRIPrep's --output-spaces has it: "MNI152NLin2009cAsym", "..:res-2",
  /// "..:cohort-1:res-native"; "native" (also func, individual, or empty) is the space without a
  /// label, anat is T1w.
  void add_space(const std::string& space);

  bool mentions(const std::string& key) const;
  /// Whether all rules allow a name. A label such as MNIInfant+1 is also space-MNIInfant, cohort-1;
  /// an image without part is one of magnitudes.
  bool allows(const BidsName& name) const;
  /// The same for the rules of one key.
  bool allows(const std::string& key, const BidsName& name) const;
  /// Keys that have rules, each once: those of files, then entities in the order of names, desc
  /// last.
  std::vector<std::string> keys() const;
  /// What the rules for a key ask for, for messages: "task-a or task-b", "echo absent".
  std::string wish(const std::string& key) const;

 private:
  std::vector<std::pair<std::string, LabelRule>> rules_;
};

}  // namespace sociometer
