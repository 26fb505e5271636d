#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "io/tables/design_tables.hpp"
#include "io/tables/table.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_ending_in(const std::string& folder, const std::string& ending) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().string().ends_with(ending)) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Reads every events table of a dataset; rejected ones must be named in the message.
void read_all_events(const std::string& folder, size_t& n_read, size_t& n_refused) {
  n_read = n_refused = 0;
  for (const auto& path : files_ending_in(folder, "_events.tsv")) {
    Warnings warnings;
    try {
      const Events events = read_events(read_table(path), {}, warnings);
      ++n_read;
      EXPECT_FALSE(events.empty()) << path;
    } catch (const Error& error) {
      ++n_refused;
      EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
      EXPECT_TRUE(error.code() == ErrorCode::bad_input) << error.what();
    } catch (const std::exception& error) {
      ADD_FAILURE() << path << ": " << error.what();
    }
  }
}

TEST(EventsRealData, OfSocialDoorsAreReadOrRefusedByName) {
  SOCIOMETER_NEEDS_DATA(folder, "events_ds004920");
  size_t n_read, n_refused;
  read_all_events(folder, n_read, n_refused);
  EXPECT_GT(n_read, 10 * n_refused) << n_refused << " refused of " << n_read + n_refused;
  RecordProperty("read", int(n_read));
  RecordProperty("refused", int(n_refused));
}

TEST(EventsRealData, OfSocialRiskAreReadOrRefusedByName) {
  SOCIOMETER_NEEDS_DATA(folder, "events_ds005588");
  size_t n_read, n_refused;
  read_all_events(folder, n_read, n_refused);
  EXPECT_GT(n_read, 10 * n_refused) << n_refused << " refused of " << n_read + n_refused;
  RecordProperty("read", int(n_read));
  RecordProperty("refused", int(n_refused));
}

TEST(ConfoundsRealData, OfFmriprepAreChosenByGlobs) {
  SOCIOMETER_NEEDS_DATA(path, "nilearn_confounds/test-v21_desc-confounds_timeseries.tsv");
  const Table table = read_table(path);
  Warnings warnings;
  const auto motion =
      read_confounds(read_confounds_table(path), {"trans_?", "rot_?"}, {}, warnings);
  EXPECT_EQ(motion.names,
            (std::vector<std::string>{"trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"}));
  EXPECT_EQ(size_t(motion.values.rows()), table.rows.size());
  EXPECT_TRUE(warnings.empty());
  const auto derivatives =
      read_confounds(read_confounds_table(path), {"trans_x_derivative1"}, {}, warnings);
  EXPECT_EQ(warnings.size(), 1u) << "the first row of a derivative is n/a";
  EXPECT_EQ(derivatives.values(0, 0), 0.0);
  const auto compcor = read_confounds(read_confounds_table(path), {"a_comp_cor_0?"}, {}, warnings);
  EXPECT_EQ(compcor.names.size(),
            size_t(std::count_if(table.names.begin(), table.names.end(), [](auto& n) {
              return n.size() == 13 && n.starts_with("a_comp_cor_0");
            })));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "no_such_*"}, [&] {
    read_confounds(read_confounds_table(path), {"no_such_*"}, {}, warnings);
  }));
}

TEST(ConfoundsRealData, OfFslAndSpmNeedNoHeader) {
  SOCIOMETER_NEEDS_DATA(mcflirt, "haxby_pymvpa/bold_mc.par");
  SOCIOMETER_NEEDS_DATA(realign, "moae_spm12_3mm/rp_fM00223.txt");
  for (const auto& path : {mcflirt, realign}) {
    Warnings warnings;
    const auto motion = read_confounds(read_confounds_table(path), {}, {}, warnings);
    EXPECT_EQ(motion.values.cols(), 6) << path;
    EXPECT_GT(motion.values.rows(), 10) << path;
    EXPECT_TRUE(motion.values.allFinite()) << path;
  }
}

}  // namespace
}  // namespace sociometer::testing
