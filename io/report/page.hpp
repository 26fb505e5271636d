#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "io/report/html.hpp"

namespace sociometer {

/// A script that the page holds deflated, in base64: the browser inflates it (DecompressionStream:
/// Chromium 80, Firefox 113, Safari 16.4), and the page's policy knows it by its own digest.
/// Elsewhere elements with the attribute data-without-script get its text as theirs.
struct PackedScript {
  std::string data;    ///< zlib, base64
  std::string source;  ///< "'sha256-..'" of the script itself
};
/// @cost  about 0.1 s for a megabyte.
PackedScript packed_script(std::string_view script);

/// A whole page in one file: it loads nothing, and says so to the browser by a content security
/// policy that lets the scripts given here run and no other.
struct ReportPage {
  std::string title;     ///< of the window
  std::string heading;   ///< on the page
  std::string subtitle;  ///< may be empty
  Html lead;             ///< before the table of contents; may be empty
  std::vector<ReportSection> sections;
  std::string footer;  ///< which program made it
  /// Scripts beside the page's own, such as the viewer's.
  std::vector<std::string> scripts;
  std::vector<PackedScript> packed_scripts;
  /// What those need of the policy beyond the page's own: "worker-src blob:".
  std::vector<std::string> permissions;
  bool script_compiles = false;  ///< WebAssembly ('wasm-unsafe-eval')
};

/// The text of index.html: the same bytes for the same page.
/// @throws std::logic_error for ids that occur twice, and scripts that hold "</script".
std::string page_text(const ReportPage& page);

/// Style sheet of pages: light and dark as the system has it, another for print.
const char* page_style();
/// Script of pages: tables that sort, filter and download.
const char* page_script();
/// Script that inflates packed ones and lets them run.
const char* unpacking_script();

/// A short mark: what a figure means for the reader.
enum class Standing { good, look, bad, none };
/// "sound", "look at this", .. with its colour; the word stands also without colours.
Html standing_mark(Standing standing, std::string_view word);

/// A name with its value, in a list of such.
using Fact = std::pair<std::string, Html>;
Html html_facts(const std::vector<Fact>& facts);
Html html_list(const std::vector<std::string>& items);
/// Content that can be folded.
Html html_details(std::string_view summary, const Html& content, bool open = false);
Html html_heading(int level, std::string_view text, const std::string& id = "");
/// A sentence that says that something is missing, and how to get it.
Html html_missing(std::string_view text);

}  // namespace sociometer
