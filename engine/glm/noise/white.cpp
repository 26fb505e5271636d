// ols: independent scans of equal variance. There is nothing to estimate.
#include "engine/glm/noise/kinds.hpp"

namespace sociometer {
namespace {

class White : public NoiseStrategy, private StreamedNoise {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::ols; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name != "ols") return {};
    return NoiseModel{};
  }
  std::string name(const NoiseModel&) const override { return "ols"; }
  std::string known_names() const override { return "ols"; }
  std::vector<std::string> parameter_names(const NoiseModel&) const override { return {}; }
  bool can_smooth(const NoiseModel&) const override { return false; }
  bool is_white() const override { return true; }
  BetweenRuns between_runs() const override { return BetweenRuns::none; }

  const StreamedNoise* streamed() const override { return this; }
  TileEstimators estimators(const StreamedRun&) const override { return {}; }
  void set_known_noise(const NoiseModel&, Eigen::Index, const RunEstimates&,
                       TileSolver&) const override {}
};

}  // namespace

const NoiseStrategy& white_noise() {
  static const White noise;
  return noise;
}

}  // namespace sociometer
