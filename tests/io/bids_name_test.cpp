#include "io/bids/bids_name.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/io/refusal.hpp"

namespace sociometer::testing {
namespace {

TEST(BidsName, TakesEntitiesSuffixAndExtensionApart) {
  const BidsName name = bids_name("x/sub-01_ses-2_task-social_run-03_desc-preproc_bold.nii.gz");
  EXPECT_EQ(name.label("sub"), "01");
  EXPECT_EQ(name.label("ses"), "2");
  EXPECT_EQ(name.label("run"), "03");
  EXPECT_EQ(name.label("desc"), "preproc");
  EXPECT_EQ(name.label("space"), "");
  EXPECT_EQ(name.suffix, "bold");
  EXPECT_EQ(name.extension, ".nii.gz");
}

TEST(BidsName, FindsParticipantAndSessionInFoldersWhenTheNameLacksThem) {
  EXPECT_EQ(participant_in("a/sub-03/con_0001.nii"), "sub-03");
  EXPECT_EQ(participant_in("a/sub-03/sub-04_effect.nii"), "sub-04");
  EXPECT_EQ(participant_in("a/first_sub-03/x.nii"), "sub-03");
  EXPECT_EQ(bids_name("a/sub-03/ses-b/func/x_bold.nii").label("ses"), "b");
  EXPECT_EQ(participant_in("con_0001.nii"), "");
  EXPECT_EQ(participant_in("/"), "");
}

TEST(BidsName, TakesNoWordForAnEntityThatOnlyHoldsOne) {
  EXPECT_EQ(participant_in("my.sub-01.nii"), "");
  EXPECT_EQ(bids_name("2019-01_bold.nii").entities.size(), 0u);
  EXPECT_EQ(bids_name("subsub-01_bold.nii").label("sub"), "");
}

TEST(BidsName, ConflictsOnlyWhereBothHaveTheEntity) {
  const auto conflict = [](const char* a, const char* b) {
    const auto found = conflicting_entity(bids_name(a), bids_name(b), {"sub", "ses", "run"});
    return found ? found->key : "";
  };
  EXPECT_EQ(conflict("sub-01_bold.nii", "sub-02_events.tsv"), "sub");
  EXPECT_EQ(conflict("sub-01_run-1_bold.nii", "sub-01_run-01_events.tsv"), "");
  EXPECT_EQ(conflict("sub-01_run-1_bold.nii", "sub-01_run-2_events.tsv"), "run");
  EXPECT_EQ(conflict("sub-1_bold.nii", "sub-01_events.tsv"), "sub");
  EXPECT_EQ(conflict("sub-01_bold.nii", "task-x_events.tsv"), "");
}

TEST(BidsName, RefusalNamesBothFilesAndLabels) {
  try {
    require_same_entities("sub-01_bold.nii", "sub-02_events.tsv", {"sub"});
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    for (const char* part : {"sub-01_bold.nii", "sub-02_events.tsv", "sub-01", "sub-02"})
      EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

TEST(BidsName, NamesStateWhatStatisticAMapHolds) {
  EXPECT_EQ(statistic_in("sub-01_contrast-a_stat-z_statmap.nii.gz"), "z");
  EXPECT_EQ(statistic_in("sub-01_contrast-a_stat-effect_statmap.nii.gz"), "effect");
  EXPECT_EQ(statistic_in("sub-01/stats/zstat1.nii.gz"), "z");
  EXPECT_EQ(statistic_in("sub-01/stats/varcope1.nii.gz"), "variance");
  EXPECT_EQ(statistic_in("sub-01/spmT_0001.nii"), "t");
  EXPECT_EQ(statistic_in("sub-01/con_0001.nii"), "effect");
  EXPECT_EQ(statistic_in("x_z_score.nii.gz"), "z");
  EXPECT_EQ(statistic_in("sub-01_zstat1.nii.gz"), "z");
  EXPECT_EQ(statistic_in("sub-01_tstat1.nii.gz"), "t");
  EXPECT_EQ(statistic_in("sub-01_zstat1_thresh.nii.gz"), "z");
  EXPECT_EQ(statistic_in("sub-01_spmT_0001.nii"), "t");
  EXPECT_EQ(statistic_in("sub-01_con_0001.nii"), "effect");
  EXPECT_EQ(statistic_in("sub-01_task-a_tscore.nii.gz"), "t");
  EXPECT_EQ(statistic_in("sub-01_beta_0003.nii"), "effect");
  for (const char* name :
       {"con01_zstat1", "sub-01_beta_zmap_s6", "z_map", "zmap", "sub-01_z_score"})
    EXPECT_EQ(statistic_in(std::string(name) + ".nii.gz"), "z") << name;
  EXPECT_EQ(statistic_in("sub-01_con_t_stat.nii.gz"), "t");
  EXPECT_EQ(statistic_in("sub-01_stat-tstat_statmap.nii.gz"), "t");
  EXPECT_EQ(statistic_of("con_sub-01_faces.nii.gz", "z"), "z") << "the name leaves doubt";
  EXPECT_EQ(statistic_of("sub-01_stat-effect_statmap.nii.gz", "z"), "effect");
  EXPECT_EQ(statistic_of("sub-01_faces.nii.gz", "z"), "z");
  EXPECT_EQ(statistic_in("sub-01_effect.nii.gz"), "");
  EXPECT_EQ(statistic_in("sub-01_congruent.nii.gz"), "");
  for (const char* stat :
       {"z", "t", "f", "p", "pfdr", "variance", "voxelpfwe", "tau2", "log10p", "log10pfwe"})
    EXPECT_TRUE(is_no_effect(stat)) << stat;
  for (const char* stat : {"effect", "", "psc", "beta", "mean"})
    EXPECT_FALSE(is_no_effect(stat)) << stat;
}

TEST(BidsName, EntitiesHaveLongNames) {
  EXPECT_EQ(entity_key("session"), "ses");
  EXPECT_EQ(entity_key("task"), "task");
}

TEST(BidsName, DerivedFilesKeepWhatAllInputsShare) {
  EXPECT_EQ(derived_prefix({"a/sub-1_ses-2_task-t_acq-fast_dir-AP_run-1_echo-2_space-M_res-2_desc-"
                            "preproc_bold.nii.gz",
                            "a/sub-1_ses-2_task-t_acq-fast_dir-AP_run-2_echo-2_space-M_res-2_desc-"
                            "preproc_bold.nii.gz"}),
            "sub-1/ses-2/sub-1_ses-2_task-t_acq-fast_dir-AP_echo-2_space-M_res-2");
}

TEST(BidsName, SpacesAreComparedByEntityOrTemplate) {
  EXPECT_EQ(require_same_space("sub-1_space-A_bold.nii", "tpl-A_mask.nii"), "");
  EXPECT_EQ(require_same_space("sub-1_bold.nii", "tpl-A_mask.nii"), "");
  EXPECT_NE(require_same_space("sub-1_space-MNI152NLin2009cAsym_bold.nii",
                               "tpl-MNI152NLin6Asym_res-02_mask.nii"),
            "");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"MNI152NLin6Asym", "OASIS30ANTs"}, [] {
    require_same_space("sub-1_space-MNI152NLin6Asym_bold.nii", "tpl-OASIS30ANTs_mask.nii");
  }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"T1w"}, [] {
    require_same_space("sub-1_space-T1w_bold.nii", "tpl-MNI152NLin6Asym_mask.nii");
  }));
}

TEST(BidsName, NumbersOfFslAndSpmAreContrasts) {
  EXPECT_EQ(numbered_contrast_in("sub-01/stats/cope2.nii.gz"), "cope2");
  EXPECT_EQ(numbered_contrast_in("sub-01_varcope2.nii.gz"), "cope2");
  EXPECT_EQ(numbered_contrast_in("con_0003.nii"), "con_0003");
  EXPECT_EQ(numbered_contrast_in("spmT_0003.nii"), "con_0003");
  EXPECT_EQ(numbered_contrast_in("beta_0001.nii"), "beta_0001");
  EXPECT_EQ(numbered_contrast_in("sub-01_contrast-x_cope2.nii"), "") << "its name says";
  EXPECT_EQ(numbered_contrast_in("con_1.nii"), "");
  EXPECT_EQ(numbered_contrast_in("con01_faces.nii"), "");
}

}  // namespace
}  // namespace sociometer::testing
