#include "engine/learning/learner.hpp"

#include <algorithm>
#include <map>

#include "engine/core/error.hpp"
#include "engine/learning/adaptive_rate.hpp"
#include "engine/learning/free_beliefs.hpp"
#include "engine/learning/heuristics.hpp"
#include "engine/learning/ideal_observer.hpp"
#include "engine/learning/rescorla_wagner.hpp"

namespace sociometer {
namespace {

struct Description {
  std::string name;
  std::vector<Parameter> parameters;
  bool needs_rank, needs_outcome;
};

class DescribedLearner : public Learner {
 public:
  DescribedLearner(Description description, const LearningSettings& settings)
      : d_(std::move(description)), settings_(settings) {}
  const std::string& name() const override { return d_.name; }
  const std::vector<Parameter>& parameters() const override { return d_.parameters; }
  bool needs_rank() const override { return d_.needs_rank; }
  bool needs_outcome() const override { return d_.needs_outcome; }

 protected:
  Description d_;
  LearningSettings settings_;
};

template <template <class> class State>
class LearnerOf final : public DescribedLearner {
 public:
  using DescribedLearner::DescribedLearner;
  std::unique_ptr<LearnerState<double>> start(int n, std::span<const double> p) const override {
    return std::make_unique<State<double>>(settings_, n, p);
  }
  std::unique_ptr<LearnerState<First>> start(int n, std::span<const First> p) const override {
    return std::make_unique<State<First>>(settings_, n, p);
  }
  std::unique_ptr<LearnerState<Second>> start(int n, std::span<const Second> p) const override {
    return std::make_unique<State<Second>>(settings_, n, p);
  }
};

/// A learner wrapped by an add-on: the last parameter is the add-on's, the others
/// are those of the inner learner.
template <template <class> class AddOn>
class LearnerWith final : public DescribedLearner {
 public:
  LearnerWith(std::shared_ptr<const Learner> inner, Description d, const LearningSettings& s)
      : DescribedLearner(std::move(d), s), inner_(std::move(inner)) {}
  std::unique_ptr<LearnerState<double>> start(int n, std::span<const double> p) const override {
    return wrapped(n, p);
  }
  std::unique_ptr<LearnerState<First>> start(int n, std::span<const First> p) const override {
    return wrapped(n, p);
  }
  std::unique_ptr<LearnerState<Second>> start(int n, std::span<const Second> p) const override {
    return wrapped(n, p);
  }

 private:
  template <class T>
  std::unique_ptr<LearnerState<T>> wrapped(int n, std::span<const T> p) const {
    return std::make_unique<AddOn<T>>(inner_->start(n, p.first(p.size() - 1)), n, settings_,
                                      p.back());
  }
  std::shared_ptr<const Learner> inner_;
};

template <class T>
using HybridState = IdealObserverState<T, Mix::hybrid>;
template <class T>
using RankState = IdealObserverState<T, Mix::rank>;
template <class T>
using OutcomeState = IdealObserverState<T, Mix::outcome>;

Parameter parameter(const std::string& name, const LearningSettings& settings) {
  static const std::map<std::string, std::pair<Transform, std::string>> known = {
      {"beta", {Transform::log, "inverse temperature, per unit of value"}},
      {"w", {Transform::logit, "weight of rank value; 1 - w is that of outcome value"}},
      {"alpha", {Transform::logit, "learning rate"}},
      {"alpha_outcome", {Transform::logit, "learning rate of outcomes"}},
      {"alpha_rank", {Transform::logit, "learning rate of ranks"}},
      {"alpha_positive", {Transform::logit, "learning rate of errors above 0"}},
      {"alpha_negative", {Transform::logit, "learning rate of errors below 0"}},
      {"decay", {Transform::logit, "share of the counts lost at each feedback"}},
      {"stickiness", {Transform::identity, "log odds added to repeating a choice"}},
      {"lapse", {Transform::logit, "share of choices made by chance"}},
      {"kappa", {Transform::logit, "learning rate per unit of associability"}},
      {"eta", {Transform::logit, "weight of the last unsigned error in associability"}},
      {"drift",
       {Transform::log, "believed change per round: its variance over that of one feedback"}},
      {"prior_value", {Transform::logit, "rank value expected of a partner never met, 0 to 1"}},
      {"rank_noise", {Transform::log, "believed variance of single ranks, ranks squared"}},
  };
  const auto& [transform, meaning] = known.at(name);
  const auto prior = settings.priors.find(name);
  if (prior == settings.priors.end())
    fail(ErrorCode::bad_input, "the settings have no prior of parameter '{}'", name);
  Parameter p{name, transform, prior->second, meaning};
  check_prior(p);
  return p;
}

struct Entry {
  std::string name;
  std::vector<std::string> parameters;
  bool needs_rank, needs_outcome;
  std::shared_ptr<const Learner> (*make)(Description, const LearningSettings&);
};

template <template <class> class State>
std::shared_ptr<const Learner> make(Description d, const LearningSettings& s) {
  return std::make_shared<LearnerOf<State>>(std::move(d), s);
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = {
      {"hybrid", {"w", "beta"}, true, true, make<HybridState>},
      {"rank", {"beta"}, true, false, make<RankState>},
      {"outcome", {"beta"}, false, true, make<OutcomeState>},
      {"rw", {"alpha", "w", "beta"}, true, true, make<OneRateState>},
      {"rw-outcome", {"alpha", "beta"}, false, true, make<OutcomeRateState>},
      {"rw-dual", {"alpha_outcome", "alpha_rank", "w", "beta"}, true, true, make<DualRateState>},
      {"rw-signed",
       {"alpha_positive", "alpha_negative", "w", "beta"},
       true,
       true,
       make<SignedRateState>},
      {"rw-outcome-signed",
       {"alpha_positive", "alpha_negative", "beta"},
       false,
       true,
       make<SignedOutcomeRateState>},
      {"pearce-hall", {"kappa", "eta", "w", "beta"}, true, true, make<PearceHallState>},
      {"pearce-hall-outcome", {"kappa", "eta", "beta"}, false, true, make<OutcomePearceHallState>},
      {"kalman", {"drift", "w", "beta"}, true, true, make<KalmanState>},
      {"kalman-outcome", {"drift", "beta"}, false, true, make<OutcomeKalmanState>},
      {"hybrid-free",
       {"prior_value", "rank_noise", "w", "beta"},
       true,
       true,
       make<FreeBeliefState>},
      {"beta-decay", {"decay", "w", "beta"}, true, true, make<DecayState>},
      {"wsls", {"beta"}, false, true, make<WinStayState>},
      {"random", {}, false, false, make<RandomState>},
  };
  return all;
}

struct AddOnEntry {
  std::string suffix, parameter;
  std::shared_ptr<const Learner> (*make)(std::shared_ptr<const Learner>, Description,
                                         const LearningSettings&);
};

template <template <class> class AddOn>
std::shared_ptr<const Learner> add(std::shared_ptr<const Learner> inner, Description d,
                                   const LearningSettings& s) {
  return std::make_shared<LearnerWith<AddOn>>(std::move(inner), std::move(d), s);
}

const std::vector<AddOnEntry>& add_on_entries() {
  static const std::vector<AddOnEntry> all = {{"+stick", "stickiness", add<StickyState>},
                                              {"+lapse", "lapse", add<LapsingState>}};
  return all;
}

}  // namespace

const std::vector<std::string>& learner_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& entry : entries()) list.push_back(entry.name);
    return list;
  }();
  return names;
}

const std::vector<std::string>& learner_add_ons() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& entry : add_on_entries()) list.push_back(entry.suffix);
    return list;
  }();
  return names;
}

std::shared_ptr<const Learner> make_learner(const std::string& name,
                                            const LearningSettings& settings) {
  check_settings(settings);
  for (const auto& add_on : add_on_entries()) {
    if (!name.ends_with(add_on.suffix)) continue;
    auto inner = make_learner(name.substr(0, name.size() - add_on.suffix.size()), settings);
    if (inner->name().find(add_on.suffix) != std::string::npos)
      fail(ErrorCode::usage, "model '{}' has {} twice", name, add_on.suffix);
    Description d{name, inner->parameters(), inner->needs_rank(), inner->needs_outcome()};
    d.parameters.push_back(parameter(add_on.parameter, settings));
    return add_on.make(std::move(inner), std::move(d), settings);
  }
  const auto found = std::find_if(entries().begin(), entries().end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  if (found == entries().end())
    fail(ErrorCode::usage, "unknown model '{}'; known: {}, each also with {}", name,
         fmt::join(learner_names(), ", "), fmt::join(learner_add_ons(), ", "));
  Description d{name, {}, found->needs_rank, found->needs_outcome};
  for (const auto& p : found->parameters) d.parameters.push_back(parameter(p, settings));
  return found->make(std::move(d), settings);
}

}  // namespace sociometer
