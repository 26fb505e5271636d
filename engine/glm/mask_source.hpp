#pragma once
#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"

namespace sociometer {

/// Where the voxels of a first level come from. Written as a list: names of files, or one word.
struct MaskSource {
  enum class Kind {
    usual,          ///< beside the images where each has one, else computed; an empty list
    files,          ///< the intersection of `files`
    beside_images,  ///< the masks beside the images; "auto"
    computed        ///< from the data; "computed"
  };
  Kind kind = Kind::usual;
  std::vector<std::string> files;

  bool empty() const { return kind == Kind::usual; }
  bool operator==(const MaskSource&) const = default;
};

inline MaskSource mask_files(std::vector<std::string> files) {
  if (files.empty()) return {};
  return {MaskSource::Kind::files, std::move(files)};
}

inline std::vector<std::string> to_words(const MaskSource& mask) {
  switch (mask.kind) {
    case MaskSource::Kind::usual:
      return {};
    case MaskSource::Kind::files:
      return mask.files;
    case MaskSource::Kind::beside_images:
      return {"auto"};
    case MaskSource::Kind::computed:
      return {"computed"};
  }
  throw std::logic_error("a mask has no source");
}

/// @throws Error{usage} for words and files together.
inline MaskSource parse_mask_source(const std::vector<std::string>& words) {
  const auto has = [&](const char* word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const bool beside_images = has("auto"), computed = has("computed");
  if ((beside_images || computed) && words.size() > 1)
    fail(ErrorCode::usage, "the mask is files, or one of auto and computed; give one kind");
  if (beside_images) return {MaskSource::Kind::beside_images, {}};
  if (computed) return {MaskSource::Kind::computed, {}};
  return mask_files(words);
}

}  // namespace sociometer
