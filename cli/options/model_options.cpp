#include "cli/options/model_options.hpp"

#include <algorithm>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/options/configuration.hpp"
#include "cli/options/fit_options.hpp"
#include "cli/options/global_options.hpp"
#include "cli/options/group_options.hpp"
#include "cli/options/option_kinds.hpp"
#include "cli/options/study_options.hpp"
#include "cli/options/suggestions.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/file_content.hpp"
#include "io/tables/toml_values.hpp"

namespace sociometer::cli {
namespace {

/// Parses the options of one command into its request, as the program does.
template <class Request>
void parse_command(const std::string& name, void (*add_options)(CLI::App&, Request&),
                   const std::vector<std::string>& words, Request& request) {
  CLI::App app;
  app.name("sociometer");
  CLI::App* command = app.add_subcommand(name, "");
  add_options(*command, request);
  GlobalOptions ignored;
  add_global_options(*command, ignored);
  // Those of `fit` alone are no part of its request.
  if (!command->get_option_no_throw("--memory")) add_memory_option(*command, ignored);
  add_dry_run_option(*command, ignored);
  // A model is no place for results.
  command->get_option("--output")->required(false);
  describe_options(app);
  std::vector<std::string> all = checked_words(*command, with_configuration(*command, words).words);
  all = with_files_of_globs(*command, all);
  all.insert(all.begin(), name);
  try {
    app.parse(unsplit_arguments(all));
  } catch (const CLI::ParseError& error) {
    fail(ErrorCode::usage, "{}; see sociometer {} --help", readable_error(*command, error), name);
  }
}

void take_command(const std::string& name, const std::vector<std::string>& words,
                  ModelFromRequest& out) {
  if ((name == "fit" && out.fit) || (name == "group" && out.group))
    fail(ErrorCode::usage, "{} is given twice; a model has one of each", name);
  if (name == "fit")
    parse_command<FitRequest>("fit", add_fit_options, words, out.fit.emplace());
  else if (name == "group")
    parse_command<GroupRequest>("group", add_group_options, words, out.group.emplace());
  else
    fail(ErrorCode::usage, "a model is made from `fit` and `group`, not from `{}`", name);
}

/// The command whose options a configuration holds.
std::string command_in(const std::string& path) {
  std::set<std::string> tables;
  for (const auto& value : parse_toml(required_content(path), path)) tables.insert(value.table);
  if (tables.size() != 1)
    fail(ErrorCode::bad_input, "{} must hold the options of one command, as [fit]", path);
  return *tables.begin();
}

}  // namespace

void add_model_check_options(CLI::App& c, StatsModelCheckRequest& a) {
  c.add_option("model", a.study.model, "BIDS stats model (model-*_smdl.json)")->required();
  c.add_option("--bids", a.study.bids, "BIDS dataset that it is meant for");
  add_dataset_options(c, a.study);
  c.add_option("--run-output", a.study.output,
               "Output folder of an earlier run: learnt signals are taken from it");
  c.add_option("-o,--output", a.output, "Folder for tables and a picture of the nodes");
}

void add_model_default_options(CLI::App& c, ModelDefaultRequest& a) {
  c.add_option("bids", a.bids, "BIDS dataset")->required();
  c.add_option("-d,--derivatives", a.derivatives,
               "Folders of preprocessed images (default: derivatives/fmriprep of the dataset)");
  c.add_option("-t,--task", a.task, "Task, if the dataset has several");
  c.add_option(
      "--space", a.space,
      "Space, if there are several (default: MNI152NLin2009cAsym, else another MNI space)");
  c.add_flag("--plain", a.plain, "For any task: a column and a contrast for each trial_type");
  c.add_option("-o,--output", a.output, "The model's file")->required();
}

ModelFromRequest requests_of(const std::vector<std::string>& words) {
  ModelFromRequest out;
  size_t at = 0;
  for (; at < words.size() && words[at].ends_with(".toml"); ++at)
    take_command(command_in(words[at]), {"--config", words[at]}, out);
  if (at == words.size()) return out;
  std::vector<std::string> rest(words.begin() + long(at) + 1, words.end());
  for (auto& word : rest)
    if (word.starts_with(" ")) word.erase(0, 1);  // of unsplit_arguments
  take_command(words[at], rest, out);
  return out;
}

}  // namespace sociometer::cli
