#include "io/tables/participant_table.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "io/bytes/byte_stream.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer {
namespace {

using testing::refuses;

class ParticipantTables : public ::testing::Test {
 protected:
  std::string written(const std::string& text) const {
    testing::write_text(folder_ / "participants.tsv", text);
    return folder_ / "participants.tsv";
  }
  testing::TemporaryFolder folder_;
};

TEST_F(ParticipantTables, GiveTheirColumnsInTheOrderAskedFor) {
  const std::string path =
      written("participant_id\tage\tgroup\nsub-01\t20\ta\n02\tn/a\tb\nsub-03\t22.5\ta\n");
  const ParticipantTable table(path);
  EXPECT_EQ(table.cells("group", {"sub-02", "01", "sub-04"}),
            (std::vector<std::string>{"b", "a", "n/a"}));
  const Eigen::VectorXd age = table.numbers("age", {"sub-03", "sub-02", "sub-01"});
  EXPECT_EQ(age[0], 22.5);
  EXPECT_TRUE(std::isnan(age[1]));
  EXPECT_EQ(age[2], 20);
  EXPECT_TRUE(table.has("age"));
  EXPECT_FALSE(table.has("score"));
  EXPECT_EQ(table.file().path, path);
  EXPECT_EQ(table.file().checksum, input_file(path, checksum_of_file(path)).checksum);
}

TEST_F(ParticipantTables, RefuseWhatIsNotThereAndWhatIsNoNumber) {
  const ParticipantTable table(written("participant_id\tage\nsub-01\told\nsub-02\tinf\n"));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"participants.tsv", "'score'", "age"},
                      [&] { table.cells("score", {"sub-01"}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"no row of any", "sub-09"},
                      [&] { table.cells("age", {"sub-09"}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"age", "sub-01", "'old'", "numbers"},
                      [&] { table.numbers("age", {"sub-01"}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"sub-02", "'inf'"},
                      [&] { table.numbers("age", {"sub-02"}); }));
}

TEST_F(ParticipantTables, RefuseTablesThatDoNotStateWhoseARowIs) {
  const std::string nobody = written("id\tage\nsub-01\t20\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"participant_id", "id, age"},
                      [&] { ParticipantTable table(nobody); }));
  const std::string twice = written("participant_id\tage\nsub-01\t20\n01\t21\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"line 3", "sub-01", "twice"},
                      [&] { ParticipantTable table(twice); }));
}

}  // namespace
}  // namespace sociometer
