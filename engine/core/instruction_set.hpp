#pragma once

namespace sociometer {

/// Whether this processor runs "sse2", "avx2" (with FMA) or "avx512" (F and DQ), for kernels that
/// are compiled for each; false for other names, and for all but "sse2" where this is not x86-64.
bool runs_instruction_set(const char* name);

}  // namespace sociometer
