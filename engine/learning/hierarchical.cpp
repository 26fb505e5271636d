#include "engine/learning/hierarchical.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/learning/log_sum_exp.hpp"
#include "engine/learning/model_selection.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

using boost::math::digamma;

/// Laplace approximation of one participant under one model's group.
struct Member {
  Eigen::VectorXd mode;        ///< transformed
  Eigen::MatrixXd covariance;  ///< 1 / A
  double log_mass = 0;         ///< log p(choices | th) + log N(th) + D/2 log 2 pi - 1/2 log |A|
};

/// One model of the study: its learner under the current group, and all participants' fits.
struct Model {
  std::string name;
  LearningSettings settings;
  std::shared_ptr<const Learner> learner;
  Eigen::VectorXd prior_mean;  ///< a0
  GroupPosterior group;
  std::vector<Member> members;  ///< [usable participant]
  Eigen::Index size() const { return prior_mean.size(); }
};

Model model_of(const std::string& name, const LearningSettings& settings) {
  Model m{name, settings, make_learner(name, settings), {}, {}, {}};
  const auto& parameters = m.learner->parameters();
  m.prior_mean.resize(Eigen::Index(parameters.size()));
  for (size_t i = 0; i < parameters.size(); ++i)
    m.prior_mean[Eigen::Index(i)] = transformed_prior_quantile(parameters[i], 0.5);
  return m;
}

/// Sets the learner's priors to the group's normal densities.
void set_priors(Model& m) {
  const auto parameters = m.learner->parameters();
  const Eigen::VectorXd sd = m.group.sd();
  for (size_t i = 0; i < parameters.size(); ++i)
    m.settings.priors[parameters[i].name] = {PriorFamily::normal_transformed,
                                             m.group.mean[Eigen::Index(i)], sd[Eigen::Index(i)]};
  m.learner = make_learner(m.name, m.settings);
}

Member fit_member(const Model& m, const Participant& person, int n_starts, const Member* before) {
  const Posterior posterior(*m.learner, m.settings, person, DensitySpace::transformed);
  Member member;
  if (m.size() == 0) {
    member.log_mass = posterior.log_likelihood_at(Eigen::VectorXd(0));
    return member;
  }
  const auto modes = before ? modes_from(posterior, {before->mode, m.group.mean}, 1)
                            : find_modes(posterior, n_starts, {}, 1);
  Mode mode = modes.front();
  if (!mode.positive_definite) {
    // A flat maximum: the likelihood is uninformative there, so the group's own precision is used.
    if (m.group.mean.size() == 0)
      mode.hessian.setIdentity(m.size(), m.size());
    else
      mode.hessian = m.group.precision().asDiagonal();
  }
  member.mode = mode.u;
  member.covariance = mode.covariance();
  member.log_mass = mode.log_mass();
  return member;
}

/// E[log p(h | mu, tau)] - log N(h | a, 1 / E[tau]): the cost of the group's uncertainty.
double group_uncertainty(const Model& m) {
  return 0.5 * double(m.size()) * (digamma(m.group.nu) - std::log(m.group.nu) - 1 / m.group.beta);
}

GroupPosterior group_posterior(const Model& m, const Eigen::VectorXd& r,
                               const HierarchicalOptions& o) {
  const double n = r.sum();
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(m.size()), squares = sum;
  for (Eigen::Index i = 0; i < r.size(); ++i) {
    const Member& member = m.members[size_t(i)];
    if (m.size() == 0) break;
    sum += r[i] * member.mode;
    squares += r[i] * (member.mode.cwiseAbs2() + member.covariance.diagonal());
  }
  const Eigen::VectorXd mean = n > 0 ? Eigen::VectorXd(sum / n) : m.prior_mean;
  const Eigen::VectorXd scatter = squares - n * mean.cwiseAbs2();  // N_k V_k
  GroupPosterior g;
  g.beta = n + o.mean_weight;
  g.nu = o.precision_shape + n / 2;
  g.mean = (sum + o.mean_weight * m.prior_mean) / g.beta;
  g.sigma = Eigen::VectorXd::Constant(m.size(), o.precision_rate) +
            0.5 * (scatter + o.mean_weight * n / g.beta * (mean - m.prior_mean).cwiseAbs2());
  return g;
}

double divergence_of_group(const Model& m, const HierarchicalOptions& o) {
  using boost::math::lgamma;
  const GroupPosterior& g = m.group;
  const double b = o.mean_weight, v = o.precision_shape, s = o.precision_rate;
  double sum = 0;
  for (Eigen::Index i = 0; i < m.size(); ++i) {
    const double tau = g.nu / g.sigma[i], d = g.mean[i] - m.prior_mean[i];
    sum += 0.5 * (b / g.beta - 1 + std::log(g.beta / b) + b * tau * d * d);
    sum += (g.nu - v) * digamma(g.nu) - lgamma(g.nu) + lgamma(v) + v * std::log(g.sigma[i] / s) +
           tau * (s - g.sigma[i]);
  }
  return sum;
}

double divergence_of_frequencies(const Eigen::VectorXd& alpha) {
  using boost::math::lgamma;
  double sum = lgamma(alpha.sum()) - lgamma(double(alpha.size()));
  for (double a : alpha) sum += (a - 1) * (digamma(a) - digamma(alpha.sum())) - lgamma(a);
  return sum;
}

/// The entire inference, with frequencies learned or all equal.
class Inference {
 public:
  Inference(std::vector<Model> models, const std::vector<const Participant*>& people,
            const FitOptions& fit, const HierarchicalOptions& options, bool equal, int n_threads)
      : models_(std::move(models)),
        people_(people),
        fit_(fit),
        options_(options),
        equal_(equal),
        n_threads_(n_threads) {}

  void run() {
    const auto n = Eigen::Index(people_.size()), k = Eigen::Index(models_.size());
    fit_members();
    r = Eigen::MatrixXd::Constant(n, k, 1.0 / double(k));
    alpha = Eigen::VectorXd::Ones(k);
    update_groups();
    for (n_iterations = 1; n_iterations <= options_.n_iterations; ++n_iterations) {
      fit_members();
      update_responsibilities();
      if (converged) break;
      converged = update_groups() < options_.tolerance;
    }
    n_iterations = std::min(n_iterations, options_.n_iterations);
  }

  Eigen::MatrixXd r;
  Eigen::VectorXd alpha;
  double bound = 0;
  int n_iterations = 0;
  bool converged = false;
  const std::vector<Model>& models() const { return models_; }

 private:
  void fit_members() {
    for (auto& m : models_) {
      std::vector<Member> next(people_.size());
      parallel_for(Eigen::Index(people_.size()), n_threads_, [&](Eigen::Index i) {
        const Member* before = m.members.empty() ? nullptr : &m.members[size_t(i)];
        next[size_t(i)] = fit_member(m, *people_[size_t(i)], fit_.n_starts, before);
      });
      m.members = std::move(next);
    }
  }

  void update_responsibilities() {
    const auto k = Eigen::Index(models_.size());
    Eigen::VectorXd frequency = Eigen::VectorXd::Constant(k, -std::log(double(k)));
    if (!equal_)
      frequency = alpha.unaryExpr([&](double a) { return digamma(a) - digamma(alpha.sum()); });
    bound = equal_ ? 0 : -divergence_of_frequencies(alpha);
    for (const auto& m : models_) bound -= divergence_of_group(m, options_);
    for (Eigen::Index i = 0; i < r.rows(); ++i) {
      Eigen::VectorXd log_rho(k);
      for (Eigen::Index j = 0; j < k; ++j) {
        const Model& m = models_[size_t(j)];
        log_rho[j] = m.members[size_t(i)].log_mass + group_uncertainty(m) + frequency[j];
      }
      // sum_k r (log rho - log r) with r = rho / sum rho.
      const double total = log_sum_exp(log_rho);
      bound += total;
      r.row(i) = (log_rho.array() - total).exp().transpose();
    }
  }

  /// @return the largest change of frequencies and of means, in group standard deviations.
  double update_groups() {
    double change = 0;
    for (size_t j = 0; j < models_.size(); ++j) {
      Model& m = models_[j];
      const GroupPosterior next = group_posterior(m, r.col(Eigen::Index(j)), options_);
      if (m.size() > 0 && m.group.mean.size() > 0)
        change = std::max(
            {change, (next.mean - m.group.mean).cwiseQuotient(next.sd()).cwiseAbs().maxCoeff(),
             (next.sd().array() / m.group.sd().array()).log().abs().maxCoeff()});
      m.group = next;
      set_priors(m);
    }
    const Eigen::VectorXd next = r.colwise().sum().transpose().array() + 1;
    change = std::max(change, (next - alpha).cwiseAbs().maxCoeff() / next.sum());
    alpha = next;
    return change;
  }

  std::vector<Model> models_;
  const std::vector<const Participant*>& people_;
  const FitOptions& fit_;
  const HierarchicalOptions& options_;
  bool equal_;
  int n_threads_;
};

LearnerFit member_fit(const Model& m, const Member& member, const Participant& person) {
  LearnerFit fit;
  fit.n_choices = check_trials(*m.learner, person);
  for (Eigen::Index i = 0; i < m.size(); ++i) {
    const Transform t = m.learner->parameters()[size_t(i)].transform;
    fit.estimate.push_back(parameter_of(t, member.mode[i]));
    fit.standard_error.push_back(std::sqrt(member.covariance(i, i)) *
                                 std::exp(log_jacobian(t, member.mode[i])));
  }
  fit.transformed_covariance.assign(member.covariance.data(),
                                    member.covariance.data() + member.covariance.size());
  const Posterior posterior(*m.learner, m.settings, person, DensitySpace::transformed);
  fit.log_likelihood = log_likelihood<double>(*m.learner, m.settings, person, fit.estimate);
  fit.log_posterior = fit.log_likelihood + (m.size() > 0 ? posterior.log_prior(member.mode) : 0.0);
  fit.log_evidence = member.log_mass + group_uncertainty(m);
  fit.method = EvidenceMethod::laplace;
  fit.bic = -2 * fit.log_likelihood + double(m.size()) * std::log(double(fit.n_choices));
  fit.aic = -2 * fit.log_likelihood + 2 * double(m.size());
  return fit;
}

/// Participants who can be fitted by every model; the others are recorded in `study`.
std::vector<size_t> usable_of(StudyFit& study, const std::vector<Model>& models,
                              const std::vector<Participant>& participants) {
  std::vector<size_t> usable;
  for (size_t i = 0; i < participants.size(); ++i) try {
      for (const auto& m : models) check_trials(*m.learner, participants[i]);
      usable.push_back(i);
    } catch (const Error& error) {
      study.failures[i] = error.what();
    }
  if (usable.size() < 3)
    fail(ErrorCode::bad_input,
         "hierarchical inference needs at least 3 participants that can be fitted; there are {}",
         usable.size());
  return usable;
}

}  // namespace

GroupMeanTest test_group_mean(const GroupPosterior& group, Eigen::Index parameter, double value) {
  GroupMeanTest test;
  test.t = (group.mean[parameter] - value) / group.mean_error()[parameter];
  test.dof = group.dof();
  test.p = 2 * std::exp(log_sf_t(std::abs(test.t), test.dof));
  return test;
}

HierarchicalFit fit_hierarchical(const std::vector<std::string>& names,
                                 const LearningSettings& settings,
                                 const std::vector<Participant>& participants,
                                 const FitOptions& options, const HierarchicalOptions& hierarchical,
                                 int n_threads) {
  HierarchicalFit out;
  std::vector<Model> models;
  for (const auto& name : names) models.push_back(model_of(name, settings));
  out.study.fits.resize(participants.size());
  out.study.failures.resize(participants.size());
  const auto usable = usable_of(out.study, models, participants);
  std::vector<const Participant*> people;
  for (size_t i : usable) people.push_back(&participants[i]);

  Inference main(models, people, options, hierarchical, false, n_threads);
  main.run();
  for (const auto& m : main.models()) {
    out.study.learners.push_back(m.learner);
    out.groups.push_back(m.group);
    for (size_t i = 0; i < usable.size(); ++i)
      out.study.fits[usable[i]].push_back(member_fit(m, m.members[i], *people[i]));
  }
  out.responsibilities = main.r;
  out.alpha = main.alpha;
  out.frequency = main.alpha / main.alpha.sum();
  out.bound = main.bound;
  out.null_bound = kMissing;
  out.n_iterations = main.n_iterations;
  out.converged = main.converged;
  const auto k = double(names.size());
  out.exceedance =
      names.size() == 1 ? Eigen::VectorXd::Ones(1) : exceedance_probabilities(out.alpha);
  out.protected_exceedance = out.exceedance;
  if (names.size() == 1 || !hierarchical.with_null) return out;
  Inference null(models, people, options, hierarchical, true, n_threads);
  null.run();
  out.null_bound = null.bound;
  out.omnibus_risk = 1 / (1 + std::exp(out.bound - out.null_bound));
  out.protected_exceedance = (1 - out.omnibus_risk) * out.exceedance.array() + out.omnibus_risk / k;
  return out;
}

}  // namespace sociometer
