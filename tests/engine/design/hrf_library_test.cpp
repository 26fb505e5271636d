// The library of responses against its published figures.
#include "engine/design/hrf_library.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/design/event_height.hpp"
#include "engine/design/hrf.hpp"
#include "engine/design/regressors.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::golden;
using testing::number_table;
using testing::refuses;

constexpr double kTableStepS = 0.1;

TEST(HrfLibrary, HasThePublishedValues) {
  const Eigen::MatrixXd published = number_table(golden("glmsingle/hrf_library/responses.tsv"));
  ASSERT_EQ(published.cols(), 1 + kHrfLibrarySize);
  double worst = 0;
  for (int k = 1; k <= kHrfLibrarySize; ++k) {
    const Eigen::VectorXd kernel = library_kernel(k, kTableStepS);
    ASSERT_EQ(kernel.size(), 501);
    for (Eigen::Index i = 0; i < published.rows(); ++i) {
      const double value = kernel[Eigen::Index(std::lround(published(i, 0) / kTableStepS))];
      const double off = std::abs(value - published(i, k)) / kernel.maxCoeff();
      worst = std::max(worst, off);
      EXPECT_LT(off, 4e-5) << "response " << k << " at " << published(i, 0) << " s: " << value
                           << " against " << published(i, k);
    }
  }
  RecordProperty("worst", std::to_string(worst));
}

TEST(HrfLibrary, PeaksAtThePublishedTimes) {
  const Eigen::MatrixXd times = number_table(golden("glmsingle/hrf_library/peak_times.tsv"));
  for (int k = 1; k <= kHrfLibrarySize; ++k) {
    Eigen::Index at = 0;
    library_kernel(k, kTableStepS).maxCoeff(&at);
    EXPECT_TRUE(close_number(double(at) * kTableStepS, times(k - 1, 0), 1e-9)) << k;
  }
}

TEST(HrfLibrary, GivesTheTableAlsoOnFinerGrids) {
  // Five steps of 0.02 s are the table's stimulus.
  for (int k = 1; k <= kHrfLibrarySize; ++k) {
    const Eigen::VectorXd coarse = library_kernel(k, 0.1), fine = library_kernel(k, 0.02);
    Eigen::VectorXd sums(coarse.size());
    for (Eigen::Index i = 0; i < sums.size(); ++i) {
      const Eigen::Index n = std::min<Eigen::Index>(5, 5 * i + 1);
      sums[i] = fine.segment(5 * i - n + 1, n).sum();
    }
    // The last ones begin at once, from one row of the table to the next.
    const double off = (sums - coarse).cwiseAbs().maxCoeff() / coarse.maxCoeff();
    EXPECT_LT(off, k <= 17 ? 2e-3 : 5e-2) << k;
  }
}

TEST(HrfLibrary, IsAResponseOfTheFineGrid) {
  // A stimulus of 3 s on a grid of 0.1 s: thirty of the table's responses, as GLMsingle adds them.
  const Eigen::VectorXd frames = Eigen::VectorXd::LinSpaced(400, 0, 39.9);
  const Stimulus stimulus{"a", {1.95}, {3}, {1}};  // begins at the next point of the grid
  FineGridOptions grid;
  grid.oversampling = 1;
  grid.min_onset_s = 0;
  for (int k : {1, 8, 20}) {
    const Eigen::VectorXd kernel = library_kernel(k, 0.1);
    Eigen::VectorXd expected = Eigen::VectorXd::Zero(400);
    for (Eigen::Index s = 20; s < 50; ++s) expected.tail(400 - s) += kernel.head(400 - s);
    EXPECT_TRUE(testing::close_by_column(
        linear_nilearn_regressors(stimulus, frames, library_hrf(k), grid).values, expected, 1e-9));
  }
}

TEST(HrfLibrary, IsNamedByNumber) {
  EXPECT_EQ(to_string(parse_hrf_model(" library : 7")), "library:7");
  EXPECT_EQ(parse_hrf_model("library:20"), library_hrf(20));
  const HrfModel any = parse_hrf_model("library");
  EXPECT_TRUE(chooses_shape(any));
  EXPECT_EQ(to_string(any), "library");
  EXPECT_FALSE(chooses_shape(parse_hrf_model("library:1")));
  for (const char* text : {"library:0", "library:21", "library:x", "library:", "library7",
                           "library:1.5", "library:-2"})
    EXPECT_TRUE(refuses(ErrorCode::usage, {text, "library:20"}, [&] { parse_hrf_model(text); }));
  EXPECT_TRUE(
      refuses(ErrorCode::usage, {"derivatives"}, [] { parse_hrf_model("library + derivative"); }));
  EXPECT_TRUE(
      refuses(ErrorCode::usage, {"trials", "library:1"}, [&] { nilearn_kernels(any, 2, 50); }));
  EXPECT_TRUE(refuses(ErrorCode::usage, {"the oversampling"}, [] { library_kernel(3, 1e-9); }));
}

TEST(HrfLibrary, HasHeightsLikeOtherResponses) {
  // A long event reaches the sum, but for what falls before the undershoot is over.
  for (int k = 1; k <= kHrfLibrarySize; ++k) {
    EXPECT_TRUE(close_number(library_kernel(k, 0.04).sum(), 1, 1e-12));
    EXPECT_LT(event_height(library_hrf(k), 1, 2), event_height(library_hrf(k), 5, 2));
    EXPECT_GE(event_height(library_hrf(k), 30, 2), 0.99);
  }
}

}  // namespace
}  // namespace sociometer
