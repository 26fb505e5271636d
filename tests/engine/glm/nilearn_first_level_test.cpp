// First level compared with nilearn 0.14.0 (tests/golden/nilearn/README.md): the same design, the
// same float32 data.
#include <gtest/gtest.h>

#include "engine/design/contrast.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/design_tables.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_relative;
using testing::fit_series;
using testing::golden;
using testing::masked;
using testing::SeriesFit;

// Both compute in float64 on the same values. Sums of squares are formed differently (here running
// sums of differences from the first scan, there residuals), which costs a few of 16 digits.
constexpr double kTolerance = 1e-9;
// Values that may cross zero are compared relative to the scale of the map.
double scale_of(const Eigen::MatrixXd& map) { return map.cwiseAbs().maxCoeff(); }

struct Config {
  std::string name;
  int run;
  NoiseModel model;
  std::vector<std::string> t;  ///< expressions of a, a-b, a_mod
  std::string f;
  Scaling scaling = Scaling::none;
  friend void PrintTo(const Config& c, std::ostream* out) { *out << c.name; }
};
const NoiseModel kOls = parse_noise_model("ols"), kNilearnAr1 = parse_noise_model("ar1-nilearn");
const std::vector<std::string> kPlain{"a", "a - b", "a_mod"};
const std::vector<std::string> kNames{"a", "a-b", "a_mod"};

std::vector<Config> configs() {
  return {{"spm_cosine_ols", 1, kOls, kPlain, "a;b;a_mod"},
          {"spm_cosine_ar1", 1, kNilearnAr1, kPlain, "a;b;a_mod"},
          {"spm_cosine_ar1_scale0", 1, kNilearnAr1, kPlain, "a;b;a_mod", Scaling::psc},
          {"gloverd_poly3_ar1", 1, kNilearnAr1, kPlain, "a;b;a_mod"},
          {"fir_cosine_ols",
           1,
           kOls,
           {"a_delay_2", "a_delay_2 - b_delay_2", "a_mod_delay_2"},
           "a_delay_0;a_delay_1;a_delay_2;a_delay_3;a_delay_4"},
          {"run-2_spm_cosine_ar1", 2, kNilearnAr1, kPlain, "a;b;a_mod"}};
}

struct Fitted {
  SeriesFit fit;
  std::vector<ResolvedContrast> contrasts;
  Mask mask;
};

Fitted fit_config(const Config& c) {
  Fitted out;
  out.mask = read_mask(golden("nilearn/data/mask.nii.gz"));
  const DesignMatrix design = read_design(golden("nilearn/first_level/" + c.name + "/design.tsv"));
  const Eigen::MatrixXd series =
      masked(golden("nilearn/data/run-" + std::to_string(c.run) + "_bold.nii.gz"), out.mask)
          .transpose();
  std::vector<Eigen::MatrixXd> rows;
  for (size_t i = 0; i <= c.t.size(); ++i) {
    ContrastSpec spec = i < c.t.size() ? parse_contrast("x=" + c.t[i], ContrastKind::t)
                                       : parse_contrast("F=" + c.f, ContrastKind::F);
    out.contrasts.push_back(
        resolve_contrast(spec, {design.names}, {EstimableSpace(design.values)}));
    rows.push_back(out.contrasts.back().rows[0]);
  }
  out.fit = fit_series(design.values, series, c.model, rows, c.scaling);
  return out;
}

class NilearnFirstLevel : public ::testing::TestWithParam<Config> {};

TEST_P(NilearnFirstLevel, IsReproduced) {
  const Config& c = GetParam();
  const Fitted f = fit_config(c);
  const std::string folder = golden("nilearn/first_level/" + c.name + "/");
  // nilearn scales in float32: its README states 2e-6 for this configuration.
  const double tolerance = c.scaling == Scaling::psc ? 1e-5 : kTolerance;
  const auto expect_map = [&](const Eigen::MatrixXd& ours, const std::string& name) {
    const Eigen::MatrixXd theirs = masked(folder + name + ".nii.gz", f.mask);
    EXPECT_TRUE(close_relative(ours, theirs, tolerance, scale_of(theirs))) << name;
  };
  const RunEstimates& e = f.fit.estimates;
  expect_map(e.betas.transpose(), "betas");
  expect_map(e.residual_variance, "dispersion");
  if (c.model.kind == NoiseModel::Kind::ar_nilearn && c.scaling == Scaling::none)
    expect_map(e.noise.transpose(), "ar1_binned");
  if (c.model.kind == NoiseModel::Kind::ols) {  // nilearn computes this from the float32 series
    EXPECT_TRUE(close_relative(e.r_squared, masked(folder + "r_square.nii.gz", f.mask), 1e-6, 1));
  }
  for (size_t i = 0; i < f.contrasts.size(); ++i) {
    const ContrastMaps maps =
        combine_runs(f.contrasts[i], {&f.fit.values[i]}, {e.dof}, FixedEffects::precision, 1);
    const std::string name = i < kNames.size() ? kNames[i] : "F";
    if (i < kNames.size()) {
      expect_map(maps.effect.transpose(), name + "_effect_size");
      expect_map(maps.variance.transpose(), name + "_effect_variance");
    }
    expect_map(maps.statistic, name + "_stat");
    expect_map(maps.z, name + "_z_score");
    expect_map(maps.p, name + "_p_value");
  }
}
INSTANTIATE_TEST_SUITE_P(Goldens, NilearnFirstLevel, ::testing::ValuesIn(configs()),
                         [](const auto& tested) {
                           std::string name = tested.param.name;
                           for (char& ch : name)
                             if (!std::isalnum(static_cast<unsigned char>(ch))) ch = '_';
                           return name;
                         });

TEST(NilearnFirstLevel, SmallPValuesAreReproducedToTheirOwnSize) {
  const Fitted f = fit_config(configs()[0]);
  const ContrastMaps maps = combine_runs(f.contrasts[1], {&f.fit.values[1]}, {f.fit.estimates.dof},
                                         FixedEffects::precision, 1);
  const Eigen::MatrixXd theirs =
      masked(golden("nilearn/first_level/spm_cosine_ols/a-b_p_value.nii.gz"), f.mask);
  EXPECT_LT(theirs.minCoeff(), 1e-6);
  EXPECT_TRUE(close_relative(maps.p, theirs, 1e-7));  // p amplifies an error of t by t^2
}

TEST(NilearnFirstLevel, RawAutocorrelationsAreReproduced) {
  const Mask mask = read_mask(golden("nilearn/data/mask.nii.gz"));
  const DesignMatrix design = read_design(golden("nilearn/first_level/spm_cosine_ols/design.tsv"));
  const Eigen::MatrixXd series = masked(golden("nilearn/data/run-1_bold.nii.gz"), mask).transpose();
  for (int order = 1; order <= 3; ++order) {
    const auto fit = fit_series(design.values, series, {NoiseModel::Kind::ar, order});
    const Eigen::MatrixXd theirs = masked(
        golden("nilearn/first_level/raw_ar" + std::to_string(order) + "_from_ols_residuals.nii.gz"),
        mask);
    EXPECT_TRUE(close_relative(fit.estimates.noise.transpose(), theirs, 1e-9, 1))
        << "order " << order;
  }
}

struct TwoRuns {
  Fitted first = fit_config(configs()[1]), second = fit_config(configs()[5]);
  ContrastMaps combine(size_t contrast, FixedEffects how) const {
    ResolvedContrast both = first.contrasts[contrast];
    both.rows.push_back(second.contrasts[contrast].rows[0]);
    both.why_not.emplace_back();
    return combine_runs(both, {&first.fit.values[contrast], &second.fit.values[contrast]},
                        {first.fit.estimates.dof, second.fit.estimates.dof}, how, 1);
  }
  void expect(const ContrastMaps& maps, const std::string& folder, const std::string& name,
              bool effects) const {
    const auto check = [&](const Eigen::MatrixXd& ours, const std::string& what) {
      const Eigen::MatrixXd theirs =
          masked(golden("nilearn/fixed_effects/" + folder + "/" + name + "_" + what + ".nii.gz"),
                 first.mask);
      EXPECT_TRUE(close_relative(ours, theirs, kTolerance, scale_of(theirs)))
          << folder << " " << name << " " << what;
    };
    if (effects) check(maps.effect.transpose(), "effect_size");
    if (effects) check(maps.variance.transpose(), "effect_variance");
    check(maps.statistic, "stat");
    check(maps.z, "z_score");
  }
};

TEST(NilearnFixedEffects, EqualWeightsAreReproduced) {
  const TwoRuns runs;
  for (size_t i = 0; i < kNames.size(); ++i)
    runs.expect(runs.combine(i, FixedEffects::equal), "spm_cosine_ar1_2runs", kNames[i], true);
  runs.expect(runs.combine(1, FixedEffects::equal), "compute_fixed_effects_plain", "a-b", true);
}

TEST(NilearnFixedEffects, PrecisionWeightsAreReproduced) {
  const TwoRuns runs;
  runs.expect(runs.combine(1, FixedEffects::precision), "compute_fixed_effects_precision", "a-b",
              true);
}

TEST(NilearnFixedEffects, ItsApproximateFIsReproducedOnRequest) {
  const TwoRuns runs;
  runs.expect(runs.combine(3, FixedEffects::nilearn), "spm_cosine_ar1_2runs", "F", false);
}

TEST(NilearnFirstLevel, OurExactAr1StaysNearTheBinnedOne) {
  Config exact = configs()[1];
  exact.model = parse_noise_model("ar1");
  const Fitted f = fit_config(exact);
  const ContrastMaps maps = combine_runs(f.contrasts[1], {&f.fit.values[1]}, {f.fit.estimates.dof},
                                         FixedEffects::precision, 1);
  const Eigen::MatrixXd theirs =
      masked(golden("nilearn/first_level/spm_cosine_ar1/a-b_stat.nii.gz"), f.mask);
  // Bins of 1/100 and the weight of the first scan change t by up to a few hundredths.
  EXPECT_LT((maps.statistic - theirs.col(0)).cwiseAbs().maxCoeff(), 0.2);
  EXPECT_GT(testing::correlation(maps.statistic, theirs.col(0)), 0.9995);
}

}  // namespace
}  // namespace sociometer
