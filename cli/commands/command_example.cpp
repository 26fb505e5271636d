#include <cmath>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "engine/simulate/feedback_example.hpp"
#include "io/bytes/output_set.hpp"
#include "io/images/nifti.hpp"
#include "io/images/nifti_write.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

namespace fs = std::filesystem;

struct ExampleArguments {
  std::string folder, verify, prefix;
  uint64_t seed = 1;
};

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

void write_example(const ExampleArguments& a) {
  const FeedbackExample example = make_feedback_example(a.seed);
  OutputSet outputs(a.folder);
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
  for (const auto& truth : kTruths)
    outputs.write("truth/" + map_name(truth.contrast, "effect"),
                  nifti_bytes(example.brain, example.true_effects.at(truth.column),
                              ScalarType::float32, "simulated truth"));
  outputs.write("truth/mask.nii.gz",
                nifti_bytes(example.brain, Eigen::MatrixXd::Ones(example.brain.n_voxels(), 1),
                            ScalarType::uint8, "simulated brain"));
  outputs.write("truth/README", "Simulated by `sociometer example --seed " +
                                    std::to_string(a.seed) +
                                    "`: the effects that were put into the images, in the units of "
                                    "the fitted coefficients.\n");
  write_configuration(outputs);
  outputs.commit();
  info(fmt::format("wrote a simulated participant with two runs and its truth to {}", a.folder));
}

/// How an estimated effect map compares with the truth.
struct Recovery {
  double region_truth = 0, region_estimate = 0,
         region_error = 0;  ///< means over the region; standard error
  double elsewhere_z = 0;   ///< mean of estimate / standard error where the truth is 0
  double coverage = 0;      ///< share of voxels whose 95 % interval holds the truth
  Eigen::Index n_region = 0, n_voxels = 0;
};

Recovery compare(const std::string& truth_folder, const std::string& fit_prefix,
                 const std::string& contrast) {
  const Mask mask = read_mask(truth_folder + "/mask.nii.gz");
  const Image truth = read_nifti(truth_folder + "/" + map_name(contrast, "effect"));
  const Image effect = read_nifti(fit_prefix + map_name(contrast, "effect"));
  const Image variance = read_nifti(fit_prefix + map_name(contrast, "variance"));
  require_same_grid(truth.header.grid, truth.header.path, effect.header.grid, effect.header.path);
  Recovery out;
  double z_sum = 0, region_variance = 0;
  for (uint32_t v : mask.voxels) {
    const double real = truth.values(v, 0), estimate = effect.values(v, 0),
                 error = std::sqrt(variance.values(v, 0));
    if (!(error > 0)) continue;  // outside the fit's mask
    ++out.n_voxels;
    out.coverage += std::abs(estimate - real) < 1.96 * error;
    if (real != 0) {
      ++out.n_region;
      out.region_truth += real;
      out.region_estimate += estimate;
      region_variance += error * error;
    } else {
      z_sum += estimate / error;
    }
  }
  if (out.n_region == 0 || out.n_voxels == out.n_region)
    fail(ErrorCode::bad_input,
         "{} was not fitted to this example: no voxel of the truth lies in its mask", fit_prefix);
  out.region_truth /= double(out.n_region);
  out.region_estimate /= double(out.n_region);
  out.region_error = std::sqrt(region_variance) / double(out.n_region);
  out.elsewhere_z = z_sum / double(out.n_voxels - out.n_region);
  out.coverage /= double(out.n_voxels);
  return out;
}

/// Where the maps of the fit lie: `fit` puts them into folders of the participant unless it was
/// given a prefix.
std::string fit_prefix_of(const ExampleArguments& a) {
  if (!a.prefix.empty()) return a.verify + "/" + name_prefix(a.prefix);
  const std::string ending = map_name(kTruths[0].contrast, "effect");
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(a.verify, ignored)) {
    const std::string path = entry.path().string();
    if (path.ends_with(ending)) return path.substr(0, path.size() - ending.size());
  }
  return a.verify + "/";
}

int verify(const ExampleArguments& a) {
  bool all_good = true;
  const std::string fit_prefix = fit_prefix_of(a);
  fmt::print("{:<10} {:>8} {:>10} {:>10} {:>8} {:>12} {:>12}\n", "contrast", "voxels", "truth",
             "estimate", "error", "elsewhere z", "95% covers");
  for (const auto& truth : kTruths) {
    const Recovery r = compare(a.folder + "/truth", fit_prefix, truth.contrast);
    // Voxels are independent here: a mean more than 4 standard errors off would be a fault, not
    // chance. The intervals of Yule-Walker models are a little short (docs/numerics.md), hence the
    // room below 95 %.
    const bool good = std::abs(r.region_estimate - r.region_truth) < 4 * r.region_error &&
                      std::abs(r.elsewhere_z) < 0.1 && r.coverage > 0.90 && r.coverage < 0.97;
    all_good &= good;
    fmt::print("{:<10} {:>8} {:>10.2f} {:>10.2f} {:>8.2f} {:>12.3f} {:>11.1f}% {}\n",
               truth.contrast, r.n_region, r.region_truth, r.region_estimate, r.region_error,
               r.elsewhere_z, 100 * r.coverage, good ? "recovered" : "NOT RECOVERED");
  }
  if (!all_good)
    fail(ErrorCode::bad_input, "{} does not recover the truth of {}", a.verify, a.folder);
  return kDone;
}

}  // namespace

void add_example_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand(
      "example",
      "A small simulated participant with known truth, and the check that a fit recovers it");
  auto a = std::make_shared<ExampleArguments>();
  c->add_option("folder", a->folder, "Where the example is written, or was")->required();
  c->add_option("--seed", a->seed, "Seed of the simulation")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  c->add_option("--verify", a->verify,
                "Compare the fit in this folder with the example's truth instead of writing it");
  c->add_option("--prefix", a->prefix, "The fit's --prefix");
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer example study\n  sociometer fit --bold study/*_bold.nii.gz --events "
      "study/*_events.tsv \\\n"
      "    --confounds study/*_timeseries.tsv \\\n"
      "    --modulators feedback:match,rank --contrast choice match=feedback:match "
      "rank=feedback:rank -o maps\n"
      "  sociometer example study --verify maps");
  c->callback([a, &global, &exit_code] {
    if (!a->verify.empty())
      exit_code = verify(*a);
    else
      write_example(*a);
  });
}

}  // namespace sociometer::cli
