#include <cmath>

#include <gtest/gtest.h>

#include "io/models/run_tables.hpp"
#include "io/tables/table.hpp"
#include "tests/engine/stats_models/small_models.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::golden;
using testing::transformed;

const char* const kInstructions = R"([
  {"Name": "Scale", "Input": "score", "Output": "scaled"},
  {"Name": "Demean", "Input": "gain", "Output": "demeaned"},
  {"Name": "Scale", "Input": "score", "Rescale": false, "ReplaceNA": "after", "Output": "demeaned_filled"},
  {"Name": "Scale", "Input": "score", "ReplaceNA": "before", "Output": "filled_scaled"},
  {"Name": "Threshold", "Input": "gain", "Output": "threshold"},
  {"Name": "Threshold", "Input": "gain", "Binarize": true, "Output": "binarized"},
  {"Name": "Threshold", "Input": "gain", "Threshold": -1, "Above": false, "Binarize": true, "Output": "binarized_below"},
  {"Name": "Threshold", "Input": "gain", "Threshold": 3, "Signed": false, "Output": "unsigned"},
  {"Name": "Product", "Input": ["gain", "score"], "Output": "product"},
  {"Name": "Sum", "Input": ["gain", "rt"], "Weights": [2, -0.5], "Output": "weighted_sum"},
  {"Name": "Orthogonalize", "Input": "score", "Other": ["gain", "rt"], "Output": "orthogonalized"},
  {"Name": "Lag", "Input": "gain", "Output": "lag_1_nearest"},
  {"Name": "Lag", "Input": "gain", "Shift": -2, "Mode": "reflect", "Output": "lag_minus_2_reflect"},
  {"Name": "Lag", "Input": "gain", "Shift": 2, "Mode": "constant", "Constant": 9, "Output": "lag_2_constant"},
  {"Name": "Lag", "Input": "gain", "Shift": 0.5, "Order": 1, "Output": "lag_half"},
  {"Name": "Lag", "Input": "gain", "Difference": true, "Output": "lag_difference"},
  {"Name": "Derivative", "Input": "gain", "Order": 1, "Initial": "NaN", "Output": "derivative"},
  {"Name": "Derivative", "Input": "gain", "Order": 2, "Output": "second_derivative"},
  {"Name": "Power", "Input": "score", "Value": 2, "Output": "power"},
  {"Name": "Copy", "Input": "trial_type", "Output": "contrast"},
  {"Name": "Factor", "Input": "contrast", "Constraint": "mean_zero", "RefLevel": "go"},
  {"Name": "Rename", "Input": "contrast.rest", "Output": "go_against_rest"}
])";

TEST(TransformationGoldens, AreThoseOfPandasNumpyAndScipy) {
  ModelNotes notes;
  const auto t =
      transformed(read_event_table(read_table(golden("pandas/transformations/events.tsv")), notes),
                  kInstructions);
  const Table expected = read_table(golden("pandas/transformations/expected.tsv"));
  ASSERT_EQ(expected.names.size(), 20u);
  for (size_t j = 0; j < expected.names.size(); ++j) {
    const auto values = t.values(expected.names[j]);
    ASSERT_EQ(values.size(), expected.rows.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double wanted = number_in(expected, i, int(j));
      EXPECT_EQ(std::isnan(values[i]), std::isnan(wanted)) << expected.names[j] << " row " << i;
      if (!std::isnan(wanted)) {
        EXPECT_TRUE(close_number(values[i], wanted, 1e-13, 1)) << expected.names[j] << " row " << i;
      }
    }
  }
}

}  // namespace
}  // namespace sociometer
