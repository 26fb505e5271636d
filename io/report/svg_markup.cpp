#include "io/report/svg_markup.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

/// Copies markup and gives ids and references to them other names.
class IdWriter {
 public:
  IdWriter(std::string_view svg, std::string_view prefix) : svg_(svg), prefix_(prefix) {}

  std::string written() {
    static constexpr std::string_view kBefore[] = {" id=\"", "href=\"#", "url(#"};
    while (at_ < svg_.size()) {
      const size_t stop = svg_.find_first_of(" hu", at_);
      if (stop == std::string_view::npos) break;
      copy_to(stop);
      bool found = false;
      for (const std::string_view before : kBefore)
        if (svg_.substr(stop, before.size()) == before && is_in_tag(stop)) {
          copy_to(stop + before.size());
          rename();
          found = true;
          break;
        }
      if (!found) copy_to(stop + 1);
    }
    copy_to(svg_.size());
    return out_;
  }

 private:
  void copy_to(size_t end) {
    out_ += svg_.substr(at_, end - at_);
    at_ = end;
  }
  /// Texts may have the words of a reference.
  bool is_in_tag(size_t at) const { return svg_.rfind('<', at) + 1 > svg_.rfind('>', at) + 1; }
  void rename() {
    size_t end = at_;
    while (end < svg_.size() && is_id_character(svg_[end])) ++end;
    const std::string id(svg_.substr(at_, end - at_));
    const auto number = numbers_.try_emplace(id, numbers_.size()).first->second;
    out_ += fmt::format("{}-{}", prefix_, number);
    at_ = end;
  }
  std::string_view svg_, prefix_;
  std::string out_;
  size_t at_ = 0;
  std::map<std::string, size_t> numbers_;
};

/// Outlines of pictures in tenths of a pixel, each point by its distance from the one before: a
/// third of cairo's text for them. Short paths stay as they are (the shapes of letters), and any
/// that is not made of lines alone.
class OutlineWriter {
 public:
  /// @return nothing if it is to stay.
  static std::optional<std::string> written(std::string_view path) {
    if (path.size() < kShort) return std::nullopt;
    OutlineWriter writer(path);
    return writer.write() ? std::optional(std::move(writer.out_)) : std::nullopt;
  }

 private:
  static constexpr size_t kShort = 1000;
  explicit OutlineWriter(std::string_view path) : rest_(path) {}
  bool write() {
    char command = 0;
    for (skip(); !rest_.empty(); skip()) {
      if (rest_[0] == 'Z') {
        out_ += 'z';
        here_ = start_;
        command = last_ = 0;
        rest_.remove_prefix(1);
        continue;
      }
      if (rest_[0] == 'M' || rest_[0] == 'L') {
        command = rest_[0];
        rest_.remove_prefix(1);
      }
      std::array<long, 2> point{};
      if (command == 0 || !number(point[0]) || !number(point[1])) return false;
      step(command, point);
    }
    return true;
  }
  void skip() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }
  bool number(long& tenths) {
    skip();
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || std::abs(value) > 1e6) return false;
    rest_.remove_prefix(size_t(end - rest_.data()));
    tenths = std::lround(10 * value);
    return true;
  }
  void step(char command, const std::array<long, 2>& point) {
    const bool moves = command == 'M';
    if (!moves && point == here_) return;
    // The first pair after m or l is its own; pairs that follow l need no letter.
    if (moves || last_ != 'l') out_ += moves ? 'm' : 'l';
    last_ = moves ? 'm' : 'l';
    add(point[0] - here_[0]);
    add(point[1] - here_[1]);
    here_ = point;
    if (moves) start_ = point;
  }
  void add(long tenths) {
    if (tenths < 0)
      out_ += '-';
    else if (!out_.empty() && out_.back() != 'm' && out_.back() != 'l')
      out_ += ' ';
    const long size = std::abs(tenths);
    if (size % 10 == 0)
      out_ += fmt::format("{}", size / 10);
    else if (size < 10)
      out_ += fmt::format(".{}", size);
    else
      out_ += fmt::format("{}.{}", size / 10, size % 10);
  }
  std::string_view rest_;
  std::string out_;
  std::array<long, 2> here_{}, start_{};
  char last_ = 0;
};

/// Shortens the outlines of a picture.
std::string with_short_outlines(std::string_view svg) {
  static constexpr std::string_view kPath = " d=\"";
  std::string out;
  size_t at = 0;
  for (;;) {
    const size_t found = svg.find(kPath, at);
    const size_t end =
        found == std::string_view::npos ? found : svg.find('"', found + kPath.size());
    if (end == std::string_view::npos) break;
    const size_t from = found + kPath.size();
    out += svg.substr(at, from - at);
    const std::string_view path = svg.substr(from, end - from);
    const auto shorter = OutlineWriter::written(path);
    out += shorter ? std::string_view(*shorter) : path;
    at = end;
  }
  out += svg.substr(at);
  return out;
}

/// What is between `before` and the next '"'.
std::string_view attribute(std::string_view tag, std::string_view before) {
  const size_t at = tag.find(before);
  require(at != std::string_view::npos, "an attribute of <svg>");
  const size_t from = at + before.size();
  return tag.substr(from, tag.find('"', from) - from);
}

}  // namespace

std::string inline_svg(const std::string& svg, std::string_view id) {
  require(!id.empty(), "an id of a picture");
  for (const char c : id) require(is_id_character(c), "letters, digits and '-' in an id");
  const size_t start = svg.find("<svg");
  require(start != std::string::npos, "an SVG");
  const size_t open_end = svg.find('>', start) + 1;
  const std::string_view tag(svg.data() + start, open_end - start);
  const std::string_view box = attribute(tag, "viewBox=\"");
  // "0 0 width height"
  const size_t width_at = box.find(' ', box.find(' ') + 1) + 1, height_at = box.find(' ', width_at);
  const std::string head = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
      "viewBox=\"{}\" width=\"{}\" height=\"{}\" style=\"max-width:100%;height:auto\">",
      box, box.substr(width_at, height_at - width_at), box.substr(height_at + 1));
  return head + with_short_outlines(IdWriter(std::string_view(svg).substr(open_end), id).written());
}

Html svg_markup(const std::string& svg, std::string_view id) {
  return Html::trusted(inline_svg(svg, id));
}

}  // namespace sociometer
