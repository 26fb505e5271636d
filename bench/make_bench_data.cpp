// Data of the benchmarks (bench/tasks), the same bytes every time. Usage:
//   make_bench_data runs FOLDER RUNS SCANS VOXEL_MM
//   make_bench_data maps FOLDER PARTICIPANTS VOXEL_MM
// runs: int16 images of a brain-shaped ellipsoid in a head of low signal over zeros, AR(1) noise of
// .3, events, 12 confounds and a mask. maps: effect maps of smooth noise with one place of effect,
// two covariates, a mask and an atlas of 100 blocks.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/data.hpp"
#include <fmt/format.h>

#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"
#include "io/images/nifti_write.hpp"
#include "io/tables/table.hpp"

namespace {

using namespace sociometer;
using namespace sociometer::bench;

void write_file(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

void write_map(const std::string& path, const Mask& mask, const Eigen::VectorXd& values,
               ScalarType type) {
  write_file(path, nifti_bytes(mask, values, type, "bench"));
}

void write_images(const std::string& path, double voxel_mm, Eigen::Index n_scans, uint64_t run) {
  // With this head, a run of 300 scans of 2 mm is about as large as fMRIPrep's: 150 MB compressed.
  constexpr double kHeadSize = 1.16, kHeadSignal = 40, kHeadNoise = 4, kBrainNoise = 60, kAr1 = 0.3;
  const Mask head = first_level_mask(voxel_mm, kHeadSize), brain = first_level_mask(voxel_mm);
  std::vector<bool> in_brain(size_t(head.grid.n_voxels()), false);
  for (const uint32_t v : brain.voxels) in_brain[v] = true;
  Eigen::ArrayXd signal(head.n_voxels()), noise_sd(head.n_voxels());
  for (Eigen::Index i = 0; i < head.n_voxels(); ++i) {
    const uint32_t v = head.voxels[size_t(i)];
    signal[i] = in_brain[v] ? 8000 + 600 * std::sin(double(v) * 1e-4) : kHeadSignal;
    noise_sd[i] = in_brain[v] ? kBrainNoise : kHeadNoise;
  }
  Eigen::MatrixXf volumes = Eigen::MatrixXf::Zero(head.grid.n_voxels(), n_scans);
  const Eigen::Index block = 4096;
  parallel_for((head.n_voxels() + block - 1) / block, available_threads(), [&](Eigen::Index task) {
    const Eigen::Index first = task * block, last = std::min(first + block, head.n_voxels());
    Eigen::ArrayXd noise = Eigen::ArrayXd::Zero(block);
    for (Eigen::Index t = 0; t < n_scans; ++t) {
      const CounterRandom random(2026, 1000 * (run + 1) + uint64_t(t));
      for (Eigen::Index i = first; i < last; ++i) {
        const uint32_t v = head.voxels[size_t(i)];
        double& own = noise[i - first];
        own =
            t == 0 ? random.normal(v) : kAr1 * own + std::sqrt(1 - kAr1 * kAr1) * random.normal(v);
        volumes(v, t) = float(signal[i] + noise_sd[i] * own);
      }
    }
  });
  write_file(path, nifti_series_bytes(head.grid, volumes, 2.0, ScalarType::int16, 1, 0));
}

void write_tables(const std::string& stem, Eigen::Index n_scans, uint64_t run) {
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

void make_runs(const std::string& folder, int n_runs, int n_scans, double voxel_mm) {
  const Mask mask = first_level_mask(voxel_mm);
  write_map(folder + "/mask.nii.gz", mask, Eigen::VectorXd::Ones(mask.n_voxels()),
            ScalarType::uint8);
  for (int run = 0; run < n_runs; ++run) {
    const std::string stem = fmt::format("{}/run{}", folder, run + 1);
    write_images(stem + "_bold.nii.gz", voxel_mm, n_scans, uint64_t(run));
    write_tables(stem, n_scans, uint64_t(run));
  }
  std::printf("%ld voxels in the mask\n", long(mask.n_voxels()));
}

/// Blocks of the mask's box: 5 along x and y, 4 along z.
Eigen::VectorXd atlas_of_blocks(const Mask& mask) {
  const auto& size = mask.grid.size;
  Eigen::VectorXd labels(mask.n_voxels());
  for (Eigen::Index i = 0; i < labels.size(); ++i) {
    const auto p = mask.grid.position(mask.voxels[size_t(i)]);
    labels[i] =
        double(1 + 5 * p[0] / size[0] + 5 * (5 * p[1] / size[1]) + 25 * (4 * p[2] / size[2]));
  }
  return labels;
}

void make_maps(const std::string& folder, int n_participants, double voxel_mm) {
  const Mask mask = group_mask(voxel_mm);
  write_map(folder + "/mask.nii.gz", mask, Eigen::VectorXd::Ones(mask.n_voxels()),
            ScalarType::uint8);
  write_map(folder + "/atlas.nii.gz", mask, atlas_of_blocks(mask), ScalarType::uint8);
  Eigen::MatrixXd effects = smooth_noise(mask, n_participants);
  constexpr double kEffect = 0.1, kRadiusMm = 20;  // about one standard deviation
  for (Eigen::Index v = 0; v < mask.n_voxels(); ++v)
    if (mask.grid.world(mask.voxels[size_t(v)]).norm() < kRadiusMm)
      effects.col(v).array() += kEffect;
  std::ofstream design(folder + "/design.tsv");
  design << "participant_id\tage\tscore\n";
  const CounterRandom random(11, 0);
  for (int p = 0; p < n_participants; ++p) {
    const std::string id = fmt::format("sub-{:02}", p + 1);
    write_map(fmt::format("{}/{}_contrast-a_stat-effect_statmap.nii.gz", folder, id), mask,
              effects.row(p).transpose(), ScalarType::float32);
    design << fmt::format("{}\t{:.6f}\t{:.6f}\n", id, random.normal(uint64_t(2 * p)),
                          random.normal(uint64_t(2 * p + 1)));
  }
  std::printf("%ld voxels in the mask\n", long(mask.n_voxels()));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  try {
    if (what == "runs" && argc == 6)
      make_runs(argv[2], std::stoi(argv[3]), std::stoi(argv[4]), std::stod(argv[5]));
    else if (what == "maps" && argc == 5)
      make_maps(argv[2], std::stoi(argv[3]), std::stod(argv[4]));
    else {
      std::fprintf(stderr,
                   "usage: make_bench_data runs FOLDER RUNS SCANS VOXEL_MM\n"
                   "       make_bench_data maps FOLDER PARTICIPANTS VOXEL_MM\n");
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_bench_data: %s\n", error.what());
    return 1;
  }
  return 0;
}
