#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/random.hpp"
#include "engine/glm/noise_model.hpp"
#include "engine/glm/run_fit.hpp"

/// Null runs: noise without any response, and what the engine makes of it (CALIBRATION.md).
namespace sociometer::calibration {

struct Scanning {
  Eigen::Index n_scans;
  double tr_s;
};

/// Consecutive normal numbers for one voxel.
class Draws {
 public:
  Draws(const CounterRandom& random, uint64_t voxel) : random_(random), at_(voxel << 20) {}
  double normal() { return random_.normal(at_++); }
  double uniform(double low, double high) {
    return low + (high - low) * random_.uniform((uint64_t{1} << 60) + at_++);
  }

 private:
  const CounterRandom& random_;
  uint64_t at_;
};

/// A kind of noise: one voxel's series.
using Noise = std::function<Eigen::VectorXd(Draws&, Scanning)>;
Eigen::VectorXd white_noise(Draws& draws, Scanning s);
/// AR(1) plus white noise: time constants of 3 to 9 s, one third to two thirds white.
Eigen::VectorXd ar_plus_white(Draws& draws, Scanning s);
/// Power falling as 1/f: AR(1) processes of equal power with time constants a factor of 4 apart,
/// and as much white noise as 1/f noise.
Eigen::VectorXd one_over_f(Draws& draws, Scanning s);
/// Breathing (0.3 Hz) and pulse (1.1 Hz) over AR(1) plus white noise: one fifth and one eighth of
/// the variance.
Eigen::VectorXd physiological(Draws& draws, Scanning s);

/// AR(1) plus white noise with steps, as after a movement: six of 1 to 3 standard deviations at any
/// time, half of which fade within seconds.
Eigen::VectorXd with_steps(Draws& draws, Scanning s);
/// AR(1) plus white noise of Student's t with 4 degrees of freedom: single scans far off.
Eigen::VectorXd heavy_tailed(Draws& draws, Scanning s);
/// AR(1) plus white noise whose standard deviation changes by e^.5 over minutes.
Eigen::VectorXd changing_variance(Draws& draws, Scanning s);

/// What of the trials is tested.
enum class Tested {
  response,
  modulation,  ///< a modulator of each trial, beside the response
  delay,       ///< one of the delays of a finite impulse response
};
struct Paradigm {
  const char* name;
  double duration_s, least_gap_s, largest_gap_s;
  Tested tested = Tested::response;
};
inline constexpr Paradigm kParadigms[] = {{"events", 1, 3, 11},
                                          {"20-s blocks", 20, 20, 20},
                                          {"30-s blocks", 30, 30, 30},
                                          {"60-s blocks", 60, 60, 60},
                                          {"modulated events", 1, 3, 11, Tested::modulation},
                                          {"FIR, one delay", 1, 3, 11, Tested::delay}};
inline constexpr Paradigm kHalfMinutes = kParadigms[2];

/// The tested regressor, others of the task, 12 confounds (half of them slow, like motion), drift
/// and the constant.
Eigen::MatrixXd make_design(Scanning s, const Paradigm& paradigm, uint64_t number);

/// 100 plus noise, (n_scans, n_voxels).
Eigen::MatrixXd make_series(const Noise& noise, Scanning s, uint64_t number, Eigen::Index n_voxels);

/// Length of the task's regressor beyond what the other columns explain of it: least squares of
/// white noise of unit variance has a standard error of 1 over this.
double task_length(const Eigen::MatrixXd& design);

/// What a run says of the task regressor.
struct TaskFit {
  ContrastValues values;
  double dof = 0;
};
TaskFit fit_task(const NoiseModel& model, const Eigen::MatrixXd& design,
                 const Eigen::MatrixXd& series);

/// A model by its name in `fit`, and "arma11-afni": 3dREMLfit's search with its grid 3.
NoiseModel model_of(const std::string& name, Scanning s);

/// The z of null voxels, by unit: a unit is what voxels share a design in.
class Rates {
 public:
  /// @param z  of null voxels, NaN where there are none; and the same voxels with a response.
  void add_unit(const Eigen::VectorXd& z, const Eigen::VectorXd& z_with_response);
  /// Share of null voxels with a two-sided p below `level`, and its standard error over units.
  struct Rate {
    double rate, error;
  };
  Rate rate(double level) const;
  double sd_of_z() const;
  /// Share of responding voxels found at the threshold that a share of `level` of the null voxels
  /// passes, whatever their stated p: what is left of power when sizes are made equal.
  Rate power(double level) const;

 private:
  std::vector<std::vector<double>> units_;
  std::vector<std::vector<double>> responding_;
};

/// "0.0525 (20)": the error in units of the last digit.
std::string text_of(Rates::Rate rate);

}  // namespace sociometer::calibration
