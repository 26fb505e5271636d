#include "cli/jobs/simulation/example_job.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/simulate/feedback_example.hpp"
#include "io/bytes/output_set.hpp"
#include "io/images/nifti.hpp"
#include "io/images/nifti_write.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

struct TruthMap {
  const char* column;    ///< of the design
  const char* contrast;  ///< in file names
};
constexpr TruthMap kTruths[] = {
    {"choice", "choice"}, {"feedback:match", "match"}, {"feedback:rank", "rank"}};

std::string map_name(const std::string& contrast, const std::string& stat) {
  return fmt::format("contrast-{}_stat-{}_statmap.nii.gz", contrast, stat);
}

std::string events_text(const Events& events) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& e : events)
    rows.push_back({format_number(e.onset_s), format_number(e.duration_s), e.type,
                    format_number(e.values.at("match")), format_number(e.values.at("rank"))});
  return to_tsv({"onset", "duration", "trial_type", "match", "rank"}, rows);
}

std::string columns_text(const NamedColumns& columns) {
  std::vector<std::vector<std::string>> rows;
  for (Eigen::Index t = 0; t < columns.values.rows(); ++t) {
    std::vector<std::string> row;
    for (Eigen::Index c = 0; c < columns.values.cols(); ++c)
      row.push_back(format_number(columns.values(t, c)));
    rows.push_back(std::move(row));
  }
  return to_tsv(columns.names, rows);
}

void write_truth_of(OutputSet& outputs, const FeedbackExample& example, uint64_t seed) {
  for (const auto& truth : kTruths)
    outputs.write("truth/" + map_name(truth.contrast, "effect"),
                  nifti_bytes(example.brain, example.true_effects.at(truth.column),
                              ScalarType::float32, "simulated truth"));
  outputs.write("truth/mask.nii.gz",
                nifti_bytes(example.brain, Eigen::MatrixXd::Ones(example.brain.n_voxels(), 1),
                            ScalarType::uint8, "simulated brain"));
  outputs.write("truth/README", "Simulated by `sociometer example --seed " + std::to_string(seed) +
                                    "`: the effects that were put into the images, in the units of "
                                    "the fitted coefficients.\n");
}

void write_example(const ExampleRequest& request, const Session& session) {
  const FeedbackExample example = make_feedback_example(request.seed);
  OutputSet outputs(request.folder);
  for (size_t r = 0; r < example.runs.size(); ++r) {
    const auto& run = example.runs[r];
    const std::string stem = fmt::format("sub-01_task-feedback_run-{}_", r + 1);
    outputs.write(
        stem + "bold.nii.gz",
        nifti_series_bytes(example.brain.grid, run.bold, example.tr_s, ScalarType::int16, 0.05, 0));
    outputs.write(
        stem + "bold.json",
        to_text({{"RepetitionTime", example.tr_s}, {"TaskName", "feedback"}, {"Simulated", true}}));
    outputs.write(stem + "events.tsv", events_text(run.events));
    outputs.write(stem + "desc-confounds_timeseries.tsv", columns_text(run.motion));
  }
  write_truth_of(outputs, example, request.seed);
  session.provenance.write_configuration(outputs);
  outputs.commit();
  session.journal.info(fmt::format(
      "wrote a simulated participant with two runs and its truth to {}", request.folder));
}

/// Where the maps of the fit are: `fit` puts them into the participant's folder unless it was given
/// a prefix.
std::string fit_prefix_of(const ExampleRequest& request) {
  if (!request.prefix.empty()) return request.verify + "/" + name_prefix(request.prefix);
  const std::string ending = map_name(kTruths[0].contrast, "effect");
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(request.verify, ignored)) {
    const std::string path = entry.path().string();
    if (path.ends_with(ending)) return path.substr(0, path.size() - ending.size());
  }
  return request.verify + "/";
}

EffectRecovery compare(const std::string& truth_folder, const std::string& fit_prefix,
                       const std::string& contrast) {
  const Mask mask = read_mask(truth_folder + "/mask.nii.gz");
  const Image truth = read_nifti(truth_folder + "/" + map_name(contrast, "effect"));
  const Image effect = read_nifti(fit_prefix + map_name(contrast, "effect"));
  const Image variance = read_nifti(fit_prefix + map_name(contrast, "variance"));
  require_same_grid(truth.header.grid, truth.header.path, effect.header.grid, effect.header.path);
  const auto recovery = compare_effects(truth.values.col(0), effect.values.col(0),
                                        variance.values.col(0), mask.voxels);
  if (!recovery)
    fail(ErrorCode::bad_input,
         "{} was not fitted to this example: no voxel of the truth lies in its mask", fit_prefix);
  return *recovery;
}

}  // namespace

void check(const ExampleRequest& request) {
  if (request.folder.empty()) fail(ErrorCode::usage, "where is the example? name its folder");
}

ExampleSummary example(const ExampleRequest& request, const Session& session) {
  check(request);
  ExampleSummary summary;
  if (request.verify.empty()) {
    write_example(request, session);
    return summary;
  }
  const std::string fit_prefix = fit_prefix_of(request);
  for (const auto& truth : kTruths)
    summary.recoveries.push_back(
        {truth.contrast, compare(request.folder + "/truth", fit_prefix, truth.contrast)});
  return summary;
}

std::string recovery_table(const std::vector<ContrastRecovery>& recoveries) {
  std::string text =
      fmt::format("{:<10} {:>8} {:>10} {:>10} {:>8} {:>12} {:>12}\n", "contrast", "voxels", "truth",
                  "estimate", "error", "elsewhere z", "95% covers");
  for (const auto& [contrast, r] : recoveries)
    text +=
        fmt::format("{:<10} {:>8} {:>10.2f} {:>10.2f} {:>8.2f} {:>12.3f} {:>11.1f}% {}\n", contrast,
                    r.n_region, r.region_truth, r.region_estimate, r.region_error, r.elsewhere_z,
                    100 * r.coverage, r.recovered() ? "recovered" : "NOT RECOVERED");
  return text;
}

void require_recovered(const ExampleRequest& request, const ExampleSummary& summary) {
  for (const auto& one : summary.recoveries)
    if (!one.effect.recovered())
      fail(ErrorCode::bad_input, "{} does not recover the truth of {}", request.verify,
           request.folder);
}

}  // namespace sociometer::jobs
