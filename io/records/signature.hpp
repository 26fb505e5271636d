#pragma once
#include <optional>
#include <string>

#include "io/records/record_fields.hpp"

namespace sociometer {

/// The program that wrote a record, as far as records are told apart by it.
struct SoftwareRecord {
  std::string version, commit;
  bool operator==(const SoftwareRecord&) const = default;
};
SOCIOMETER_RECORD(SoftwareRecord) {
  visit("Version", self.version);
  visit("Commit", self.commit);
}

/// The last fields of a record, which Provenance::sign writes.
struct SignatureRecord {
  std::string record;  ///< "sociometer/fit 1"
  SoftwareRecord software;
  std::optional<std::string> command_line;  ///< none if a program called the library
  bool operator==(const SignatureRecord&) const = default;
};
SOCIOMETER_RECORD(SignatureRecord) {
  visit("Record", self.record);
  visit("Software", self.software);
  visit("CommandLine", self.command_line);
}

}  // namespace sociometer
