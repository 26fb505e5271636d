#pragma once
#include "io/tables/table.hpp"

namespace sociometer {

/// Refuses a MATLAB file whose variables claim more values than their bytes hold, before matio
/// takes memory for them: matio believes what a file says.
///
/// Level 5: elements within elements are followed to the last one. Compressed variables are
/// inflated here too, one at a time, as far as they claim to reach. Files of 7.3 are HDF5; of these
/// the extents of each array are compared with what is stored (check_hdf5_extents).
/// @throws Error{bad_input} giving both numbers.
/// @cost  reads the content once; memory: the largest compressed variable, at most kMostTextBytes.
void check_matlab_claims(const FileContent& content);

}  // namespace sociometer
