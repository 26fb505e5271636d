#include "cli/terminal/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

constexpr const char* kParent = "SOCIOMETER_PARENT";  ///< environment of children: its process id

/// This process' environment, and the parent's id.
std::vector<std::string> environment_of_child() {
  std::vector<std::string> texts;
  for (char** at = environ; *at; ++at)
    if (std::string(*at).rfind(std::string(kParent) + "=", 0) != 0) texts.emplace_back(*at);
  texts.push_back(fmt::format("{}={}", kParent, ::getpid()));
  return texts;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Two ends of a pipe, closed with it.
struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0)
      fail(ErrorCode::cannot_write, "cannot make a pipe: {}", std::strerror(errno));
  }
  ~Pipe() {
    for (int end : ends)
      if (end >= 0) ::close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_writing() {
    ::close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

/// Appends what comes from both until both are closed by the writer.
void read_both(int a, std::string& of_a, int b, std::string& of_b) {
  pollfd waiting[2] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
  std::string* texts[2] = {&of_a, &of_b};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return;
    for (int i = 0; i < 2; ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t n = ::read(waiting[i].fd, buffer, sizeof buffer);
      if (n > 0)
        texts[i]->append(buffer, size_t(n));
      else if (n == 0 || errno != EINTR)
        waiting[i].fd = -1;
    }
  }
}

/// Starts a program of PATH with signals as programs expect them: those that this process waits for
/// are blocked here.
int spawn_on_path(pid_t& child, std::vector<std::string> words, const Pipe& out, const Pipe& err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, err.ends[1], 2);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGXFSZ);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int reason = ::posix_spawnp(&child, words[0].c_str(), &actions, &attributes,
                                    pointers_to(words).data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return reason;
}

}  // namespace

ProgramOutput run_program(const std::vector<std::string>& words) {
  Pipe out, err;
  pid_t child = 0;
  const int reason = spawn_on_path(child, words, out, err);
  if (reason != 0)
    fail(ErrorCode::usage, "the program {} cannot be started: {}", words[0], std::strerror(reason));
  out.close_writing();
  err.close_writing();
  ProgramOutput result;
  read_both(out.ends[0], result.out, err.ends[0], result.err);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

std::string path_of_this_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).string();
}

ChildOutcome run_child(const std::vector<std::string>& words,
                       const std::filesystem::path& messages) {
  std::error_code ignored;
  std::filesystem::create_directories(messages.parent_path(), ignored);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0666);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  std::vector<std::string> arguments{"sociometer"}, environment = environment_of_child();
  arguments.insert(arguments.end(), words.begin(), words.end());
  pid_t child = 0;
  const int reason = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr,
                                   pointers_to(arguments).data(), pointers_to(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (reason != 0)
    fail(ErrorCode::cannot_write, "cannot start a process that writes its messages to {}: {}",
         messages.string(), std::strerror(reason));
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
  }
  ChildOutcome outcome;
  outcome.peak_bytes = uint64_t(used.ru_maxrss) * 1024;
  if (WIFSIGNALED(status))
    outcome.signal = WTERMSIG(status);
  else
    outcome.status = WEXITSTATUS(status);
  return outcome;
}

void end_with_parent() {
  const char* text = std::getenv(kParent);
  if (!text) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // The parent may have ended before the system was asked.
  if (::getppid() != std::atoi(text)) ::raise(SIGTERM);
}

}  // namespace sociometer::cli
