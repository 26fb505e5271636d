#pragma once
#include <functional>

#include <Eigen/Dense>

namespace sociometer {

/// Calls work(i) for i in [0, n) on up to `n_threads` threads, in no given order.
///
/// `work` must write only what belongs to its own i: then the result has the same bits for any
/// thread count. The first exception is rethrown here after all threads stopped; none crosses the
/// parallel region.
void parallel_for(Eigen::Index n, int n_threads, const std::function<void(Eigen::Index)>& work);

/// Number of processors this process may run on.
int available_threads();

}  // namespace sociometer
