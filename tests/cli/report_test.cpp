// Pages made from records and maps on disk.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "io/report/viewer.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/small_group.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

size_t count_of(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

::testing::AssertionResult has(const std::string& page, const Words& parts) {
  for (const auto& part : parts)
    if (page.find(part) == std::string::npos)
      return ::testing::AssertionFailure() << "the page has no \"" << part << "\"";
  return ::testing::AssertionSuccess();
}

CommandResult report(const std::string& folder, const Words& more = {}) {
  Words words{"report", folder, "--log-level", "warning"};
  words.insert(words.end(), more.begin(), more.end());
  return run_program(words);
}

/// Two runs of a participant with a modulator.
const Study& fitted() {
  static const Study study;
  static const CommandResult done =
      study.fit({"--modulators", "a:rank", "--noise-model", "ols", "--contrast", "effect=a",
                 "slope=a:rank", "--save", "tsnr", "mean"},
                "first");
  EXPECT_TRUE(exits_with(done, 0));
  return study;
}

/// A copy of these results, to be spoilt.
std::string copy_of_results(const std::string& name) {
  const std::string to = fitted() / name;
  fs::copy(fitted() / "first", to, fs::copy_options::recursive);
  fs::remove_all(to + "/report");  // of an earlier test
  return to;
}

Json design_of_run(const std::string& folder, int run) {
  for (const auto& name : names_ending_in(folder, fmt::format("run-{}_design.json", run)))
    return read_json(folder + "/" + name);
  return {};
}

TEST(Report, ShowsTheFiguresOfTheRecords) {
  const std::string folder = fitted() / "first";
  ASSERT_TRUE(exits_with(report(folder), 0));
  const std::string page = read_bytes(folder + "/report/index.html");
  const Json fit = read_json(folder + "/" + names_ending_in(folder, "estimates.json").front());
  const double dof = fit["Runs"][0]["DegreesOfFreedom"].get<double>() +
                     fit["Runs"][1]["DegreesOfFreedom"].get<double>();
  EXPECT_TRUE(has(page, {fmt::format("2 runs with 120 scans in all, {:g} residual degrees of "
                                     "freedom, noise model ols",
                                     dof),
                         "0 of 24 voxels without statistics", "2 contrasts: effect, slope",
                         "stat-tsnr", "0 of 120 scans censored", "Nichols et al. 2017"}));
  const Json design = design_of_run(folder, 2);
  for (const auto& column : design["Columns"])
    if (column["Role"] == "task")
      EXPECT_TRUE(has(page, {fmt::format("{:.2f}", column["VIF"].get<double>())}));
  ASSERT_EQ(design["Contrasts"].size(), 2u);
  EXPECT_GT(design["Contrasts"][1]["Efficiency"].get<double>(), 0);
  ASSERT_FALSE(design["TaskExplainedByNuisance"].empty());
  const Json& share = design["TaskExplainedByNuisance"][0];
  EXPECT_TRUE(
      has(page, {fmt::format("{:.3f}", share["ExplainedByDriftAndConfounds"].get<double>())}));
}

TEST(Report, HasTheTrialsOfModulators) {
  const Json design = design_of_run(fitted() / "first", 1);
  const Json& trials = design["BeforeConvolution"][0];
  EXPECT_EQ(trials["EventType"], "a");
  EXPECT_EQ(trials["Onsets"].size(), trials["Modulators"][0]["Values"].size());
  EXPECT_GT(trials["Onsets"].size(), 2u);
  double sum = 0;
  for (const auto& value : trials["Modulators"][0]["Values"]) sum += value.get<double>();
  EXPECT_NEAR(sum, 0, 1e-9);  // centred over the run
}

TEST(Report, NamesMeasuresThatWereNotSaved) {
  const std::string folder = fitted() / "first";
  ASSERT_TRUE(exits_with(report(folder), 0));
  const std::string page = read_bytes(folder + "/report/index.html");
  EXPECT_TRUE(has(page, {"Temporal signal-to-noise ratio, run-2", "fit --save residual-variance",
                         "report --series"}));
  EXPECT_EQ(count_of(page, "fit --save tsnr"), 0u);
}

/// The root of what fit stores, which is a variance.
TEST(Report, ShowsTheResidualStandardDeviation) {
  ASSERT_TRUE(exits_with(fitted().fit({"--noise-model", "ar1", "--contrast", "effect=a", "--save",
                                       "residual-variance"},
                                      "saved"),
                         0));
  const std::string folder = fitted() / "saved";
  ASSERT_TRUE(exits_with(report(folder), 0));
  const std::string page = read_bytes(folder + "/report/index.html");
  EXPECT_TRUE(has(page, {"Residual standard deviation, run-1 (root of run-1_stat-residualvariance)",
                         "fit --save tsnr"}));
  std::vector<double> variances;
  const std::string name =
      names_ending_in(folder, "run-1_stat-residualvariance_statmap.nii.gz").front();
  const Image image = read_nifti(folder + "/" + name);
  for (const double v : image.values.col(0))
    if (v > 0) variances.push_back(v);
  ASSERT_EQ(variances.size(), 24u);
  std::sort(variances.begin(), variances.end());
  const double lower = std::sqrt(variances[11]), upper = std::sqrt(variances[12]);
  EXPECT_TRUE(has(page, {fmt::format("{:.4g}", (lower + upper) / 2)})) << lower << ' ' << upper;
}

TEST(Report, ReadsTimeSeriesIfAsked) {
  const std::string folder = fitted() / "series";
  ASSERT_TRUE(exits_with(
      fitted().fit({"--noise-model", "ar2-averaged", "--contrast", "effect=a"}, "series"), 0));
  ASSERT_TRUE(exits_with(report(folder, {"--series"}), 0));
  std::string page = read_bytes(folder + "/report/index.html");
  EXPECT_EQ(count_of(page, "Carpet plot of"), 2u);
  EXPECT_TRUE(has(page, {"Power of residuals by frequency", ">whitened (ar2-averaged)</text>",
                         "the mean over 24 voxels"}));
  // An image that is another one by now is not shown as that of the fit.
  const std::string bold = fitted().bold[1], kept = read_bytes(bold);
  write_text(bold, read_bytes(fitted().bold[0]));
  const CommandResult changed = report(folder, {"--series"});
  write_text(bold, kept);
  ASSERT_TRUE(exits_with(changed, 5));
  EXPECT_NE(changed.err.find("when it was fitted"), std::string::npos) << changed.err;
  page = read_bytes(folder + "/report/index.html");
  EXPECT_EQ(count_of(page, "Carpet plot of"), 1u);
}

TEST(Report, OpensInOnePieceWithoutTheNetwork) {
  const std::string folder = fitted() / "first";
  ASSERT_TRUE(exits_with(report(folder), 0));
  const std::string page = read_bytes(folder + "/report/index.html");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(has(page, {"Content-Security-Policy", "default-src &#39;none&#39;", "sha256-"}));
  for (const char* loaded :
       {"src=\"http", "<link", "@import", "url(http", "<iframe", "unsafe-eval"})
    EXPECT_EQ(count_of(page, loaded), 0u) << loaded;
  // The page's own; in builds with the viewer that, too.
  EXPECT_EQ(count_of(page, "<script>"), viewer_script().empty() ? 1u : 2u);
  for (const char* element : {"section", "table", "figure", "details", "div", "ul", "dl"})
    EXPECT_EQ(
        count_of(page, fmt::format("<{}>", element)) + count_of(page, fmt::format("<{} ", element)),
        count_of(page, fmt::format("</{}>", element)))
        << element;
}

TEST(Report, IsTheSameBytesAgainWithAnyThreads) {
  const std::string folder = copy_of_results("again");
  ASSERT_TRUE(exits_with(report(folder, {"-j", "1"}), 0));
  const std::string first = read_bytes(folder + "/report/index.html");
  ASSERT_TRUE(exits_with(report(folder, {"-j", "3"}), 0));
  EXPECT_EQ(first, read_bytes(folder + "/report/index.html"));
}

/// Replaces a text in all records below a folder.
void rename_in_records(const std::string& folder, const std::string& from, const std::string& to) {
  for (const auto& name : names_ending_in(folder, ".json")) {
    std::string text = read_bytes(folder + "/" + name);
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
    write_text(folder + "/" + name, text);
  }
}

/// A page without the viewer's data, which are JSON: quotes end nothing there. Their only danger,
/// an end of the element, would leave a part of them here.
std::string without_data(std::string page) {
  const std::string begin = "<script type=\"application/json\">", end = "</script>";
  for (size_t at = 0; (at = page.find(begin, at)) != std::string::npos;)
    page.erase(at, page.find(end, at) + end.size() - at);
  return page;
}

TEST(Report, RunsNothingThatRecordsHold) {
  const std::string folder = copy_of_results("hostile");
  const std::string texts[] = {"\"</title></style></script><script>alert(1)</script>\"",
                               "\"' onfocus='alert(2)' autofocus='\"",
                               "\"\\\" onmouseover=\\\"alert(3)\"", "\"javascript:alert(4)\"",
                               "\"a\\u0000\\u001b[31m\\u202e<img src=x onerror=alert(5)>\""};
  const std::string fields[] = {"\"effect\"", "\"slope\"", "\"a:rank\"", "\"spm\"",
                                "\"precision\""};
  for (size_t i = 0; i < std::size(texts); ++i) rename_in_records(folder, fields[i], texts[i]);
  ASSERT_TRUE(exits_with(report(folder), 0));
  const std::string page = without_data(read_bytes(folder + "/report/index.html"));
  const std::string harmless = copy_of_results("harmless");
  ASSERT_TRUE(exits_with(report(harmless), 0));
  const std::string usual = without_data(read_bytes(harmless + "/report/index.html"));
  for (const char* part : {"<script", "</script", "</style", "<title", "</title"})
    EXPECT_EQ(count_of(page, part), count_of(usual, part)) << part;
  for (const char* part : {"<img", " onfocus='", "\" onmouseover", "href=\"javascript", "\x1b"})
    EXPECT_EQ(count_of(page, part), 0u) << part;
  EXPECT_TRUE(has(page, {"&lt;script&gt;alert(1)"}));
}

TEST(Report, NamesRecordsThatCannotBeRead) {
  const std::string folder = copy_of_results("spoilt");
  const std::string name = names_ending_in(folder, "run-1_design.json").front();
  write_text(folder + "/" + name, "{");
  const auto map = names_ending_in(folder, "contrast-slope_stat-t_statmap.nii.gz").front();
  write_text(folder + "/" + map, "no image");
  const CommandResult result = report(folder);
  ASSERT_TRUE(exits_with(result, 5));
  const std::string page = read_bytes(folder + "/report/index.html");
  for (const auto& spoilt : {name, map}) {
    EXPECT_NE(result.err.find(spoilt), std::string::npos) << result.err;
    EXPECT_TRUE(has(page, {spoilt}));
  }
  EXPECT_TRUE(has(page, {"incomplete", "2 files could not be read"}));
}

TEST(Report, RefusesWhatHasNothingToReport) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "empty");
  EXPECT_TRUE(fails_with(report(folder / "empty"), 3, {"no results to report"}));
  EXPECT_TRUE(fails_with(report(folder / "nowhere"), 3, {"not a folder"}));
  EXPECT_FALSE(fs::exists(folder / "empty/report"));
  write_text(folder / "empty/estimates.json", R"({"Record": "sociometer/fit 99"})");
  EXPECT_TRUE(fails_with(report(folder / "empty"), 3, {"estimates.json", "99"}));
  EXPECT_TRUE(fails_with(report(fitted() / "first", {"--participant-label", "77"}), 3, {"sub-77"}));
}

TEST(Report, ReplacesAReportAndNothingElse) {
  const std::string folder = copy_of_results("replaced");
  fs::create_directories(folder + "/report");
  write_text(folder + "/report/index.html", "mine");
  EXPECT_TRUE(exits_with(report(folder), 4));
  EXPECT_EQ(read_bytes(folder + "/report/index.html"), "mine");
  ASSERT_TRUE(exits_with(report(folder, {"--overwrite"}), 0));
  ASSERT_TRUE(exits_with(report(folder), 0));
  EXPECT_NE(read_bytes(folder + "/report/index.html"), "mine");
}

/// Eight maps of 8 voxels in each of which the effect is about 5 standard errors from 0.
TEST(Report, ShowsAGroupAndItsCorrections) {
  const SmallGroup group;
  Words words{"group", "--effects"};
  for (int i = 1; i <= 8; ++i)
    words.push_back(group.put(fmt::format("sub-{}_contrast-x_stat-effect_statmap.nii", i),
                              3 + 0.5 * ((i * 3) % 8)));
  for (const char* word : {"--permutations", "50", "--statistic", "voxel", "-o"})
    words.push_back(word);
  words.push_back(group / "out");
  ASSERT_TRUE(exits_with(run_program(words), 0));
  ASSERT_TRUE(exits_with(report(group / "out"), 0));
  const std::string page = read_bytes(group / "out/report/index.html");
  const Json record = read_json(group / "out/group.json");
  EXPECT_TRUE(has(
      page,
      {"8 participants, method ols", "family-wise p of the voxel by permutation",
       fmt::format("{} sign flips", record["Contrasts"][0]["Permutation"]["Shuffles"].get<int>()),
       "p_fwe_permutation", "Permutation inference for the general linear model"}));
}

}  // namespace
}  // namespace sociometer::testing
