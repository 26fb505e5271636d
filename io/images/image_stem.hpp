#pragma once
#include <filesystem>
#include <string>

namespace sociometer {

/// "sub-01_mask" of "dir/sub-01_mask.nii.gz": the name without the endings of images.
inline std::string image_stem(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  for (const std::string ending : {".nii.gz", ".nii", ".img.gz", ".hdr.gz", ".img", ".hdr"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

}  // namespace sociometer
