#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/options/command_reference.hpp"
#include "cli/options/completion.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer::cli {
namespace {

std::string completion_of(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash_completion(app);
  if (shell == "zsh") return zsh_completion(app);
  if (shell == "fish") return fish_completion(app);
  fail(ErrorCode::usage, "unknown shell '{}'; known: bash, zsh, fish", shell);
}

/// Folders as in an installation, below share/.
void write_documentation(const CLI::App& app, const std::string& folder) {
  OutputSet outputs(folder);
  outputs.write("man/man1/" + manual_page_name(app), manual_page(app));
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); })) {
    outputs.write("man/man1/" + manual_page_name(*command), manual_page(*command));
    for (const CLI::App* inner : command->get_subcommands([](const CLI::App*) { return true; }))
      outputs.write("man/man1/" + manual_page_name(*inner), manual_page(*inner));
  }
  outputs.write("bash-completion/completions/sociometer", bash_completion(app));
  outputs.write("zsh/site-functions/_sociometer", zsh_completion(app));
  outputs.write("fish/vendor_completions.d/sociometer.fish", fish_completion(app));
  outputs.write("doc/sociometer/commands.md", reference_markdown(app));
  outputs.commit();
}

}  // namespace

void add_completion_command(CLI::App& app) {
  auto* c = app.add_subcommand("completion", "Completion of commands and options for a shell");
  auto shell = std::make_shared<std::string>();
  c->add_option("shell", *shell, "bash, zsh or fish")->required();
  c->footer("Prints the script.\nExample:\n  sociometer completion bash > sociometer.bash");
  c->callback([shell, &app] { fmt::print("{}", completion_of(app, *shell)); });
}

void add_documentation_command(CLI::App& app) {
  auto* c = app.add_subcommand("documentation", "Manual pages, completions, reference");
  c->group("");  // hidden
  auto folder = std::make_shared<std::string>();
  c->add_option("folder", *folder, "Where they are written")->required();
  c->callback([folder, &app] { write_documentation(app, *folder); });
}

}  // namespace sociometer::cli
