#include "io/report/viewer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"
#include "io/bytes/base64.hpp"
#include "io/bytes/gzip_write.hpp"
#include "io/bytes/json.hpp"
#include "io/images/nifti_write.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kMostBackgroundVoxels = 1'500'000;
constexpr double kStatisticStep = 0.01;  ///< the viewer shows two decimals
constexpr double kMostLevels = 4095, kLeastLevels = 255;
constexpr int kPackingLevel = 9;

/// The values of a box of a grid.
struct Box {
  Grid grid;
  std::vector<double> values;
};

bool has_value(float value) { return std::isfinite(value) && value != 0; }

/// The box of voxels [low, high) that holds all nonzero values and a voxel more; the first voxel
/// if there is no such value.
Box nonzero_box(const Grid& grid, std::span<const float> values) {
  std::array<Eigen::Index, 3> low = grid.size, high{0, 0, 0};
  for (Eigen::Index v = 0; v < grid.n_voxels(); ++v) {
    if (!has_value(values[size_t(v)])) continue;
    const auto at = grid.position(v);
    for (size_t axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], at[axis]);
      high[axis] = std::max(high[axis], at[axis] + 1);
    }
  }
  if (high[0] == 0) {
    low = {0, 0, 0};
    high = {1, 1, 1};
  }
  Box box;
  Eigen::Vector4d corner(0, 0, 0, 1);
  for (size_t axis = 0; axis < 3; ++axis) {
    low[axis] -= 1;
    high[axis] += 1;
    corner[Eigen::Index(axis)] = double(low[axis]);
    box.grid.size[axis] = high[axis] - low[axis];
  }
  box.grid.world_from_voxel = grid.world_from_voxel;
  box.grid.world_from_voxel.col(3) = grid.world_from_voxel * corner;
  box.grid.space_code = grid.space_code;
  box.values.assign(size_t(box.grid.n_voxels()), 0);
  for (Eigen::Index v = 0; v < grid.n_voxels(); ++v)
    if (has_value(values[size_t(v)])) {
      const auto at = grid.position(v);
      box.values[size_t(box.grid.index(at[0] - low[0], at[1] - low[1], at[2] - low[2]))] =
          double(values[size_t(v)]);
    }
  return box;
}

/// Means over 2 x 2 x 2 voxels; what lies beyond an odd edge counts as 0.
Box halved(const Box& box) {
  Box half;
  Eigen::Matrix4d half_from_new = Eigen::Matrix4d::Identity();
  for (size_t axis = 0; axis < 3; ++axis) {
    half.grid.size[axis] = (box.grid.size[axis] + 1) / 2;
    const auto i = Eigen::Index(axis);
    half_from_new(i, i) = 2;
    half_from_new(i, 3) = 0.5;
  }
  half.grid.world_from_voxel = box.grid.world_from_voxel * half_from_new;
  half.grid.space_code = box.grid.space_code;
  half.values.assign(size_t(half.grid.n_voxels()), 0);
  for (Eigen::Index v = 0; v < box.grid.n_voxels(); ++v) {
    const auto at = box.grid.position(v);
    half.values[size_t(half.grid.index(at[0] / 2, at[1] / 2, at[2] / 2))] +=
        box.values[size_t(v)] / 8;
  }
  return half;
}

double step_of(double largest) {
  if (!(largest > 0)) return 1;
  return std::clamp(kStatisticStep, largest / kMostLevels, largest / kLeastLevels);
}

/// The bytes of a .nii with int16 voxels in the order that viewer.hpp describes.
std::vector<std::byte> with_split_voxels(std::span<const std::byte> nifti, size_t n_voxels) {
  const size_t offset = nifti.size() - 2 * n_voxels;
  std::vector<std::byte> out(nifti.begin(), nifti.end());
  for (size_t v = 0; v < n_voxels; ++v) {
    int16_t value = 0;
    std::memcpy(&value, nifti.data() + offset + 2 * v, 2);
    const int folded = value < 0 ? -2 * int(value) - 1 : 2 * int(value);
    out[offset + v] = std::byte(folded & 255);
    out[offset + n_voxels + v] = std::byte(folded >> 8);
  }
  return out;
}

/// JSON within a <script> element: no '<' can end it or begin a comment.
std::string for_script(const Json& json) {
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

Json to_json(const ViewerVolume& volume) {
  Json json{{"id", volume.id},
            {"name", printable(volume.name)},
            {"role", std::string(name_of(volume.role))}};
  // A map without any value has no end of its colour bar.
  const double maximum = std::isfinite(volume.maximum) && volume.maximum > 0 ? volume.maximum : 1;
  if (volume.role == ViewerRole::background || volume.role == ViewerRole::statistic)
    json["maximum"] = maximum;
  if (volume.role == ViewerRole::background) json["minimum"] = volume.minimum;
  if (volume.role == ViewerRole::statistic) {
    json["tested"] = volume.tested;
    json["threshold"] = std::isfinite(volume.threshold) ? volume.threshold : maximum;
    json["sides"] = volume.two_sided ? 2 : 1;
    json["unit"] = printable(volume.unit);
  }
  if (volume.role == ViewerRole::regions || volume.role == ViewerRole::clusters) {
    json["labels"] = Json::object();
    for (const auto& [label, name] : volume.labels)
      json["labels"][std::to_string(label)] = printable(name);
  }
  if (volume.role == ViewerRole::clusters) json["of"] = volume.statistic;
  json["data"] =
      base64({reinterpret_cast<const char*>(volume.packed.data()), volume.packed.size()});
  return json;
}

void check(const ViewerContents& contents) {
  std::set<std::string> ids;
  size_t n_backgrounds = 0, n_statistics = 0;
  for (const auto& volume : contents.volumes) {
    require(ids.insert(volume.id).second, "ids of the viewer's volumes differ");
    n_backgrounds += volume.role == ViewerRole::background;
    n_statistics += volume.role == ViewerRole::statistic;
  }
  require(n_backgrounds == 1 && n_statistics > 0, "one background and at least one statistic");
}

}  // namespace

std::vector<uint8_t> viewer_volume_bytes(const Grid& grid, std::span<const float> values,
                                         ViewerRole role, double minimum, double maximum) {
  require(Eigen::Index(values.size()) == grid.n_voxels(), "one value per voxel of the grid");
  Box box = nonzero_box(grid, values);
  ScaledType stored{ScalarType::int16, 1};
  if (role == ViewerRole::background) {
    require(minimum < maximum, "black below white");
    while (box.grid.n_voxels() > kMostBackgroundVoxels) box = halved(box);
    for (double& value : box.values)
      if (value != 0)
        // 0 is what has no value; the darkest grey is next to it.
        value = std::clamp(std::rint(1 + 254 * (value - minimum) / (maximum - minimum)), 1., 255.);
    stored.type = ScalarType::uint8;
  } else {
    double largest = 0;
    for (const double value : box.values) largest = std::max(largest, std::abs(value));
    if (role == ViewerRole::statistic)
      stored.slope = step_of(largest);
    else if (largest <= 255)
      stored.type = ScalarType::uint8;
  }
  const auto nifti = nifti_volume_bytes(box.grid, box.values, stored, "for the viewer of a report");
  if (stored.type == ScalarType::uint8) return zlib_compress(nifti, kPackingLevel);
  return zlib_compress(with_split_voxels(nifti, box.values.size()), kPackingLevel);
}

Html viewer_markup(const ViewerContents& contents) {
  check(contents);
  Json volumes = Json::array();
  for (const auto& volume : contents.volumes) volumes.push_back(to_json(volume));
  Html inside =
      html_element("p",
                   {{"class", "brain-viewer-note"},
                    {"data-without-script",
                     "This browser cannot unpack the viewer: it has no DecompressionStream. The "
                     "still pictures show the same maps."}},
                   Html::text("Here is an interactive viewer where the browser runs scripts. "
                              "The still pictures show the same maps."));
  inside += html_element("script", {{"type", "application/json"}},
                         Html::trusted(for_script({{"volumes", std::move(volumes)}})));
  return html_element("div", {{"class", "brain-viewer"}}, inside);
}

Html html_viewer(const ViewerContents& contents) {
  return viewer_script().empty() ? Html() : viewer_markup(contents);
}

}  // namespace sociometer
