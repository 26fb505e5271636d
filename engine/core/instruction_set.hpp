#pragma once
#include <string>

namespace sociometer {

/// Whether this processor supports "sse2", "avx2" (with FMA) or "avx512" (F and DQ), for kernels
/// compiled for each. False for any other name; on other than x86-64 only "sse2" is true.
bool runs_instruction_set(const char* name);

/// Makes `best_kernels` give the kernels of this instruction set from now on, in place of the
/// fastest: to compare them, and to get the same bytes from processors of several kinds. Call it
/// before the first analysis.
/// @return false, without effect, if the name is none of "sse2", "avx2" and "avx512", or the
/// processor does not support it.
bool choose_instruction_set(const std::string& name);

/// The chosen one; nullptr if none was chosen.
const char* chosen_instruction_set();

}  // namespace sociometer
