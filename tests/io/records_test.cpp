#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/records/first_level_records.hpp"
#include "io/records/group_record.hpp"
#include "io/records/methods.hpp"
#include "io/records/provenance.hpp"
#include "io/records/region_values.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

void write_json(const std::string& path, const Json& json) {
  fs::create_directories(fs::path(path).parent_path());
  write_text(path, to_text(json));
}

Json tagged(const std::string& tag) {
  return {{"Record", tag}, {"Software", {{"Version", "9.8"}}}};
}

TEST(RecordKinds, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const RecordSchema& schema : kRecordSchemas) {
    EXPECT_TRUE(names.insert(schema.name).second) << schema.name;
    EXPECT_EQ(std::string(schema.name).find_first_not_of("abcdefghijklmnopqrstuvwxyz-"),
              std::string::npos);
    EXPECT_GE(schema.version, 1);
    const RecordHeader header = header_of({{"Record", record_tag(schema.kind)}}, "x");
    EXPECT_EQ(header.kind, schema.kind);
    EXPECT_EQ(header.version, schema.version);
  }
}

TEST(Provenance, SignsAtTheEnd) {
  Provenance provenance;
  provenance.command = {"roi", "test", "a b"};
  Json json{{"a", 1}};
  provenance.sign(json, RecordKind::region_tests);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"a", "Record", "Software", "CommandLine"}));
  EXPECT_EQ(json["Record"], "sociometer/region-tests 1");
}

TEST(Provenance, ChangesNothingButTheOutputFolder) {
  Provenance shard;
  shard.command = {"group", "--design", "x.tsv", "-o", "old", "--prefix", "old"};
  shard.configuration_name = "sociometer-group.toml";
  shard.configuration = "[group]\ndesign = \"x.tsv\"\noutput = \"old\"\nprefix = \"old\"\n";
  const Provenance merged = shard.with_output("new folder");
  EXPECT_EQ(merged.command, (std::vector<std::string>{"group", "--design", "x.tsv", "-o",
                                                      "new folder", "--prefix", "old"}));
  EXPECT_EQ(merged.configuration,
            "[group]\ndesign = \"x.tsv\"\noutput = \"new folder\"\nprefix = \"old\"\n");
  EXPECT_EQ(merged.configuration_name, shard.configuration_name);
  shard.command = {"group", "--output=-odd"};
  shard.configuration.clear();
  EXPECT_EQ(shard.with_output("a").command, (std::vector<std::string>{"group", "--output=a"}));
}

TEST(ReadRecord, RefusesWhatItDoesNotKnow) {
  const TemporaryFolder folder;
  const auto refused = [&](const Json& json, const std::vector<std::string>& words) {
    write_json(folder / "a.json", json);
    std::vector<std::string> all = words;
    all.push_back("a.json");
    EXPECT_TRUE(refuses(ErrorCode::bad_input, all, [&] {
      read_record(folder / "a.json", RecordKind::fit);
    })) << json;
  };
  refused({{"Name", "x"}}, {"no field Record", "write it again"});
  refused(Json::array({1}), {"not a JSON object"});
  refused(tagged("sociometer/design 1"), {"'design'", "'fit'"});
  refused(tagged("sociometer/nonsense 1"), {"'nonsense'", "9.8"});
  refused(tagged("sociometer/fit 2"), {"version 2", "up to 1", "9.8", "'fit'"});
  for (const char* tag : {"sociometer/fit", "sociometer/fit x", "sociometer/fit 0", "sociometer/ 1",
                          "other/fit 1", "sociometer/fit 1x", "", "sociometer/fit 99999999999999"})
    refused(tagged(tag), {"KIND VERSION"});
  refused({{"Record", 1}}, {"is 1"});
  write_text(folder / "a.json", "{\"Record\": ");
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {"a.json", "line 1"}, [&] { read_header(folder / "a.json"); }));
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {"none.json"}, [&] { read_header(folder / "none.json"); }));
  write_json(folder / "a.json", tagged("sociometer/fit 1"));
  EXPECT_EQ(read_record(folder / "a.json", RecordKind::fit)["Software"]["Version"], "9.8");
}

TEST(FindRecords, ListsThemSortedWithWhatIsBroken) {
  const TemporaryFolder folder;
  write_json(folder / "out/sub-02/b.json", tagged("sociometer/map 1"));
  write_json(folder / "out/sub-01/a.json", tagged("sociometer/design 1"));
  write_json(folder / "out/dataset_description.json", {{"Name", "x"}});
  write_json(folder / "out/list.json", Json::array({1}));
  write_json(folder / "out/new.json", tagged("sociometer/map 7"));
  write_json(folder / "out/.outputs/hidden.json", tagged("sociometer/map 1"));
  write_json(folder / "out/a.tsv", tagged("sociometer/map 1"));
  write_text(folder / "out/torn.json", "{\"Record\": \"sociometer/map 1\", ");
  const auto found = find_records(folder / "out");
  std::vector<std::string> lines;
  for (const auto& one : found)
    lines.push_back(fs::relative(one.path, folder / "out").string() + " " +
                    (one.header ? name_of(one.header->kind) : "broken"));
  EXPECT_EQ(lines, (std::vector<std::string>{"new.json broken", "sub-01/a.json design",
                                             "sub-02/b.json map", "torn.json broken"}));
  EXPECT_NE(found[0].fault.find("version 7"), std::string::npos) << found[0].fault;
  EXPECT_NE(found[3].fault.find("torn.json is not JSON"), std::string::npos) << found[3].fault;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"nothing", "is not a folder"},
                      [&] { find_records(folder / "nothing"); }));
}

TEST(FindRecords, FollowsLinksOnce) {
  const TemporaryFolder folder;
  write_json(folder / "out/sub-01/a.json", tagged("sociometer/map 1"));
  write_json(folder / "elsewhere/b.json", tagged("sociometer/map 1"));
  write_json(folder / "beside.json", tagged("sociometer/map 1"));
  fs::create_directory_symlink("..", folder / "out/sub-01/circle");
  fs::create_directory_symlink("../..", folder / "out/sub-01/above");
  fs::create_directory_symlink("sub-01", folder / "out/again");
  fs::create_directory_symlink("../elsewhere", folder / "out/linked");
  fs::create_directory_symlink("nowhere", folder / "out/dangling");
  fs::create_symlink("../beside.json", folder / "out/file.json");
  std::vector<std::string> names;
  for (const auto& one : find_records(folder / "out"))
    names.push_back(one.path.substr((folder / "out/").size()));
  EXPECT_EQ(names, (std::vector<std::string>{"file.json", "linked/b.json", "sub-01/a.json"}));
}

/// Of version 9.8, commit abc.
template <class T>
Json signed_record(const T& record) {
  Json json = record_to_json(record);
  append(json, tagged(record_tag(T::kKind)));
  json["Software"]["Commit"] = "abc";
  return json;
}

Json fit_record(const std::string& sub, const std::string& noise, double tr, int scans) {
  FitRecord fit;
  fit.noise.model = noise;
  fit.choices = {"none", "precision"};
  fit.smoothing_fwhm_mm = {6, 6, 6};
  fit.design.hrf = "spm";
  for (int r : {1, 2}) {
    FitRun run;
    run.bold = "/d/" + sub + "_task-x_run-" + std::to_string(r) + "_bold.nii";
    run.tr_s = tr;
    run.scans = {scans + r, r};
    run.settings.drift = "cosine";
    run.settings.high_pass_hz = 1 / 128.0;
    fit.runs.push_back(run);
  }
  return signed_record(fit);
}

Json group_record() {
  GroupRecord group;
  group.model.method = "ols";
  group.model.participants = 3;
  PermutationRecord permutation;
  permutation.shuffles = 8;
  permutation.scheme = "sign flips";
  permutation.sided = "one";
  group.contrasts = {{{}, permutation}};
  return signed_record(group);
}

TEST(Methods, StateWhatRecordsHaveAndWhereTheyDiffer) {
  TemporaryFolder folder;
  write_json(folder / "a/sub-01_estimates.json", fit_record("sub-01", "ar1", 2, 100));
  write_json(folder / "a/sub-02_estimates.json", fit_record("sub-02", "ar1", 2, 100));
  std::vector<std::string> files{folder / "a/sub-01_estimates.json",
                                 folder / "a/sub-02_estimates.json"};
  MethodsSection methods = methods_of(files);
  ASSERT_EQ(methods.paragraphs.size(), 2u);
  EXPECT_EQ(methods.paragraphs[0], "The analysis used Sociometer 9.8 (commit abc).");
  EXPECT_EQ(methods.paragraphs[1],
            "First level: a general linear model was fitted to each voxel of 2 runs of 101 to 102 "
            "scans of 2 participants (repetition time 2 s), with the data smoothed by Gaussian "
            "kernels (full width at half maximum 6 x 6 x 6 mm). Regressors of the task were "
            "convolved with the response 'spm'. Slow drifts were modelled in the design (cosine, "
            "periods above 128 s). Serial correlation: noise model 'ar1'. 6 scans in total were "
            "censored. Runs of a participant were combined as fixed effects (weighted by their "
            "precision).");
  EXPECT_TRUE(methods.cited.empty());
  write_json(folder / "a/sub-03_estimates.json", fit_record("sub-03", "ols", 1.5, 200));
  write_json(folder / "g/group.json", group_record());
  write_json(folder / "g/other.json", {{"Name", "no record"}});
  files.insert(files.end(), {folder / "a/sub-03_estimates.json", folder / "g/group.json",
                             folder / "g/other.json", folder / "g/map.nii.gz"});
  methods = methods_of(files);
  ASSERT_EQ(methods.paragraphs.size(), 3u);
  for (const char* part : {"101 to 202 scans of 3 participants (repetition time 1.5 to 2 s)",
                           "noise model 'ar1 and ols'"})
    EXPECT_NE(methods.paragraphs[1].find(part), std::string::npos) << methods.paragraphs[1];
  EXPECT_EQ(methods.paragraphs[2],
            "Group: effects of 3 participants were analysed in 1 group analysis (method ols). "
            "Family-wise error "
            "was controlled by 8 sign flips (one-sided; Winkler et al., 2014).");
  ASSERT_EQ(methods.cited.size(), 1u);
  EXPECT_NE(to_markdown(methods).find("doi:10.1016/j.neuroimage.2014.01.060"), std::string::npos);
  EXPECT_NE(to_bibtex(methods).find("@article{winkler2014,"), std::string::npos);
}

TEST(RegionValues, OfANewerVersionAreRefused) {
  const TemporaryFolder folder;
  write_text(folder / "v.tsv",
             "participant_id\troi\tcontrast\tstatistic\tvalue\nsub-1\tA\tx\tmean\t1\n");
  write_json(folder / "v.json", {{"Regions", {{"A", {{"Role", "reward"}}}}}});
  EXPECT_EQ(read_region_values(folder / "v.tsv").regions.at("A").role, "reward");
  write_json(folder / "v.json", tagged("sociometer/region-values 2"));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"v.tsv", "version 2", "up to 1"},
                      [&] { read_region_values(folder / "v.tsv"); }));
}

}  // namespace
}  // namespace sociometer::testing
