#include "engine/core/block_sizes.hpp"

#include <Eigen/Core>

namespace sociometer {

void fix_block_sizes() { Eigen::setCpuCacheSizes(32 * 1024, 1024 * 1024, 8 * 1024 * 1024); }

}  // namespace sociometer
