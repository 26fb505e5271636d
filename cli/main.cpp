#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <sys/resource.h>

#include "cli/commands/commands.hpp"
#include "cli/options/configuration.hpp"
#include "cli/options/option_kinds.hpp"
#include "cli/options/quantity_options.hpp"
#include "cli/options/suggestions.hpp"
#include "cli/terminal/child_process.hpp"
#include "cli/terminal/interruption.hpp"
#include "cli/terminal/terminal_journal.hpp"
#include "engine/core/block_sizes.hpp"
#include "engine/core/error.hpp"
#include "engine/core/instruction_set.hpp"
#include "engine/core/stopwatch.hpp"
#include "engine/glm/kernels/kernels.hpp"
#include "io/bytes/read_log.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

enum ExitCode {
  kDone = 0,
  kBug = 1,
  kUsage = 2,
  kBadInput = 3,
  kCannotWrite = 4,
  kDoneWithFailures = 5
};

int exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return kUsage;
    case ErrorCode::bad_input:
    case ErrorCode::shape_mismatch:
      return kBadInput;
    case ErrorCode::cannot_write:
      return kCannotWrite;
  }
  return kBug;
}

/// Freed memory is kept for reuse: returning tens of megabytes to the system and requesting them
/// again costs more, in page faults, than the work done in them. An analysis whose memory is
/// bounded must give blocks back, or they add up.
void give_freed_memory_back(bool bounded) {
#ifdef __GLIBC__
  const int threshold = bounded ? 1 << 20 : 1 << 30;
  mallopt(M_MMAP_THRESHOLD, threshold);
  mallopt(M_TRIM_THRESHOLD, threshold);
#else
  (void)bounded;
#endif
}

/// SOCIOMETER_KERNELS=sse2|avx2|avx512: kernels of this instruction set in place of the fastest.
void choose_kernels_of_environment() {
  const char* wanted = std::getenv("SOCIOMETER_KERNELS");
  if (!wanted || !*wanted) return;
  if (choose_instruction_set(wanted) && std::string(kernels::best_kernels().name) == wanted) return;
  std::vector<std::string> usable;
  for (const char* name : {"sse2", "avx2", "avx512"})
    if (kernels::find_kernels(name)) usable.emplace_back(name);
  fail(ErrorCode::usage,
       "the environment variable SOCIOMETER_KERNELS is '{}'; it can be {} on this processor",
       wanted, fmt::join(usable, ", "));
}

/// Between parsing and running: sets where messages go and what records state about the command.
void prepare(const CLI::App& command, const std::string& configuration, Shell& shell,
             TerminalJournal& journal) {
  GlobalOptions& global = shell.options;
  if (global.quiet) global.log_level = "error";
  journal.set_level(parse_log_level(global.log_level));
  if (!global.log_file.empty()) journal.open_log_file(global.log_file);
  shell.provenance = provenance_of(command, configuration);
  const CLI::Option* memory = command.get_option_no_throw("--memory");
  if (memory && memory->count() > 0) give_freed_memory_back(true);
  observe_reads([&journal](const std::string& path, uint64_t bytes) {
    journal.debug(fmt::format("reading {} ({:.1f} kB)", path, double(bytes) / 1000));
  });
  journal.debug(
      fmt::format("sociometer {} (commit {}), {} threads", version(), commit(), global.threads()));
  journal.debug(shell.provenance.command_line());
}

void report_resources(const Stopwatch& watch, Journal& journal) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  journal.debug(fmt::format("took {}, processors {}, memory at most {:.0f} MB",
                            duration_text(watch.seconds()),
                            duration_text(seconds(used.ru_utime) + seconds(used.ru_stime)),
                            double(used.ru_maxrss) / 1024));
}

bool asks_for_help(const CLI::App& command, const std::vector<std::string>& words) {
  const bool holds_others = !command.get_subcommands([](const CLI::App*) { return true; }).empty();
  return holds_others && words.empty();
}

/// `help`, `help roi test`.
int print_help(CLI::App& app, const std::vector<std::string>& words) {
  const AskedCommand asked = find_command(app, words);
  if (asked.n_words < words.size())
    fail(ErrorCode::usage, "help takes the name of a command, not {}; see sociometer --help",
         words[asked.n_words]);
  fmt::print("{}", asked.command->help());
  return kDone;
}

int run(const std::vector<std::string>& words, TerminalJournal& journal) {
  choose_kernels_of_environment();
  CLI::App app;
  app.set_version_flag("--version", version_text, "Version, compiler and libraries");
  app.require_subcommand(1);
  Shell shell(journal);
  declare_commands(app, shell);
  if (!words.empty() && words[0] == "help")
    return print_help(app, {words.begin() + 1, words.end()});
  const AskedCommand asked = find_command(app, words);
  const auto first = words.begin() + long(asked.n_words);
  std::vector<std::string> options(first, words.end());
  if (asks_for_help(*asked.command, options)) return print_help(app, words);
  const ConfiguredWords configured = with_configuration(*asked.command, options);
  options = checked_words(*asked.command, configured.words);
  options = with_files_of_globs(*asked.command, options);
  asked.command->parse_complete_callback([&] {
    if (asked.command->get_parent()) prepare(*asked.command, configured.file, shell, journal);
  });
  std::vector<std::string> all(words.begin(), first);
  all.insert(all.end(), options.begin(), options.end());
  const Stopwatch watch;
  try {
    app.parse(unsplit_arguments(all));
  } catch (const Error& error) {
    throw Error(error.code(), with_options_named(error.what(), *asked.command));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const std::string path =
        asked.command->get_parent() ? " " + command_path(*asked.command) : std::string();
    journal.error(
        fmt::format("{}; see sociometer{} --help", readable_error(*asked.command, error), path));
    return kUsage;
  }
  report_resources(watch, journal);
  return shell.summary.some_failed() ? kDoneWithFailures : kDone;
}

/// The exit code of a failure, after one line that reports it.
int reported(const std::function<int()>& work, TerminalJournal& journal) {
  try {
    const int code = work();
    wait_if_interrupted();
    return code;
  } catch (const Error& error) {
    wait_if_interrupted();
    journal.error(error.what());
    return exit_code_of(error.code());
  } catch (const std::bad_alloc&) {
    wait_if_interrupted();
    journal.error("out of memory");
    return kBadInput;
  } catch (const std::filesystem::filesystem_error& error) {
    // A link that leads to itself, a name that is too long, a folder that may not be entered.
    wait_if_interrupted();
    journal.error(fmt::format("{}: {}", error.path1().string(), error.code().message()));
    return kBadInput;
  } catch (const std::exception& error) {
    wait_if_interrupted();
    journal.error(fmt::format("this is a bug in sociometer: {}", error.what()));
    return kBug;
  }
}

}  // namespace
}  // namespace sociometer::cli

int main(int argc, char** argv) {
  using namespace sociometer;
  // A write past the file size limit must come back as an error, not as a signal.
  std::signal(SIGXFSZ, SIG_IGN);
  // A thread that waits for signals uses it until the process ends.
  static cli::TerminalJournal journal;
  cli::remove_outputs_when_interrupted(journal);
  cli::end_with_parent();
  cli::give_freed_memory_back(false);
  fix_block_sizes();
  return cli::reported([&] { return cli::run({argv + 1, argv + argc}, journal); }, journal);
}
