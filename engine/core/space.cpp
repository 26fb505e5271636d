#include "engine/core/space.hpp"

#include <fmt/format.h>

namespace sociometer {

std::string Space::describe() const {
  return fmt::format("{} voxels of a grid of {}", size(), sociometer::describe(voxels_.grid));
}

}  // namespace sociometer
