#include "engine/learning/importance.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "engine/core/random.hpp"
#include "engine/learning/halton.hpp"
#include "engine/learning/log_sum_exp.hpp"

namespace sociometer {
namespace {

constexpr int kSets = 8;
constexpr double kStudentDof = 5;
constexpr double kPriorShare = 1.0 / 4;
/// Share of a wider version of each Student density, for tails not visible in the curvature.
constexpr double kWideShare = 1.0 / 4, kWide = 2.5;

double normal_quantile(double p) {
  return quantile(boost::math::normal_distribution<double>(0, 1), p);
}

/// A multivariate Student density; `share` is the proportion of points drawn from it.
struct Student {
  Eigen::VectorXd centre;
  Eigen::MatrixXd factor;  ///< lower Cholesky factor of the scale matrix
  double share = 0;

  double log_density(const Eigen::VectorXd& u) const {
    const auto k = double(u.size());
    const double squares =
        factor.triangularView<Eigen::Lower>().solve(u - centre).squaredNorm() / kStudentDof;
    return boost::math::lgamma((kStudentDof + k) / 2) - boost::math::lgamma(kStudentDof / 2) -
           0.5 * k * std::log(kStudentDof * std::numbers::pi) -
           factor.diagonal().array().log().sum() - 0.5 * (kStudentDof + k) * std::log1p(squares);
  }
};

/// The proposal: Student densities, and the prior with the remaining share.
struct Proposal {
  std::vector<Student> students;
  double prior_share() const {
    double left = 1;
    for (const auto& s : students) left -= s.share;
    return left;
  }
};

void add_wide(Proposal& proposal) {
  const size_t n = proposal.students.size();
  for (size_t i = 0; i < n; ++i) {
    Student wide = proposal.students[i];
    wide.factor *= kWide;
    wide.share *= kWideShare;
    proposal.students[i].share -= wide.share;
    proposal.students.push_back(std::move(wide));
  }
}

Proposal around(const std::vector<Mode>& modes) {
  Proposal out;
  std::vector<double> mass;
  for (const auto& mode : modes) {
    if (!mode.positive_definite) continue;
    out.students.push_back({mode.u, mode.covariance().llt().matrixL(), 0});
    mass.push_back(mode.log_mass());
  }
  if (mass.empty()) return out;
  const double top = *std::max_element(mass.begin(), mass.end());
  double sum = 0;
  for (double& m : mass) sum += m = std::max(0.1, std::exp(m - top));
  for (size_t i = 0; i < mass.size(); ++i)
    out.students[i].share = (1 - kPriorShare) * mass[i] / sum;
  add_wide(out);
  return out;
}

/// One Student density with the moments of a sample, its variance slightly inflated.
Proposal around(const ImportanceSample& sample) {
  Eigen::MatrixXd scale = 1.2 * sample.covariance;
  scale.diagonal().array() += 1e-12;
  const Eigen::LLT<Eigen::MatrixXd> factor(scale);
  if (factor.info() != Eigen::Success) return {};
  Proposal out{{{sample.mean, factor.matrixL(), 1 - kPriorShare}}};
  add_wide(out);
  return out;
}

/// Points of one set; the number from each source follows from the shares, the same in every set.
class PointSet {
 public:
  PointSet(const Posterior& posterior, const Proposal& proposal, const CounterRandom& random,
           int set, int n_points)
      : posterior_(posterior), proposal_(proposal) {
    for (size_t d = 0; d <= kMostParameters; ++d)
      shift_[d] = random.uniform(uint64_t(set) * 16 + d);
    for (const auto& s : proposal.students)
      counts_.push_back(std::max(1, int(std::lround(s.share * n_points))));
    int used = 0;
    for (int count : counts_) used += count;
    counts_.push_back(std::max(1, n_points - used));
    for (int count : counts_) total_ += count;
  }
  int size() const { return total_; }

  void draw(ImportanceSample& sample, Eigen::Index first) const {
    Eigen::Index at = first;
    for (size_t source = 0; source < counts_.size(); ++source)
      for (int i = 0; i < counts_[source]; ++i, ++at) {
        const Eigen::VectorXd u = source < proposal_.students.size()
                                      ? from_student(proposal_.students[source], i)
                                      : from_prior(i);
        sample.u.col(at) = u;
        const double prior = posterior_.log_prior(u);
        sample.log_proposal[at] = log_mixture(u, prior);
        const double likelihood = posterior_.log_likelihood_at(u);
        sample.log_likelihood[at] = std::isfinite(likelihood) ? likelihood : -1e300;
        sample.log_weight[at] = sample.log_likelihood[at] + prior - sample.log_proposal[at];
      }
  }

 private:
  double uniform(int i, size_t dimension) const {
    const double x = halton(i + 1, dimension) + shift_[dimension];
    return std::clamp(x - std::floor(x), 1e-15, 1 - 1e-15);
  }
  Eigen::VectorXd from_student(const Student& s, int i) const {
    const auto n = size_t(s.centre.size());
    Eigen::VectorXd z(s.centre.size());
    for (size_t d = 0; d < n; ++d) z[Eigen::Index(d)] = normal_quantile(uniform(i, d));
    const double chi_squared = 2 * boost::math::gamma_p_inv(kStudentDof / 2, uniform(i, n));
    return s.centre + s.factor * z * std::sqrt(kStudentDof / chi_squared);
  }
  Eigen::VectorXd from_prior(int i) const {
    Eigen::VectorXd u(Eigen::Index(posterior_.size()));
    for (size_t d = 0; d < posterior_.size(); ++d)
      u[Eigen::Index(d)] = transformed_prior_quantile(posterior_.parameters()[d], uniform(i, d));
    return u;
  }
  double log_mixture(const Eigen::VectorXd& u, double log_prior) const {
    Eigen::VectorXd parts(Eigen::Index(counts_.size()));
    for (size_t s = 0; s < proposal_.students.size(); ++s)
      parts[Eigen::Index(s)] =
          std::log(double(counts_[s]) / total_) + proposal_.students[s].log_density(u);
    parts[parts.size() - 1] = std::log(double(counts_.back()) / total_) + log_prior;
    return log_sum_exp(parts);
  }

  const Posterior& posterior_;
  const Proposal& proposal_;
  double shift_[kMostParameters + 1];
  std::vector<int> counts_;  ///< of each Student density, then of the prior
  int total_ = 0;
};

ImportanceSample drawn(const Posterior& posterior, const Proposal& proposal, int n_points,
                       const CounterRandom& random) {
  const int per_set = PointSet(posterior, proposal, random, 0, n_points / kSets).size();
  const Eigen::Index total = Eigen::Index(kSets) * per_set;
  ImportanceSample sample;
  sample.u.resize(Eigen::Index(posterior.size()), total);
  sample.log_likelihood.resize(total);
  sample.log_proposal.resize(total);
  sample.log_weight.resize(total);
  for (int set = 0; set < kSets; ++set)
    PointSet(posterior, proposal, random, set, n_points / kSets)
        .draw(sample, Eigen::Index(set) * per_set);
  return sample;
}

/// Computes evidence, error, effective points and moments from the weights.
void summarise(ImportanceSample& sample) {
  const Eigen::Index n = sample.log_weight.size(), per_set = n / kSets;
  const double top = sample.log_weight.maxCoeff();
  const Eigen::VectorXd w = (sample.log_weight.array() - top).exp();
  Eigen::VectorXd means(kSets);
  for (Eigen::Index set = 0; set < kSets; ++set)
    means[set] = w.segment(set * per_set, per_set).mean();
  const double mean = means.mean();
  sample.log_evidence = top + std::log(mean);
  sample.error = std::sqrt((means.array() - mean).square().sum() / (kSets * (kSets - 1))) / mean;
  sample.effective = w.sum() * w.sum() / w.squaredNorm();
  const Eigen::VectorXd share = w / w.sum();
  sample.mean = sample.u * share;
  const Eigen::MatrixXd centred = sample.u.colwise() - sample.mean;
  sample.covariance = centred * share.asDiagonal() * centred.transpose();
}

}  // namespace

void reweight(ImportanceSample& sample, const Eigen::VectorXd& log_prior) {
  sample.log_weight = sample.log_likelihood + log_prior - sample.log_proposal;
  summarise(sample);
}

ImportanceSample sample_posterior(const Posterior& posterior, const std::vector<Mode>& modes,
                                  uint64_t seed, uint64_t stream,
                                  const ImportanceOptions& options) {
  constexpr uint64_t kStages = 16;  // room for the stages within one stream
  uint64_t stage = 0;
  Proposal proposal = around(modes);
  const auto draw = [&](int n_points) {
    auto sample =
        drawn(posterior, proposal, n_points, CounterRandom(seed, stream * kStages + stage++));
    summarise(sample);
    return sample;
  };
  int n_points = options.n_points;
  ImportanceSample sample = draw(n_points);
  for (int again = 0; again < 2 && sample.effective < 0.25 * n_points; ++again) {
    if (sample.effective < 3 * double(posterior.size())) break;  // too few for usable moments
    const Proposal refined = around(sample);
    if (refined.students.empty()) break;
    const Proposal before = std::exchange(proposal, refined);
    ImportanceSample next = draw(n_points);
    if (next.effective < sample.effective) {
      proposal = before;
      break;
    }
    sample = std::move(next);
  }
  while (sample.error > options.tolerance && 2 * n_points <= options.most_points)
    sample = draw(n_points *= 2);
  return sample;
}

}  // namespace sociometer
