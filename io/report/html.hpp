#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sociometer {

/// Markup that is safe to put into a page: made by the functions below, which escape every text
/// that they are given. A std::string does not become one by itself.
class Html {
 public:
  Html() = default;
  /// A text with its five special characters escaped, for content and quoted attributes alike;
  /// control characters become what printable() (engine/core/printable.hpp) writes.
  static Html text(std::string_view text);
  /// Markup that this program wrote, word for word. Never anything that a file or a user gave.
  static Html trusted(std::string markup);
  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

 private:
  std::string markup_;
};

inline Html operator+(Html a, const Html& b) { return a += b; }

using HtmlAttributes = std::vector<std::pair<std::string, std::string>>;

/// <name attributes>content</name>, attribute values escaped. Addresses (href, src) with a scheme
/// other than http, https, mailto and data:image become "#": javascript: is one of those.
/// @throws std::logic_error for names that are not markup's, and attributes that hold scripts
/// (on..).
Html html_element(std::string_view name, const HtmlAttributes& attributes, const Html& content);
Html html_paragraph(std::string_view text);

/// A table that the page sorts, filters and downloads as TSV. Cells are texts as the TSV has them;
/// columns of numbers are aligned right and sorted by value, `n/a` last.
struct HtmlTable {
  struct Column {
    std::string title;  ///< as in the TSV
    bool is_number = false;
    std::string explanation;  ///< shown with the title; may be empty
  };
  struct Cell {
    std::string text;
    std::string shown;  ///< what the page shows instead (fewer digits, say); empty: the text
    HtmlAttributes attributes;  ///< of the <td>, such as the place a peak's row goes to
    Html content;               ///< markup that stands for it on the page; empty: shown or text
  };
  std::string id;  ///< of the element; letters, digits and '-'
  std::string caption;
  std::string file_name;  ///< offered for the download
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};
Html html_table(const HtmlTable& table);

/// A picture with its caption. @param svg  markup of an SVG made by this program (svg_markup()).
/// @param described  what the picture shows, in words, for those who do not see it.
Html html_figure(std::string_view id, const Html& svg, std::string_view described,
                 std::string_view caption);

/// An id of letters, digits and '-' from any text: "contrast-outcome"; other characters become '-'.
std::string html_id(std::string_view text);

/// A paragraph of trusted and escaped parts, such as links within a sentence.
Html html_paragraph(const Html& content);

/// One part of a page, with an entry in its table of contents.
struct ReportSection {
  std::string id;  ///< letters, digits and '-'
  std::string title;
  Html body;
};

}  // namespace sociometer
