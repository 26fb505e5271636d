#include "cli/terminal/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
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

}  // namespace

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
