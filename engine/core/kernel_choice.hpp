#pragma once
#include <cstring>
#include <span>

#include "engine/core/instruction_set.hpp"

/// Kernels are compiled once per instruction set and chosen at run time. A set is a struct of
/// function pointers with its instruction set's name as `name`.
namespace sociometer {

/// @param sets  those of this build.
/// @return nullptr when the processor or this build lacks it.
template <typename Set>
const Set* find_kernel_set(std::span<const Set* const> sets, const char* name) {
  for (const Set* set : sets)
    if (std::strcmp(set->name, name) == 0) return runs_instruction_set(name) ? set : nullptr;
  return nullptr;
}

/// The chosen set (choose_instruction_set), or else the fastest that the processor runs.
/// @param sets  the fastest first; the last runs on every processor.
template <typename Set>
const Set& best_kernel_set(std::span<const Set* const> sets) {
  if (const char* chosen = chosen_instruction_set())
    if (const Set* set = find_kernel_set<Set>(sets, chosen)) return *set;
  for (const Set* set : sets.first(sets.size() - 1))
    if (runs_instruction_set(set->name)) return *set;
  return *sets.back();
}

}  // namespace sociometer
