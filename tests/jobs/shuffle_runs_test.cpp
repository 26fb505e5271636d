// The record beside stored permutations.
#include "cli/jobs/group/shuffle_runs.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/files.hpp"

namespace sociometer::jobs {
namespace {

GroupRequest a_request() {
  GroupRequest request;
  request.maps.effects = {"a.nii.gz", "b.nii.gz"};
  request.output = "shards";
  return request;
}

Provenance of_command() {
  Provenance provenance;
  provenance.command = {"group", "--effects", "a.nii.gz", "b.nii.gz", "-o", "shards"};
  provenance.configuration_name = "sociometer-group.toml";
  provenance.configuration = "[group]\noutput = \"shards\"\n";
  return provenance;
}

Json a_run() {
  return shuffle_run_json(a_request(), {{"a.nii.gz", "0011"}, {"b.nii.gz", "2233"}},
                          {{"intercept", "sign flips", 1024, "float64", "avx2", 2.5, "abcd"},
                           {"age", "permutations", 500, "float32", "avx2", std::nan(""), "ef01"}},
                          of_command());
}

TEST(ShuffleRun, IsReadBack) {
  const Json json = Json::parse(a_run().dump());
  require_record(json, RecordKind::shuffles, "shard");
  const auto run = parse_record<ShuffleRun>(json, "shard");
  EXPECT_EQ(run.inputs, (std::vector<InputFile>{{"a.nii.gz", "0011"}, {"b.nii.gz", "2233"}}));
  ASSERT_EQ(run.tests.size(), 2u);
  EXPECT_EQ(run.tests[0],
            (ShuffledTest{"intercept", "sign flips", 1024, "float64", "avx2", 2.5, "abcd"}));
  EXPECT_TRUE(std::isnan(run.tests[1].cluster_threshold));
  EXPECT_EQ(run.command, of_command().command);
  EXPECT_EQ(run.configuration,
            (ShuffleConfiguration{of_command().configuration_name, of_command().configuration}));
  EXPECT_FALSE(run.folder.empty());
  EXPECT_EQ(record_to_json(run).dump(),
            record_to_json(parse_record<ShuffleRun>(record_to_json(run), "again")).dump());
}

TEST(ShuffleRun, HasTheRequestWithoutWhatChangesNoResult) {
  const Json run = a_run();
  EXPECT_FALSE(run["Request"].contains("output"));
  GroupRequest expected = a_request();
  expected.output.clear();
  EXPECT_EQ(to_json(request_of_run(shuffle_run_in(run, "shard"), "shard")), to_json(expected));
  EXPECT_THROW(shuffle_run_in(Json::object(), "shard"), Error);
  EXPECT_THROW(shuffle_run_in(Json::array(), "shard"), Error);
}

TEST(ShuffleRun, IsSignedAsTheWholeAnalysisWithAnotherOutput) {
  const Provenance merged = provenance_of_run(shuffle_run_in(a_run(), "shard"), "merged");
  Provenance whole = of_command();
  whole.command.back() = "merged";
  EXPECT_EQ(merged.command, whole.command);
  EXPECT_EQ(merged.configuration, "[group]\noutput = \"merged\"\n");
}

TEST(ShuffleRun, IsTheSameOnlyWithEqualTestsAndInputs) {
  const Json run = a_run();
  EXPECT_NO_THROW(require_same_run(run, "a", Json::parse(run.dump()), "b"));
  Json other = run;
  other["Tests"][1]["Shuffles"] = 501;
  try {
    require_same_run(run, "a", other, "b");
    ADD_FAILURE() << "runs with other numbers of shuffles were joined";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("Shuffles of contrast age is 500"), std::string::npos) << text;
  }
  other = run;
  other["Command"] = {"group"};
  EXPECT_NO_THROW(require_same_run(run, "a", other, "b")) << "provenance is not compared";
}

Json run_in(const std::string& folder, const std::string& checksum) {
  GroupRequest request;
  request.maps.effects = {folder + "/a.nii.gz", folder + "/b.nii.gz"};
  request.mask = folder + "/mask.nii.gz";
  request.output = folder + "/shards";
  return shuffle_run_json(
      request,
      {{folder + "/a.nii.gz", "0011"}, {folder + "/b.nii.gz", checksum}, {request.mask, "44"}}, {},
      of_command());
}

TEST(ShuffleRun, IsTheSameWhereverItsFilesLie) {
  EXPECT_NO_THROW(require_same_run(run_in("/here", "22"), "a", run_in("/there", "22"), "b"));
  try {
    require_same_run(run_in("/here", "22"), "a", run_in("/there", "33"), "b");
    ADD_FAILURE() << "runs of other content were joined";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("XXH3 of /here/b.nii.gz is 22 in the first and 33"), std::string::npos)
        << text;
  }
}

TEST(ShuffleRun, FindsFilesThatWereMovedWithItsParts) {
  const testing::TemporaryFolder folder;
  for (const char* name : {"a.nii.gz", "b.nii.gz", "mask.nii.gz"})
    testing::write_text(folder / name, name);
  const ShuffleRun run = shuffle_run_in(run_in("/nowhere/at/all", "22"), "part");
  const GroupRequest request =
      with_moved_files(request_of_run(run, "part"), run, folder / "shards/shard-1-of-2.h5");
  EXPECT_EQ(request.maps.effects,
            (std::vector<std::string>{folder / "a.nii.gz", folder / "b.nii.gz"}));
  EXPECT_EQ(request.mask, folder / "mask.nii.gz");
  // What is where it was stays.
  const ShuffleRun here = shuffle_run_in(run_in(folder.path().string(), "22"), "part");
  EXPECT_EQ(with_moved_files(request_of_run(here, "part"), here, "/x/shard-1-of-2.h5").mask,
            folder / "mask.nii.gz");
}

}  // namespace
}  // namespace sociometer::jobs
