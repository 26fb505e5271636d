#pragma once
#include <string>
#include <utility>
#include <vector>

namespace sociometer {

/// What a user should know about a model: warnings (the result may not be what was meant) and
/// notices (what was understood, converted or added).
struct ModelNotes {
  std::vector<std::string> warnings, notices;
  void warn(std::string text) { warnings.push_back(std::move(text)); }
  void note(std::string text) { notices.push_back(std::move(text)); }
  void append(const ModelNotes& other) {
    warnings.insert(warnings.end(), other.warnings.begin(), other.warnings.end());
    notices.insert(notices.end(), other.notices.begin(), other.notices.end());
  }
};

}  // namespace sociometer
