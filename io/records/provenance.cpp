#include "io/records/provenance.hpp"

#include <filesystem>
#include <map>

#include "build_info.hpp"
#include "commit.hpp"
#include <Eigen/Core>
#include <boost/version.hpp>
#include <cairo.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <isa-l.h>

#include "engine/core/error.hpp"
#include "engine/glm/kernels/kernels.hpp"
#include "io/bytes/file_content.hpp"
#include "io/bytes/shell_word.hpp"
#include "io/tables/toml_values.hpp"

namespace sociometer {
namespace {

Json libraries() {
  Json json;
  json["Eigen"] =
      fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  json["HDF5"] = fmt::format("{}.{}.{}", major, minor, release);
  json["ISA-L"] =
      fmt::format("{}.{}.{}", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
  json["Boost"] = fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                              BOOST_VERSION % 100);
  json["fmt"] =
      fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  json["nlohmann-json"] = fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                      NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
  json["CLI11"] = build_info::kCli11Version;
  json["cairo"] = cairo_version_string();
  return json;
}

/// Whether two configurations set the same options of a command.
bool same_options(const std::string& a, const std::string& b) {
  const auto options = [](const std::string& text) {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& value : parse_toml(text, "--config"))
      out[value.table + "." + value.key] = value.values;
    return out;
  };
  return options(a) == options(b);
}

}  // namespace

std::string version() { return build_info::kVersion; }
std::string commit() { return build_info::kCommit; }

std::string version_text() {
  std::string text = fmt::format(
      "sociometer {} (commit {})\ncompiler: {}\nflags: {} ({})\nkernels: {}\nlibraries:", version(),
      commit(), build_info::kCompiler, build_info::kFlags, build_info::kBuildType,
      kernels::best_kernels().name);
  const Json all = libraries();
  for (const auto& [name, number] : all.items())
    text += fmt::format(" {} {}", name, number.get<std::string>());
  return text;
}

Json software_json() {
  return {{"Name", "Sociometer"},        {"Version", version()},
          {"Commit", commit()},          {"Compiler", build_info::kCompiler},
          {"Flags", build_info::kFlags}, {"Kernels", kernels::best_kernels().name},
          {"Libraries", libraries()}};
}

std::string Provenance::command_line() const {
  std::string line = "sociometer";
  for (const std::string& word : command) line += " " + shell_word(word);
  return line;
}

Provenance Provenance::with_output(const std::string& output) const {
  // An option's only value stands behind "-o"; one that begins with a hyphen is joined to the name.
  Provenance out = *this;
  for (size_t i = 0; i < command.size(); ++i) {
    if (command[i] == "-o" && i + 1 < command.size()) {
      out.command[i + 1] = output;
      break;
    }
    if (command[i].starts_with("--output=")) {
      out.command[i] = "--output=" + output;
      break;
    }
  }
  const std::string key = "\noutput = ";
  if (const size_t at = configuration.find(key); at != std::string::npos) {
    const size_t from = at + key.size();
    out.configuration.replace(from, configuration.find('\n', from) - from, to_toml(output));
  }
  return out;
}

void Provenance::sign(Json& record, RecordKind kind) const {
  record["Record"] = record_tag(kind);
  record["Software"] = software_json();
  if (!command.empty()) record["CommandLine"] = command_line();
}

void Provenance::write_configuration(OutputSet& outputs, const std::string& prefix) const {
  if (configuration_name.empty()) return;
  const std::string name = name_prefix(prefix) + configuration_name;
  std::error_code none;
  const bool own = !configuration_read.empty() &&
                   std::filesystem::equivalent(outputs.folder() / name, configuration_read, none);
  if (own && same_options(required_content(configuration_read, "--config"), configuration))
    outputs.keep(name);
  else
    outputs.write(name, configuration);
}

std::string name_prefix(const std::string& prefix) {
  const bool ends = prefix.empty() || prefix.back() == '_' || prefix.back() == '/';
  return ends ? prefix : prefix + "_";
}

}  // namespace sociometer
