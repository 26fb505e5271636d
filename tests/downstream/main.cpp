// A program that knows nothing of a command line: with the installed libraries it runs a first
// level in memory, and then the same as a job on files.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/jobs/first_level/fit_job.hpp"
#include "engine/core/block_sizes.hpp"
#include "engine/core/series_source.hpp"
#include "engine/glm/run_analysis.hpp"
#include "io/images/nifti_write.hpp"
#include "io/stores/estimates_file.hpp"

namespace {

using namespace sociometer;

constexpr int kScans = 60, kVoxels = 8;
constexpr double kTr = 2;

/// Voxel v follows the task with weight v on a mean of 100.
Eigen::MatrixXd series(const DesignMatrix& design) {
  const Eigen::VectorXd task = design.values.col(design.find("task"));
  Eigen::MatrixXd y(kScans, kVoxels);
  for (int v = 0; v < kVoxels; ++v)
    for (int t = 0; t < kScans; ++t)
      y(t, v) = 100 + v * task[t] + 0.5 * std::sin(1.7 * t * (v + 1) + v);
  return y;
}

Events events() {
  Events all;
  for (int i = 0; i < 6; ++i)
    all.push_back({.onset_s = 4. + 18 * i, .duration_s = 6, .type = "task"});
  return all;
}

/// The least-squares effect of the task, by the normal equations.
Eigen::RowVectorXd expected(const DesignMatrix& design, const Eigen::MatrixXd& y) {
  const Eigen::MatrixXd& x = design.values;
  const Eigen::MatrixXd beta = (x.transpose() * x).ldlt().solve(x.transpose() * y);
  return beta.row(design.find("task"));
}

double difference(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

/// Events, data and results are variables; no file is touched.
Eigen::MatrixXd in_memory(const DesignMatrix& design, const Eigen::MatrixXd& y) {
  FirstLevel first;
  first.plan.noise_model = parse_noise_model("ols");
  first.runs.push_back(prepare_run({.name = "run 1", .design = design, .tr_s = kTr}, first.plan));
  first.contrasts = resolve_contrasts({parse_contrast("task=task", ContrastKind::t)}, first.runs);
  const auto open = [&](size_t) { return std::make_unique<SeriesSource>(y); };
  FirstLevelFit fit = fit_first_level(first, open, SeriesSource(y).all_voxels());
  return combine_contrast(first, fit, 0).effect;
}

/// The same as `sociometer fit` does it, called as a function with a request from JSON.
Eigen::MatrixXd as_job(const Eigen::MatrixXd& y, const std::filesystem::path& folder) {
  Grid grid;
  grid.size = {kVoxels, 1, 1};
  const auto image =
      nifti_series_bytes(grid, y.transpose().cast<float>(), kTr, ScalarType::float32, 1, 0);
  std::ofstream(folder / "bold.nii.gz", std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()), std::streamsize(image.size()));
  std::ofstream table(folder / "events.tsv");
  table << "onset\tduration\ttrial_type\n";
  for (const auto& event : events()) table << event.onset_s << "\t6\ttask\n";
  table.close();

  const Json json = Json::parse(R"({"noise_model": {"name": "ols"}, "mask": ["computed"],
                                    "map_type": "float64", "prefix": "sub-01"})");
  auto request = jobs::from_json<jobs::FitRequest>(json, "the request");
  request.bold = {(folder / "bold.nii.gz").string()};
  request.design.events = {(folder / "events.tsv").string()};
  request.design.contrasts = {"task=task"};
  request.output = (folder / "maps").string();
  RecordingJournal journal;
  const jobs::JobSummary summary = jobs::fit(request, {.threads = 1, .journal = journal});
  for (const auto& failure : summary.failures) std::printf("failed: %s\n", failure.c_str());
  Mask mask;
  return read_estimates((folder / "maps" / "sub-01_estimates.h5").string(), mask)
      .at(0)
      .estimates.betas;
}

}  // namespace

int main() {
  fix_block_sizes();
  const DesignMatrix design = make_design(events(), {}, kTr, kScans, {});
  const Eigen::MatrixXd y = series(design);
  const Eigen::RowVectorXd want = expected(design, y);
  const double memory = difference(in_memory(design, y), want);

  const auto folder = std::filesystem::temp_directory_path() / "sociometer-downstream";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const Eigen::MatrixXd betas = as_job(y, folder);
  const double job = difference(betas.row(design.find("task")), want);
  std::filesystem::remove_all(folder);

  const bool good = memory < 1e-4 && job < 1e-4;
  std::printf("downstream: effects off by %.1e in memory, %.1e as a job: %s\n", memory, job,
              good ? "ok" : "FAILED");
  return good ? 0 : 1;
}
