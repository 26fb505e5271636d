#include "io/stores/scratch_values.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {

using Eigen::Index;

ScratchValues::ScratchValues(const std::string& folder, Index n_participants, Index n_voxels)
    : folder_(folder.empty() ? "." : folder), n_participants_(n_participants), n_voxels_(n_voxels) {
  std::string name = folder_ + "/.sociometer-values-XXXXXX";
  file_ = ::mkostemp(name.data(), O_CLOEXEC);
  int reason = errno;
  if (file_ >= 0) {
    ::unlink(name.c_str());
    reason = ::posix_fallocate(file_, 0, off_t(n_participants) * off_t(n_voxels) * 8);
    if (reason == 0) return;
    ::close(file_);
    file_ = -1;
  }
  fail(ErrorCode::cannot_write,
       "cannot keep {} maps of {} voxels ({:.2f} GB) in {}: {}; name another folder with --scratch",
       n_participants, n_voxels, double(n_participants) * double(n_voxels) * 8e-9, folder_,
       std::strerror(reason));
}

ScratchValues::~ScratchValues() {
  if (file_ >= 0) ::close(file_);
}

void ScratchValues::put(Index first, const Eigen::MatrixXd& values, int n_threads) {
  require(values.cols() == n_voxels_ && first + values.rows() <= n_participants_,
          "values of these participants and voxels");
  constexpr Index kVoxels = 4096;
  const auto bytes = size_t(values.rows()) * sizeof(double);
  parallel_for((n_voxels_ + kVoxels - 1) / kVoxels, n_threads, [&](Index chunk) {
    for (Index v = chunk * kVoxels; v < std::min(n_voxels_, (chunk + 1) * kVoxels); ++v) {
      const auto at = off_t(v * n_participants_ + first) * off_t(sizeof(double));
      const auto* from = reinterpret_cast<const char*>(values.data() + v * values.rows());
      for (size_t done = 0; done < bytes;) {
        const ssize_t n = ::pwrite(file_, from + done, bytes - done, at + off_t(done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
          fail(ErrorCode::cannot_write, "cannot write the maps' values in {}: {}", folder_,
               std::strerror(errno));
        done += size_t(n);
      }
    }
  });
}

GroupBlock ScratchValues::block(Index first, Index n, Eigen::MatrixXd& space) const {
  require(first >= 0 && n >= 0 && first + n <= n_voxels_, "a block of the group's voxels");
  if (space.rows() != n_participants_ || space.cols() < n) space.resize(n_participants_, n);
  const auto bytes = size_t(n_participants_ * n) * sizeof(double);
  const auto at = off_t(first * n_participants_) * off_t(sizeof(double));
  auto* to = reinterpret_cast<char*>(space.data());
  for (size_t done = 0; done < bytes;) {
    const ssize_t got = ::pread(file_, to + done, bytes - done, at + off_t(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      fail(ErrorCode::bad_input, "cannot read the maps' values back from {}: {}", folder_,
           got == 0 ? "the file is cut off" : std::strerror(errno));
    done += size_t(got);
  }
  return {space.data(), n_participants_, n, Eigen::OuterStride<>(n_participants_)};
}

}  // namespace sociometer
