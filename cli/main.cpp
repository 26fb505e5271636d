#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <fmt/format.h>
#include <malloc.h>

#include "cli/commands.hpp"
#include "cli/log.hpp"
#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer::cli {

int GlobalOptions::threads() const {
  // Results do not depend on the number, so one that no machine has is cut, not refused.
  constexpr int kMost = 512;
  return n_threads > 0 ? std::min(n_threads, kMost) : available_threads();
}

void add_global_options(CLI::App& command, GlobalOptions& options) {
  command
      .add_option("-j,--threads", options.n_threads,
                  "Threads (default: all processors); no result depends on it")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--log-level", options.log_level, "error, warning, info or debug")
      ->capture_default_str();
  command.add_flag("--overwrite", options.overwrite,
                   "Replace what the same command wrote into the folder before, as a whole");
}

OutputPolicy output_policy(const GlobalOptions& options, const std::string& command,
                           const std::string& prefix) {
  return {prefix.empty() ? command : command + "_" + prefix, options.overwrite};
}

std::vector<std::string> unsplit_arguments(const std::vector<std::string>& words) {
  std::vector<std::string> arguments;
  for (auto at = words.rbegin(); at != words.rend(); ++at) {
    const std::string& word = *at;
    const bool list = word.size() > 2 && word.front() == '[' && word.back() == ']' &&
                      word.find_first_not_of("0123456789+-.,eE []") == std::string::npos;
    arguments.push_back(list ? " " + word : word);
  }
  return arguments;
}

namespace {

enum ExitCode { kBug = 1, kUsage = 2, kBadInput = 3, kCannotWrite = 4 };

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

int run(int argc, char** argv) {
  CLI::App app{
      "Sociometer: task-fMRI general linear models, from choices and images to maps and tables"};
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  GlobalOptions global;
  int exit_code = kDone;
  add_fit_command(app, global, exit_code);
  add_design_command(app, global, exit_code);
  add_contrast_command(app, global, exit_code);
  add_learn_command(app, global, exit_code);
  add_roi_command(app, global, exit_code);
  add_group_command(app, global, exit_code);
  add_merge_command(app, global, exit_code);
  add_example_command(app, global, exit_code);
  add_power_command(app, global, exit_code);
  add_simulate_command(app, global, exit_code);
  app.footer(
      "Exit codes: 0 done, 1 bug, 2 usage, 3 bad input, 4 cannot write, 5 done but some contrasts, "
      "participants or contrasts failed.\n"
      "`sociometer COMMAND --help` gives an example for each command.");
  const auto all = app.get_subcommands([](const CLI::App*) { return true; });
  const auto is_asked = [&](const CLI::App* command) { return command->check_name(argv[1]); };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(all.begin(), all.end(), is_asked))
    fail(ErrorCode::usage, "unknown command '{}'; see sociometer --help", argv[1]);
  try {
    app.parse(unsplit_arguments({argv + 1, argv + argc}));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "error: {}; see sociometer --help\n", error.what());
    return kUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace sociometer::cli

int main(int argc, char** argv) {
  using namespace sociometer;
  // A write past the file size limit must come back as an error, not as a signal.
  std::signal(SIGXFSZ, SIG_IGN);
#ifdef __GLIBC__
  // Memory that was used once is used again: giving tens of megabytes back to the system and asking
  // for them anew costs more, in page faults, than what is done in them.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  // Eigen cuts sums where the caches of the machine it runs on end. With caches of one size, parts
  // of the work that other machines did fit together to the last bit.
  Eigen::setCpuCacheSizes(32 * 1024, 1024 * 1024, 8 * 1024 * 1024);
  cli::remember_command_line(argc, argv);
  try {
    return cli::run(argc, argv);
  } catch (const Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return cli::exit_code_of(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "error: out of memory\n");
    return cli::kBadInput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: this is a bug in sociometer: {}\n", error.what());
    return cli::kBug;
  }
}
