#include "io/report/page.hpp"

#include <set>
#include <span>

#include "engine/core/error.hpp"
#include "io/bytes/base64.hpp"
#include "io/bytes/gzip_write.hpp"
#include "io/bytes/sha256.hpp"
#include "io/report/shared_images.hpp"

namespace sociometer {
namespace {

std::string source_of(std::string_view script) {
  const auto digest = sha256(script);
  return "'sha256-" + base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

std::string policy_of(const ReportPage& page, const std::vector<std::string>& scripts) {
  std::string policy =
      "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; style-src "
      "'unsafe-inline'; script-src";
  for (const std::string& script : scripts) policy += " " + source_of(script);
  for (const PackedScript& script : page.packed_scripts) policy += " " + script.source;
  if (page.script_compiles) policy += " 'wasm-unsafe-eval'";
  for (const std::string& permission : page.permissions) policy += "; " + permission;
  return policy;
}

/// Whether a text holds "</script" in any case, which would end the element.
bool ends_script(const std::string& script) {
  for (size_t at = script.find("</"); at != std::string::npos; at = script.find("</", at + 1)) {
    std::string word = script.substr(at + 2, 6);
    for (char& c : word) c = char(c | 0x20);
    if (word == "script") return true;
  }
  return false;
}

Html contents(const std::vector<ReportSection>& sections) {
  Html list;
  for (const auto& section : sections)
    list += html_element(
        "li", {}, html_element("a", {{"href", "#" + section.id}}, Html::text(section.title)));
  return html_element("nav", {{"aria-label", "Contents"}}, html_element("ol", {}, list));
}

Html main_part(const ReportPage& page) {
  Html out;
  std::set<std::string> ids;
  for (const auto& section : page.sections) {
    require(section.id == html_id(section.id) && ids.insert(section.id).second,
            "sections with ids of their own");
    out += html_element("section", {{"id", section.id}, {"aria-labelledby", section.id + "-title"}},
                        html_heading(2, section.title, section.id + "-title") + section.body);
  }
  return html_element("main", {}, Html::trusted(with_shared_images(out.markup())));
}

}  // namespace

PackedScript packed_script(std::string_view script) {
  const auto bytes = zlib_compress(std::as_bytes(std::span(script)), 9);
  return {base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), source_of(script)};
}

std::string page_text(const ReportPage& page) {
  std::vector<std::string> scripts{page_script()};
  if (!page.packed_scripts.empty()) scripts.emplace_back(unpacking_script());
  scripts.insert(scripts.end(), page.scripts.begin(), page.scripts.end());
  for (const std::string& script : scripts)
    require(!ends_script(script), "a script that does not end its element");
  const Html head =
      html_element("meta", {{"charset", "utf-8"}}, {}) +
      html_element(
          "meta",
          {{"http-equiv", "Content-Security-Policy"}, {"content", policy_of(page, scripts)}}, {}) +
      html_element("meta",
                   {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}, {}) +
      html_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}, {}) +
      html_element("meta", {{"name", "referrer"}, {"content", "no-referrer"}}, {}) +
      html_element("title", {}, Html::text(page.title)) +
      html_element("style", {}, Html::trusted(page_style()));
  Html header = html_element("h1", {}, Html::text(page.heading));
  if (!page.subtitle.empty())
    header += html_element("p", {{"class", "subtitle"}}, Html::text(page.subtitle));
  Html body = html_element("a", {{"class", "skip"}, {"href", "#content"}},
                           Html::text("Skip to the content")) +
              html_element("header", {}, header + page.lead) +
              html_element("div", {{"class", "columns"}},
                           contents(page.sections) +
                               html_element("div", {{"id", "content"}}, main_part(page))) +
              html_element("footer", {}, html_paragraph(page.footer));
  for (const PackedScript& script : page.packed_scripts)
    body += html_element("script", {{"type", "text/plain"}, {"class", "packed"}},
                         Html::text(script.data));
  for (const std::string& script : scripts)
    body += html_element("script", {}, Html::trusted(script));
  return "<!DOCTYPE html>\n" +
         html_element("html", {{"lang", "en"}},
                      html_element("head", {}, head) + html_element("body", {}, body))
             .markup() +
         "\n";
}

Html standing_mark(Standing standing, std::string_view word) {
  const char* style = standing == Standing::good   ? "mark mark-good"
                      : standing == Standing::look ? "mark mark-look"
                      : standing == Standing::bad  ? "mark mark-bad"
                                                   : "mark";
  return html_element("span", {{"class", style}}, Html::text(word));
}

Html html_facts(const std::vector<Fact>& facts) {
  Html list;
  for (const auto& [name, value] : facts)
    list += html_element("div", {},
                         html_element("dt", {}, Html::text(name)) + html_element("dd", {}, value));
  return html_element("dl", {{"class", "facts"}}, list);
}

Html html_list(const std::vector<std::string>& items) {
  Html list;
  for (const auto& item : items) list += html_element("li", {}, Html::text(item));
  return html_element("ul", {}, list);
}

Html html_details(std::string_view summary, const Html& content, bool open) {
  HtmlAttributes attributes;
  if (open) attributes.emplace_back("open", "");
  return html_element("details", attributes,
                      html_element("summary", {}, Html::text(summary)) + content);
}

Html html_heading(int level, std::string_view text, const std::string& id) {
  require(level >= 1 && level <= 6, "a heading of level 1 to 6");
  HtmlAttributes attributes;
  if (!id.empty()) attributes.emplace_back("id", id);
  return html_element("h" + std::to_string(level), attributes, Html::text(text));
}

Html html_missing(std::string_view text) {
  return html_element("p", {{"class", "missing"}}, Html::text(text));
}

}  // namespace sociometer
