#include "cli/jobs/report/participant_series.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "cli/jobs/report/listed_file.hpp"
#include "engine/core/carpet.hpp"
#include "engine/glm/residual_spectrum.hpp"
#include "engine/glm/spectral_mixture.hpp"
#include "io/report/data_pictures.hpp"
#include "io/report/figures_in_text.hpp"
#include "io/report/page.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::jobs {
namespace {

using Eigen::Index;
constexpr Index kMostSeries = 20000, kMostSpectra = 500, kCarpetRows = 200;

/// Series of voxels that are spread evenly over a mask.
struct SampledSeries {
  Eigen::MatrixXf values;  ///< (n_scans, n_voxels)
  std::vector<Index> of;   ///< positions in the mask
};

SampledSeries sampled_series(const std::string& path, const FitRun& run, const NamedMask& mask) {
  NiftiSource source(path);
  require_same_grid(source.grid(), path, mask.mask.grid, mask.path);
  SampledSeries out;
  const Index step = std::max<Index>(1, (mask.mask.n_voxels() + kMostSeries - 1) / kMostSeries);
  for (Index v = 0; v < mask.mask.n_voxels(); v += step) out.of.push_back(v);
  out.values.resize(source.n_volumes(), Index(out.of.size()));
  std::vector<std::byte> raw(source.volume_bytes());
  std::vector<double> volume(size_t(source.grid().n_voxels()));
  for (Index t = 0; t < out.values.rows(); ++t) {
    source.read(raw);
    decode_range(raw, source.format(), 0, volume.size(), volume.data());
    for (size_t v = 0; v < out.of.size(); ++v)
      out.values(t, Index(v)) = float(volume[mask.mask.voxels[size_t(out.of[v])]]);
  }
  if (const std::string checksum = source.finish_file().checksum; checksum != run.checksum)
    fail(ErrorCode::bad_input,
         "{} has the checksum {}, but {} when it was fitted: its carpet plot is left out; fit it "
         "again",
         path, checksum, run.checksum);
  return out;
}

Html carpet_figure(const SampledSeries& series, const MotionTrace& motion, const std::string& title,
                   const std::string& id) {
  CarpetPlot carpet;
  carpet.title = title;
  carpet.rows = carpet_rows(series.values, by_mean(series.values), kCarpetRows);
  carpet.motion = motion;
  carpet.motion.title.clear();
  if (carpet.rows.rows() == 0) return html_missing("No voxel of " + title + " varies.");
  return html_figure(id, draw_carpet(carpet, id + "-picture"), "Carpet plot of " + title,
                     title +
                         ": voxels by scans, the brightest voxels on top, each without its "
                         "trend and in standard deviations (Power 2017).");
}

/// The order of "ar2", "ar2-corrected" and "ar2-averaged"; 0 for other noise models.
Index order_of(const std::string& noise_model) {
  if (!noise_model.starts_with("ar")) return 0;
  int order = 0;
  const char *from = noise_model.data() + 2, *end = noise_model.data() + noise_model.size();
  const auto [stop, error] = std::from_chars(from, end, order);
  const std::string_view rest(stop, size_t(end - stop));
  const bool known = rest.empty() || rest == "-averaged" || rest == "-corrected";
  return error == std::errc() && known ? order : 0;
}

/// Autoregressive coefficients of each run, (order, n_voxels of the mask), from estimates.h5; none
/// for noise models without them.
std::vector<Eigen::MatrixXd> coefficients_of(const ParticipantAnalysis& one) {
  std::vector<Eigen::MatrixXd> out;
  const Index order = order_of(one.found->fit->noise.model);
  const bool is_mixture = one.found->fit->noise.model == "mixture";
  if (order == 0 && !is_mixture) return out;
  const std::string path = one.found->stem + "estimates.h5";
  Mask mask;
  const std::vector<StoredRun> runs = read_estimates(path, mask);
  if (mask.voxels != one.mask->mask.voxels)
    fail(ErrorCode::bad_input, "{} has {} voxels, which are not those of {} ({})", path,
         mask.n_voxels(), one.mask->path, one.mask->mask.n_voxels());
  for (const StoredRun& run : runs) {
    const Eigen::MatrixXd& noise = run.estimates.noise;
    if (is_mixture)
      out.push_back(most_probable_atoms(run.estimates.atoms, run.estimates.posterior));
    else  // averaged models have a covariance behind the coefficients
      out.push_back(noise.rows() < order ? Eigen::MatrixXd() : noise.topRows(order));
  }
  return out;
}

bool is_smoothed(const FitRecord& fit) {
  return std::ranges::any_of(fit.smoothing_fwhm_mm, [](double width) { return width > 0; });
}

/// @param ar  coefficients of the mask's voxels; may be empty.
Html spectrum_figure(const ParticipantAnalysis& one, size_t run, const SampledSeries& series,
                     const Eigen::MatrixXd& ar, const std::string& title, const std::string& id) {
  const ReportedDesign& design = one.designs[run];
  const FitRun& record = one.found->fit->runs[run];
  const std::string left_out = "The spectrum of residuals of " + title + " is not shown: ";
  if (record.scans.censored > 0)
    return html_missing(left_out + "scans are censored, so the others are not evenly spaced.");
  if (is_smoothed(*one.found->fit))
    return html_missing(left_out +
                        "the images were smoothed when they were fitted, and are read "
                        "as they are.");
  if (design.values.rows() != series.values.rows() || !record.tr_s ||
      series.values.rows() < 2 * design.values.cols() + 16)
    return html_missing(left_out +
                        "that needs the design's table, a repetition time and more "
                        "scans than twice the columns of the design.");
  const Index step = std::max<Index>(1, series.values.cols() / kMostSpectra);
  std::vector<Index> columns, voxels;
  for (Index v = 0; v < series.values.cols(); v += step) {
    columns.push_back(v);
    voxels.push_back(series.of[size_t(v)]);
  }
  const Eigen::MatrixXf values = series.values(Eigen::all, columns);
  const auto add = [&](SpectrumPicture& picture, const std::string& name,
                       const Eigen::MatrixXd& whitening) {
    const ResidualSpectrum found =
        residual_spectrum(values, design.values, whitening, *record.tr_s);
    if (found.n_voxels == 0) return;
    if (picture.frequency_hz.size() == 0) picture.frequency_hz = found.frequency_hz;
    // Whitening leaves out the first scans, which may be a frequency less.
    Eigen::VectorXd power = Eigen::VectorXd::Constant(picture.frequency_hz.size(), std::nan(""));
    const Index n = std::min(power.size(), found.power.size());
    power.head(n) = found.power.head(n);
    picture.lines.push_back({name, power, {}, {}});
  };
  SpectrumPicture picture;
  picture.title = title;
  picture.high_pass_hz = design.record.run.high_pass_hz;
  add(picture, "residuals", {});
  if (ar.size() > 0)
    add(picture, "whitened (" + one.found->fit->noise.model + ")", ar(Eigen::all, voxels));
  if (picture.lines.empty()) return html_missing(left_out + "no voxel has residuals.");
  std::string caption = fmt::format(
      "{}: the mean over {} voxels. Whitened residuals are flat, at "
      "1, where the noise model holds.",
      title, columns.size());
  if (ar.size() == 0) caption += " They are shown for autoregressive noise models and mixture.";
  if (ar.size() > 0 && one.found->fit->noise.model == "mixture")
    caption += " Each voxel is whitened by its most probable process.";
  return html_figure(id, draw_spectrum(picture, id + "-picture"), "Power of residuals by frequency",
                     caption);
}

Html run_parts(const ParticipantAnalysis& one, size_t run, const MotionTrace& motion,
               const Eigen::MatrixXd& ar, Warnings& faults) {
  const FitRun& record = one.found->fit->runs[run];
  const std::string path = listed_file(record.bold, one.found->stem);
  const std::string name = std::filesystem::path(record.bold).filename().string();
  if (path.empty())
    return html_missing("The image " + record.bold + " is not there any more: no carpet plot.");
  const auto series = attempt(faults, [&] { return sampled_series(path, record, *one.mask); });
  if (!series) return {};
  const std::string id = fmt::format("{}-series-{}", one.id, run + 1);
  Html out = carpet_figure(*series, motion, name, id + "-carpet");
  if (one.designs.size() == one.found->fit->runs.size())
    out += spectrum_figure(one, run, *series, ar, name, id + "-spectrum");
  return out;
}

}  // namespace

Html series_parts(const ParticipantAnalysis& one, Warnings& faults) {
  Html out = html_heading(4, "Time series");
  if (!one.found->fit || !one.mask)
    return out + html_missing(
                     "Time series are not shown: that needs estimates.json, which names "
                     "the images, and the mask.");
  const std::vector<MotionTrace> traces = motion_traces(one);
  const auto ar = attempt(faults, [&] { return coefficients_of(one); });
  for (size_t r = 0; r < one.found->fit->runs.size(); ++r) {
    MotionTrace motion;
    if (traces.size() == one.found->fit->runs.size()) motion = traces[r];
    motion.tr_s = one.found->fit->runs[r].tr_s.value_or(0);
    out += run_parts(one, r, motion, ar && r < ar->size() ? (*ar)[r] : Eigen::MatrixXd(), faults);
  }
  return out;
}

}  // namespace sociometer::jobs
