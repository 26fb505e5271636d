// Designs compared with SPM12 (tests/golden/spm/README.md): X before filtering and
// whitening.
#include <gtest/gtest.h>

#include "engine/design/design_matrix.hpp"
#include "io/tables/design_tables.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::golden;

struct SpmCase {
  std::string folder;
  std::string hrf;
  int bins, sampled_bin;
  bool orthogonalise;
  int n_runs, n_task;  ///< task columns of one run, in SPM's order
  int n_confounds;
  friend void PrintTo(const SpmCase& c, std::ostream* out) { *out << c.folder; }
};

class SpmDesign : public ::testing::TestWithParam<SpmCase> {};

TEST_P(SpmDesign, IsReproduced) {
  const SpmCase& c = GetParam();
  const Eigen::MatrixXd expected =
      testing::number_table(golden("spm/first_level/" + c.folder + "/X.tsv"));
  for (int run = 0; run < c.n_runs; ++run) {
    DesignOptions options;
    options.hrf = parse_hrf_model(c.hrf);
    options.grid = HrfGrid::spm;
    options.microtime = {c.bins, c.sampled_bin};
    options.drift = DriftModel::none;
    options.modulators = {{"feedback", {"match", "rank"}}};
    options.modulator_policy.center =
        Centering::none;  // SPM without orthogonalisation does not centre
    if (c.orthogonalise) options.modulator_policy.orthogonalise = Orthogonalisation::serial;
    Warnings warnings;
    const Events events =
        read_events(read_table(golden("spm/data/events_run" + std::to_string(run + 1) + ".tsv")),
                    {"match", "rank"}, warnings);
    const DesignMatrix design = make_design(events, std::nullopt, 2, 120, options);
    const Eigen::MatrixXd theirs =
        expected.block(120 * run, run * (c.n_task + c.n_confounds), 120, c.n_task);
    // SPM's are written with 12 digits.
    EXPECT_TRUE(close_by_column(design.values.leftCols(c.n_task), theirs, 1e-9))
        << "run " << run + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Goldens, SpmDesign,
    ::testing::Values(
        SpmCase{"A_canon_orth1_ar1", "spm", 16, 8, true, 2, 4, 6},
        SpmCase{"B_deriv_orth0_none", "spm + derivative + dispersion", 16, 8, false, 2, 12, 6},
        SpmCase{"C_deriv_orth1_none", "spm + derivative + dispersion", 16, 8, true, 1, 12, 0},
        SpmCase{"D_T30_T015_orth0_ar1", "spm", 30, 15, false, 1, 4, 6},
        SpmCase{"E_T16_T01_orth0_none", "spm", 16, 1, false, 1, 4, 0}),
    [](const auto& tested) { return tested.param.folder; });

TEST(SpmDesign, OfTheAuditoryDataIsReproduced) {
  SOCIOMETER_NEEDS_DATA(path, "moae_spm12_3mm");
  Warnings warnings;
  const Events events = read_events(read_table(path + "/events.tsv"), {}, warnings);
  DesignOptions options;
  options.grid = HrfGrid::spm;
  options.drift = DriftModel::none;
  const DesignMatrix design = make_design(events, std::nullopt, 7, 84, options);
  const Eigen::MatrixXd theirs = testing::number_table(path + "/derived_from_SPM.mat/X.tsv");
  EXPECT_TRUE(close_by_column(design.values, theirs, 1e-9));
}

}  // namespace
}  // namespace sociometer
