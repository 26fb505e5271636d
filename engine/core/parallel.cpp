#include "engine/core/parallel.hpp"

#include <atomic>
#include <exception>
#include <mutex>

#include <omp.h>

namespace sociometer {

void parallel_for(Eigen::Index n, int n_threads, const std::function<void(Eigen::Index)>& work) {
  std::exception_ptr first;
  std::atomic<bool> failed{false};
  std::mutex guard;
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads) if (n_threads > 1)
  for (Eigen::Index i = 0; i < n; ++i) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      work(i);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!first) first = std::current_exception();
      failed = true;
    }
  }
  if (first) std::rethrow_exception(first);
}

int available_threads() { return omp_get_num_procs(); }

}  // namespace sociometer
