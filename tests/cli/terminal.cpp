#include "tests/cli/terminal.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <pty.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

std::vector<std::string> program_words(const Words& arguments) {
  std::vector<std::string> words{SOCIOMETER_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

bool has_terminals() {
  int terminal = -1, other = -1;
  if (::openpty(&terminal, &other, nullptr, nullptr, nullptr) != 0) return false;
  ::close(terminal);
  ::close(other);
  return true;
}

CommandResult run_on_terminal(const Words& arguments, int columns) {
  auto words = program_words(arguments);
  const auto pointers = pointers_to(words);
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = 25;
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  CommandResult result;
  if (child < 0) return result;
  char buffer[4096];
  for (ssize_t n; (n = ::read(terminal, buffer, sizeof buffer)) > 0;)
    result.err.append(buffer, size_t(n));
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  result.exit_code = code_of(status);
  return result;
}

CommandResult run_and_signal(const Words& arguments, int signal,
                             const std::function<bool()>& ready) {
  const TemporaryFolder folder;
  const std::string err = folder / "err";
  auto words = program_words(arguments);
  const auto pointers = pointers_to(words);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);
  // A test started in the background ignores Ctrl-C, and so would its child processes.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  for (const int one : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&usual, one);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = -1;
  const bool started =
      ::posix_spawn(&child, pointers[0], &files, &attributes, pointers.data(), environ) == 0;
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  CommandResult result;
  if (!started) return result;
  int status = 0;
  bool ended = false;
  while (!ended && !ready()) {
    ended = ::waitpid(child, &status, WNOHANG) == child;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (!ended) {
    ::kill(child, signal);
    ::waitpid(child, &status, 0);
  }
  result.exit_code = code_of(status);
  result.err = read_bytes(err);
  return result;
}

}  // namespace sociometer::testing
