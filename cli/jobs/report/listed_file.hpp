#pragma once
#include <string>

namespace sociometer::jobs {

/// A file that a record lists: as it is, else below one of the folders above the record, whole or
/// without the folders it began with, as results may have been moved with their inputs. Empty if it
/// is not there.
std::string listed_file(const std::string& listed, const std::string& record);

}  // namespace sociometer::jobs
