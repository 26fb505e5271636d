#include "cli/jobs/group/group_memory.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/group/group_data.hpp"
#include "engine/group/smoothness.hpp"

namespace sociometer::cli {
namespace {

/// Voxels that are looked at together when memory has no bound: enough to keep threads at work.
constexpr Eigen::Index kUnboundedBlock = 64 * kGroupBlock;

}  // namespace

double GroupMemory::left() const {
  return bounded() ? total - held : std::numeric_limits<double>::infinity();
}

Eigen::Index GroupMemory::block_size(double bytes_per_voxel, double fixed, const char* what) const {
  if (!bounded()) return kUnboundedBlock;
  const double least = fixed + bytes_per_voxel * double(kGroupBlock);
  if (left() < least)
    fail(ErrorCode::bad_input,
         "--memory {} is too little: maps and volumes take {}, {} {}; give at least {}",
         memory_text(total), memory_text(held), what, memory_text(least),
         memory_text(held + least));
  return std::min(kUnboundedBlock, group_block_size(left() - fixed, bytes_per_voxel));
}

int GroupMemory::threads(double bytes_per_thread, int n_threads) const {
  if (!bounded()) return n_threads;
  return std::clamp(int(std::min(1e6, left() / 2 / bytes_per_thread)), 1, n_threads);
}

SmoothnessPlan smoothness_plan(const GroupMemory& memory, const Mask& mask,
                               Eigen::Index n_participants, int n_threads) {
  const double column = 8 * double(n_participants);
  // What a thread reads; two blocks more than asked for at most.
  const double thread = 2 * column * double(kGroupBlock);
  const int threads = memory.threads(thread, n_threads);
  return {threads,
          memory.block_size(
              column, column * double(smoothness_reach(mask) + 2 * kGroupBlock) + thread * threads,
              "the smoothness of residuals (not with --no-tables) takes")};
}

double parse_memory(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  std::string unit(read.ptr, end);
  for (char& c : unit) c = char(std::toupper(static_cast<unsigned char>(c)));
  if (unit.ends_with("IB"))
    unit.resize(unit.size() - 2);
  else if (unit.size() == 2 && unit.ends_with("B"))
    unit.resize(1);
  const size_t power = std::string("KMGT").find(unit.empty() ? '?' : unit[0]);
  if (read.ec != std::errc() || !(number > 0) || !std::isfinite(number) || unit.size() > 1 ||
      (!unit.empty() && power == std::string::npos))
    fail(ErrorCode::usage, "--memory is '{}'; give a size such as 500M, 8G or 1.5T", text);
  return unit.empty() ? number : number * std::pow(1024.0, double(power + 1));
}

std::string memory_text(double bytes) {
  const double mib = std::ceil(bytes / 1048576.0 * 10) / 10;
  return mib < 1024 ? fmt::format("{:.1f} MiB", mib) : fmt::format("{:.2f} GiB", mib / 1024);
}

}  // namespace sociometer::cli
