#include "engine/core/large_buffer.hpp"

#include <algorithm>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/memory.hpp"

namespace sociometer {
namespace {

/// The part of a range that consists of whole pages.
PageRange whole_pages(const PageRange& range, uintptr_t page) {
  const auto begin = reinterpret_cast<uintptr_t>(range.first), end = begin + range.bytes;
  const uintptr_t first = (begin + page - 1) / page * page, last = end / page * page;
  if (first >= last) return {};
  return {static_cast<std::byte*>(range.first) + (first - begin), last - first};
}

}  // namespace

void* allocate_pages(size_t bytes) {
  void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    fail(ErrorCode::bad_input, "out of memory: {} more are needed; use a smaller mask",
         memory_text(double(bytes)));
#ifdef MADV_HUGEPAGE
  ::madvise(pages, bytes, MADV_HUGEPAGE);  // only a hint; nothing depends on it
#endif
  return pages;
}

void free_pages(void* pages, size_t bytes) noexcept {
  if (pages) ::munmap(pages, bytes);
}

void populate(const PageRange& range) noexcept {
#ifdef MADV_POPULATE_WRITE
  // In steps, because other threads of the process cannot map memory in the meantime.
  constexpr size_t kStep = size_t{4} << 20;
  for (size_t at = 0; at < range.bytes; at += kStep)
    ::madvise(static_cast<std::byte*>(range.first) + at, std::min(kStep, range.bytes - at),
              MADV_POPULATE_WRITE);
#else
  (void)range;
#endif
}

void prefer_huge_pages(const PageRange& range) noexcept {
#ifdef MADV_HUGEPAGE
  constexpr uintptr_t kHugePage = uintptr_t{2} << 20;
  const PageRange whole = whole_pages(range, kHugePage);
  if (whole.bytes > 0) ::madvise(whole.first, whole.bytes, MADV_HUGEPAGE);
#else
  (void)range;
#endif
}

void avoid_huge_pages(const PageRange& range) noexcept {
#ifdef MADV_NOHUGEPAGE
  const PageRange whole = whole_pages(range, uintptr_t(::sysconf(_SC_PAGESIZE)));
  if (whole.bytes > 0) ::madvise(whole.first, whole.bytes, MADV_NOHUGEPAGE);
#else
  (void)range;
#endif
}

void give_back(const PageRange& range) noexcept {
  const PageRange whole = whole_pages(range, uintptr_t(::sysconf(_SC_PAGESIZE)));
  if (whole.bytes > 0) ::madvise(whole.first, whole.bytes, MADV_DONTNEED);
}

}  // namespace sociometer
