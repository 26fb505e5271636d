#include "io/report/html.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

const char* const kHostile[] = {
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "<img src=x onerror=alert(1)>",
    "<!-- a comment",
    "]]>",
    "&lt;script&gt;",
    "</table></td></style>",
};

TEST(Html, EscapesTheFiveCharacters) {
  EXPECT_EQ(Html::text("a < b & \"c\" > 'd'").markup(),
            "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;");
}

TEST(Html, WritesControlCharactersAsMessagesDo) {
  EXPECT_EQ(Html::text(std::string("a\0b\x1b[31m\n\t", 10)).markup(), "a\\x00b\\x1b[31m\\n\\t");
  EXPECT_EQ(Html::text("\xff\xfe").markup().find('\xff'), std::string::npos);
}

TEST(Html, LeavesNoMarkupOfHostileTexts) {
  for (const std::string text : kHostile) {
    const std::string markup = Html::text(text).markup();
    EXPECT_EQ(markup.find_first_of("<>\"'"), std::string::npos) << text << " -> " << markup;
    const std::string element = html_element("p", {{"title", text}}, Html::text(text)).markup();
    EXPECT_TRUE(element.starts_with("<p title=\"")) << element;
    EXPECT_EQ(std::count(element.begin(), element.end(), '<'), 2) << element;
    EXPECT_EQ(std::count(element.begin(), element.end(), '"'), 2) << element;
  }
}

TEST(Html, LetsNoAddressRun) {
  for (const char* address :
       {"javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)",
        "java\nscript:alert(1)", "\x01javascript:alert(1)", "vbscript:x", "data:text/html,<script>",
        "data:image/svg+xml,<svg onload=alert(1)>", "file:///etc/passwd"})
    EXPECT_EQ(html_element("a", {{"href", address}}, Html::text("x")).markup(),
              "<a href=\"#\">x</a>")
        << address;
  EXPECT_EQ(html_element("a", {{"href", "sub-01/index.html#a:b"}}, Html::text("x")).markup(),
            "<a href=\"sub-01/index.html#a:b\">x</a>");
  EXPECT_EQ(html_element("a", {{"href", "https://doi.org/10.1/x?a=1&b=2"}}, {}).markup(),
            "<a href=\"https://doi.org/10.1/x?a=1&amp;b=2\"></a>");
  EXPECT_EQ(html_element("img", {{"src", "data:image/png;base64,AA=="}}, {}).markup(),
            "<img src=\"data:image/png;base64,AA==\">");
}

TEST(Html, RefusesNamesThatAreNotMarkup) {
  EXPECT_THROW(html_element("p onclick", {}, {}), std::logic_error);
  EXPECT_THROW(html_element("p", {{"onclick", "alert(1)"}}, {}), std::logic_error);
  EXPECT_THROW(html_element("p", {{"a b", ""}}, {}), std::logic_error);
  EXPECT_THROW(html_element("br", {}, Html::text("x")), std::logic_error);
  EXPECT_THROW(html_figure("a\"b", {}, "", ""), std::logic_error);
}

TEST(Html, IdsAreOfLettersDigitsAndHyphens) {
  EXPECT_EQ(html_id("contrast a/b\"<"), "contrast-a-b--");
}

HtmlTable small_table() {
  HtmlTable table;
  table.id = "peaks";
  table.caption = "Peaks";
  table.file_name = "peaks.tsv";
  table.columns = {{"region", false, "where it is"}, {"p", true, ""}};
  table.rows = {{{"dACC", "", {}, {}}, {"0.0000123", "< 0.001", {}, {}}}};
  return table;
}

TEST(HtmlTable, HasTitlesAndCellsAndWhatTheTsvHas) {
  const std::string markup = html_table(small_table()).markup();
  for (const char* part :
       {"<table id=\"peaks\" data-file=\"peaks.tsv\"><caption>Peaks</caption>",
        "<th scope=\"col\" title=\"where it is\">region</th>",
        "<th scope=\"col\" class=\"number\">p</th>", "<td>dACC</td>",
        "<td class=\"number\" data-tsv=\"0.0000123\">&lt; 0.001</td>", "<dd>where it is</dd>"})
    EXPECT_NE(markup.find(part), std::string::npos) << part << "\n" << markup;
}

TEST(HtmlTable, EscapesAllThatItIsGiven) {
  for (const std::string text : kHostile) {
    HtmlTable table = small_table();
    table.caption = table.file_name = text;
    table.columns[0] = {text, false, text};
    table.rows = {{{text, text + "!", {{"data-mm", text}}, {}}, {text, "", {}, {}}}};
    const std::string markup = html_table(table).markup();
    for (const char* part : {"<script", "<img", "</script", "<!--", " onfocus='", "\" onmouse"})
      EXPECT_EQ(markup.find(part), std::string::npos) << text << "\n" << markup;
  }
}

TEST(HtmlTable, RefusesRowsOfAnotherLength) {
  HtmlTable table = small_table();
  table.rows[0].pop_back();
  EXPECT_THROW(html_table(table), std::logic_error);
}

TEST(HtmlFigure, HasItsDescription) {
  const std::string markup =
      html_figure("f", Html::trusted("<svg></svg>"), "bars of \"x\"", "Bars").markup();
  EXPECT_EQ(markup,
            "<figure id=\"f\"><div role=\"img\" aria-label=\"bars of &quot;x&quot;\" "
            "class=\"picture\"><svg></svg></div><figcaption>Bars</figcaption></figure>");
}

}  // namespace
}  // namespace sociometer
