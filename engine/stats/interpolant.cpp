#include "engine/stats/interpolant.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sociometer {
namespace {

struct Nodes {
  double place[12], weight[12];
  Nodes() {
    for (int k = 0; k < 12; ++k) {
      const double angle = (2 * k + 1) * std::numbers::pi / 24;
      place[k] = std::cos(angle);
      weight[k] = (k % 2 == 0 ? 1 : -1) * std::sin(angle);
    }
  }
};

const Nodes& nodes() {
  static const Nodes chebyshev;
  return chebyshev;
}

}  // namespace

Interpolant::Interpolant(std::function<double(double)> exact, double first, double last,
                         double width)
    : exact_(std::move(exact)), first_(first), last_(last), width_(width) {
  const auto pieces = long(std::ceil((last - first) / width));
  last_ = first_ + double(pieces) * width_;
  for (long piece = 0; piece < pieces; ++piece)
    for (const double place : nodes().place)
      values_.push_back(exact_(first_ + (double(piece) + 0.5 * (1 + place)) * width_));
}

double Interpolant::operator()(double x) const {
  if (!(x >= first_ && x < last_)) return std::isnan(x) ? x : exact_(x);
  const double at = (x - first_) / width_;
  const auto piece = std::min(size_t(at), values_.size() / kNodes - 1);
  const double place = 2 * (at - double(piece)) - 1;
  const double* values = values_.data() + piece * kNodes;
  double above = 0, below = 0;  // barycentric formula
  for (int k = 0; k < kNodes; ++k) {
    const double distance = place - nodes().place[k];
    if (distance == 0) return values[k];
    const double share = nodes().weight[k] / distance;
    above += share * values[k];
    below += share;
  }
  return above / below;
}

}  // namespace sociometer
