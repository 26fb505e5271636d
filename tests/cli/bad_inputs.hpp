#pragma once
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/cli/study.hpp"

namespace sociometer::testing {

/// `prepare` breaks the study and returns additional options; `words` must occur in the message.
struct BadInput {
  std::string what;
  int exit_code;
  Words words;
  std::function<Words(Study&)> prepare;
};
inline std::ostream& operator<<(std::ostream& out, const BadInput& b) { return out << b.what; }

/// Images, masks and designs that `fit` must reject.
std::vector<BadInput> bad_images();
/// Events, confounds and options that `fit` must reject.
std::vector<BadInput> bad_tables_and_options();

/// Bytes without the last n.
std::string short_by(const std::string& bytes, size_t n);

}  // namespace sociometer::testing
