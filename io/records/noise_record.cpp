#include "io/records/noise_record.hpp"

namespace sociometer {
namespace {

ArmaRecord arma_record(const ArmaOptions& arma, const std::vector<Eigen::Index>& run_starts) {
  ArmaRecord record;
  record.search = to_string(arma.search);
  record.grid_level = arma.grid_level;
  record.largest_a = arma.largest_a();
  record.largest_b = arma.largest_b();
  record.negative = arma.negative;
  record.white_noise_plus = arma.white_noise_plus;
  if (arma.search == ArmaOptions::Search::afni) record.cutoff = arma.cutoff;
  if (arma.fixed) record.fixed = std::array{arma.fixed->a, arma.fixed->b};
  if (!run_starts.empty()) record.run_starts.emplace(run_starts.begin(), run_starts.end());
  return record;
}

}  // namespace

NoiseRecord noise_record(const NoiseModel& model) {
  const NoiseDescription options = describe(model);
  NoiseRecord record;
  record.model = to_string(model);
  if (options.averages) record.averaged = "posterior, uniform partial autocorrelations";
  record.corrects_bias = options.corrects_bias;
  if (options.arma) record.arma = arma_record(*options.arma, model.run_starts);
  record.smoothing_fwhm_mm = options.smoothing_fwhm_mm;
  return record;
}

}  // namespace sociometer
