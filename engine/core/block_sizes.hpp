#pragma once

namespace sociometer {

/// Products of matrices are summed in blocks whose sizes Eigen takes from the processor's caches,
/// so that the last digits of results differ between machines. This sets one size for all of them.
/// Call it once, before any analysis and before other threads start: parts of the work that
/// machines did with and without it do not fit together to the last bit.
void fix_block_sizes();

}  // namespace sociometer
