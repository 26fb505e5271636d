#include "engine/glm/spectral_atoms.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Shares of the parts of a process without oscillation, and its AR(1) part's time constant.
struct Smooth {
  double slow = 0, relaxing = 0, tau_s = 1;
};

constexpr double kSlowTau_s = 60, kOscillationTau_s = 3;

double smooth_autocorrelation(const Smooth& parts, double lag_s) {
  const double rest = 1 - parts.slow;
  return (lag_s == 0 ? rest * (1 - parts.relaxing) : 0) +
         rest * parts.relaxing * std::exp(-lag_s / parts.tau_s) +
         parts.slow * std::exp(-lag_s / kSlowTau_s);
}

std::vector<Smooth> smooth_processes(std::initializer_list<double> slow,
                                     std::initializer_list<double> relaxing,
                                     std::initializer_list<double> taus_s) {
  std::vector<Smooth> out;
  for (double s : slow) {
    out.push_back({s, 0, 1});
    for (double f : relaxing)
      for (double tau : taus_s) out.push_back({s, f, tau});
  }
  return out;
}

/// From the lowest of breathing to the highest of a pulse or the Nyquist frequency, about as far
/// apart as an oscillation is wide (.1 Hz).
std::vector<double> oscillation_frequencies(double tr_s) {
  constexpr double kLowest = 0.12, kHighest = 1.2, kFarthest = 0.085;
  constexpr int kFewest = 4;
  const double range = std::min(0.5 / tr_s, kHighest) - kLowest;
  std::vector<double> out;
  if (range <= 0) return out;
  const int n = std::max(kFewest, int(std::ceil(range / kFarthest)) + 1);
  for (int i = 0; i < n; ++i) out.push_back(kLowest + range * double(i) / (n - 1));
  return out;
}

/// (A'x)_t = sum_k a_k x_{t+k}, beyond the end only of what there is.
Eigen::MatrixXd forward_filter(const Eigen::VectorXd& a, const Eigen::MatrixXd& x) {
  Eigen::MatrixXd out = a[0] * x;
  for (Eigen::Index k = 1; k < std::min(a.size(), x.rows()); ++k)
    out.topRows(x.rows() - k) += a[k] * x.bottomRows(x.rows() - k);
  return out;
}

/// Its transpose: sum_k a_k x_{t-k}.
Eigen::MatrixXd backward_filter(const Eigen::VectorXd& a, const Eigen::MatrixXd& x) {
  Eigen::MatrixXd out = a[0] * x;
  for (Eigen::Index k = 1; k < std::min(a.size(), x.rows()); ++k)
    out.bottomRows(x.rows() - k) += a[k] * x.topRows(x.rows() - k);
  return out;
}

}  // namespace

SpectralAtom atom_from_autocorrelations(const Eigen::VectorXd& r) {
  const Eigen::Index order = r.size() - 1;
  SpectralAtom atom{Eigen::VectorXd::Zero(order)};
  double innovation = r[0];
  for (Eigen::Index k = 1; k <= order; ++k) {
    double rest = r[k];
    for (Eigen::Index j = 1; j < k; ++j) rest -= atom.phi[j - 1] * r[k - j];
    const double partial = rest / innovation;
    require(std::abs(partial) < 1, "autocorrelations of a process are positive definite");
    const Eigen::VectorXd before = atom.phi.head(k - 1);
    atom.phi.head(k - 1) -= partial * before.reverse();
    atom.phi[k - 1] = partial;
    innovation *= 1 - partial * partial;
    atom.log_determinant -= double(k) * std::log1p(-partial * partial);
  }
  return atom;
}

int mixture_order(double tr_s, Eigen::Index n_scans) {
  constexpr double kSeconds = 16;
  const auto order = Eigen::Index(std::clamp(std::round(kSeconds / tr_s), 4.0, 16.0));
  return int(std::clamp<Eigen::Index>((n_scans - 1) / 2, 1, order));
}

namespace {

struct Oscillation {
  double share, hz;
};
struct Process {
  Smooth smooth;
  std::vector<Oscillation> oscillations{};
};

std::vector<Process> processes(double tr_s) {
  std::vector<Process> out;
  for (const Smooth& parts :
       smooth_processes({0, 0.08, 0.18, 0.32, 0.5}, {0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95},
                        {1.5, 2.34, 3.66, 5.72, 8.95, 14}))
    out.push_back({parts});
  const std::vector<double> frequencies = oscillation_frequencies(tr_s);
  for (const Smooth& parts :
       smooth_processes({0, 0.18, 0.5}, {0.35, 0.65, 0.95}, {1.5, 3.66, 8.95}))
    for (double hz : frequencies)
      for (double share : {0.12, 0.3}) out.push_back({parts, {{share, hz}}});
  // Breathing and pulse.
  for (const Smooth& parts : smooth_processes({0.1}, {0.35, 0.65, 0.95}, {1.5, 3.66, 8.95}))
    for (size_t i = 1; i < frequencies.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        out.push_back({parts, {{0.2, frequencies[i]}, {0.2, frequencies[j]}}});
  return out;
}

double autocorrelation(const Process& process, double lag_s) {
  const double memory = std::exp(-lag_s / kOscillationTau_s);
  double rest = 1, sum = 0;
  for (const auto& [share, hz] : process.oscillations) {
    sum += share * memory * std::cos(2 * M_PI * hz * lag_s);
    rest -= share;
  }
  return sum + rest * smooth_autocorrelation(process.smooth, lag_s);
}

}  // namespace

Eigen::Index n_parametric_atoms(double tr_s) { return Eigen::Index(processes(tr_s).size()); }

std::vector<SpectralAtom> parametric_atoms(double tr_s, int order) {
  std::vector<SpectralAtom> atoms;
  for (const Process& process : processes(tr_s)) {
    Eigen::VectorXd r(order + 1);
    for (Eigen::Index k = 0; k <= order; ++k) r[k] = autocorrelation(process, tr_s * double(k));
    atoms.push_back(atom_from_autocorrelations(r));
  }
  return atoms;
}

Eigen::MatrixXd times_precision(const SpectralAtom& atom, const Eigen::MatrixXd& m) {
  // Gohberg & Semencul 1972: A A' - B B', both triangular Toeplitz.
  const Eigen::Index order = atom.phi.size();
  Eigen::VectorXd a(order + 1), b = Eigen::VectorXd::Zero(m.rows());
  a << 1, -atom.phi;
  Eigen::MatrixXd out = backward_filter(a, forward_filter(a, m));
  // B has the column (0 .. 0, a_q .. a_1): it acts on the last q scans only.
  for (Eigen::Index k = 1; k <= order; ++k) b[m.rows() - k] = a[k];
  for (Eigen::Index i = 0; i < order; ++i) {
    Eigen::VectorXd column = Eigen::VectorXd::Zero(m.rows());
    const Eigen::Index from = m.rows() - order;
    column.tail(order - i) = b.segment(from, order - i);
    out.noalias() -= column * (column.transpose() * m).eval();
  }
  return out;
}

}  // namespace sociometer
