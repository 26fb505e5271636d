#include "tests/cli/program.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/bytes/byte_stream.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

std::string quoted(const std::string& word) {
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

CommandResult run_in_shell(const std::string& program, const Words& arguments,
                           const std::string& before) {
  const TemporaryFolder folder;
  std::string line = before + " " + quoted(program);
  for (const auto& argument : arguments) line += " " + quoted(argument);
  line += " >" + quoted(folder / "out") + " 2>" + quoted(folder / "err");
  const int status = std::system(line.c_str());
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_bytes(folder / "out");
  result.err = read_bytes(folder / "err");
  return result;
}

}  // namespace

CommandResult run_program(const Words& arguments, const std::string& before) {
  return run_in_shell(SOCIOMETER_PROGRAM, arguments, before);
}

CommandResult run_and_kill(const Words& arguments, const std::string& file) {
  std::vector<std::string> words{SOCIOMETER_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = -1;
  if (::posix_spawn(&child, words[0].c_str(), nullptr, nullptr, pointers.data(), environ) != 0)
    return {};
  int status = 0;
  bool ended = false;
  while (!fs::exists(file) && !ended) {
    ended = ::waitpid(child, &status, WNOHANG) == child;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (!ended) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

CommandResult run_script(const std::string& script) {
  const std::string program = quoted(SOCIOMETER_PROGRAM);
  return run_in_shell("/bin/sh", {"-c", "sociometer() { " + program + " \"$@\"; }\n" + script}, "");
}

CommandResult run_python(const std::string& script, const Words& arguments) {
  const std::string python = SOCIOMETER_SYSTEM_PYTHON;
  if (python.empty()) return {127, "", "no python3 in /usr/bin"};
  Words all{"-c", script};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run_in_shell(python, all, "");
}

Words everything_in(const std::string& folder) {
  Words names;
  if (!fs::exists(folder)) return names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    names.push_back(fs::relative(entry.path(), folder).string());
  std::sort(names.begin(), names.end());
  return names;
}

Words names_ending_in(const std::string& folder, const std::string& ending) {
  Words names;
  for (const auto& name : everything_in(folder))
    if (name.ends_with(ending)) names.push_back(name);
  return names;
}

Json read_json(const std::string& path) { return Json::parse(read_bytes(path)); }

AssertionResult fails_with(const CommandResult& result, int exit_code, const Words& words) {
  if (result.exit_code != exit_code)
    return AssertionFailure() << "exit code " << result.exit_code << ", expected " << exit_code
                              << "; stderr: " << result.err;
  if (!result.err.starts_with("error: ") || result.err.find('\n') != result.err.size() - 1)
    return AssertionFailure() << "stderr is not one line that begins with error: " << result.err;
  for (const auto& word : words)
    if (result.err.find(word) == std::string::npos)
      return AssertionFailure() << "'" << word << "' is not in: " << result.err;
  return AssertionSuccess();
}

AssertionResult exits_with(const CommandResult& result, int exit_code) {
  if (result.exit_code == exit_code) return AssertionSuccess();
  return AssertionFailure() << "exit code " << result.exit_code << ", expected " << exit_code
                            << "; stderr: " << result.err;
}

/// Content of a file. Compressed bytes are not compared: ISA-L selects its code by processor
/// features, and in about one process of 10,000 on a virtual machine it was observed to select
/// another version, which compresses the same content to a slightly different size.
static std::vector<std::byte> inflated(const std::string& path) {
  const auto stream = open_byte_stream(path);
  std::vector<std::byte> content;
  for (size_t got = 1; got > 0;) {
    constexpr size_t kAtATime = 1 << 20;
    content.resize(content.size() + kAtATime);
    got = stream->read(std::span(content).last(kAtATime));
    content.resize(content.size() - kAtATime + got);
  }
  return content;
}

AssertionResult same_files(const std::string& folder_a, const std::string& folder_b,
                           const std::string& ending) {
  const Words names = names_ending_in(folder_a, ending);
  if (names.empty()) return AssertionFailure() << "no file ends in " << ending;
  if (names_ending_in(folder_b, ending) != names)
    return AssertionFailure() << "the folders hold other files ending in " << ending;
  for (const auto& name : names)
    if (inflated(folder_a + "/" + name) != inflated(folder_b + "/" + name))
      return AssertionFailure() << name << " differs";
  return AssertionSuccess();
}

}  // namespace sociometer::testing
