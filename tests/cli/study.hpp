#pragma once
#include <string>

#include "tests/cli/program.hpp"
#include "tests/io/raw_nifti.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

inline constexpr std::array<int64_t, 4> kStudySize{4, 3, 2, 60};
inline constexpr int kStudyVoxels = 24, kStudyScans = 60;

/// Two small runs of 24 voxels and 60 scans at 2 s, noise about 1000; all voxels are in the mask.
///
/// Tests modify what they examine, then call fit().
struct Study {
  Study();
  TemporaryFolder folder;
  Words bold, events;  ///< both runs
  std::string mask;
  std::string operator/(const std::string& name) const { return folder / name; }
  /// Removes all but the first run.
  void only_one_run();
  /// `sociometer fit` for this study into folder/`out`, errors only.
  Words arguments(const Words& more, const std::string& out = "out") const;
  CommandResult fit(const Words& more, const std::string& out = "out") const;
};

/// Noise about 1000, determined by the seed. Scan t of voxel v is at [v + kStudyVoxels * t].
std::vector<double> study_values(uint32_t seed, int n_scans = kStudyScans);

/// Events a (2 s, modulated by rank) and optionally b, alternating every 10 s.
std::string study_events(bool with_b = true);

/// A table of noise in these columns and a constant.
std::string ready_design(const Words& names, int n_scans, uint32_t seed = 5);

/// A golden run of nilearn: 744 voxels, 120 scans; arguments of `sociometer fit`.
Words golden_fit(const std::vector<int>& runs, const Words& more, const std::string& out);

}  // namespace sociometer::testing
