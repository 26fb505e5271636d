#include "io/report/contours.hpp"

#include <cmath>
#include <cstdint>
#include <unordered_map>

namespace sociometer {
namespace {

/// An edge between neighbouring pixels that a contour crosses: of the pixel (column, row), to the
/// right (0) or below (1). Pixels of the rim around the raster have column or row -1.
struct Edge {
  Eigen::Index column, row;
  int down;
};

/// Finds the pieces of contours in squares of four pixels and joins them.
class Tracer {
 public:
  Tracer(const Raster& raster, double level) : raster_(raster), level_(level) {}

  std::vector<Polyline> lines() {
    for (Eigen::Index row = -1; row < raster_.height; ++row)
      for (Eigen::Index column = -1; column < raster_.width; ++column) add_square(column, row);
    std::vector<Polyline> out;
    for (const int64_t start : starts_)
      if (next_.contains(start)) out.push_back(line_from(start));
    return out;
  }

 private:
  /// Above the level: positive.
  double height(Eigen::Index column, Eigen::Index row) const {
    const bool inside = column >= 0 && row >= 0 && column < raster_.width && row < raster_.height;
    const double v = inside ? double(raster_.at(column, row)) : NAN;
    return std::isfinite(v) ? v - level_ : NAN;
  }
  bool is_above(Eigen::Index column, Eigen::Index row) const { return height(column, row) >= 0; }
  int64_t key(const Edge& e) const {
    return ((e.row + 1) * (raster_.width + 2) + e.column + 1) * 2 + e.down;
  }

  /// Pieces run with the higher side on their right, so that each edge starts at most one of them.
  void add_square(Eigen::Index x, Eigen::Index y) {
    const int kind = is_above(x, y) | is_above(x + 1, y) << 1 | is_above(x + 1, y + 1) << 2 |
                     is_above(x, y + 1) << 3;
    const Edge top{x, y, 0}, right{x + 1, y, 1}, bottom{x, y + 1, 0}, left{x, y, 1};
    const auto add = [&](const Edge& from, const Edge& to) {
      starts_.push_back(key(from));
      next_[key(from)] = {to, from};
    };
    switch (kind) {
      case 1:
        add(top, left);
        break;
      case 2:
        add(right, top);
        break;
      case 3:
        add(right, left);
        break;
      case 4:
        add(bottom, right);
        break;
      case 5:
        add(top, left), add(bottom, right);
        break;
      case 6:
        add(bottom, top);
        break;
      case 7:
        add(bottom, left);
        break;
      case 8:
        add(left, bottom);
        break;
      case 9:
        add(top, bottom);
        break;
      case 10:
        add(right, top), add(left, bottom);
        break;
      case 11:
        add(right, bottom);
        break;
      case 12:
        add(left, right);
        break;
      case 13:
        add(top, right);
        break;
      case 14:
        add(left, top);
        break;
      default:
        break;
    }
  }

  std::array<double, 2> point(const Edge& e) const {
    const double a = height(e.column, e.row), b = height(e.column + !e.down, e.row + e.down);
    const double part = std::isfinite(a) && std::isfinite(b) && a != b ? a / (a - b) : 0.5;
    return {double(e.column) + (e.down ? 0 : part), double(e.row) + (e.down ? part : 0)};
  }

  Polyline line_from(int64_t start) {
    Polyline line;
    int64_t at = start;
    for (auto found = next_.find(at); found != next_.end(); found = next_.find(at)) {
      line.push_back(point(found->second.from));
      at = key(found->second.to);
      next_.erase(found);
    }
    line.push_back(line.front());
    return line;
  }

  struct Piece {
    Edge to, from;
  };
  const Raster& raster_;
  double level_;
  std::unordered_map<int64_t, Piece> next_;
  std::vector<int64_t> starts_;
};

}  // namespace

std::vector<Polyline> contour_lines(const Raster& raster, double level) {
  return Tracer(raster, level).lines();
}

}  // namespace sociometer
