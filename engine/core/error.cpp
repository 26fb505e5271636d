#include "engine/core/error.hpp"

namespace sociometer {

void require(bool condition, const char* what) {
  if (!condition) throw std::logic_error(std::string("internal check failed: ") + what);
}

}  // namespace sociometer
