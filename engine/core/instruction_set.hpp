#pragma once

namespace sociometer {

/// Whether this processor supports "sse2", "avx2" (with FMA) or "avx512" (F and DQ), for kernels
/// compiled for each. False for any other name; on other than x86-64 only "sse2" is true.
bool runs_instruction_set(const char* name);

}  // namespace sociometer
