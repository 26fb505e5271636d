// What is asked of Slurm: arrays, times, memory, arguments.
#include "cli/jobs/study/slurm_plan.hpp"

#include <gtest/gtest.h>

#include "cli/jobs/study/slurm_campaign.hpp"
#include "tests/jobs/request_round_trip.hpp"
#include "tests/support/files.hpp"

namespace sociometer::jobs {
namespace {

using testing::expect_round_trip;

StudyJob job_of(const std::string& id, StudyJobKind kind, std::vector<std::string> after = {}) {
  StudyJob job;
  job.id = id;
  job.kind = kind;
  job.after = std::move(after);
  return job;
}

StudyJob permutation_test(const std::string& id) {
  StudyJob job = job_of(id, StudyJobKind::group);
  job.request.json["permutation"]["permutations"] = 1000;
  return job;
}

const SizeOfFile kNoFiles = [](const std::string&) { return uint64_t(0); };

SlurmMeasures nothing_measured() {
  return SlurmMeasures({}, StudyLedger(testing::TemporaryFolder().path()), 4);
}

TEST(SlurmPlan, RecordsRoundTrip) {
  expect_round_trip(SlurmSettings{});
  expect_round_trip(SlurmCall{});
  expect_round_trip(SubmittedStage{});
  expect_round_trip(SlurmEnd{});
}

TEST(SlurmPlan, ArraysHoldOneKindAndFollowWhatTheyNeed) {
  const std::vector<StudyJob> jobs{
      job_of("fit-1", StudyJobKind::fit),
      job_of("fit-2", StudyJobKind::fit),
      job_of("contrast-1", StudyJobKind::contrast, {"fit-1"}),
      job_of("contrast-2", StudyJobKind::contrast, {"fit-2", "elsewhere"}),
      permutation_test("shard-1"),
      permutation_test("shard-2"),
      permutation_test("shard-3"),
      job_of("group", StudyJobKind::group),
      job_of("merge", StudyJobKind::merge, {"shard-1", "shard-2", "shard-3"})};
  SlurmSettings settings;
  settings.array_size = 2;
  const auto arrays = plan_arrays(jobs, nothing_measured(), settings, kNoFiles);
  std::vector<std::string> texts, seen;
  for (const auto& array : arrays) {
    std::string text = array.kind + ":";
    for (const auto& id : array.jobs) text += " " + id;
    texts.push_back(text);
    for (const auto& id : array.after) {
      const bool before = std::find(seen.begin(), seen.end(), id) != seen.end();
      EXPECT_TRUE(before || id == "elsewhere") << text << " after " << id;
    }
    seen.insert(seen.end(), array.jobs.begin(), array.jobs.end());
  }
  EXPECT_EQ(texts,
            (std::vector<std::string>{
                "fit: fit-1 fit-2", "group: group", "group permutations: shard-1 shard-2",
                "group permutations: shard-3", "contrast: contrast-1 contrast-2", "merge: merge"}));
  EXPECT_EQ(arrays[4].after, (std::vector<std::string>{"elsewhere", "fit-1", "fit-2"}));
}

TEST(SlurmPlan, EstimatesGrowWithInputs) {
  StudyJob fit = job_of("fit", StudyJobKind::fit);
  fit.inputs = {"bold"};
  const SizeOfFile two_gigabytes = [](const std::string&) { return uint64_t(2'000'000'000); };
  const SlurmNeeds small = nothing_measured().of(fit, kNoFiles);
  EXPECT_EQ(small.minutes, 60);
  EXPECT_EQ(small.megabytes, 4096);
  EXPECT_FALSE(small.measured);
  const SlurmNeeds large = nothing_measured().of(fit, two_gigabytes);
  EXPECT_EQ(large.minutes, 80);
  EXPECT_EQ(large.megabytes, 8096);
  EXPECT_EQ(nothing_measured().of(permutation_test("p"), kNoFiles).minutes, 480);
}

TEST(SlurmPlan, MeasuredNeedsHaveMarginsAndGrowWithInputs) {
  StudyJob fit = job_of("fit", StudyJobKind::fit);
  fit.inputs = {"bold"};
  StudyResult result;
  result.inputs = {{"bold", 500'000'000, 0, ""}};
  result.seconds = 1200;
  result.peak_bytes = 2'100'000'000;
  result.threads = 8;
  SlurmMeasures measures = nothing_measured();
  measures.add(fit, result);
  const auto of_size = [&](uint64_t bytes) {
    return measures.of(fit, [bytes](const std::string&) { return bytes; });
  };
  // Half the threads take twice as long; the margin is 2. Memory: 1.5 times.
  EXPECT_EQ(of_size(500'000'000).minutes, 80);
  EXPECT_EQ(of_size(500'000'000).megabytes, 3150);
  EXPECT_EQ(of_size(100'000'000).minutes, 80) << "not less than was measured";
  EXPECT_EQ(of_size(1'000'000'000).minutes, 160);
  EXPECT_EQ(of_size(1'000'000'000).megabytes, 6150) << "100 MB do not grow";
  EXPECT_TRUE(of_size(1).measured);
  result.state = StudyJobState::failed;
  result.seconds = 1e6;
  measures.add(fit, result);
  EXPECT_EQ(of_size(500'000'000).minutes, 80) << "failed jobs measure nothing";
}

TEST(SlurmPlan, ScriptsQuoteAnyPath) {
  const std::string script = task_script("/opt/it's/sociometer", "/data/a study");
  EXPECT_NE(script.find(R"(program='/opt/it'\''s/sociometer')"), std::string::npos) << script;
  EXPECT_NE(script.find("folder='/data/a study'"), std::string::npos) << script;
  EXPECT_TRUE(script.starts_with("#!/bin/bash\n"));
  EXPECT_EQ(slurm_pattern("/a%b/%"), "/a%%b/%%");
}

TEST(SlurmPlan, ArgumentsOfSbatchEndWithTheScript) {
  SlurmSubmission one;
  one.name = "fit";
  one.log = "/out/log_%a.log";
  one.n_tasks = 8;
  one.cpus = 4;
  one.needs = {90, 3000, true};
  one.after = {"12", "13"};
  one.command = {"/out/task.sh", "/out/list.txt"};
  SlurmSettings settings;
  settings.arguments = {"--partition=long"};
  EXPECT_EQ(sbatch_arguments(one, settings),
            (std::vector<std::string>{"--parsable", "--job-name=sociometer-fit",
                                      "--cpus-per-task=4", "--time=90", "--mem=3000M", "--requeue",
                                      "--open-mode=append", "--output=/out/log_%a.log",
                                      "--array=0-7", "--dependency=afterany:12:13",
                                      "--partition=long", "/out/task.sh", "/out/list.txt"}));
  settings.time = "1-00:00:00";
  EXPECT_EQ(sbatch_arguments(one, settings)[3], "--time=1-00:00:00");
}

}  // namespace
}  // namespace sociometer::jobs
