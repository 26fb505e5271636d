#pragma once
#include <string>
#include <vector>

#include "io/bids/bids_runs.hpp"

namespace sociometer::testing {

/// Makes empty files (of JSON: empty objects), with the folders in which they lie, below `root`.
void make_files(const std::string& root, const std::vector<std::string>& names);

/// What files become that a listing marks as annexed.
enum class Annexed { empty_files, dangling_links };

/// Makes a tree of empty files from a listing of a real dataset (bids_trees in the test data), with
/// the contents of the small files that it holds.
/// @param listing  folder with listing.txt and files/, or a text file with one path a line.
void make_tree(const std::string& listing, const std::string& root,
               Annexed annexed = Annexed::empty_files);

/// The first finding of a kind; one without message if there is none.
BidsFinding finding(const BidsFindings& findings, BidsOddity what);

/// Names of the kinds found, each once, sorted.
std::vector<std::string> kinds_of(const BidsFindings& findings);

}  // namespace sociometer::testing
