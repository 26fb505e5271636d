#pragma once
#include <optional>
#include <string>

#include "io/records/record_fields.hpp"

namespace sociometer {

/// What a table's dictionary says of a column.
struct ColumnWords {
  std::string description;
  std::optional<std::string> units;
  std::optional<ByName<std::string>> levels;  ///< what each value means
  bool operator==(const ColumnWords&) const = default;
};
SOCIOMETER_RECORD(ColumnWords) {
  visit("Description", self.description);
  visit("Units", self.units);
  visit("Levels", self.levels);
}

/// The columns that a record of this kind describes, in its order; other fields are left out.
/// @throws Error{bad_input}, see read_record.
ByName<ColumnWords> read_dictionary(const std::string& path, RecordKind kind);

}  // namespace sociometer
