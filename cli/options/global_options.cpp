#include "cli/options/global_options.hpp"

#include <algorithm>
#include <set>

#include <CLI/CLI.hpp>

#include "cli/options/group_options.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer::cli {

int GlobalOptions::threads() const {
  // Results do not depend on the number of threads, so excessive values are clamped, not refused.
  constexpr int kMost = 512;
  return n_threads > 0 ? std::min(n_threads, kMost) : available_threads();
}

void add_global_options(CLI::App& command, GlobalOptions& options) {
  command
      .add_option("-j,--threads", options.n_threads,
                  "Threads (default: all processors); no result depends on it")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--log-level", options.log_level,
                  "Messages on stderr: of this level and more severe ones")
      ->capture_default_str();
  command.add_flag("-q,--quiet", options.quiet, "Errors only, as --log-level error");
  command.add_flag("--overwrite", options.overwrite,
                   "Replace what the same command wrote into the folder before, as a whole");
  command.add_option("--log-file", options.log_file,
                     "Also add all messages to this file, debug ones too, with times");
  command.add_option("--config", options.config,
                     "TOML file with options of this command, as a run writes it beside its "
                     "results; those of the command line come first");
}

void add_memory_option(CLI::App& command, GlobalOptions& options) {
  command.add_option_function<std::string>(
      "--memory",
      [&options](const std::string& text) {
        options.memory_bytes = text.empty() ? 0 : parse_memory(text);
      },
      "Memory to take, as in 8G: less is done side by side to keep it, and what cannot keep it is "
      "refused before it begins (default: no limit)");
}

void add_dry_run_option(CLI::App& command, GlobalOptions& options) {
  command.add_flag("--dry-run", options.dry_run,
                   "Check the inputs, say what would be done and the memory it would take, and "
                   "write nothing");
}

bool changes_no_byte(const std::string& option) {
  static const std::set<std::string> all{
      "-h", "--help", "-j", "--threads", "--log-level", "-q", "--quiet", "--config", "--log-file",
      "--overwrite", "--dry-run", "--memory", "--scratch", "--shard", "--checkpoint",
      "--checkpoint-every",
      // of studies, also as other BIDS Apps spell them
      "--nprocs", "--nthreads", "--n_cpus", "--n-cpus", "--omp-nthreads", "--mem", "--mem_mb",
      "--mem-mb", "--mem-gb", "--mem_gb", "-w", "--work-dir", "-v", "--verbose", "--clean-workdir",
      "--low-mem", "--resource-monitor", "--notrack", "--resume", "--skip-bids-validation",
      "--database-path", "--bids-database-dir", "--ignore", "--force-index", "--clean",
      "--no-report", "--stop-on-first-crash"};
  return all.count(option) > 0 || option.starts_with("--slurm");
}

namespace {

/// A negative number that CLI11 takes for an option: it recognises only a leading digit.
bool looks_like_option_but_is_number(const std::string& word) {
  if (word.size() < 3 || word[0] != '-') return false;
  if (word[1] == '.' && word.find_first_not_of("0123456789.eE+-", 2) == std::string::npos)
    return true;
  return word == "-inf" || word == "-nan" || word == "-infinity";
}

}  // namespace

std::vector<std::string> unsplit_arguments(const std::vector<std::string>& words) {
  std::vector<std::string> arguments;
  for (auto at = words.rbegin(); at != words.rend(); ++at) {
    const std::string& word = *at;
    const bool list = word.size() > 2 && word.front() == '[' && word.back() == ']' &&
                      word.find_first_not_of("0123456789+-.,eE []") == std::string::npos;
    // sbatch's arguments look like options.
    const bool of_sbatch = at + 1 != words.rend() && *(at + 1) == "--slurm-args";
    const bool kept_whole = list || of_sbatch || looks_like_option_but_is_number(word);
    arguments.push_back(kept_whole ? " " + word : word);
  }
  return arguments;
}

}  // namespace sociometer::cli
