// `rsa --overlap`, `--importance-maps`, `--dry-run` and `--memory` on trials made here.
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/cli/rsa_trials.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace rsa_importance_cli {

using namespace rsa_cli;

/// A second belief of the trials, which goes with the first in one person and not in another.
struct TwoBeliefs : Trials {
  TwoBeliefs() {
    for (size_t p = 0; p < tables.size(); ++p) {
      srand(unsigned(50 + p));
      const std::string table = read_bytes(tables[p]);
      std::string out;
      size_t row = 0;
      for (size_t at = 0; at < table.size(); ++row) {
        const size_t end = table.find('\n', at);
        out += table.substr(at, end - at) +
               (row == 0 ? "\tother" : "\t" + format_number(double(rand()) / RAND_MAX)) + "\n";
        at = end + 1;
      }
      write_text(tables[p], out);
    }
  }
  Words two(const Words& more) const {
    Words words{"--rois",          roi(),       "--model",   "belief",     "other",
                "--dissimilarity", "euclidean", "--compare", "regression", "--overlap"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST(RsaOverlap, HasARowPerPersonAndItsTests) {
  const TwoBeliefs trials;
  std::string people = "participant_id\tbias\n";
  for (int p = 1; p <= kPeople; ++p)
    people += "sub-0" + std::to_string(p) + "\t" + std::to_string(p * p % 7) + "\n";
  write_text(trials.folder / "people.tsv", people);
  const CommandResult result = trials.rsa(
      trials.two({"--overlap-permutations", "50", "--overlap-with", "bias", "--participants",
                  trials.folder / "people.tsv", "--permutations", "99", "-j", "1"}),
      "out", "info");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("overlap of voxel importance (our definition)"), std::string::npos)
      << result.err;
  const Table overlaps = read_table(trials.folder / "out/rsaOverlap.tsv");
  ASSERT_EQ(overlaps.rows.size(), size_t(kPeople));
  Eigen::VectorXd above(kPeople), bias(kPeople);
  for (size_t p = 0; p < size_t(kPeople); ++p) {
    const double overlap = std::stod(cell(overlaps, p, "overlap"));
    EXPECT_LE(std::abs(overlap), 1);
    above[Eigen::Index(p)] = std::stod(cell(overlaps, p, "above"));
    EXPECT_TRUE(close_number(overlap - std::stod(cell(overlaps, p, "expected")),
                             above[Eigen::Index(p)], 1e-9, 1e-3));
    EXPECT_EQ(cell(overlaps, p, "first"), "belief");
    EXPECT_EQ(cell(overlaps, p, "second"), "other");
    bias[Eigen::Index(p)] = double((p + 1) * (p + 1) % 7);
  }
  const Table group = read_table(trials.folder / "out/rsaOverlapGroup.tsv");
  ASSERT_EQ(group.rows.size(), 1u);
  EXPECT_EQ(cell(group, 0, "n"), "6");
  EXPECT_TRUE(close_number(std::stod(cell(group, 0, "above")), above.mean(), 1e-9, 1e-3));
  const Eigen::VectorXd a = above.array() - above.mean(), b = bias.array() - bias.mean();
  EXPECT_TRUE(close_number(std::stod(cell(group, 0, "pearson_r")), a.dot(b) / a.norm() / b.norm(),
                           1e-9, 1e-3));
  EXPECT_LE(std::stod(cell(group, 0, "pearson_lower")), std::stod(cell(group, 0, "pearson_r")));
  EXPECT_GT(std::stod(cell(group, 0, "score_p_permutation")), 0);
  const Json json = read_json(trials.folder / "out/rsaOverlapGroup.json");
  EXPECT_EQ(json["Importance"], "contribution");
  EXPECT_EQ(json["OverlapPermutations"], 50);
  EXPECT_EQ(json["OverlapWith"], "bias");
  EXPECT_NE(json["ImportanceInferred"].get<std::string>().find("no definition"), std::string::npos);
  // The same bytes whatever the number of threads.
  ASSERT_TRUE(exits_with(
      trials.rsa(trials.two({"--overlap-permutations", "50", "-j", "3"}), "threads"), 0));
  EXPECT_EQ(read_bytes(trials.folder / "out/rsaOverlap.tsv"),
            read_bytes(trials.folder / "threads/rsaOverlap.tsv"));
}

TEST(RsaOverlap, RecordsWhoIsLeftOut) {
  const TwoBeliefs trials;
  // Only the first run of sub-04 has amplitudes: no pair of different runs.
  std::string table = read_bytes(trials.tables[3]);
  for (size_t at = table.find("\n" + std::to_string(kPerRun + 1) + "\t");
       (at = table.find("\tok\t", at)) != std::string::npos;)
    table.replace(at + 1, 2, "no");
  write_text(trials.tables[3], table);
  std::string people = "participant_id\tbias\n";
  for (int p = 1; p <= kPeople; ++p)
    people += "sub-0" + std::to_string(p) + "\t" + std::to_string(p * p % 7) + "\n";
  write_text(trials.folder / "people.tsv", people);
  EXPECT_TRUE(exits_with(
      trials.rsa(
          trials.two({"--overlap-permutations", "20", "--overlap-with", "bias", "--participants",
                      trials.folder / "people.tsv", "--permutations", "99"})),
      5));
  for (const char* name : {"out/rsaOverlap.json", "out/rsaOverlapGroup.json"}) {
    const Json json = read_json(trials.folder / name);
    ASSERT_EQ(json["LeftOut"].size(), 1u) << name;
    EXPECT_EQ(json["LeftOut"][0].get<std::string>().find("sub-04 is left out: "), 0u)
        << json["LeftOut"];
    EXPECT_EQ(json["Participants"], (Json{"sub-01", "sub-02", "sub-03", "sub-05", "sub-06"}));
  }
  EXPECT_EQ(read_json(trials.folder / "out/rsaOverlapGroup.json")["LeftOutOfRelation"],
            Json::array());
  EXPECT_EQ(read_table(trials.folder / "out/rsaOverlap.tsv").rows.size(), size_t(kPeople - 1));
  // Who has no score is left out of the relation only.
  people.replace(people.find("sub-02\t") + 7, 1, "n/a");
  people += "sub-07\t1\n";
  write_text(trials.folder / "people.tsv", people);
  EXPECT_TRUE(exits_with(
      trials.rsa(
          trials.two({"--overlap-permutations", "20", "--overlap-with", "bias", "--participants",
                      trials.folder / "people.tsv", "--permutations", "99"}),
          "fewer"),
      5));
  const Json fewer = read_json(trials.folder / "fewer/rsaOverlapGroup.json");
  EXPECT_EQ(fewer["LeftOutOfRelation"], (Json{"sub-02"}));
  EXPECT_EQ(fewer["LeftOut"].size(), 1u);
  // Four people are too few for it.
  const Table unrelated = read_table(trials.folder / "fewer/rsaOverlapGroup.tsv");
  EXPECT_GE(unrelated.find("above"), 0);
  EXPECT_LT(unrelated.find("pearson_r"), 0);
}

TEST(RsaOverlap, MapsAddUpToTheValues) {
  const TwoBeliefs trials;
  ASSERT_TRUE(
      exits_with(trials.rsa(trials.two({"--importance-maps", "--overlap-permutations", "0"})), 0));
  const Table values = read_table(trials.folder / "out/rsaValues.tsv");
  const std::string stem = trials.folder / "out/sub-03/sub-03_contrast-";
  const Image map = read_nifti(stem + "belief_desc-all_stat-importance_statmap.nii.gz");
  double sum = 0;
  for (const double value : map.values.reshaped())
    if (std::isfinite(value)) sum += value;
  EXPECT_EQ(cell(values, 4, "participant_id"), "sub-03");
  EXPECT_TRUE(close_number(sum, std::stod(cell(values, 4, "value")), 1e-5, 1e-3));
  const Json json = read_json(stem + "other_desc-all_stat-importance_statmap.json");
  EXPECT_EQ(json["Model"], "other");
  EXPECT_EQ(json["Record"], "sociometer/rsa-importance 1");
  // Without permuted models nothing is expected, and nothing is tested.
  const Table group = read_table(trials.folder / "out/rsaOverlapGroup.tsv");
  EXPECT_NE(cell(group, 0, "overlap"), "n/a");
  for (const char* column : {"expected", "above", "t", "p", "p_holm"})
    EXPECT_EQ(cell(group, 0, column), "n/a") << column;
}

TEST(RsaOverlap, RefusesWhatCannotBe) {
  const TwoBeliefs trials;
  const auto refused = [&](const Words& words, int code, const Words& with) {
    return fails_with(trials.rsa(words, "refused"), code, with);
  };
  const Words one{"--rois", trials.roi(), "--model", "belief", "--overlap"};
  EXPECT_TRUE(refused(one, 2, {"--overlap is of two models"}));
  EXPECT_TRUE(refused(
      {"--rois", trials.roi(), "--model", "belief", "other", "--overlap", "--compare", "kendall"},
      2, {"kendall has no importances"}));
  EXPECT_TRUE(refused({"--rois", trials.roi(), "--model", "belief", "other", "--overlap",
                       "--importance", "contribution"},
                      2, {"linear in the distances", "spearman", "jackknife"}));
  EXPECT_TRUE(refused({"--searchlight", "5", "--model", "belief", "other", "--overlap"}, 2,
                      {"voxels of a region"}));
  EXPECT_TRUE(refused(trials.two({"--importance-top", "0"}), 2, {"--importance-top is 0"}));
  EXPECT_TRUE(refused(trials.two({"--overlap-with", "bias"}), 2, {"--participants"}));
  write_text(trials.folder / "people.tsv", "participant_id\tage\nsub-01\t20\n");
  EXPECT_TRUE(refused(
      trials.two({"--overlap-with", "bias", "--participants", trials.folder / "people.tsv"}), 3,
      {"no column 'bias'", "people.tsv"}));
  EXPECT_TRUE(refused(trials.two({"--overlap-with", "bias", "--participants",
                                  trials.folder / "people.tsv", "--dry-run"}),
                      3, {"no column 'bias'"}));
  EXPECT_FALSE(std::filesystem::exists(trials.folder / "refused"));
}

TEST(RsaForecast, SaysWhatWouldBeDoneAndWritesNothing) {
  const TwoBeliefs trials;
  const CommandResult result = trials.rsa(trials.two({"--dry-run"}), "dry");
  ASSERT_TRUE(exits_with(result, 0));
  for (const char* part :
       {"rsa would compare the patterns of 6 participants with 2 models",
        "24 in sub-01, 192 of 276 pairs are compared", "peak memory", "rsaOverlapGroup.tsv"})
    EXPECT_NE(result.out.find(part), std::string::npos) << part << "\n" << result.out;
  EXPECT_FALSE(std::filesystem::exists(trials.folder / "dry"));
}

TEST(RsaForecast, RefusesWhatTakesMoreThanAllowed) {
  const TwoBeliefs trials;
  EXPECT_TRUE(
      fails_with(trials.rsa(trials.two({"--memory", "1M"}), "refused"), 3,
                 {"the memory limit (--memory) of 1.0 MiB is too little", "MiB; give at least"}));
  EXPECT_FALSE(std::filesystem::exists(trials.folder / "refused"));
  EXPECT_TRUE(exits_with(trials.rsa(trials.two({"--memory", "2G"}), "enough"), 0));
}

}  // namespace rsa_importance_cli
}  // namespace sociometer::testing
