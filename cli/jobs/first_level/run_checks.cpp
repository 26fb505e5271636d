#include "cli/jobs/first_level/run_checks.hpp"

#include <filesystem>
#include <map>

#include "cli/jobs/first_level/event_inputs.hpp"
#include "engine/core/error.hpp"
#include "engine/stats/finite_values.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::jobs {
namespace {

/// The files of one run named on the command line, its image first.
std::vector<std::string> files_of_run(const DesignRequest& a, const RunInput& run, size_t r) {
  std::vector<std::string> files;
  if (!run.bold.empty()) files.push_back(run.bold);
  for (const auto* list : {&a.events, &a.designs, &a.confounds.files})
    if (r < list->size()) files.push_back((*list)[r]);
  for (const auto& file : ev_files_of_run(a, r)) files.push_back(file);
  return files;
}

/// Identity of a file independent of its path: two paths may lead to the same file.
std::string identity_of(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

[[noreturn]] void refuse_twice(size_t r, const std::string& a, size_t s, const std::string& b,
                               const char* what) {
  fail(ErrorCode::bad_input,
       "runs {} and {} {} ({}, {}); a run that counts twice makes every t too large: give each run "
       "once",
       r + 1, s + 1, what, a, b);
}

void require_different_files(const std::vector<std::string>& images) {
  std::map<std::string, size_t> seen;
  for (size_t r = 0; r < images.size(); ++r) {
    const auto [found, is_new] = seen.emplace(identity_of(images[r]), r);
    if (!is_new) refuse_twice(found->second, images[found->second], r, images[r], "are one image");
  }
}

/// Copies that were recompressed or stored differently still have equal means in more voxels than
/// chance could produce: bit for bit if they were summed alike.
bool same_means(const Eigen::VectorXd* a, const Eigen::VectorXd* b, double tolerance = 0) {
  constexpr Eigen::Index kFewest = 20;
  return a && b && are_copies(*a, *b, kFewest, tolerance);
}

bool same_series(const Eigen::MatrixXd* a, const Eigen::MatrixXd* b) {
  return a && b && a->rows() == b->rows() && a->cols() == b->cols() && *a == *b;
}

}  // namespace

void require_files_of_one_run(const DesignRequest& a, const std::vector<RunInput>& runs) {
  std::vector<std::string> images;
  for (const auto& run : runs)
    if (!run.bold.empty()) images.push_back(run.bold);
  require_different_files(images);
  std::vector<std::string> all;
  for (size_t r = 0; r < runs.size(); ++r)
    with_context(runs[r].name, [&] {
      const auto files = files_of_run(a, runs[r], r);
      for (size_t i = 0; i < files.size(); ++i)
        for (size_t j = 0; j < i; ++j)
          require_same_entities(
              files[j], files[i],
              {"sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "echo", "part"});
      all.insert(all.end(), files.begin(), files.end());
      return 0;
    });
  for (const auto& file : all) require_same_entities(all.front(), file, {"sub"});
  for (const auto& image : images)
    require_same_entities(images.front(), image, {"space", "cohort", "res", "den", "hemi"});
}

void require_different_images(const std::vector<ReadImage>& images) {
  for (size_t r = 0; r < images.size(); ++r)
    for (size_t s = 0; s < r; ++s)
      if (images[r].file.checksum == images[s].file.checksum ||
          same_means(images[r].means, images[s].means) ||
          same_series(images[r].series, images[s].series))
        refuse_twice(s, images[s].file.path, r, images[r].file.path, "hold the same data");
}

void require_different_runs(const std::vector<StoredRun>& runs) {
  // Noise models sum in several ways; float64 of thousands of scans is right to this.
  constexpr double kRounding = 1e-10;
  for (size_t r = 0; r < runs.size(); ++r)
    for (size_t s = 0; s < r; ++s)
      if (same_means(&runs[r].estimates.mean, &runs[s].estimates.mean, kRounding))
        refuse_twice(s, runs[s].source, r, runs[r].source,
                     "have the same mean signal in every voxel, so they are one image");
}

Warnings repeated_content(const DesignRequest& a, const std::vector<InputFile>& inputs) {
  Warnings lines;
  std::map<std::string, std::string> sum_of;
  for (const auto& input : inputs) sum_of[input.path] = input.checksum;
  const auto look = [&](const std::vector<std::string>& files, const char* what) {
    std::map<std::string, size_t> seen;
    for (size_t r = 0; r < files.size(); ++r) {
      const auto [found, is_new] = seen.emplace(sum_of[files[r]], r);
      if (!is_new)
        lines.push_back(fmt::format("runs {} and {} have the same {} ({}, {})", found->second + 1,
                                    r + 1, what, files[found->second], files[r]));
    }
  };
  look(a.events, "events");
  look(a.confounds.files, "confounds");
  return lines;
}

Warnings uncertain_weights(const NoiseModel& noise, FixedEffects how,
                           const std::vector<double>& dof, std::string_view instead) {
  // Simulated blocks of 30 s: docs/how-to/smaller-t.md, Runs together.
  constexpr double kFew = 100;
  if (!noise.averages || dof.size() < 2 ||
      (how != FixedEffects::precision && how != FixedEffects::meier))
    return {};
  const auto n = std::count_if(dof.begin(), dof.end(), [](double nu) { return nu < kFew; });
  if (n == 0) return {};
  return {fmt::format(
      "{} of {} runs have fewer than {:g} degrees of freedom, and are weighted by variances that "
      "{} finds too uncertain for that: with slow designs more null voxels pass than should; "
      "{}",
      n, dof.size(), kFew, to_string(noise), instead)};
}

Warnings few_voxels(const NoiseModel& noise, Eigen::Index n_voxels) {
  // Simulated false positives at .05 and .001 from 100, 10 and 1 voxels: docs/numerics.md.
  constexpr Eigen::Index kFew = 10;
  if (!noise.learns_over_voxels() || n_voxels >= kFew) return {};
  return {fmt::format(
      "the mask has {} voxel(s), too few for {} to learn from what noise is like: more null voxels "
      "pass than should; ar4-averaged fits each voxel by itself",
      n_voxels, to_string(noise))};
}

Warnings short_lags(const NoiseModel& noise, double tr_s) {
  // Simulated runs of 0.5 to 3 s: bench/CALIBRATION.md.
  constexpr double kFew_s = 3;
  const double covered_s = double(noise.order) * tr_s;
  if (!noise.averages || tr_s <= 0 || covered_s >= kFew_s) return {};
  return {fmt::format(
      "the {} lags of {} cover {:.3g} s at a TR of {:g} s: in simulated runs with physiological "
      "noise in which they covered 2 s, 20 to 25 % of null voxels had p below .05 with blocks, "
      "6 to 12 % with events; `fit` has --noise-model mixture, with 3 to 5 % there",
      noise.order, to_string(noise), covered_s, tr_s)};
}

void require_prefix_of(const std::vector<std::string>& bold, const std::string& prefix) {
  if (prefix.empty()) return;
  const BidsName own = bids_name(name_prefix(prefix) + "mask.nii.gz");
  for (const auto& image : bold)
    if (const auto other = conflicting_entity(own, bids_name(image), {"sub", "ses"}))
      fail(ErrorCode::bad_input,
           "--prefix {} is of {}-{}, {} of {}-{}; give the prefix of the images", prefix,
           other->key, other->first, image, other->key, other->second);
}

}  // namespace sociometer::jobs
