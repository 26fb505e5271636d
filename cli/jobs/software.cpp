#include "cli/jobs/software.hpp"

#include "build_info.hpp"
#include "commit.hpp"
#include <Eigen/Core>
#include <boost/version.hpp>
#include <cairo.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <isa-l.h>

#include "engine/glm/kernels/kernels.hpp"

namespace sociometer::cli {
namespace {

std::vector<std::string> g_command_words;  // set before anything runs

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

std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\n'\"\\$*?[]()&;|<>`") == std::string::npos)
    return word;
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
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

void remember_command_words(std::vector<std::string> words) { g_command_words = std::move(words); }
const std::vector<std::string>& command_words() { return g_command_words; }

std::string command_line() {
  std::string line = "sociometer";
  for (const std::string& word : g_command_words) line += " " + quoted(word);
  return line;
}

}  // namespace sociometer::cli
