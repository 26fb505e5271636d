#pragma once
#include <string>
#include <vector>

#include "io/bids/bids_index.hpp"

namespace sociometer {

/// Files that apply to an image by the inheritance principle of BIDS: they lie in its folder or
/// above it, have this suffix and extension, and every entity of their names is in the image's name
/// with the same label. Run and echo are compared as numbers.
///
/// @param image  entities that files may have.
/// @return most general first: by level, then by the number of entities, then by name.
/// @source BIDS 1.10, Common principles, The Inheritance Principle.
std::vector<const BidsFile*> applicable_files(const BidsDataset& dataset, const BidsName& image,
                                              const std::string& suffix,
                                              const std::string& extension);

/// The table that applies: of those at the lowest level the one with most entities.
/// @return nullptr if none applies.
/// @throws Error{bad_input} naming both if two at that level have as many entities.
const BidsFile* applicable_table(const BidsDataset& dataset, const BidsName& image,
                                 const std::string& suffix);

}  // namespace sociometer
