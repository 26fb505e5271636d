#pragma once
#include <cstdint>

namespace sociometer {

/// Purpose of a random number stream; no two purposes share numbers.
enum class RandomUse : uint64_t {
  person = 1,
  ratings,
  schedule,
  choices,
  misses,
  response_times,
  sharing,
  motion,
  field_maps,
  autocorrelated_noise,
  white_noise,
  power_study,
  belief_patterns,
  rating_patterns,
};

/// Number of the model participant by whose choices schedules are compared; others count from 1.
inline constexpr int kModelPerson = 0;

/// Stream number for one purpose, participant and run (or candidate).
inline uint64_t stream_of(RandomUse use, uint64_t person, uint64_t run = 0) {
  return (uint64_t(use) << 56) | (person << 24) | run;
}

}  // namespace sociometer
