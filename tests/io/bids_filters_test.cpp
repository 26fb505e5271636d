#include "io/bids/bids_filters.hpp"

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"

namespace sociometer::testing {
namespace {

const BidsName kImage = bids_name(
    "sub-01_ses-2_task-x_acq-a_run-01_space-MNI152NLin6Asym_res-2_desc-preproc_bold.nii.gz");

TEST(BidsFilter, TakesLongAndShortNamesAndPrefixedLabels) {
  BidsFilter filter;
  filter.add("subject", {"sub-01"});
  filter.add("session", {"2"});
  filter.add("acq", {"b", "acq-a"});
  filter.add("resolution", {"2"});
  filter.add("suffix", {"bold"});
  filter.add("extension", {"nii.gz"});
  filter.add("datatype", {"func"});
  EXPECT_TRUE(filter.allows(kImage));
  EXPECT_EQ(filter.keys(), (std::vector<std::string>{"datatype", "suffix", "extension", "sub",
                                                     "ses", "acq", "res"}));
  filter.add("task", {"y"});
  EXPECT_FALSE(filter.allows(kImage));
}

TEST(BidsFilter, ComparesRunsAndEchoesAsNumbersAndNothingElse) {
  BidsFilter run;
  run.add("run", {"1"});
  EXPECT_TRUE(run.allows(kImage));
  EXPECT_TRUE(run.allows(bids_name("sub-01_run-001_bold.nii")));
  EXPECT_FALSE(run.allows(bids_name("sub-01_run-10_bold.nii")));
  EXPECT_FALSE(run.allows(bids_name("sub-01_bold.nii")));
  BidsFilter session;
  session.add("ses", {"02"});
  EXPECT_FALSE(session.allows(kImage));
}

TEST(BidsFilter, DistinguishesAbsentFromAnyLabel) {
  const BidsName without = bids_name("sub-01_task-x_bold.nii");
  BidsFilter absent, any, either;
  absent.add("acq", LabelRule{{}, true, false});
  any.add("acq", LabelRule{{}, false, true});
  either.add("acq", LabelRule{{"a"}, true, false});
  EXPECT_FALSE(absent.allows(kImage));
  EXPECT_TRUE(absent.allows(without));
  EXPECT_TRUE(any.allows(kImage));
  EXPECT_FALSE(any.allows(without));
  EXPECT_TRUE(either.allows(kImage));
  EXPECT_TRUE(either.allows(without));
  EXPECT_EQ(either.wish("acq"), "acq-a or acq absent");
}

TEST(BidsFilter, TwoRulesLeaveWhatBothAllow) {
  BidsFilter filter;
  filter.add("session", {"1", "2"});
  filter.add("session", {"2", "3"});
  EXPECT_TRUE(filter.allows(kImage));
  EXPECT_FALSE(filter.allows(bids_name("sub-01_ses-1_task-x_bold.nii")));
  EXPECT_EQ(filter.wish("ses"), "ses-1 or ses-2, and ses-2 or ses-3");
}

TEST(BidsFilter, SpacesAreWrittenAsInOutputSpaces) {
  const auto allows = [](const char* space, const char* name) {
    BidsFilter filter;
    filter.add_space(space);
    return filter.allows(bids_name(name));
  };
  for (const char* native : {"native", "", "func", "individual"}) {
    EXPECT_TRUE(allows(native, "sub-01_desc-preproc_bold.nii.gz")) << native;
    EXPECT_FALSE(allows(native, "sub-01_space-T1w_desc-preproc_bold.nii.gz")) << native;
  }
  EXPECT_TRUE(allows("anat", "sub-01_space-T1w_bold.nii.gz"));
  EXPECT_TRUE(allows("MNI", "sub-01_space-MNI_res-2_bold.nii.gz"));
  EXPECT_TRUE(allows("MNI:res-2", "sub-01_space-MNI_res-2_bold.nii.gz"));
  EXPECT_FALSE(allows("MNI:res-2", "sub-01_space-MNI_bold.nii.gz"));
  EXPECT_TRUE(allows("MNI:res-native", "sub-01_space-MNI_bold.nii.gz"));
  EXPECT_FALSE(allows("MNI:res-native", "sub-01_space-MNI_res-2_bold.nii.gz"));
  EXPECT_TRUE(allows("MNIInfant:cohort-1", "sub-01_space-MNIInfant_cohort-1_bold.nii.gz"));
  EXPECT_TRUE(allows("MNIInfant:cohort-1:res-2", "sub-01_space-MNIInfant+1_res-2_bold.nii.gz"));
  EXPECT_FALSE(allows("MNIInfant:cohort-2", "sub-01_space-MNIInfant+1_bold.nii.gz"));
  EXPECT_TRUE(refuses(ErrorCode::usage, {"'2mm'", "MNI:2mm"}, [&] { allows("MNI:2mm", "x"); }));
}

TEST(BidsFilter, RefusesWhatNoNameHas) {
  BidsFilter filter;
  EXPECT_TRUE(refuses(ErrorCode::usage, {"'sesion'"}, [&] { filter.add("sesion", {"1"}); }));
}

}  // namespace
}  // namespace sociometer::testing
