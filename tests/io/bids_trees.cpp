#include "tests/io/bids_trees.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace sociometer::testing {
namespace fs = std::filesystem;

void make_files(const std::string& root, const std::vector<std::string>& names) {
  std::set<fs::path> folders;
  for (const auto& name : names) {
    const fs::path path = fs::path(root) / name;
    if (folders.insert(path.parent_path()).second) fs::create_directories(path.parent_path());
    std::ofstream(path) << (path.extension() == ".json" ? "{}" : "");
  }
}

void make_tree(const std::string& listing, const std::string& root, Annexed annexed) {
  const bool folder = fs::is_directory(listing);
  std::ifstream lines(folder ? listing + "/listing.txt" : listing);
  std::vector<std::string> files, links;
  for (std::string line; std::getline(lines, line);) {
    const size_t tab = line.find('\t');
    const std::string name = line.substr(0, tab);
    if (name.find('.') == std::string::npos) continue;  // a folder, or a file without meaning here
    (tab != std::string::npos && annexed == Annexed::dangling_links ? links : files)
        .push_back(name);
  }
  make_files(root, files);
  for (const auto& name : links) {
    fs::create_directories((fs::path(root) / name).parent_path());
    fs::create_symlink("../../.git/annex/objects/missing", fs::path(root) / name);
  }
  if (!folder) return;
  for (const auto& entry : fs::recursive_directory_iterator(listing + "/files")) {
    const fs::path to = fs::path(root) / entry.path().lexically_relative(listing + "/files");
    if (entry.is_directory() || fs::is_symlink(to)) continue;
    fs::create_directories(to.parent_path());
    fs::copy_file(entry.path(), to, fs::copy_options::overwrite_existing);
  }
}

BidsFinding finding(const BidsFindings& findings, BidsOddity what) {
  for (const auto& f : findings)
    if (f.what == what) return f;
  return {what, "", {}};
}

std::vector<std::string> kinds_of(const BidsFindings& findings) {
  std::vector<std::string> out;
  for (const auto& f : findings) out.push_back(name_of(f.what));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace sociometer::testing
