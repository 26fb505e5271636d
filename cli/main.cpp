#include <csignal>
#include <cstdio>
#include <new>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/log.hpp"
#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer::cli {

int GlobalOptions::threads() const { return n_threads > 0 ? n_threads : available_threads(); }

void add_global_options(CLI::App& command, GlobalOptions& options) {
  command.add_option("-j,--threads", options.n_threads, "Threads (default: all processors); no result depends on it")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--log-level", options.log_level, "error, warning, info or debug")->capture_default_str();
}

namespace {

enum ExitCode { kBug = 1, kUsage = 2, kBadInput = 3, kCannotWrite = 4 };

int exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return kUsage;
    case ErrorCode::bad_input:
    case ErrorCode::shape_mismatch: return kBadInput;
    case ErrorCode::cannot_write: return kCannotWrite;
  }
  return kBug;
}

int run(int argc, char** argv) {
  CLI::App app{"Sociometer: task-fMRI general linear models, from choices and images to maps and tables"};
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  GlobalOptions global;
  int exit_code = kDone;
  add_fit_command(app, global, exit_code);
  add_design_command(app, global, exit_code);
  add_contrast_command(app, global, exit_code);
  add_example_command(app, global, exit_code);
  app.footer("Exit codes: 0 done, 1 bug, 2 usage, 3 bad input, 4 cannot write, 5 done but some voxels or contrasts failed.\n"
             "`sociometer COMMAND --help` gives an example for each command.");
  try {
    app.parse(argc, argv);
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
