#include "cli/jobs/trials/library_trials.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/trials/trial_runs.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/stopwatch.hpp"
#include "engine/design/event_height.hpp"
#include "engine/glm/shape_groups.hpp"
#include "engine/stats/finite_values.hpp"
#include "engine/stats/quantiles.hpp"

namespace sociometer::jobs {
namespace {

/// Numbers of the responses from a map, for the voxels of the mask.
std::vector<uint8_t> numbers_of(const Image& image, const Mask& mask, const std::string& path) {
  std::vector<uint8_t> number;
  for (const uint32_t voxel : mask.voxels) {
    const double value = image.values(voxel, 0);
    if (!(value >= 0 && value <= kHrfLibrarySize && value == std::floor(value))) {
      const Eigen::Index at = voxel, nx = mask.grid.size[0], ny = mask.grid.size[1];
      fail(ErrorCode::bad_input,
           "--hrf-map {} has {} at voxel ({}, {}, {}); it must have whole numbers from 1 to {}, "
           "or 0 for no response: give a desc-hrf_stat-index_statmap of `trials`",
           path, value, at % nx, at / nx % ny, at / nx / ny, kHrfLibrarySize);
    }
    number.push_back(uint8_t(value));
  }
  if (std::all_of(number.begin(), number.end(), [](uint8_t n) { return n == 0; }))
    fail(ErrorCode::bad_input, "--hrf-map {} is 0 in all {} voxels of the mask", path,
         mask.n_voxels());
  return number;
}

std::vector<ChoiceRun> runs_to_choose_by(const FitInputs& runs) {
  std::vector<ChoiceRun> out;
  for (size_t r = 0; r < runs.inputs.size(); ++r)
    out.push_back({runs.inputs[r].name, runs.designs.events[r], runs.designs.designs[r],
                   runs.designs.run_options[r], runs.inputs[r].tr_s, runs.designs.kept[r]});
  return out;
}

/// The duration of the event whose response is the unit.
double unit_duration(const TrialsRequest& a, const std::vector<ListedTrial>& listed,
                     Journal& journal) {
  if (a.unit_duration_s) return *a.unit_duration_s;
  if (listed.empty()) return 0;
  Eigen::VectorXd durations(Eigen::Index(listed.size()));
  for (size_t t = 0; t < listed.size(); ++t)
    durations[Eigen::Index(t)] = listed[t].event->duration_s;
  const ValueRange range = finite_range(durations);
  const double median = median_of({durations.data(), listed.size()});
  if (range.varies())
    journal.warn(fmt::format(
        "the trials last {:g} to {:g} s: amplitudes are in units of the response to an event of "
        "{:g} s, their median, which may differ between participants; give all of them the same "
        "--unit-duration",
        range.low, range.high, median));
  return median;
}

Eigen::MatrixXd heights_of_responses(const FitInputs& runs, double duration_s) {
  Eigen::MatrixXd heights(kHrfLibrarySize, Eigen::Index(runs.inputs.size()));
  for (size_t r = 0; r < runs.inputs.size(); ++r)
    for (int k = 1; k <= kHrfLibrarySize; ++k)
      heights(k - 1, Eigen::Index(r)) =
          event_height(library_hrf(k), duration_s, runs.inputs[r].tr_s,
                       runs.designs.run_options[r].fine_grid.oversampling);
  return heights;
}

std::vector<ShapeGroup> prepare_groups(const TrialsRequest& a, const FitInputs& runs,
                                       const Mask& mask, const LibraryTrials& library) {
  std::vector<ShapeGroup> groups = group_by_shape(library.chosen.number, mask);
  for (ShapeGroup& group : groups) {
    const HrfModel hrf = library_hrf(group.number);
    group.first.plan = runs.first.plan;
    for (size_t r = 0; r < runs.inputs.size(); ++r) {
      DesignOptions options = runs.designs.run_options[r];
      const DesignMatrix design = with_response(runs.designs.designs[r], runs.designs.events[r],
                                                runs.inputs[r].tr_s, options, hrf);
      options.hrf = hrf;
      group.first.runs.push_back(split_run(a, runs, r, design, options));
      group.heights.push_back(library.heights(group.number - 1, Eigen::Index(r)));
    }
  }
  return groups;
}

/// The runs as they are reported: with what holds for the trials in all voxels.
void put_joint_facts(const std::vector<ShapeGroup>& groups, FitInputs& runs, LibraryTrials& out) {
  runs.first.runs = groups[0].first.runs;
  for (size_t r = 0; r < runs.first.runs.size(); ++r) {
    JointFacts joint = joint_facts(groups, r);
    auto trials = std::make_shared<RunTrials>(*runs.first.runs[r].trials);
    trials->facts = std::move(joint.facts);
    // Where all responses lose a trial, the reason is not theirs.
    for (auto& lost : joint.lost)
      if (lost.size() == groups.size()) lost.clear();
    runs.first.runs[r].trials = std::move(trials);
    out.lost.insert(out.lost.end(), joint.lost.begin(), joint.lost.end());
  }
}

void require_unchanged(const std::vector<InputFile>& before, const std::vector<InputFile>& after) {
  for (size_t r = 0; r < before.size(); ++r)
    if (before[r].checksum != after[r].checksum)
      fail(ErrorCode::bad_input, "{} changed while it was analysed; run `trials` again",
           after[r].path);
}

}  // namespace

void read_hrf_map(const TrialsRequest& a, const Mask& mask, FitInputs& runs, LibraryTrials& out,
                  Journal& journal) {
  if (a.hrf_map.empty()) return;
  const Image image = read_nifti(a.hrf_map);
  require_same_grid(mask.grid, a.fit.bold[0], image.header.grid, a.hrf_map);
  if (image.values.cols() != 1)
    fail(ErrorCode::bad_input, "--hrf-map {} has {} volumes; it is one map of numbers", a.hrf_map,
         image.values.cols());
  out.chosen.number = numbers_of(image, mask, a.hrf_map);
  const auto& number = out.chosen.number;
  if (std::all_of(number.begin(), number.end(), [](uint8_t n) { return n <= 1; }))
    journal.warn(fmt::format(
        "--hrf-map {} has no number but 0 and 1, as a mask has: all its voxels get the earliest "
        "of {} responses",
        a.hrf_map, kHrfLibrarySize));
  runs.designs.inputs.push_back(image.file);
}

FittedRuns fit_library_trials(const TrialsRequest& a, const Mask& mask,
                              const std::vector<ListedTrial>& listed, const Session& session,
                              FitInputs& runs, LibraryTrials& out) {
  Journal& journal = session.journal;
  out.reference_s = unit_duration(a, listed, journal);
  FittedRuns fitted{std::vector<InputFile>(runs.headers.size()), {}};
  const OpenRun open = open_images(runs, fitted.images, journal);
  RecordingJournal ignored;  // the same images are read again below, with their warnings
  std::vector<InputFile> images;
  if (a.hrf_map.empty()) {
    const Stage stage(journal, "choosing responses");
    out.chosen =
        choose_hrf(runs_to_choose_by(runs), a.hrf_choice.value_or(HrfChoice::all_events),
                   runs.first.plan, open_images(runs, fitted.images, ignored), mask, &journal);
    images = fitted.images;
  }
  out.heights = heights_of_responses(runs, out.reference_s);
  const std::vector<ShapeGroup> groups = prepare_groups(a, runs, mask, out);
  const Stage stage(journal, "reading and fitting");
  std::vector<FirstLevelFit> fits = fit_shape_groups(groups, open, mask, &journal);
  require_unchanged(images, fitted.images);
  for (size_t g = 0; g < groups.size(); ++g) {
    const Eigen::VectorXd fractions =
        shrink_trials(a, runs, groups[g].first.runs, listed, session.threads, fits[g].trials);
    if (fractions.size() == 0) continue;
    if (out.fractions.size() == 0) out.fractions.setConstant(mask.n_voxels(), kNaN);
    put_shaped(groups[g], out.chosen.number, fractions, out.fractions);
  }
  fitted.fit = join_shape_groups(groups, fits, out.chosen.number);
  require_different_runs(fitted);
  put_joint_facts(groups, runs, out);
  return fitted;
}

HrfLibraryRecord library_record(const TrialsRequest& a, const FitInputs& runs,
                                const LibraryTrials& trials) {
  HrfLibraryRecord record;
  record.shapes = kHrfLibrarySize;
  record.source =
      "Allen et al. 2022 Nat Neurosci 25:116, table of GLMsingle (Prince et al. 2022 eLife "
      "11:e77599), as double gammas fitted to it";
  if (a.hrf_map.empty()) {
    record.chosen_by = "largest R2 over all runs, least squares";
    record.choice_model = name_of(a.hrf_choice.value_or(HrfChoice::all_events));
  } else {
    record.chosen_by = "map";
    record.map = runs.designs.inputs.back().path;
  }
  const std::vector<long> counts = voxels_per_shape(trials.chosen.number, kHrfLibrarySize);
  record.without_shape = counts[0];
  record.voxels_per_shape.assign(counts.begin() + 1, counts.end());
  record.unit_duration_s = trials.reference_s;
  record.unit_duration_from = a.unit_duration_s ? "--unit-duration" : "median of the trials";
  record.heights = rows_of(trials.heights.transpose());
  return record;
}

void write_library_maps(const TrialsRequest& a, const LibraryTrials& trials,
                        const TrialFitRecord& facts, MapWriter& writer) {
  const std::vector<uint8_t>& shapes = trials.chosen.number;
  const Eigen::VectorXd number = Eigen::Map<const Eigen::Matrix<uint8_t, Eigen::Dynamic, 1>>(
                                     shapes.data(), Eigen::Index(shapes.size()))
                                     .cast<double>();
  const auto add = [&](const char* stat, const Eigen::VectorXd& values, ScalarType type,
                       const char* what) {
    writer.add(fmt::format("desc-hrf_stat-{}_statmap", stat), values, type,
               TrialMapRecord{what, {}, {}, facts, {}, {}});
  };
  add("index", number, ScalarType::uint8, "response of the library, 1 to 20; 0: none");
  if (!a.hrf_map.empty()) return;
  add("rsquared", trials.chosen.r_squared, writer.type(),
      "share of the variance left by confounds, drift and constant that the model of the chosen "
      "response explains, over all runs; largest of 20, so too large on average");
  add("gain", trials.chosen.gain, writer.type(),
      "that share less the one with SPM's canonical response");
}

}  // namespace sociometer::jobs
