#include "engine/design/hrf.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::golden;

TEST(HrfModel, IsParsedWhateverTheBlanks) {
  const HrfModel model = parse_hrf_model(" glover+derivative +dispersion");
  EXPECT_EQ(model.shape, HrfShape::glover);
  EXPECT_TRUE(model.time_derivative && model.dispersion_derivative);
  EXPECT_EQ(to_string(model), "glover + derivative + dispersion");
}

TEST(HrfModel, RefusesWhatItDoesNotKnowByName) {
  for (const char* text :
       {"spn", "fir + derivative", "spm + dispersion", "", "spm + derivative + derivative"}) {
    try {
      parse_hrf_model(text);
      ADD_FAILURE() << "accepted '" << text << "'";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::usage);
      EXPECT_NE(std::string(error.what()).find(std::string("'") + text + "'"), std::string::npos);
    }
  }
}

struct KernelCase {
  const char* file;
  double tr_s;
  int oversampling;
  friend void PrintTo(const KernelCase& c, std::ostream* out) { *out << c.file; }
};
class NilearnKernels : public ::testing::TestWithParam<KernelCase> {};

TEST_P(NilearnKernels, EqualNilearns) {
  const auto& c = GetParam();
  const Eigen::MatrixXd expected =
      testing::tsv_values(golden(std::string("nilearn/hrf/") + c.file));
  Eigen::MatrixXd kernels(expected.rows(), 6);
  kernels << nilearn_kernels(parse_hrf_model("spm + derivative + dispersion"), c.tr_s,
                             c.oversampling),
      nilearn_kernels(parse_hrf_model("glover + derivative + dispersion"), c.tr_s, c.oversampling);
  EXPECT_TRUE(close_by_column(kernels, expected,
                              1e-9));  // differences over 0.01 lose two digits
}
INSTANTIATE_TEST_SUITE_P(Goldens, NilearnKernels,
                         ::testing::Values(KernelCase{"kernels_tr2.0_os50.tsv", 2.0, 50},
                                           KernelCase{"kernels_tr2.0_os16.tsv", 2.0, 16},
                                           KernelCase{"kernels_tr0.735_os50.tsv", 0.735, 50}));

TEST(SpmBasis, EqualsSpmsInEachMicrotime) {
  // xBF.bf of the golden designs: TR 2 s with 16 and 30 bins; with and without derivatives.
  const std::pair<const char*, std::pair<const char*, int>> cases[] = {
      {"A_canon_orth1_ar1", {"spm", 16}},
      {"B_deriv_orth0_none", {"spm + derivative + dispersion", 16}},
      {"D_T30_T015_orth0_ar1", {"spm", 30}}};
  for (const auto& [folder, how] : cases) {
    const Eigen::MatrixXd expected =
        testing::number_table(golden(std::string("spm/first_level/") + folder + "/hrf_bf.tsv"));
    // Written with 12 digits.
    EXPECT_TRUE(
        close_by_column(spm_basis(parse_hrf_model(how.first), 2.0 / how.second), expected, 1e-10))
        << folder;
  }
}

}  // namespace
}  // namespace sociometer
