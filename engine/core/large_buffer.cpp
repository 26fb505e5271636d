#include "engine/core/large_buffer.hpp"

#include <algorithm>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

#include "engine/core/error.hpp"

namespace sociometer {

void* allocate_pages(size_t bytes) {
  void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    fail(ErrorCode::bad_input, "{} MB of memory are needed and not there; use a smaller mask",
         bytes >> 20);
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

void give_back(const PageRange& range) noexcept {
  const auto page = uintptr_t(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(range.first), end = begin + range.bytes;
  const uintptr_t first = (begin + page - 1) / page * page, last = end / page * page;
  if (first < last)
    ::madvise(static_cast<std::byte*>(range.first) + (first - begin), last - first, MADV_DONTNEED);
}

}  // namespace sociometer
