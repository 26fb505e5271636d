#pragma once
#include <benchmark/benchmark.h>

#include "engine/core/mask.hpp"

namespace sociometer::bench {

constexpr Eigen::Index kParticipants = 40;

/// Effects and first-level variances of 40 participants, (n_participants, n_voxels): white noise
/// about .2 with a variance between participants of .3.
struct GroupBenchData {
  Mask mask;
  Eigen::MatrixXd effects, variances;
};

/// Made once for each number of voxels.
const GroupBenchData& group_bench_data(Eigen::Index n_voxels);

/// One column of ones.
Eigen::MatrixXd ones();

/// A few voxels for bench/run.py --quick, and a whole brain at 2 mm.
inline void both_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("voxels")->Arg(20000)->Arg(217000)->Unit(benchmark::kMillisecond);
}

}  // namespace sociometer::bench
