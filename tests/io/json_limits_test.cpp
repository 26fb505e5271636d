// JSON that would exhaust the stack or the time of what builds it is refused before it is built.
#include <filesystem>

#include <gtest/gtest.h>

#include "io/bytes/json.hpp"
#include "io/models/model_file.hpp"
#include "io/tables/json_object.hpp"
#include "tests/io/raw_nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

std::string nested(size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += open;
  text += "1";
  for (size_t i = 0; i < depth; ++i) text += close;
  return text;
}

std::string with_members(size_t n) {
  std::string text = "{";
  for (size_t i = 0; i < n; ++i) text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  return text + "}";
}

TEST(JsonLimits, AreRefusedWithBothNumbers) {
  const struct {
    const char* what;
    std::string text;
    std::vector<std::string> words;
  } cases[] = {
      {"arrays", nested(201, "[", "]"), {"line 1", "nested 201 deep", "200"}},
      {"objects", nested(201, "{\"a\":", "}"), {"nested 201 deep", "200"}},
      {"a value",
       "{\"x\": 1,\n\"repetition\":" + nested(100000, "[", "]") + "}",
       {"line 2", "nested 201 deep", "200"}},
      {"never closed", std::string(1000000, '['), {"nested 201 deep"}},
      {"members", with_members(100001), {"100001 members", "100000"}},
  };
  for (const auto& [what, text, words] : cases) {
    std::vector<std::string> all = words;
    all.push_back("a.json");
    EXPECT_TRUE(refuses(ErrorCode::bad_input, all, [&, &json = text] {
      parse_json(json, "a.json");
    })) << what;
  }
}

TEST(JsonLimits, AreNotReachedByWhatIsAllowed) {
  EXPECT_TRUE(parse_json(nested(200, "[", "]"), "a").is_array());
  EXPECT_EQ(parse_json(with_members(1000), "a").size(), 1000u);
  // Brackets and commas in strings are text.
  const std::string text = "{\"a\": \"" + std::string(5000, '[') + "\\\"" + std::string(5000, '{') +
                           "\", \"b\\\\\": [" + std::string(150000, ' ') + "1]}";
  const Json json = parse_json(text, "a");
  EXPECT_EQ(json.size(), 2u);
  EXPECT_TRUE(parse_json("{", "a").is_discarded());
}

TEST(JsonMembers, OccurOnceInFilesThatPeopleWrite) {
  const auto refused = [](const std::string& text, const std::string& member) {
    return refuses(ErrorCode::bad_input, {"settings.json has " + member + " twice"},
                   [&] { require_members_once(text, "settings.json"); });
  };
  EXPECT_NO_THROW(
      require_members_once(R"({"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]})", "s.json"));
  EXPECT_TRUE(refused(R"({"a": 1, "b": 2, "a": 1})", "a"));
  EXPECT_TRUE(
      refused(R"({"study": {"response": {"noise": 1, "noise": 2}}})", "study.response.noise"));
  EXPECT_TRUE(refused(R"([{"x": 1}, {"y": 1, "y": null}])", "y"));
}

TEST(JsonLimits, HoldForSidecarsAlsoCompressedOnes) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.json";
  write_text(path, nested(100000, "{\"a\":", "}"));
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {path, "nested 201 deep"}, [&] { read_json_object(path); }));
  write_text(path, gzipped("{" + std::string(kMostJsonBytes, ' ') + "}"));
  EXPECT_TRUE(refuses(ErrorCode::bad_input,
                      {path, std::to_string(std::filesystem::file_size(path)) + " bytes",
                       std::to_string(kMostJsonBytes)},
                      [&] { read_json_object(path); }));
}

TEST(JsonLimits, RefuseNumbersBeyondDouble) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.json";
  write_text(path, R"({"RepetitionTime": 2, "Other": 4e999})");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "beyond the range of double"},
                      [&] { read_json_object(path); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "beyond the range of double"},
                      [&] { read_model(path); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"a has a number beyond", "4e999"},
                      [] { parse_json(R"([4e999])", "a"); }));
  EXPECT_TRUE(json_in_file(path).is_null());
}

TEST(JsonLimits, MakeFilesOfOthersUnusableNotFatal) {
  const TemporaryFolder folder;
  const std::string path = folder / "dataset_description.json";
  EXPECT_TRUE(json_in_file(path).is_null());
  write_text(path, nested(100000, "[", "]"));
  EXPECT_TRUE(json_in_file(path).is_null());
  write_text(path, "{\"Name\": ");
  EXPECT_TRUE(json_in_file(path).is_null());
  write_text(path, "{\"Name\": \"x\"}");
  EXPECT_EQ(json_in_file(path)["Name"], "x");
  EXPECT_TRUE(json_in_file(folder.path()).is_null());
}

}  // namespace
}  // namespace sociometer::testing
