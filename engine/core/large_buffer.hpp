#pragma once
#include <cstddef>
#include <type_traits>
#include <utility>

namespace sociometer {

/// Zeroed memory of `bytes` bytes from the operating system, on huge pages where available.
/// @throws Error{bad_input} if the memory cannot be allocated.
void* allocate_pages(size_t bytes);
void free_pages(void* pages, size_t bytes) noexcept;

/// Memory whose pages may not have been allocated by the operating system yet.
struct PageRange {
  void* first = nullptr;
  size_t bytes = 0;
};
/// Of an array with data() and size().
template <typename Array>
PageRange pages_of(Array&& array) {
  return {array.data(), size_t(array.size()) * sizeof(*array.data())};
}
/// Makes the system allocate the pages now, so that the thread that writes to them later, or is
/// already writing, need not wait. The contents stay as they are; a no-op where unsupported.
void populate(const PageRange& range) noexcept;
/// Asks for huge pages where the range has whole ones, before it is written to for the first time:
/// arrays of a hundred megabytes take less time to fill. Only a hint; the contents stay as they
/// are.
void prefer_huge_pages(const PageRange& range) noexcept;
/// The opposite: for arrays of which only parts are ever written to.
void avoid_huge_pages(const PageRange& range) noexcept;
/// Returns the whole pages within the range to the system; they read as 0 or keep their contents.
void give_back(const PageRange& range) noexcept;

/// A zeroed array for hundreds of megabytes. A std::vector of that size would spend as much time on
/// page faults as on the sums that fill it.
template <typename T>
class LargeBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  LargeBuffer() = default;
  explicit LargeBuffer(size_t size)
      : size_(size), data_(size ? static_cast<T*>(allocate_pages(size * sizeof(T))) : nullptr) {}
  ~LargeBuffer() { free_pages(data_, size_ * sizeof(T)); }
  LargeBuffer(LargeBuffer&& other) noexcept
      : size_(std::exchange(other.size_, 0)), data_(std::exchange(other.data_, nullptr)) {}
  LargeBuffer& operator=(LargeBuffer&& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }
  LargeBuffer(const LargeBuffer&) = delete;
  LargeBuffer& operator=(const LargeBuffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  PageRange pages() { return {data_, size_ * sizeof(T)}; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  size_t size_ = 0;
  T* data_ = nullptr;
};

}  // namespace sociometer
