#pragma once
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/glm/run_fit.hpp"
#include "io/bytes/json.hpp"

namespace sociometer {

/// One run of an estimates store: its design, which scans were kept, and the estimates.
struct StoredRun {
  DesignMatrix design;
  std::vector<uint8_t> kept;
  NoiseModel noise_model;
  Scaling scaling = Scaling::none;
  RunEstimates estimates;
  std::string source;  ///< name of the image
};

/// Writes estimates.h5; for the layout see docs/reference/formats.md.
/// @throws Error{cannot_write}.
void write_estimates(const std::string& path, const Mask& mask,
                     const std::vector<const StoredRun*>& runs, const std::string& software,
                     int n_threads = 1);

/// Reads estimates.h5; `mask` receives its mask, `file` the path and checksum. Several threads may
/// read: one after another.
/// @throws Error{bad_input} for any other format or version.
std::vector<StoredRun> read_estimates(const std::string& path, Mask& mask,
                                      InputFile* file = nullptr);

}  // namespace sociometer
