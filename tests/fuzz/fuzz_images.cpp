// NIfTI and Analyze headers and volumes, plain and compressed: the file tells which by its content.
#include <algorithm>
#include <vector>

#include "io/images/nifti.hpp"
#include "tests/fuzz/fuzz_file.hpp"

using namespace sociometer;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string path = fuzzing::file_of("image.nii", data, size);
  fuzzing::refused_or_read([&] {
    const NiftiHeader header = read_nifti_header(path);
    // Larger images are read volume by volume, which takes as long as they say.
    if (header.grid.n_voxels() * header.n_volumes > 1'000'000) return;
    read_nifti(path);
  });
  fuzzing::refused_or_read([&] { read_mask(path); });
  fuzzing::refused_or_read([&] {
    NiftiSource source(path);
    const size_t bytes = source.volume_bytes();
    if (bytes > 1'000'000) return;
    std::vector<std::byte> volume(bytes);
    for (Eigen::Index v = 0; v < std::min<Eigen::Index>(source.n_volumes(), 8); ++v)
      source.read(volume);
    if (source.n_volumes() <= 8) source.finish();
  });
  return 0;
}
