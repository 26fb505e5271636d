#include "cli/jobs/rsa/rsa_forecast.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/counted.hpp"
#include "cli/jobs/forecast.hpp"
#include "cli/jobs/rsa/rsa_maps.hpp"
#include "engine/core/memory.hpp"
#include "engine/roi/region_values.hpp"
#include "io/images/region_files.hpp"

namespace sociometer::jobs {
namespace {

constexpr double kNumber = sizeof(double);
/// A cell of a table: the string, what it holds outside itself, and its part of the text, which is
/// there twice as it is written.
constexpr double kCell = 110;
/// Measured peaks of a whole brain were up to 3 % above the sums below.
constexpr double kMargin = 1.1;
/// Voxels whose RDMs are made at a time for importances.
constexpr double kVoxelsAtATime = 128;

/// The sizes of one participant's analysis.
struct Sizes {
  double volumes = 0, value_bytes = 0, trials = 0;
  double residuals = 0, deviations = 0;  ///< rows of noise: volumes, or of trials
  double items = 0, patterns = 0, pairs = 0;
};

Sizes sizes_of(const RsaRequest& a, const TrialSource& source) {
  Sizes out;
  out.volumes = double(source.header.n_volumes);
  out.value_bytes = double(size_in_bytes(source.header.format.type));
  out.trials = double(source.trials.size());
  for (const auto& path : source.residuals)
    out.residuals += double(read_nifti_header(path).n_volumes);
  out.items = double(make_items(source.trials, a.unit()).size());
  const double groups = double(make_items(source.trials, PatternUnit::condition_run).size());
  out.deviations = std::max(1.0, out.trials - groups);
  out.patterns = a.chosen_dissimilarity() == Dissimilarity::crossnobis ? groups : out.items;
  out.pairs = out.items * (out.items - 1) / 2;
  return out;
}

/// Rows of noise that normalisation is estimated from.
double noise_rows(const RsaRequest& a, const Sizes& s, bool in_maps) {
  if (a.chosen_normalisation(in_maps) == NoiseNormalisation::none) return 0;
  return s.residuals > 0 ? s.residuals : s.deviations;
}

/// Peak of reading an image at some voxels.
double reading(const RsaRequest& a, const Sizes& s, double voxels, bool in_maps) {
  const double noise = noise_rows(a, s, in_maps);
  // The series beside its values; then those, the trials and the noise, and both again as voxels
  // without data are left out. Residuals of runs are joined before.
  const double copies = s.volumes + 2 * s.trials + (s.residuals > 0 ? 3 : 2) * noise;
  return voxels * std::max(s.volumes * (s.value_bytes + kNumber), kNumber * copies);
}

/// What is left of it.
double kept_of_image(const RsaRequest& a, const Sizes& s, double voxels, bool in_maps) {
  return voxels * kNumber * (s.trials + noise_rows(a, s, in_maps));
}

/// Noise, patterns, importances and RDM of one region.
double region_bytes(const RsaRequest& a, const Sizes& s, double voxels, double n_models) {
  double bytes = voxels * kNumber * (noise_rows(a, s, false) + s.trials + 2 * s.patterns);
  if (a.chosen_normalisation() == NoiseNormalisation::multivariate) {
    const double smaller = std::min(noise_rows(a, s, false), voxels);
    bytes += kNumber * (2 * voxels * smaller + 3 * smaller * smaller);
  }
  if (a.importance.wanted()) {
    const double versions = 1 + (a.importance.overlap ? double(a.importance.permutations) : 0);
    bytes += kNumber * (kVoxelsAtATime * s.pairs + (n_models + 3) * voxels * versions);
  }
  return bytes + 12 * kNumber * s.pairs;
}

double searchlight_bytes(const RsaRequest& a, const Sizes& s, const TrialSource& source,
                         double n_models, int n_threads) {
  if (!a.searchlight_mm) return 0;
  const Mask mask = read_mask_file(source.mask_image).value;
  const double voxels = double(mask.n_voxels()), grid = double(mask.grid.n_voxels());
  double bytes =
      kept_of_image(a, s, voxels, true) + kNumber * voxels * (2 * s.patterns + 1 + n_models);
  const bool summed = a.chosen_dissimilarity() != Dissimilarity::correlation &&
                      a.chosen_normalisation(true) != NoiseNormalisation::multivariate;
  if (const double table = kNumber * s.pairs * voxels; summed && table <= kSearchlightTableBytes)
    bytes += table;
  const double per_thread =
      kNumber * (s.pairs * 12 + 400 * (noise_rows(a, s, true) + s.trials + s.patterns));
  bytes += n_threads * per_thread + (n_models + 1) * 2 * (4 * grid + 8 * voxels);
  return 8 * grid + std::max(reading(a, s, voxels, true), bytes);
}

/// What stays of all participants until the end.
double kept_bytes(const RsaInputs& in, double n_models) {
  const RsaRequest& a = in.request;
  const double n_regions = double(in.regions.size());
  const double columns = 7 + 2 * n_models + double(a.nuisance.size());
  double bytes = 0;
  for (const auto& source : in.sources) {
    const Sizes s = sizes_of(a, source);
    bytes += kNumber * s.pairs * (2 + n_models + double(a.nuisance.size()));
    bytes += kNumber * s.pairs * n_regions * (1 + n_models);
    bytes += kCell * columns * s.pairs * n_regions;
    bytes += kCell * double(source.table.rows.size() * source.table.names.size());
  }
  return bytes;
}

double part_memory(const RsaInputs& in, int n_threads) {
  const RsaRequest& a = in.request;
  const double n_models = double(model_names(a).size());
  double most = 0, voxels = 0;
  if (!in.regions.empty()) voxels = double(RegionGather(plain_regions(in.regions)).voxels().size());
  for (const auto& source : in.sources) {
    const Sizes s = sizes_of(a, source);
    double regions = reading(a, s, voxels, false), largest = 0;
    for (const auto& known : in.regions)
      largest = std::max(largest, region_bytes(a, s, double(known.region.n_voxels()), n_models));
    regions += largest * double(std::min(size_t(std::max(1, n_threads)), in.regions.size()));
    if (a.importance.overlap)
      regions += kNumber * s.pairs * n_models * (2 + double(a.nuisance.size())) *
                 (1 + double(a.importance.permutations));
    most = std::max({most, regions, searchlight_bytes(a, s, source, n_models, n_threads)});
  }
  return kMargin * (most + kept_bytes(in, n_models));
}

void add_outputs(const RsaInputs& in, Forecast& forecast) {
  const RsaRequest& a = in.request;
  const std::string prefix = a.prefix.empty() ? "" : name_prefix(a.prefix);
  const auto table = [&](const char* name) {
    for (const char* ending : {".tsv", ".json"}) forecast.add_output(prefix + name + ending);
  };
  const bool several = in.sources.size() > 1;
  if (!in.regions.empty()) {
    table("rsaRdms");
    table("rsaValues");
    if (several) table("rsaGroup");
  }
  if (a.importance.overlap) {
    table("rsaOverlap");
    if (several) table("rsaOverlapGroup");
  }
  if (a.searchlight_mm) forecast.add_output("sub-*/*_contrast-*_stat-effect_statmap.nii.gz, .json");
  if (a.importance.maps)
    forecast.add_output("sub-*/*_contrast-*_desc-*_stat-importance_statmap.nii.gz, .json");
}

}  // namespace

double rsa_memory(const std::vector<RsaInputs>& parts, int n_threads) {
  // What is kept of the parts adds up; images are those of one at a time. Bounded by the sum.
  double bytes = kProgramBytes;
  for (const auto& part : parts) bytes += part_memory(part, n_threads);
  return bytes;
}

JobSummary rsa_forecast(const RsaRequest& a, const std::vector<RsaPart>& parts,
                        const std::vector<RsaInputs>& inputs, double memory,
                        const Session& session) {
  Forecast forecast(fmt::format(
      "rsa would compare the patterns of {} with {}",
      counted(inputs[0].sources.size(), "participant"),
      a.preset ? "the models of " + name_of(*a.preset) : counted(model_names(a).size(), "model")));
  std::vector<std::string> failures;
  for (size_t k = 0; k < parts.size(); ++k) {
    const RsaInputs& in = inputs[k];
    const Sizes s = sizes_of(in.request, in.sources[0]);
    forecast.add(
        parts[k].name.empty() ? "patterns" : parts[k].name,
        fmt::format("{} in {}, {} of {} pairs are compared; {}, compared by {} with {}", s.items,
                    in.sources[0].participant, in.used_pairs[0], s.pairs,
                    name_of(in.request.chosen_dissimilarity()), name_of(in.request.comparison),
                    fmt::join(model_names(in.request), ", ")));
    failures.insert(failures.end(), in.too_few_pairs.begin(), in.too_few_pairs.end());
  }
  if (!inputs[0].regions.empty())
    forecast.add(
        "voxels",
        fmt::format("{} in {}", RegionGather(plain_regions(inputs[0].regions)).voxels().size(),
                    counted(inputs[0].regions.size(), "region")));
  forecast.add_memory(memory, session.memory_bytes);
  for (const auto& in : inputs) add_outputs(in, forecast);
  const std::string prefix = a.prefix.empty() ? "" : name_prefix(a.prefix);
  if (a.preset)
    for (const char* ending : {".tsv", ".json"})
      forecast.add_output(prefix + "rsaReported" + ending);
  forecast.add_output("dataset_description.json");
  for (const auto& line : failures) session.journal.warn(line);
  return forecast.summary(a.output, std::move(failures));
}

}  // namespace sociometer::jobs
