#include "engine/simulate/confounds.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/design/drift.hpp"

namespace sociometer {
namespace {

constexpr double kHeadRadiusMm = 50;
constexpr double kHighPassS = 128;  // for the cosine columns
const char* const kMotionNames[] = {"trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"};

double mean_of(const Phantom& phantom, const Eigen::VectorXd& volume, Tissue tissue) {
  double sum = 0, n = 0;
  for (Eigen::Index v = 0; v < volume.size(); ++v)
    if (phantom.tissue[size_t(v)] == tissue) sum += volume[v], n += 1;
  return n > 0 ? sum / n : kMissing;
}

void append(NamedColumns& columns, const std::string& name, const Eigen::VectorXd& values) {
  columns.names.push_back(name);
  columns.values.conservativeResize(values.size(), columns.values.cols() + 1);
  columns.values.rightCols(1) = values;
}

Eigen::VectorXd differences(const Eigen::VectorXd& values) {
  Eigen::VectorXd out(values.size());
  out[0] = kMissing;
  out.tail(values.size() - 1) = values.tail(values.size() - 1) - values.head(values.size() - 1);
  return out;
}

/// A column, its change from scan to scan, and the squares of both.
void append_expansion(NamedColumns& columns, const std::string& name,
                      const Eigen::VectorXd& values) {
  const Eigen::VectorXd change = differences(values);
  append(columns, name, values);
  append(columns, name + "_derivative1", change);
  append(columns, name + "_power2", values.cwiseAbs2());
  append(columns, name + "_derivative1_power2", change.cwiseAbs2());
}

Eigen::VectorXd as_vector(const std::vector<double>& values) {
  return Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

}  // namespace

Eigen::MatrixXd simulate_motion(const NoiseSettings& settings, Eigen::Index n_scans,
                                const CounterRandom& random) {
  Eigen::MatrixXd motion(n_scans, 6);
  Eigen::VectorXd position = Eigen::VectorXd::Zero(6);
  for (Eigen::Index t = 0; t < n_scans; ++t) {
    const auto draw = [&](uint64_t what) { return random.normal(uint64_t(t) * 16 + what); };
    const bool jerk =
        t > 0 && random.uniform(uint64_t(t) * 16 + 15) < settings.motion_spike_probability;
    for (Eigen::Index c = 0; c < 6; ++c) {
      const double unit = c < 3 ? 1 : 1 / kHeadRadiusMm;
      if (t > 0) position[c] += unit * settings.motion_mm_per_scan * draw(uint64_t(c));
      const double away = jerk ? unit * settings.motion_spike_mm * draw(6 + uint64_t(c)) : 0;
      motion(t, c) = std::round((position[c] + away) * 1e6) / 1e6;
    }
  }
  return motion;
}

Eigen::VectorXd framewise_displacement(const Eigen::MatrixXd& motion) {
  require(motion.cols() == 6 && motion.rows() > 0, "six motion parameters");
  Eigen::VectorXd out = Eigen::VectorXd::Zero(motion.rows());
  for (Eigen::Index c = 0; c < 6; ++c)
    out += (c < 3 ? 1 : kHeadRadiusMm) * differences(motion.col(c)).cwiseAbs();
  return out;
}

ConfoundCollector::ConfoundCollector(const Phantom& phantom) : phantom_(phantom) {}

void ConfoundCollector::add(const Eigen::VectorXd& volume) {
  global_.push_back(volume.mean());
  csf_.push_back(mean_of(phantom_, volume, Tissue::csf));
  white_.push_back(mean_of(phantom_, volume, Tissue::white));
  dvars_.push_back(previous_.size() == 0
                       ? kMissing
                       : std::sqrt((volume - previous_).squaredNorm() / double(volume.size())));
  previous_ = volume;
}

NamedColumns ConfoundCollector::finish(const Eigen::MatrixXd& motion, double tr_s) const {
  require(size_t(motion.rows()) == global_.size(), "one row of motion per volume");
  NamedColumns columns{{}, Eigen::MatrixXd(motion.rows(), 0)};
  append_expansion(columns, "global_signal", as_vector(global_));
  append_expansion(columns, "csf", as_vector(csf_));
  append_expansion(columns, "white_matter", as_vector(white_));
  append(columns, "dvars", as_vector(dvars_));
  append(columns, "framewise_displacement", framewise_displacement(motion));
  for (Eigen::Index c = 0; c < 6; ++c) append_expansion(columns, kMotionNames[c], motion.col(c));
  const Eigen::MatrixXd cosines = cosine_drift(motion.rows(), tr_s, 1 / kHighPassS);
  for (Eigen::Index k = 0; k < cosines.cols(); ++k)
    append(columns, fmt::format("cosine{:02}", k), cosines.col(k));
  return columns;
}

}  // namespace sociometer
