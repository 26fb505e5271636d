#include "io/tables/label_table.hpp"

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer {
namespace {

using testing::refuses;
using testing::TemporaryFolder;
using testing::write_text;

LabelTable read(const std::string& text) {
  const TemporaryFolder folder;
  write_text(folder / "labels.tsv", text);
  return read_label_table(folder / "labels.tsv");
}

TEST(LabelTable, ReadsTheThreeForms) {
  for (const char* text : {"index\tname\tcolor\n0\tnone\t#000\n1\tHIP-rh\t#abc\n2\tAMY-rh\t#def\n",
                           "name,index\nHIP-rh,1\nAMY-rh,2\n", "HIP-rh\nAMY-rh\n",
                           "HIP-rh\n1 171 243 85 255\nAMY-rh\n2 86 162 74 255\n"}) {
    const LabelTable table = read(text);
    ASSERT_EQ(table.entries.size(), 2u) << text;
    EXPECT_EQ(table.name_of(1), "HIP-rh");
    EXPECT_EQ(table.name_of(2), "AMY-rh");
    EXPECT_EQ(table.name_of(7), "label7");
  }
}

TEST(LabelTable, RefusesWhatIsAmbiguous) {
  const auto refused = [](const std::string& text, const std::vector<std::string>& words) {
    return refuses(ErrorCode::bad_input, words, [&] { read(text); });
  };
  EXPECT_TRUE(refused("index\tname\n1\ta\n2\ta\n", {"'a' twice", "1", "2"}));
  EXPECT_TRUE(refused("index\tname\n1\ta\n1\tb\n", {"label 1 twice", "'a'", "'b'"}));
  EXPECT_TRUE(refused("index\tname\n1.5\ta\n", {"line 2", "'1.5'", "whole numbers"}));
  EXPECT_TRUE(refused("colour\tname\n1\ta\n", {"colour, name", "'index'"}));
  EXPECT_TRUE(refused("a\n1 2 3 4 5\nb\n1 2 3\n", {"'1 2 3'", "INDEX RED GREEN BLUE ALPHA"}));
  EXPECT_TRUE(refused("\n", {"is empty"}));
}

TEST(LabelTable, NamesMayHaveBlanksAndCommas) {
  const LabelTable list = read("Frontal Pole\nCingulate Gyrus, anterior division\n");
  EXPECT_EQ(list.name_of(1), "Frontal Pole");
  EXPECT_EQ(list.name_of(2), "Cingulate Gyrus, anterior division");
  const LabelTable lut =
      read("# no. name colour\n0 Unknown 0 0 0 0\n10 Left Thalamus 0 118 14 0\n");
  ASSERT_EQ(lut.entries.size(), 1u);
  EXPECT_EQ(lut.name_of(10), "Left Thalamus");
}

TEST(LabelTable, AListThatBeginsWithBackgroundBeginsAtZero) {
  const LabelTable list = read("Background\nPole\nInsula\n");
  EXPECT_EQ(list.name_of(1), "Pole");
  EXPECT_EQ(list.name_of(2), "Insula");
  EXPECT_NO_THROW(require_names_fit(list, {1, 2}, "atlas.nii"));
}

TEST(LabelTable, AListLongerThanTheAtlasIsRefusedWithBothNumbers) {
  const LabelTable list = read("Pole\nInsula\nPutamen\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"3 names", "2 labels", "atlas.nii"}, [&] {
    require_names_fit(list, {1, 2}, "atlas.nii");
  }));
  EXPECT_NO_THROW(require_names_fit(read("index\tname\n1\ta\n2\tb\n9\tc\n"), {1, 2}, "atlas.nii"));
}

/// Comparing each label with all before it, this would take minutes.
TEST(LabelTable, HoldsHundredsOfThousandsOfLabels) {
  constexpr int kLabels = 300000;
  std::string text = "index\tname\n";
  const auto name_of = [](int label) {
    return "a_region_of_an_atlas_that_has_very_many_regions_" + std::to_string(label);
  };
  for (int label = kLabels; label > 0; --label)
    text += std::to_string(label) + "\t" + name_of(label) + "\n";
  const LabelTable table = read(text);
  ASSERT_EQ(table.entries.size(), size_t{kLabels});
  for (int label = 1; label <= kLabels; ++label) ASSERT_EQ(table.name_of(label), name_of(label));
  EXPECT_EQ(table.name_of(kLabels + 1), "label300001");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"twice", "300001"},
                      [&] { read(text + "300001\t" + name_of(7) + "\n"); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"label 9 twice"}, [&] { read(text + "9\tx\n"); }));
}

TEST(LabelTable, ReadsPublishedTables) {
  SOCIOMETER_NEEDS_DATA(folder, "masks_atlases/tian2020");
  const LabelTable list = read_label_table(folder + "/Tian_Subcortex_S1_3T_label.txt");
  EXPECT_EQ(list.entries.size(), 16u);
  EXPECT_EQ(list.name_of(5), "NAc-rh");
  EXPECT_EQ(list.name_of(13), "NAc-lh");
  const LabelTable pairs = read_label_table(
      folder + "/Schaefer2018_100Parcels_7Networks_order_Tian_Subcortex_S1_label.txt");
  EXPECT_EQ(pairs.entries.size(), 116u);
  EXPECT_EQ(pairs.name_of(17), "7Networks_LH_Vis_1");
}

}  // namespace
}  // namespace sociometer
