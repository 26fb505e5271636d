// Real data under several noise models: the figures of docs/how-to/smaller-t.md.
#include <algorithm>
#include <cstdio>
#include <functional>

#include <gtest/gtest.h>

#include "engine/design/design_matrix.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/design_tables.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace noise_models_on_data {

/// What a t map says of a strong response.
struct Peaks {
  double largest = 0, best_100 = 0;
};

Peaks peaks_of(const Eigen::VectorXd& t) {
  std::vector<double> sorted;
  for (double x : t)
    if (std::isfinite(x)) sorted.push_back(x);
  std::ranges::sort(sorted, std::greater{});
  Peaks out{sorted.at(0), 0};
  for (size_t i = 0; i < 100; ++i) out.best_100 += sorted.at(i) / 100;
  return out;
}

/// The auditory data of SPM's manual: 84 scans of 7 s, blocks of 42 s.
class AuditoryRun {
 public:
  explicit AuditoryRun(const std::string& path)
      : mask_(read_mask(path + "/spm/mask.nii")),
        series_(testing::masked(path + "/swfM00223_4d.nii.gz", mask_).transpose()) {
    Warnings warnings;
    DesignOptions options;
    options.start_time_s = 3.5;  // mid-scan, as sampled by SPM
    design_ = make_design(read_events(read_table(path + "/events.tsv"), {}, warnings), std::nullopt,
                          7, 84, options);
  }
  const Mask& mask() const { return mask_; }
  Peaks peaks(const std::string& name) const {
    const NoiseModel model =
        noise_model_of_run(parse_noise_model(name), {.n_scans = 84, .tr_s = 7});
    const Eigen::MatrixXd row = Eigen::MatrixXd::Identity(1, design_.n_columns());
    RunDesign design(design_.values, std::vector<uint8_t>(84, 1), model.order);
    design.set_roles(design_.roles);
    SeriesSource source(series_);
    const Mask all = source.all_voxels();
    const RunPlan plan{.noise_model = model, .contrasts = {row}};
    const RunResults results =
        model.streams() ? fit_run(design, sum_run(source, design, all, *plan.kernels, {}), plan)
                        : fit_run(design, read_series(source, 84, all, {}), plan);
    ResolvedContrast contrast;
    contrast.rows = {row};
    contrast.why_not = {""};
    const double dof = results.estimates.dof;
    return peaks_of(
        combine_runs(contrast, {&results.values[0]}, {dof}, FixedEffects::precision, 1).statistic);
  }

 private:
  Mask mask_;
  Eigen::MatrixXd series_;
  DesignMatrix design_;
};

TEST(AuditoryDataByNoiseModel, HasThePeaksOfTheDocument) {
  SOCIOMETER_NEEDS_DATA(path, "moae_spm12_3mm");
  const AuditoryRun run(path);
  struct Row {
    const char* model;
    Peaks peaks;
  };
  const Row rows[] = {{"ols", {18.11, 14.79}},           {"ar1", {18.12, 14.63}},
                      {"ar1-corrected", {16.12, 13.04}}, {"arma11", {14.76, 12.29}},
                      {"ar4-averaged", {14.60, 11.11}},  {"spm-ar1", {16.63, 13.40}},
                      {"spm-fast", {16.22, 13.08}},      {"mixture", {16.39, 13.39}}};
  for (const Row& row : rows) {
    const auto& [model, expected] = row;
    const Peaks found = run.peaks(model);
    std::printf("| %s | %.1f | %.1f |\n", model, found.largest, found.best_100);
    EXPECT_TRUE(testing::close_number(found.largest, expected.largest, 0.01)) << model;
    EXPECT_TRUE(testing::close_number(found.best_100, expected.best_100, 0.01)) << model;
  }
  const Peaks spm = peaks_of(testing::masked(path + "/spm/spmT_0001.nii", run.mask()));
  std::printf("| SPM12, AR(1) | %.1f | %.1f |\n", spm.largest, spm.best_100);
  EXPECT_NEAR(spm.largest, 16.56, 0.01);
  EXPECT_NEAR(spm.best_100, 13.32, 0.01);
}

}  // namespace noise_models_on_data
}  // namespace sociometer
