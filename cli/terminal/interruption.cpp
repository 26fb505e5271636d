#include "cli/terminal/interruption.hpp"

#include <atomic>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include "cli/terminal/terminal_journal.hpp"
#include "io/bytes/staging_folder.hpp"

namespace sociometer::cli {
namespace {

std::atomic<bool> g_interrupted = false;

const char* interruption_name(int signal) {
  return signal == SIGINT ? "Ctrl-C" : signal == SIGTERM ? "SIGTERM" : "SIGHUP";
}

/// Waits in a separate thread, which may remove folders, unlike a signal handler.
void wait_for_signal(sigset_t signals, TerminalJournal* journal) {
  int signal = 0;
  while (::sigwait(&signals, &signal) != 0) {
  }
  g_interrupted = true;
  remove_all_staging();
  journal->draw_status("");
  journal->error(
      fmt::format("interrupted by {}; unfinished outputs are removed", interruption_name(signal)));
  std::signal(signal, SIG_DFL);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  ::kill(::getpid(), signal);
  while (true) ::pause();
}

}  // namespace

void remove_outputs_when_interrupted(TerminalJournal& journal) {
  sigset_t signals;
  sigemptyset(&signals);
  bool any = false;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) != 0 || now.sa_handler == SIG_IGN) continue;
    sigaddset(&signals, signal);
    any = true;
  }
  if (!any) return;
  // Later threads inherit the mask, so the signals go to the waiting thread.
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread(wait_for_signal, signals, &journal).detach();
}

void wait_if_interrupted() {
  while (g_interrupted) ::pause();
}

}  // namespace sociometer::cli
