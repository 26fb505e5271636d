#pragma once
#include <functional>

#include <Eigen/Dense>

namespace sociometer {

/// Calls work(i) for i in [0, n) on up to `n_threads` threads, in unspecified order.
///
/// `work` must write only what belongs to its own i; then the result is bit-identical for any
/// number of threads. The first exception is rethrown here after all threads have stopped; none
/// crosses the parallel region.
void parallel_for(Eigen::Index n, int n_threads, const std::function<void(Eigen::Index)>& work);

/// Number of processors available to this process.
int available_threads();

}  // namespace sociometer
