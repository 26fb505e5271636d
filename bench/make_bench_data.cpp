// Data for bench/first_level.py: int16 runs on a 2 mm grid of 97 x 115 x 97 voxels with a
// brain-shaped ellipsoid in a head of low signal over zeros, events, 12 confounds and a mask.
// Usage: make_bench_data FOLDER [RUNS] [SCANS]
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"
#include "io/images/nifti_write.hpp"
#include "io/tables/table.hpp"

namespace {

using namespace sociometer;

Grid bench_grid() {
  Grid grid;
  grid.size = {97, 115, 97};
  grid.world_from_voxel.diagonal() << 2, 2, 2, 1;
  grid.world_from_voxel.col(3).head<3>() << -96, -132, -78;
  return grid;
}

/// An ellipsoid about the middle of the volume; size 1 is the brain.
Mask ellipsoid(const Grid& grid, double size) {
  Mask mask{grid, {}};
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i) {
    const auto p = grid.position(i);
    const double x = (double(p[0]) - 48) / 35, y = (double(p[1]) - 57) / 44,
                 z = (double(p[2]) - 45) / 36;
    if (x * x + y * y + z * z < size * size) mask.voxels.push_back(uint32_t(i));
  }
  return mask;
}

// With this head, a run of 300 scans is about as large as fMRIPrep's: 170 MB compressed.
constexpr double kHeadSize = 1.16, kHeadSignal = 40, kHeadNoise = 4;

void write_bytes(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
}

void write_run(const std::string& stem, const Grid& grid, const Mask& brain, Eigen::Index n_scans,
               uint64_t run) {
  std::vector<float> signal(size_t(grid.n_voxels()), 0), noise(size_t(grid.n_voxels()), 0);
  for (uint32_t v : ellipsoid(grid, kHeadSize).voxels)
    signal[v] = kHeadSignal, noise[v] = kHeadNoise;
  for (uint32_t v : brain.voxels)
    signal[v] = float(8000 + 600 * std::sin(double(v) * 1e-4)), noise[v] = 60;
  Eigen::MatrixXf volumes = Eigen::MatrixXf::Zero(grid.n_voxels(), n_scans);
  parallel_for(n_scans, available_threads(), [&](Eigen::Index t) {
    const CounterRandom random(2026, 1000 * (run + 1) + uint64_t(t));
    for (Eigen::Index v = 0; v < grid.n_voxels(); ++v)
      if (noise[size_t(v)] > 0)
        volumes(v, t) = signal[size_t(v)] + noise[size_t(v)] * float(random.normal(uint64_t(v)));
  });
  write_bytes(stem + "_bold.nii.gz",
              nifti_series_bytes(grid, volumes, 2.0, ScalarType::int16, 1, 0));

  const CounterRandom random(7, run);
  std::ofstream events(stem + "_events.tsv");
  events << "onset\tduration\ttrial_type\n";
  double time = 4;
  for (uint64_t i = 0; time < 2.0 * double(n_scans) - 20; ++i) {
    events << time << "\t" << (i % 3 == 2 ? 0 : 2) << "\t"
           << "abc"[i % 3] << "\n";
    time += 4 + 4 * random.uniform(i);
  }
  std::ofstream confounds(stem + "_confounds.tsv");
  for (int c = 0; c < 12; ++c) confounds << (c ? "\t" : "") << "confound_" << c;
  confounds << "\n";
  for (Eigen::Index t = 0; t < n_scans; ++t)
    for (int c = 0; c < 12; ++c)
      confounds << format_number(random.normal(1000 + uint64_t(t) * 12 + uint64_t(c)))
                << (c < 11 ? "\t" : "\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: make_bench_data FOLDER [RUNS] [SCANS]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const int runs = argc > 2 ? std::stoi(argv[2]) : 2, scans = argc > 3 ? std::stoi(argv[3]) : 300;
  const Grid grid = bench_grid();
  const Mask mask = ellipsoid(grid, 1);
  write_bytes(folder + "/mask.nii.gz", nifti_bytes(mask, Eigen::MatrixXd::Ones(mask.n_voxels(), 1),
                                                   ScalarType::uint8, "bench"));
  for (int r = 0; r < runs; ++r)
    write_run(folder + "/run" + std::to_string(r + 1), grid, mask, scans, uint64_t(r));
  std::printf("%ld voxels in the mask\n", long(mask.n_voxels()));
  return 0;
}
