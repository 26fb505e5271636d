#include "io/bytes/json.hpp"

#include <set>
#include <vector>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"
#include "io/bytes/file_content.hpp"

namespace sociometer {
namespace {

/// Looks at the names of members alone.
class MemberNames : public nlohmann::json_sax<Json> {
 public:
  explicit MemberNames(const std::string& where) : where_(where) {}
  bool key(string_t& name) override {
    if (!open_.back().names.insert(name).second) refuse(name);
    open_.back().last = name;
    return true;
  }
  bool start_object(std::size_t) override { return open_.emplace_back(), true; }
  bool end_object() override { return open_.pop_back(), true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  struct Object {
    std::set<std::string> names;
    std::string last;
  };
  [[noreturn]] void refuse(const std::string& name) const {
    std::string place;
    for (size_t i = 0; i + 1 < open_.size(); ++i) place += open_[i].last + ".";
    fail(ErrorCode::bad_input, "{} has {}{} twice; keep one of the two", where_, place, name);
  }
  const std::string& where_;
  std::vector<Object> open_;
};

}  // namespace

void refuse_number(const std::string& what, const std::string& where) {
  const size_t quote = what.find('\'');
  fail(ErrorCode::bad_input, "{} has a number beyond the range of double (1.8e308): {}", where,
       quote == std::string::npos ? "" : shortened(what.substr(quote)));
}

void append(Json& object, const Json& fields) {
  for (const auto& [key, value] : fields.items()) object[key] = value;
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void check_json(std::string_view text, const std::string& where) {
  struct Open {
    bool object;
    size_t n_commas = 0;
  };
  std::vector<Open> open;
  bool quoted = false;
  size_t line = 1;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++at;
    if (quoted) continue;
    if (c == '[' || c == '{') {
      open.push_back({c == '{'});
      if (open.size() > kDeepestJson)
        fail(ErrorCode::bad_input, "{} line {}: JSON nested {} deep; at most {} levels are read",
             where, line, open.size(), kDeepestJson);
    } else if ((c == ']' || c == '}') && !open.empty()) {
      open.pop_back();
    } else if (c == ',' && !open.empty() && open.back().object) {
      if (++open.back().n_commas >= kMostJsonMembers)
        fail(ErrorCode::bad_input, "{} line {}: a JSON object of {} members; at most {} are read",
             where, line, open.back().n_commas + 1, kMostJsonMembers);
    }
  }
}

void require_members_once(const std::string& text, const std::string& where) {
  MemberNames names(where);
  Json::sax_parse(text, &names);
}

Json parse_json(const std::string& text, const std::string& where) {
  check_json(text, where);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error&) {
    return Json(Json::value_t::discarded);
  } catch (const Json::out_of_range& error) {
    refuse_number(error.what(), where);
  }
}

Json json_in_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) ||
      std::filesystem::file_size(path, error) > kMostJsonBytes || error)
    return nullptr;
  const auto text = file_content(path.string());
  try {
    Json json = parse_json(text.value_or(""), path.string());
    return json.is_discarded() ? Json(nullptr) : json;
  } catch (const Error&) {
    return nullptr;
  }
}

InputFile input_file(const std::string& path, uint64_t checksum) {
  return {path, fmt::format("{:016x}", checksum)};
}

}  // namespace sociometer
