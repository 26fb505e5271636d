#include "engine/connectivity/ppi.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/connectivity/deconvolution.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// Columns of confounds, drift and constant.
Eigen::MatrixXd nuisance_of(const DesignMatrix& design) {
  std::vector<Eigen::Index> columns;
  for (Eigen::Index j = 0; j < design.n_columns(); ++j)
    if (design.roles[size_t(j)] != ColumnRole::task) columns.push_back(j);
  return design.values(Eigen::all, columns);
}

std::vector<Stimulus> stimuli_of(const Events& events, const DesignOptions& options) {
  std::set<std::string> types;
  for (const auto& event : events) types.insert(event.type);
  std::vector<Stimulus> out;
  for (const auto& type : types) {
    std::vector<std::string> columns;
    for (const auto& set : options.modulators)
      if (set.event_type == type)
        columns.insert(columns.end(), set.columns.begin(), set.columns.end());
    for (auto& stimulus : stimuli_of_type(events, type, columns, options.modulator_policy))
      out.push_back(std::move(stimulus));
  }
  return out;
}

double scan_distance(const DesignMatrix& design) {
  const Eigen::VectorXd& t = design.frame_times_s;
  const double distance = t[1] - t[0];
  for (Eigen::Index i = 2; i < t.size(); ++i)
    if (std::abs(t[i] - t[i - 1] - distance) > 1e-6)
      fail(ErrorCode::bad_input,
           "deconvolution needs volumes at equal distances; volume {} is {:.4g} s after the one "
           "before, the second {:.4g} s",
           i + 1, t[i] - t[i - 1], distance);
  return distance;
}

/// The weights of a stimulus on the fine grid: those of all events that last, or one bin.
Eigen::VectorXd time_course(const Stimulus& stimulus, double bin_s, Eigen::Index n_bins) {
  Eigen::VectorXd out = Eigen::VectorXd::Zero(n_bins);
  for (size_t e = 0; e < stimulus.onset_s.size(); ++e) {
    const auto first = Eigen::Index(std::ceil(stimulus.onset_s[e] / bin_s - 1e-6));
    const auto length =
        std::max<Eigen::Index>(1, Eigen::Index(std::lround(stimulus.duration_s[e] / bin_s)));
    for (Eigen::Index t = std::max<Eigen::Index>(first, 0); t < std::min(first + length, n_bins);
         ++t)
      out[t] += stimulus.weight[e];
  }
  return out;
}

/// Interactions of events with the seed's neural activity.
class DeconvolvedInteractions {
 public:
  DeconvolvedInteractions(const DesignMatrix& design, const DesignOptions& options,
                          const Eigen::VectorXd& seed, const Eigen::MatrixXd& nuisance, int bins)
      : bins_(bins) {
    const double tr_s = scan_distance(design);
    bin_s_ = tr_s / bins;
    offset_ = int(std::lround(design.frame_times_s[0] / bin_s_));
    HrfModel plain = options.hrf;
    plain.time_derivative = plain.dispersion_derivative = false;
    response_ = nilearn_kernels(plain, tr_s, bins).col(0);
    activity_ = deconvolve(seed, nuisance, response_, bins, offset_);
    if (activity_.no_signal)
      fail(ErrorCode::bad_input,
           "the seed's series has no signal of the response's shape beside noise: there is no "
           "activity to deconvolve; use the interactions without deconvolution, or another seed");
  }
  double signal_share() const { return activity_.signal_share; }
  bool no_noise() const { return activity_.no_noise; }
  Eigen::VectorXd with(const Stimulus& stimulus) const {
    Eigen::VectorXd course = time_course(stimulus, bin_s_, activity_.neural.size());
    course.array() -= course.mean();
    return convolved_at_scans(course.cwiseProduct(activity_.neural), response_, bins_, offset_);
  }

 private:
  int bins_ = 16, offset_ = 0;
  double bin_s_ = 0;
  Eigen::VectorXd response_;
  Deconvolved activity_;
};

void append_column(PpiColumns& out, const std::string& name, const Eigen::VectorXd& values) {
  out.names.push_back(name);
  out.values.conservativeResize(values.size(), out.values.cols() + 1);
  out.values.rightCols(1) = values;
}

}  // namespace

PpiColumns ppi_columns(const DesignMatrix& design, const Events& events,
                       const DesignOptions& options, const Eigen::VectorXd& seed,
                       const PpiOptions& ppi) {
  if (options.hrf.shape == HrfShape::fir || options.hrf.shape == HrfShape::none)
    fail(ErrorCode::usage,
         "interactions need a response of one shape; the HRF {} has none: use spm or glover",
         to_string(options.hrf));
  if (seed.size() != design.n_scans())
    fail(ErrorCode::shape_mismatch, "the seed's series has {} scans, the design {}", seed.size(),
         design.n_scans());
  const Eigen::MatrixXd nuisance = nuisance_of(design), free = complement_of(nuisance);
  const Eigen::VectorXd adjusted = free * (free.transpose() * seed);
  if (!(adjusted.norm() > 1e-9 * seed.norm()))
    fail(ErrorCode::bad_input,
         "the seed's series has no spread beside confounds, drift and constant");
  PpiColumns out;
  out.values.resize(design.n_scans(), 0);
  out.signal_share = kNaN;
  append_column(out, "seed", adjusted);
  std::optional<DeconvolvedInteractions> deconvolved;
  if (ppi.deconvolve) {
    deconvolved.emplace(design, options, seed, nuisance, ppi.bins);
    out.signal_share = deconvolved->signal_share();
    out.no_noise = deconvolved->no_noise();
  }
  for (const auto& stimulus : stimuli_of(events, options)) {
    const Eigen::Index j = design.find(stimulus.name);
    if (j < 0) continue;
    append_column(out, "ppi:" + stimulus.name,
                  deconvolved ? deconvolved->with(stimulus)
                              : adjusted.cwiseProduct(design.values.col(j)).eval());
  }
  return out;
}

DesignMatrix with_ppi(const DesignMatrix& design, const PpiColumns& columns) {
  Eigen::Index last = 0;
  for (Eigen::Index j = 0; j < design.n_columns(); ++j)
    if (design.roles[size_t(j)] == ColumnRole::task) last = j + 1;
  const auto added = Eigen::Index(columns.names.size());
  DesignMatrix out = design;
  out.names.insert(out.names.begin() + last, columns.names.begin(), columns.names.end());
  out.roles.insert(out.roles.begin() + last, columns.names.size(), ColumnRole::task);
  if (!out.trial_sd.empty())
    out.trial_sd.insert(out.trial_sd.begin() + last, columns.names.size(), kNaN);
  out.values.resize(design.n_scans(), design.n_columns() + added);
  out.values << design.values.leftCols(last), columns.values,
      design.values.rightCols(design.n_columns() - last);
  check_design(out);
  return out;
}

}  // namespace sociometer
