#pragma once
#include <string>
#include <vector>

#include "io/records/record_reader.hpp"

namespace sociometer {

/// A work that a methods section cites.
struct Citation {
  const char* key;      ///< of BibTeX
  const char* in_text;  ///< "Smith & Nichols, 2009"
  const char* author;
  const char* title;
  const char* journal;
  int year;
  const char* place;  ///< volume and pages
  const char* doi;
};

/// How a study was analysed, in sentences for a paper.
struct MethodsSection {
  std::vector<std::string> paragraphs;  ///< software, choices, first level, group, regions
  std::vector<const Citation*> cited;   ///< in order of first use
};

/// States what was done, from records alone. What differs between records is given as a range or a
/// list; what no record has is left out.
/// @param files  outputs of the analysis: records and others, which are skipped.
/// @throws Error{bad_input} for a record that cannot be read.
MethodsSection methods_of(const std::vector<std::string>& files);
/// The same of records that were found, without opening them again.
MethodsSection methods_of_records(const std::vector<FoundRecord>& records);

/// The paragraphs, then the list of references.
std::string to_markdown(const MethodsSection& methods);
std::string to_bibtex(const MethodsSection& methods);

}  // namespace sociometer
