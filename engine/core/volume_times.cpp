#include "engine/core/volume_times.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr double kTolerance = 1e-3;  ///< relative

}  // namespace

std::optional<double> even_spacing(const std::vector<double>& onsets) {
  if (onsets.size() < 2 || std::abs(onsets[0]) > 1e-6) return std::nullopt;
  const double tr = onsets.back() / double(onsets.size() - 1);
  for (size_t i = 0; i < onsets.size(); ++i)
    if (std::abs(onsets[i] - double(i) * tr) > kTolerance * tr) return std::nullopt;
  return tr;
}

std::optional<double> equal_distance(std::vector<double> onset_s) {
  if (onset_s.empty()) return std::nullopt;
  const double first = onset_s[0];
  for (double& onset : onset_s) onset -= first;
  return even_spacing(onset_s);
}

double shortest_distance(const std::vector<double>& onsets) {
  require(onsets.size() >= 2, "a distance needs two volumes");
  double shortest = onsets[1] - onsets[0];
  for (size_t i = 2; i < onsets.size(); ++i)
    shortest = std::min(shortest, onsets[i] - onsets[i - 1]);
  return shortest;
}

size_t n_gaps(const std::vector<double>& onsets) {
  constexpr double kLonger = 1.5;
  const double longest_without = kLonger * shortest_distance(onsets);
  size_t n = 0;
  for (size_t i = 1; i < onsets.size(); ++i) n += onsets[i] - onsets[i - 1] > longest_without;
  return n;
}

void check_volume_times(const std::vector<double>& onsets, std::optional<long> n_volumes,
                        const std::string& where) {
  for (size_t i = 0; i < onsets.size(); ++i) {
    if (!std::isfinite(onsets[i]))
      fail(ErrorCode::bad_input, "{}: VolumeTiming has the onset {}", where, onsets[i]);
    if (i > 0 && onsets[i] <= onsets[i - 1])
      fail(ErrorCode::bad_input, "{}: VolumeTiming has {} after {}; onsets must increase", where,
           onsets[i], onsets[i - 1]);
  }
  if (n_volumes && *n_volumes != long(onsets.size()))
    fail(ErrorCode::bad_input, "{}: VolumeTiming has {} onsets, the image {} volumes", where,
         onsets.size(), *n_volumes);
}

Eigen::VectorXd sampled_at(const std::vector<double>& onsets, double start_s) {
  const Eigen::Map<const Eigen::VectorXd> times(onsets.data(), Eigen::Index(onsets.size()));
  return times.array() + start_s;
}

}  // namespace sociometer
