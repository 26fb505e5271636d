#pragma once
// For sources compiled once per instruction set: they must not include library headers.
#include "engine/glm/kernels/kernels.hpp"

#define SOCIOMETER_JOIN2(a, b) a##b
#define SOCIOMETER_JOIN(a, b) SOCIOMETER_JOIN2(a, b)
#define SOCIOMETER_STRING2(a) #a
#define SOCIOMETER_STRING(a) SOCIOMETER_STRING2(a)
/// The name of a function in this instruction set, so that no two sets share a symbol.
#define SOCIOMETER_KERNEL(name) SOCIOMETER_JOIN(name##_, SOCIOMETER_KERNEL_LEVEL)

namespace sociometer::kernels {
namespace {

// By pointer, not by reference: through a reference, clang takes vectors to be aligned as their
// size, which they are not. Types of pointers are written out: gcc does the same with a deduced
// one (`auto`, a lambda's return).
typedef double Vector __attribute__((vector_size(SOCIOMETER_VECTOR_BYTES), aligned(8), may_alias));
constexpr int kLanes = SOCIOMETER_VECTOR_BYTES / 8;

[[maybe_unused]] const Vector* as_vectors(const double* p) {
  return reinterpret_cast<const Vector*>(p);
}
[[maybe_unused]] Vector* as_vectors(double* p) { return reinterpret_cast<Vector*>(p); }

[[maybe_unused]] Vector square_root(Vector x) {
  for (int l = 0; l < kLanes; ++l) x[l] = __builtin_sqrt(x[l]);
  return x;
}

}  // namespace
}  // namespace sociometer::kernels
