#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cli/jobs/first_level/load_designs.hpp"

namespace sociometer::jobs {

/// A design as stored in its file, with the scans that it leaves out.
struct ReadyDesign {
  DesignMatrix design;
  std::vector<uint8_t> kept;                ///< empty: all
  std::string format = "TSV";               ///< TSV, FSL or AFNI, detected from the content
  std::vector<Eigen::Index> run_starts{0};  ///< AFNI's RunStart: concatenated runs
  InputFile file;
};

/// @param n_scans  expected number of rows; 0: any.
ReadyDesign read_ready_design(const std::string& path, Eigen::Index n_scans);

/// FSL demeans data and columns before the fit; here a constant column does that. Other designs
/// without a constant get a warning.
void mend_constant(ReadyDesign& ready, const std::vector<uint8_t>& kept, const std::string& path,
                   Warnings& warnings, Journal& journal);

/// Contrasts of a design.con and the design.fts after it, or the tests of an X.xmat.1D.
/// @param inputs  gets the files with their checksums, in their order.
std::vector<ContrastSpec> contrasts_of_files(const std::vector<std::string>& files,
                                             std::vector<InputFile>* inputs = nullptr);

}  // namespace sociometer::jobs
