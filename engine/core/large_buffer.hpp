#pragma once
#include <cstddef>
#include <type_traits>
#include <utility>

namespace sociometer {

/// Zeroed memory of `bytes` from the system, on large pages where it offers them.
/// @throws Error{bad_input} when there is not so much.
void* allocate_pages(size_t bytes);
void free_pages(void* pages, size_t bytes) noexcept;

/// Memory whose pages the system has not given yet.
struct PageRange {
  void* first = nullptr;
  size_t bytes = 0;
};
/// Has the system give the pages now, which another thread may be about to write to: that thread
/// then does not wait for them. Changes nothing else, and does nothing where the system cannot.
void populate(const PageRange& range) noexcept;
/// Gives whole pages inside the range back to the system; what was in them is 0 or left.
void give_back(const PageRange& range) noexcept;

/// A zeroed array for hundreds of megabytes. A std::vector of that size spends as long in page
/// faults as the sums that fill it.
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
