// Pages of reports and their parts, without any program run.
#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "io/report/design_section.hpp"
#include "io/report/figures_in_text.hpp"
#include "io/report/page.hpp"

namespace sociometer {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

ReportPage small_page() {
  ReportPage page;
  page.title = page.heading = "sub-01 <b>";
  page.sections = {{"first", "First", html_paragraph("a")}, {"second", "Second", {}}};
  page.footer = "Made by a test.";
  return page;
}

TEST(ReportPage, HasContentsSectionsAndAPolicy) {
  const std::string text = page_text(small_page());
  for (const char* part :
       {"<!DOCTYPE html>", "<html lang=\"en\">", "<title>sub-01 &lt;b&gt;</title>",
        "<a href=\"#first\">First</a>", "<h2 id=\"second-title\">Second</h2>",
        "default-src &#39;none&#39;", "base-uri &#39;none&#39;", "form-action &#39;none&#39;"})
    EXPECT_TRUE(has(text, part)) << part;
  EXPECT_EQ(text, page_text(small_page()));
}

// printf 'x' | openssl dgst -sha256 -binary | base64
TEST(ReportPage, NamesItsScriptsByTheirDigests) {
  ReportPage page = small_page();
  page.scripts = {"x"};
  page.permissions = {"worker-src blob:"};
  const std::string text = page_text(page);
  EXPECT_TRUE(has(text, "&#39;sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=&#39;"));
  EXPECT_TRUE(has(text, "; worker-src blob:\""));
  EXPECT_TRUE(has(text, "<script>x</script>"));
  EXPECT_FALSE(has(text, "script-src &#39;unsafe-inline"));
}

// Python: base64.b64encode(zlib.compress(b'x' * 300)) begins as any zlib stream does ("eN", "eA",
// "eF" or "eJ"), and zlib.decompress gives the script back.
TEST(ReportPage, HoldsPackedScriptsWithTheDigestOfWhatRuns) {
  EXPECT_EQ(packed_script("x").source, "'sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='");
  const std::string large(10000, 'x');
  const PackedScript script = packed_script(large);
  EXPECT_LT(script.data.size(), 200U);
  EXPECT_EQ(script.data[0], 'e');
  ReportPage page = small_page();
  const std::string plain = page_text(page);
  EXPECT_FALSE(has(plain, "DecompressionStream"));
  page.packed_scripts = {script};
  const std::string text = page_text(page);
  EXPECT_TRUE(has(text, "<script type=\"text/plain\" class=\"packed\">" + script.data));
  EXPECT_TRUE(has(text, "&#39;" + script.source.substr(1, script.source.size() - 2) + "&#39;"));
  EXPECT_TRUE(has(text, "DecompressionStream('deflate')"));
  EXPECT_FALSE(has(text, large));
}

TEST(ReportPage, RefusesIdsTwiceAndScriptsThatEnd) {
  ReportPage twice = small_page();
  twice.sections[1].id = "first";
  EXPECT_THROW(page_text(twice), std::logic_error);
  ReportPage ends = small_page();
  ends.scripts = {"'</Script>'"};
  EXPECT_THROW(page_text(ends), std::logic_error);
}

/// Two columns of the task that correlate at `r`, and a confound that explains `share` of the
/// first.
ReportedDesign small_design(double r, double share) {
  ReportedDesign design;
  design.title = "run-1";
  design.tr_s = 2;
  DesignColumnsRecord& columns = design.record.design;
  columns.rank = 4;
  columns.columns = {{"a", "task", 1 / (1 - r * r), {}},
                     {"a:rank", "task", 1 / (1 - r * r), {}},
                     {"trans_x", "confound", 40, {}},
                     {"constant", "constant", std::nan(""), {}}};
  columns.correlations = {{"a", "a:rank"}, {{1, r}, {r, 1}}};
  design.record.checks.trials = {
      {{"a", std::vector<double>{4, 10}, {{"a:rank", 1.5, {{-1, 1}}}}, {{1}}}}};
  design.record.checks.contrasts = {{{"slope", {"a:rank"}, true, 12.5, {}},
                                     {"other", {"b"}, false, std::nan(""), "no column b"}}};
  design.record.checks.nuisance = {{{"a", 0.01, share, "trans_x", -0.4}}};
  design.record.scans = {6, 0};
  design.values.resize(6, 4);
  design.values << 0, 0, 1, 1, 1, -1, 2, 1, 0, 0, 3, 1, 0, 1, 2, 1, 1, 0, 1, 1, 0, 0, 0, 1;
  design.weights = {{"slope", {{0, 1, 0, 0}}}};
  return design;
}

TEST(DesignFindings, AreTheWorstOfAllRuns) {
  const DesignFindings f = design_findings({small_design(0.3, 0.2), small_design(-0.6, 0.1)});
  EXPECT_NEAR(f.largest_vif, 1 / (1 - 0.36), 1e-12);  // not that of the confound
  EXPECT_EQ(f.largest_r, -0.6);
  EXPECT_EQ(f.largest_share, 0.2);
  EXPECT_EQ(f.share_column, "a");
  EXPECT_EQ(f.not_estimable, (std::vector<std::string>{"other in run-1", "other in run-1"}));
  EXPECT_FALSE(f.is_sound());
}

TEST(DesignFindings, AreSoundWithinTheLimitsOnly) {
  for (const double r : {0.2, 0.79, 0.81, -0.95}) {
    ReportedDesign design = small_design(r, 0.2);
    design.record.checks.contrasts->pop_back();
    EXPECT_EQ(design_findings({design}).is_sound(), std::abs(r) < 0.8) << r;
  }
  EXPECT_TRUE(design_findings({}).is_sound());
  EXPECT_TRUE(sentences_of(design_findings({})).empty());
}

TEST(DesignParts, ShowFiguresTrialsAndWhatIsMissing) {
  const std::string markup = design_parts({small_design(0.6, 0.25)}, "d").markup();
  for (const char* part :
       {"id=\"d-1-traces\"", "id=\"d-1-matrix\"", "data:image/png;base64,", ">0.60</text>",
        "Dots on stems", ">0.250</td>", "no: no column b", ">12.5</td>", "trans_x"})
    EXPECT_TRUE(has(markup, part)) << part;
  ReportedDesign without = small_design(0.6, 0.25);
  without.values.resize(0, 0);
  without.record.checks = {};
  const std::string missing = design_parts({without}, "d").markup();
  EXPECT_TRUE(has(missing, "design.tsv) is not there"));
  EXPECT_TRUE(has(missing, "it is of an earlier version"));
}

TEST(GreyPng, IsAPngOfThisSize) {
  Eigen::MatrixXd values(2, 3);
  values << -1, 0, 1, std::nan(""), 0.5, -0.5;
  const std::string png = grey_png(values);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\0\3\0\0\0\2", 8));
  EXPECT_EQ(png, grey_png(values));
}

TEST(NumberCell, HasAllDigitsForTheTsvAndFewForThePage) {
  EXPECT_EQ(number_cell(1.0 / 3, 2).text, "0.3333333333333333");
  EXPECT_EQ(number_cell(1.0 / 3, 2).shown, "0.33");
  EXPECT_EQ(number_cell(-0.0001, 2).shown, "0.00");
  EXPECT_EQ(number_cell(std::nan(""), 2).text, "n/a");
  EXPECT_EQ(p_text(0.0004), "< 0.001");
  EXPECT_EQ(p_text(0.0126), "0.013");
}

TEST(ClusterTable, ShowsPeaksAsButtonsForTheViewer) {
  const Table table =
      table_of({"cluster_id\tx_mm\ty_mm\tz_mm\tstatistic\tp_fwe_rft\tvoxels\n"
                "1\t8\t24\t-4.5\t5.123\t0.00002\t31\n1a\t-6\t0\t3\t4\t0.2\tn/a\n",
                {"clusters.tsv", ""}});
  const std::string markup =
      cluster_table(table, {{"x_mm, y_mm, z_mm", "place"}, {"voxels, size_mm3", "size"}}, "c",
                    "Clusters.", "c.tsv", "map-1")
          .markup();
  for (const char* part :
       {"data-mm=\"8,24,-4.5\" data-volume=\"map-1\"", "data-tsv=\"0.00002\">&lt; 0.001</td>",
        "data-tsv=\"5.123\">5.12</td>", ">n/a</td>", "title=\"place\"", "title=\"size\""})
    EXPECT_TRUE(has(markup, part)) << part << "\n" << markup;
  const std::string plain = cluster_table(table, {}, "c", "Clusters.", "c.tsv", "", 1).markup();
  EXPECT_FALSE(has(plain, "<button"));
  EXPECT_TRUE(has(plain, "The first 1 of 2 rows."));
}

}  // namespace
}  // namespace sociometer
