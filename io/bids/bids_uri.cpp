#include "io/bids/bids_uri.hpp"

#include <cctype>
#include <filesystem>

namespace sociometer {
namespace {

namespace fs = std::filesystem;

/// The dataset that contains a file; empty if there is none.
fs::path dataset_of(const fs::path& file) {
  std::error_code ignored;
  for (fs::path at = file.parent_path();; at = at.parent_path()) {
    if (fs::exists(at / "dataset_description.json", ignored)) return at;
    if (at == at.parent_path()) return {};
  }
}

std::string link_name(const fs::path& dataset) {
  std::string name;
  for (const char c : dataset.filename().string())
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  return name.empty() ? "dataset" : name;
}

}  // namespace

std::string BidsUris::of(const std::string& path) {
  std::error_code error;
  const fs::path file = fs::absolute(path, error).lexically_normal();
  const fs::path dataset = error ? fs::path() : dataset_of(file);
  if (dataset.empty()) return path;
  const std::string address = "file://" + dataset.string(), base = link_name(dataset);
  std::string name = base;
  // Two datasets may have folders with the same name.
  for (int n = 2; links_.count(name) > 0 && links_.at(name) != address; ++n)
    name = base + std::to_string(n);
  links_[name] = address;
  return "bids:" + name + ":" + file.lexically_relative(dataset).string();
}

std::vector<std::string> BidsUris::of(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const auto& path : paths) out.push_back(of(path));
  return out;
}

}  // namespace sociometer
