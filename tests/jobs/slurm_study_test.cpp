// A study on Slurm without Slurm: what is asked of sbatch, and what its answers mean.
#include "cli/jobs/study/slurm_study.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/journal.hpp"
#include "tests/io/refusal.hpp"

namespace sociometer::jobs {
namespace {

using Words = std::vector<std::string>;
using testing::refuses;

TEST(SlurmStudy, IdsAreThoseOfJobsWithoutTheirCluster) {
  Words asked;
  std::string answer = "1234;cluster\nmore\n";
  const SlurmSubmit submit = submission_by([&](const Words& words) {
    asked = words;
    return SlurmReply{0, answer, ""};
  });
  EXPECT_EQ(submit({"--parsable", "task.sh"}), "1234");
  EXPECT_EQ(asked, (Words{"sbatch", "--parsable", "task.sh"}));
  answer = "77\n";
  EXPECT_EQ(submit({}), "77");
}

TEST(SlurmStudy, JobsThatSlurmDoesNotTakeAreReportedInItsWords) {
  SlurmReply reply{1, "", "sbatch: error: invalid partition\nsbatch: more\n"};
  const SlurmSubmit submit = submission_by([&](const Words&) { return reply; });
  EXPECT_TRUE(refuses(ErrorCode::usage, {"exit code 1", "invalid partition"}, [&] { submit({}); }));
  reply = {};
  EXPECT_TRUE(refuses(ErrorCode::usage, {"did not take a job"}, [&] { submit({}); }));
}

}  // namespace
}  // namespace sociometer::jobs
