#pragma once
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// How interactions with a seed are made.
struct PpiOptions {
  bool deconvolve = false;
  int bins = 16;  ///< of a scan, for deconvolution
};

/// The columns of a generalised psychophysiological interaction.
struct PpiColumns {
  std::vector<std::string> names;  ///< "seed", then "ppi:NAME" for each condition and modulator
  Eigen::MatrixXd values;          ///< (n_scans, names.size())
  double signal_share = 0;         ///< of Deconvolved; NaN without
  bool no_noise = false;           ///< of Deconvolved
};

/// Seed and its interactions with every condition and every modulator of a design (McLaren et al.
/// 2012). The design keeps the columns of conditions and modulators; derivatives get no
/// interaction.
///
/// The seed is adjusted: confounds, drift and constant of the design are removed, once; the task is
/// not. Without deconvolution an interaction is the seed times the condition's convolved column.
/// With it, the seed's neural activity times the condition's events, convolved again; the events'
/// time course is centred over the run (Di et al. 2017). Modulators are used as the design centred
/// them over trials, and not centred again over trials.
///
/// With the seed, conditions and modulators in the design, centring a factor of a product that is
/// not convolved again changes no interaction's coefficient, so that none is centred there but the
/// seed.
/// @param seed  series at the design's scans, (n_scans).
/// @throws Error{bad_input} for a seed without spread or, with deconvolution, without a signal of
/// the response's shape, volumes at unequal distances with
/// deconvolution, and a response of several columns (FIR).
/// @source McLaren et al. 2012, NeuroImage 61; Di, Reynolds & Biswal 2017, Hum Brain Mapp 38.
PpiColumns ppi_columns(const DesignMatrix& design, const Events& events,
                       const DesignOptions& options, const Eigen::VectorXd& seed,
                       const PpiOptions& ppi);

/// The design with the columns behind its task columns, as columns of the task.
DesignMatrix with_ppi(const DesignMatrix& design, const PpiColumns& columns);

}  // namespace sociometer
