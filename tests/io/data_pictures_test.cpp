#include "io/report/data_pictures.hpp"

#include <cmath>
#include <regex>

#include <gtest/gtest.h>

#include "io/report/axes.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

Mask block() {
  Mask mask;
  mask.grid.size = {12, 14, 10};
  mask.grid.world_from_voxel.diagonal() << 4, 4, 4, 1;
  for (Eigen::Index v = 0; v < mask.grid.n_voxels(); ++v) mask.voxels.push_back(uint32_t(v));
  return mask;
}

size_t count(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

MotionTrace run_of(Eigen::Index n) {
  MotionTrace run;
  run.title = "run 1";
  run.tr_s = 2;
  run.framewise_displacement_mm = Eigen::VectorXd::Constant(n, 0.1);
  run.framewise_displacement_mm[0] = NAN;
  run.framewise_displacement_mm[5] = 2;
  run.censored.assign(size_t(n), 0);
  run.censored[5] = run.censored[6] = 1;
  run.displacement_limit_mm = 0.5;
  return run;
}

TEST(DataMap, NamesItsScaleAndCountsPoorVoxels) {
  const Anatomy anatomy{block(), {}, ""};
  DataMap map;
  map.title = "coverage";
  map.unit = "participants";
  map.whole_numbers = true;
  map.poor = 10;
  Eigen::VectorXd counts = Eigen::VectorXd::Constant(anatomy.mask.n_voxels(), 24);
  counts.head(7).setConstant(9);
  map.values = on_grid(anatomy.mask, counts);
  const std::string svg = draw_data_map(map, anatomy, "cov").markup();
  EXPECT_NE(svg.find(">participants</text>"), std::string::npos);
  EXPECT_NE(svg.find("median 24"), std::string::npos);
  EXPECT_NE(svg.find("7 of 1680 voxels"), std::string::npos);
  EXPECT_NE(svg.find(">9</text>"), std::string::npos);
  EXPECT_NE(svg.find(">24</text>"), std::string::npos);
}

TEST(DataMap, StandsWithoutValues) {
  const Anatomy anatomy{block(), {}, ""};
  DataMap map;
  map.values = on_grid(anatomy.mask, Eigen::VectorXd::Constant(anatomy.mask.n_voxels(), NAN));
  EXPECT_GT(draw_data_map(map, anatomy, "none").markup().size(), 500U);
}

TEST(Motion, MarksCensoredScansAndBreaksAtMissingOnes) {
  const std::string svg = draw_motion({run_of(20)}, "motion").markup();
  EXPECT_NE(svg.find("2 of 20 scans censored"), std::string::npos);
  EXPECT_NE(svg.find("framewise displacement (mm)"), std::string::npos);
  EXPECT_EQ(svg.find("DVARS"), std::string::npos);
  EXPECT_NE(svg.find("time (s)"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Motion, HasAnAxisForEachMeasureOfEachRun) {
  MotionTrace run = run_of(20);
  run.dvars = Eigen::VectorXd::Constant(20, 1.1);
  run.dvars_name = "standardised DVARS";
  const std::string svg = draw_motion({run, run}, "motion").markup();
  EXPECT_EQ(count(svg, "framewise displacement"), 2U);
  EXPECT_EQ(count(svg, "standardised DVARS"), 2U);
}

TEST(Carpet, IsAnImageOfFewGreysWithItsBands) {
  CarpetPlot carpet;
  carpet.title = "run 1";
  carpet.rows = Eigen::MatrixXf::Random(60, 2000);
  carpet.rows(3, 4) = NAN;
  carpet.bands = {{"cortex", 40}, {"white matter", 20}};
  carpet.motion = run_of(2000);
  const std::string svg = draw_carpet(carpet, "carpet").markup();
  EXPECT_NE(svg.find(">cortex</text>"), std::string::npos);
  EXPECT_NE(svg.find(">white matter</text>"), std::string::npos);
  // 60 x 900 pixels of half a byte, as base64, and two lines of 2000 points.
  EXPECT_LT(svg.size(), 120'000U);
  EXPECT_GT(svg.size(), 30'000U);
}

TEST(Spectrum, DrawsLinesBandsAndTheHighPass) {
  SpectrumPicture spectrum;
  spectrum.title = "whitened residuals";
  spectrum.frequency_hz = Eigen::VectorXd::LinSpaced(50, 0, 0.25);
  SpectrumPicture::Line line;
  line.name = "ar1";
  line.power = Eigen::VectorXd::Constant(50, 1);
  line.lower = line.power * 0.8;
  line.upper = line.power * 1.2;
  spectrum.lines = {line};
  spectrum.high_pass_hz = 1.0 / 128;
  const std::string svg = draw_spectrum(spectrum, "spectrum").markup();
  EXPECT_NE(svg.find(">ar1</text>"), std::string::npos);
  EXPECT_NE(svg.find("frequency (Hz)"), std::string::npos);
  EXPECT_NE(svg.find("filtered"), std::string::npos);
  spectrum.lines[0].power.conservativeResize(10);
  EXPECT_THROW(draw_spectrum(spectrum, "spectrum"), std::logic_error);
}

TEST(TickStep, IsARoundNumberOfAtMostSoManySteps) {
  EXPECT_DOUBLE_EQ(tick_step(10, 10), 1);
  EXPECT_DOUBLE_EQ(tick_step(10, 6), 2);
  EXPECT_DOUBLE_EQ(tick_step(0.3, 4), 0.1);
  EXPECT_DOUBLE_EQ(tick_step(700, 2), 500);
  EXPECT_DOUBLE_EQ(tick_step(0, 5), 1);
}

}  // namespace
}  // namespace sociometer::testing
