#include "engine/group/presence.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace sociometer {

std::vector<PresencePattern> presence_patterns(const GroupValues& values, Eigen::Index least) {
  std::map<std::vector<bool>, PresencePattern> patterns;
  std::vector<bool> present(static_cast<size_t>(values.rows()));
  PresencePattern* last = nullptr;
  std::vector<bool> last_present;
  for (Eigen::Index v = 0; v < values.cols(); ++v) {
    for (Eigen::Index i = 0; i < values.rows(); ++i)
      present[static_cast<size_t>(i)] = std::isfinite(values(i, v));
    if (!last || present != last_present) {
      last = &patterns[present];
      last_present = present;
    }
    last->voxels.push_back(static_cast<uint32_t>(v));
  }
  std::vector<PresencePattern> out;
  for (auto& [who, pattern] : patterns) {
    for (size_t i = 0; i < who.size(); ++i)
      if (who[i]) pattern.participants.push_back(static_cast<Eigen::Index>(i));
    if (pattern.n() >= least) out.push_back(std::move(pattern));
  }
  std::sort(out.begin(), out.end(), [](const PresencePattern& a, const PresencePattern& b) {
    if (a.voxels.size() != b.voxels.size()) return a.voxels.size() > b.voxels.size();
    return a.voxels[0] < b.voxels[0];
  });
  return out;
}

}  // namespace sociometer
