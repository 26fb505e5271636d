#pragma once
#include "engine/glm/noise_strategy.hpp"

namespace sociometer {

const NoiseStrategy& white_noise();           ///< noise/white.cpp
const NoiseStrategy& autoregressive_noise();  ///< noise/autoregressive.cpp
const NoiseStrategy& nilearn_noise();         ///< noise/autoregressive.cpp
const NoiseStrategy& arma_noise();            ///< noise/arma.cpp
const NoiseStrategy& mixture_noise();         ///< noise/mixture.cpp
const NoiseStrategy& spm_ar1_noise();         ///< noise/pooled.cpp
const NoiseStrategy& spm_fast_noise();        ///< noise/pooled.cpp
const NoiseStrategy& tukey_noise();           ///< noise/tapered.cpp

}  // namespace sociometer
