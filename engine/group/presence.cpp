#include "engine/group/presence.hpp"

#include <algorithm>
#include <cmath>

namespace sociometer {

void PresenceCount::add(std::span<const double> values) {
  for (size_t v = 0; v < values.size(); ++v) counts_[v] += is_present(values[v], zeros_);
}

void PresenceCount::add(std::span<const double> first, std::span<const double> second) {
  for (size_t v = 0; v < first.size(); ++v)
    counts_[v] += is_present(first[v], zeros_) && is_present(second[v], zeros_);
}

std::vector<double> PresenceCount::reached_by(Eigen::Index least) const {
  std::vector<double> out = counts_;
  for (double& count : out) count = count >= double(least) ? 1 : 0;
  return out;
}

void PatternCollector::add(const GroupValues& values) {
  std::vector<bool> present(static_cast<size_t>(values.rows()));
  for (Eigen::Index v = 0; v < values.cols(); ++v) {
    for (Eigen::Index i = 0; i < values.rows(); ++i)
      present[static_cast<size_t>(i)] = std::isfinite(values(i, v));
    if (!last_ || present != last_present_) {
      last_ = &patterns_[present];
      last_present_ = present;
    }
    last_->voxels.push_back(n_voxels_++);
  }
}

std::vector<PresencePattern> PatternCollector::patterns(Eigen::Index least) {
  std::vector<PresencePattern> out;
  for (auto& [who, pattern] : patterns_) {
    for (size_t i = 0; i < who.size(); ++i)
      if (who[i]) pattern.participants.push_back(static_cast<Eigen::Index>(i));
    if (pattern.n() >= least) out.push_back(std::move(pattern));
  }
  patterns_.clear();
  last_ = nullptr;
  std::sort(out.begin(), out.end(), [](const PresencePattern& a, const PresencePattern& b) {
    if (a.voxels.size() != b.voxels.size()) return a.voxels.size() > b.voxels.size();
    return a.voxels[0] < b.voxels[0];
  });
  return out;
}

std::vector<PresencePattern> presence_patterns(const GroupValues& values, Eigen::Index least) {
  PatternCollector collector;
  collector.add(values);
  return collector.patterns(least);
}

}  // namespace sociometer
