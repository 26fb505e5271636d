#include "io/report/html.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"

namespace sociometer {
namespace {

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view name) {
  return !name.empty() && is_ascii_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == ':';
         });
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// The scheme of an address in small letters, "" for relative ones. Browsers drop control
/// characters and blanks from addresses before they look for it.
std::string scheme_of(std::string_view address) {
  std::string scheme;
  for (const char c : address) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) continue;
    if (c == ':') return scheme;
    if (c == '/' || c == '?' || c == '#') return "";
    scheme += char(std::tolower(byte));
  }
  return "";
}

bool is_harmless(std::string_view address) {
  const std::string scheme = scheme_of(address);
  if (scheme == "data") return address.starts_with("data:image/png;base64,");
  return scheme.empty() || scheme == "http" || scheme == "https" || scheme == "mailto";
}

std::string attributes_text(const HtmlAttributes& attributes) {
  std::string out;
  for (const auto& [name, value] : attributes) {
    require(is_name(name) && !name.starts_with("on"), "an attribute that holds no script");
    const bool is_address = name == "href" || name == "src" || name == "xlink:href";
    out += ' ' + name + "=\"" + (is_address && !is_harmless(value) ? "#" : escaped(value)) + '"';
  }
  return out;
}

bool is_void(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kVoid{"br",    "col",  "hr",
                                                         "input", "link", "meta"};
  return name == "img" || std::find(kVoid.begin(), kVoid.end(), name) != kVoid.end();
}

/// A name that may be broken behind each '_'.
Html breakable(const std::string& name) {
  Html out;
  size_t from = 0;
  for (size_t at = name.find('_'); at != std::string::npos; at = name.find('_', from)) {
    out += Html::text(name.substr(from, at + 1 - from)) + Html::trusted("<wbr>");
    from = at + 1;
  }
  return out + Html::text(name.substr(from));
}

Html header_cell(const HtmlTable::Column& column) {
  HtmlAttributes attributes{{"scope", "col"}};
  if (column.is_number) attributes.emplace_back("class", "number");
  if (!column.explanation.empty()) attributes.emplace_back("title", column.explanation);
  return html_element("th", attributes, breakable(column.title));
}

Html body_cell(const HtmlTable::Cell& cell, bool is_number) {
  HtmlAttributes attributes = cell.attributes;
  if (is_number) attributes.emplace_back("class", "number");
  const bool other = !cell.content.empty() || (!cell.shown.empty() && cell.shown != cell.text);
  if (other) attributes.emplace_back("data-tsv", cell.text);
  return html_element("td", attributes,
                      !cell.content.empty()
                          ? cell.content
                          : Html::text(cell.shown.empty() ? cell.text : cell.shown));
}

/// What the columns mean, for readers who cannot point at their titles.
Html explanations(const HtmlTable& table) {
  Html list;
  for (const auto& column : table.columns)
    if (!column.explanation.empty())
      list += html_element("dt", {}, Html::text(column.title)) +
              html_element("dd", {}, Html::text(column.explanation));
  if (list.empty()) return {};
  return html_element("details", {{"class", "columns"}},
                      html_element("summary", {}, Html::text("What the columns mean")) +
                          html_element("dl", {}, list));
}

}  // namespace

Html Html::text(std::string_view text) { return trusted(escaped(text)); }

Html Html::trusted(std::string markup) {
  Html html;
  html.markup_ = std::move(markup);
  return html;
}

Html html_element(std::string_view name, const HtmlAttributes& attributes, const Html& content) {
  require(is_name(name), "the name of an element");
  const std::string tag(name);
  const std::string start = "<" + tag + attributes_text(attributes) + ">";
  if (is_void(name)) {
    require(content.empty(), "an element without content");
    return Html::trusted(start);
  }
  return Html::trusted(start + content.markup() + "</" + tag + ">");
}

Html html_paragraph(std::string_view text) { return html_element("p", {}, Html::text(text)); }
Html html_paragraph(const Html& content) { return html_element("p", {}, content); }

Html html_table(const HtmlTable& table) {
  require(table.id == html_id(table.id), "an id of letters, digits and '-'");
  Html head, body;
  for (const auto& column : table.columns) head += header_cell(column);
  for (const auto& row : table.rows) {
    require(row.size() == table.columns.size(), "a cell for each column");
    Html cells;
    for (size_t i = 0; i < row.size(); ++i) cells += body_cell(row[i], table.columns[i].is_number);
    body += html_element("tr", {}, cells);
  }
  const Html inner = html_element("caption", {}, Html::text(table.caption)) +
                     html_element("thead", {}, html_element("tr", {}, head)) +
                     html_element("tbody", {}, body);
  const Html framed = html_element(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", table.caption}},
      html_element("table", {{"id", table.id}, {"data-file", table.file_name}}, inner));
  return html_element("div", {{"class", "table"}}, framed + explanations(table));
}

Html html_figure(std::string_view id, const Html& svg, std::string_view described,
                 std::string_view caption) {
  require(id == html_id(id), "an id of letters, digits and '-'");
  const Html picture = html_element(
      "div", {{"role", "img"}, {"aria-label", std::string(described)}, {"class", "picture"}}, svg);
  return html_element("figure", {{"id", std::string(id)}},
                      picture + html_element("figcaption", {}, Html::text(caption)));
}

std::string html_id(std::string_view text) {
  std::string id;
  for (const char c : text) id += is_ascii_letter(c) || is_ascii_digit(c) ? c : '-';
  return id;
}

}  // namespace sociometer
