// CPU seconds per sign flip for a whole brain at 2 mm: 217,000 voxels, 40 participants, one
// sample, smooth noise.
//
// bench_group_permutation [FOLDER]: with a folder, also writes the data there as
// sub-NN.nii.gz and mask.nii.gz, for other programs (group_permutation.sh).
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "engine/core/random.hpp"
#include "engine/group/permutation.hpp"
#include "io/images/nifti_write.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kParticipants = 40;

/// An ellipsoid of about the size of the brain.
Mask brain() {
  Mask mask;
  mask.grid.size = {91, 109, 91};
  mask.grid.world_from_voxel.diagonal() = Eigen::Vector4d(2, 2, 2, 1);
  uint32_t cell = 0;
  for (int z = 0; z < 91; ++z)
    for (int y = 0; y < 109; ++y)
      for (int x = 0; x < 91; ++x, ++cell) {
        const double a = (x - 45) / 35.4, b = (y - 54) / 43.8, c = (z - 45) / 33.4;
        if (a * a + b * b + c * c <= 1) mask.voxels.push_back(cell);
      }
  return mask;
}

/// White noise smoothed three times by 1-2-1 along each axis: FWHM of about 2.9 voxels.
Eigen::MatrixXd smooth_noise(const Mask& mask) {
  const auto [nx, ny, nz] = mask.grid.size;
  const std::array<Eigen::Index, 3> size{nx, ny, nz}, step{1, nx, nx * ny};
  Eigen::MatrixXd out(kParticipants, mask.n_voxels());
  std::vector<double> box(size_t(nx * ny * nz)), next(box.size());
  for (Eigen::Index p = 0; p < kParticipants; ++p) {
    const CounterRandom random(1, uint64_t(p));
    for (size_t i = 0; i < box.size(); ++i) box[i] = random.normal(i);
    for (int pass = 0; pass < 9; ++pass) {
      const auto axis = size_t(pass % 3);
      for (Eigen::Index i = 0; i < Eigen::Index(box.size()); ++i) {
        const Eigen::Index at = i / step[axis] % size[axis];
        const double before = at > 0 ? box[size_t(i - step[axis])] : 0,
                     after = at + 1 < size[axis] ? box[size_t(i + step[axis])] : 0;
        next[size_t(i)] = box[size_t(i)] / 2 + (before + after) / 4;
      }
      box.swap(next);
    }
    for (Eigen::Index v = 0; v < mask.n_voxels(); ++v) out(p, v) = box[mask.voxels[size_t(v)]];
  }
  return out;
}

void write(const std::string& folder, const Mask& mask, const Eigen::MatrixXd& values) {
  const auto image = [&](const std::string& name, const Eigen::MatrixXd& map) {
    const std::vector<uint8_t> bytes = nifti_bytes(mask, map, ScalarType::float32, "bench");
    std::ofstream(folder + "/" + name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  };
  image("mask.nii.gz", Eigen::MatrixXd::Ones(mask.n_voxels(), 1));
  for (Eigen::Index p = 0; p < kParticipants; ++p)
    image(fmt::format("sub-{:02}.nii.gz", p + 1), values.row(p).transpose());
}

double cpu_seconds() { return double(std::clock()) / CLOCKS_PER_SEC; }

void measure(const char* what, const Mask& mask, const Eigen::MatrixXd& values, bool tfce,
             bool extent, bool two_sided) {
  PermutationOptions options;
  options.n = 100000;
  options.two_sided = two_sided;
  options.spatial.tfce = tfce;
  options.spatial.extent = extent;
  options.spatial.cluster_threshold = 3.3;
  const GroupDesign design = one_sample_design(kParticipants);
  ContrastSpec spec;
  spec.name = "mean";
  spec.rows = {"intercept"};
  const ContrastPermutation test({as_group_data(values), presence_patterns(values, kParticipants),
                                  mask, design, resolve_group_contrast(spec, design), options});
  constexpr uint64_t kFlips = 64;
  test.run(0, 16, 1);
  double best = HUGE_VAL;
  for (int round = 0; round < 5; ++round) {
    const double start = cpu_seconds();
    test.run(0, kFlips, 1);
    best = std::min(best, (cpu_seconds() - start) / double(kFlips));
  }
  std::printf("%-28s %8.2f ms a flip\n", what, 1000 * best);
}

/// Two groups of equal size with one variance each: Welch's v, as z.
void measure_variance_groups(const Mask& mask, const Eigen::MatrixXd& values) {
  PermutationOptions options;
  options.n = 100000;
  GroupDesign design;
  design.names = {"a", "b"};
  design.values = Eigen::MatrixXd::Zero(kParticipants, 2);
  for (Eigen::Index i = 0; i < kParticipants; ++i) {
    design.values(i, i % 2) = 1;
    options.variance_groups.push_back(int(i % 2));
  }
  ContrastSpec spec;
  spec.name = "difference";
  spec.rows = {"a - b"};
  const ContrastPermutation test({as_group_data(values), presence_patterns(values, kParticipants),
                                  mask, design, resolve_group_contrast(spec, design), options});
  const double start = cpu_seconds();
  test.run(0, 16, 1);
  std::printf("%-28s %8.2f ms a permutation\n", "voxel, two variance groups",
              1000 * (cpu_seconds() - start) / 16);
}

/// A plain matrix product of the size needed for the statistics of 16 flips.
void measure_product(const Eigen::MatrixXd& values) {
  const Eigen::MatrixXf data = values.cast<float>(),
                        flips = Eigen::MatrixXf::Random(kParticipants, 16);
  Eigen::MatrixXf out(values.cols(), 16);
  double best = HUGE_VAL;
  for (int round = 0; round < 9; ++round) {
    const double start = cpu_seconds();
    out.noalias() = data.transpose() * flips;
    best = std::min(best, (cpu_seconds() - start) / 16);
  }
  std::printf("%-28s %8.2f ms a flip (%g)\n", "float32 product by Eigen", 1000 * best,
              double(out(0, 0)));
}

}  // namespace
}  // namespace sociometer

int main(int argc, char** argv) {
  using namespace sociometer;
  const Mask mask = brain();
  const Eigen::MatrixXd values = smooth_noise(mask);
  std::printf("%ld voxels, %ld participants, one thread\n", long(mask.n_voxels()),
              long(kParticipants));
  if (argc > 1) write(argv[1], mask, values);
  measure_product(values);
  measure("voxel", mask, values, false, false, false);
  measure("voxel, extent", mask, values, false, true, false);
  measure("voxel, TFCE", mask, values, true, false, false);
  measure("voxel, TFCE, extent", mask, values, true, true, false);
  measure("voxel, TFCE, extent, 2 sided", mask, values, true, true, true);
  measure_variance_groups(mask, values);
}
