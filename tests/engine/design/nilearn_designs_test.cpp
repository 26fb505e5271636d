// Designs compared with nilearn 0.14.0 (tests/golden/nilearn/README.md).
#include <gtest/gtest.h>

#include "engine/design/design_matrix.hpp"
#include "io/tables/design_tables.hpp"
#include "io/tables/table.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::golden;

// Both compute in float64; the remaining difference is the order of additions
// in convolution and projection.
constexpr double kTolerance = 1e-9;

struct DesignCase {
  std::string file;
  std::string events;
  std::string confounds;  // empty: none
  std::string hrf;
  std::string drift;
  double tr_s = 2;
  Eigen::Index n_scans = 120;
  double high_pass_hz = 1.0 / 128;
  double start_time_s = 0;
  int oversampling = 50;
  double min_onset_s = -24;
  std::vector<int> fir_delays = {0, 1, 2, 3, 4};
  friend void PrintTo(const DesignCase& c, std::ostream* out) { *out << c.file; }
};

std::vector<DesignCase> all_cases() {
  const std::pair<const char*, const char*> hrfs[] = {
      {"spm", "spm"},
      {"spmd", "spm + derivative"},
      {"spmdd", "spm + derivative + dispersion"},
      {"glover", "glover"},
      {"gloverd", "glover + derivative"},
      {"gloverdd", "glover + derivative + dispersion"},
      {"fir", "fir"},
      {"none", "none"}};
  const std::pair<const char*, const char*> drifts[] = {
      {"cosine", "cosine"}, {"poly3", "polynomial"}, {"none", "none"}};
  std::vector<DesignCase> cases;
  for (const std::string run : {"1", "2"})
    for (const auto& [hrf_name, hrf] : hrfs)
      for (const auto& [drift_name, drift] : drifts) {
        if (run == "2" && std::string(drift_name) != "cosine") continue;
        cases.push_back({"run-" + run + "_hrf-" + hrf_name + "_drift-" + drift_name,
                         "data/run-" + run + "_events.tsv", "data/run-" + run + "_confounds.tsv",
                         hrf, drift});
      }
  DesignCase sliced{"var_slicetimeref0.5_spm_cosine", "data/run-1_events.tsv", "", "spm", "cosine"};
  sliced.start_time_s = 1;
  DesignCase coarse{"var_oversampling16_spm_cosine0.01", "data/run-1_events.tsv", "", "spm",
                    "cosine"};
  coarse.oversampling = 16;
  coarse.high_pass_hz = 0.01;
  DesignCase fast{"var_tr0.735_n200_spmd_cosine0.01",
                  "data/run-1_events.tsv",
                  "",
                  "spm + derivative",
                  "cosine",
                  0.735,
                  200,
                  0.01};
  cases.insert(cases.end(), {sliced, coarse, fast});
  for (const auto& [name, onset] : {std::pair{"0", 0.0}, {"-10", -10.0}, {"-24", -24.0}}) {
    DesignCase edge{std::string("edge_spm_minonset") + name, "designs/edge_events.tsv", "", "spm",
                    "none"};
    edge.min_onset_s = onset;
    cases.push_back(edge);
  }
  DesignCase fir{"edge_fir013", "designs/edge_events.tsv", "", "fir", "none"};
  fir.fir_delays = {0, 1, 3};
  cases.insert(cases.end(), {fir, {"edge_nohrf", "designs/edge_events.tsv", "", "none", "none"}});
  return cases;
}

/// nilearn places events that end before its grid starts at the grid's first point, as impulses; we
/// drop them (EventsOutside.LeaveNoTrace). To compare the rest, they are moved there here.
Events with_early_events_at(double start_s, Events events) {
  for (auto& event : events)
    if (event.onset_s < start_s && event.onset_s + event.duration_s <= start_s)
      event.onset_s = start_s, event.duration_s = 0;
  return events;
}

class NilearnDesign : public ::testing::TestWithParam<DesignCase> {};

TEST_P(NilearnDesign, IsReproduced) {
  const DesignCase& c = GetParam();
  Warnings warnings;
  const Events events =
      with_early_events_at(c.start_time_s + c.min_onset_s,
                           read_events(read_table(golden("nilearn/" + c.events)), {}, warnings));
  std::optional<NamedColumns> confounds;
  if (!c.confounds.empty())
    confounds =
        read_confounds(read_confounds_table(golden("nilearn/" + c.confounds)), {}, {}, warnings);
  DesignOptions options;
  options.hrf = parse_hrf_model(c.hrf);
  options.drift = parse_drift_model(c.drift);
  options.drift_order = 3;
  options.high_pass_hz = c.high_pass_hz;
  options.start_time_s = c.start_time_s;
  options.fine_grid = {c.oversampling, c.min_onset_s, c.fir_delays};
  const DesignMatrix design = make_design(events, confounds, c.tr_s, c.n_scans, options);

  const DesignMatrix expected = read_design(golden("nilearn/designs/" + c.file + ".tsv"));
  EXPECT_EQ(design.names, expected.names);
  // Without an HRF, a column of impulses between scans is zero; nilearn's
  // contains rounding noise of 1e-14.
  const Eigen::MatrixXd clean =
      (expected.values.array().abs() < 1e-12).select(0.0, expected.values);
  EXPECT_TRUE(close_by_column(design.values, clean, kTolerance));
  EXPECT_TRUE(close_by_column(design.frame_times_s, expected.frame_times_s, 1e-12));
}

INSTANTIATE_TEST_SUITE_P(Goldens, NilearnDesign, ::testing::ValuesIn(all_cases()),
                         [](const auto& tested) {
                           std::string name = tested.param.file;
                           for (char& ch : name)
                             if (!std::isalnum(static_cast<unsigned char>(ch))) ch = '_';
                           return name;
                         });

}  // namespace
}  // namespace sociometer
