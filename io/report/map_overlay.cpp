#include "io/report/map_overlay.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {
namespace {

constexpr size_t kMostColours = 256;
constexpr int kMostSteps = 126;
/// Keys order by what is in glass, by value, by whether it passed: 4 (value + kOffset) + 2 passed.
constexpr int kOffset = 128, kGlass = 4096;
constexpr int kNothing = 4 * kOffset;  ///< the value 0, which has no colour

int stride_of(Shown shown) {
  switch (shown) {
    case Shown::faded:
      return 4;
    case Shown::faded_in_glass:
      return 4;
    case Shown::opaque:
      break;
  }
  return 1;
}

uint8_t channel_of(double v) { return uint8_t(std::lround(255 * std::clamp(v, 0.0, 1.0))); }

}  // namespace

MapOverlay::MapOverlay(Eigen::Index width, Eigen::Index height, Paint paint)
    : width_(width),
      height_(height),
      paint_(std::move(paint)),
      at_(size_t(width * height), std::numeric_limits<float>::quiet_NaN()),
      shown_(at_.size(), Shown::faded) {}

void MapOverlay::set(Eigen::Index column, Eigen::Index row, double at, Shown shown) {
  const size_t pixel = size_t(row * width_ + column);
  at_[pixel] = float(std::clamp(at, -1.0, 1.0));  // NaN stays NaN
  shown_[pixel] = shown;
}

int MapOverlay::key_of(size_t pixel, int steps) const {
  const float at = at_[pixel];
  if (std::isnan(at)) return kNothing;
  const Shown shown = shown_[pixel];
  const int stride = stride_of(shown);
  const int value = stride * int(std::lround(double(at) * steps / stride));
  if (value == 0 && shown != Shown::opaque) return kNothing;
  return 4 * (value + kOffset) + (shown == Shown::opaque ? 2 : 0) +
         (shown == Shown::faded_in_glass ? kGlass : 0);
}

std::vector<int> MapOverlay::keys_used(int steps) const {
  std::vector<bool> used(2 * kGlass, false);
  used[kNothing] = true;
  for (size_t i = 0; i < at_.size(); ++i) used[size_t(key_of(i, steps))] = true;
  std::vector<int> keys;
  for (size_t key = 0; key < used.size(); ++key)
    if (used[key]) keys.push_back(int(key));
  return keys;
}

MapOverlay::Cut MapOverlay::cut() const {
  int steps = kMostSteps;
  std::vector<int> keys = keys_used(steps);
  while (keys.size() > kMostColours) keys = keys_used(steps = steps * 3 / 4);
  Cut cut;
  Eigen::Index right = 0, bottom = 0;
  cut.x = width_, cut.y = height_;
  for (Eigen::Index row = 0; row < height_; ++row)
    for (Eigen::Index column = 0; column < width_; ++column) {
      if (key_of(size_t(row * width_ + column), steps) == kNothing) continue;
      cut.x = std::min(cut.x, column), right = std::max(right, column + 1);
      cut.y = std::min(cut.y, row), bottom = row + 1;
    }
  if (right == 0) return {};
  std::vector<uint8_t> entry_of(2 * kGlass, 0);
  for (size_t i = 0; i < keys.size(); ++i) {
    entry_of[size_t(keys[i])] = uint8_t(i);
    const int key = keys[i] % kGlass, value = key / 4 - kOffset;
    const Shown shown = keys[i] >= kGlass ? Shown::faded_in_glass
                        : key % 4 == 2    ? Shown::opaque
                                          : Shown::faded;
    const auto [r, g, b, alpha] =
        key == kNothing ? std::array<double, 4>{} : paint_(double(value) / steps, shown);
    cut.pixels.palette.push_back({channel_of(r), channel_of(g), channel_of(b), channel_of(alpha)});
  }
  cut.pixels.width = right - cut.x, cut.pixels.height = bottom - cut.y;
  for (Eigen::Index row = cut.y; row < bottom; ++row)
    for (Eigen::Index column = cut.x; column < right; ++column)
      cut.pixels.entries.push_back(entry_of[size_t(key_of(size_t(row * width_ + column), steps))]);
  return cut;
}

}  // namespace sociometer
