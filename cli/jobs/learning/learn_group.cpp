#include "cli/jobs/learning/learn_group.hpp"

namespace sociometer::cli {
namespace {

/// A group mean is tested when the model has as many followers.
constexpr double kFewestPeople = 3;

using Columns = std::vector<std::pair<std::string, std::string>>;

Columns group_columns() {
  return {{"model", "learning model"},
          {"parameter", "free parameter of the model"},
          {"transform", "identity, log or logit: the group is normal on this scale"},
          {"mean", "of the transformed parameter over the group"},
          {"sd", "standard deviation of the transformed parameter over the group"},
          {"median", "of the parameter itself: mean, transformed back"}};
}

std::vector<std::string> group_row(const Learner& learner, const Parameter& p, double mean,
                                   double sd) {
  return {learner.name(),         p.name,
          to_string(p.transform), format_number(mean),
          format_number(sd),      format_number(parameter_of(p.transform, mean))};
}

}  // namespace

ModelSelection selection_of(const HierarchicalFit& fit) {
  ModelSelection s;
  s.alpha = fit.alpha;
  s.expected_frequency = fit.frequency;
  s.exceedance = fit.exceedance;
  s.protected_exceedance = fit.protected_exceedance;
  s.omnibus_risk = fit.omnibus_risk;
  s.responsibilities = fit.responsibilities;
  return s;
}

void write_group_parameters(OutputSet& outputs, const LearnContext& context, const StudyFit& fit) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& learner : fit.learners)
    for (const auto& p : learner->parameters())
      rows.push_back(group_row(*learner, p, p.prior.first, p.prior.second));
  Json more;
  more["Estimation"] =
      "empirical Bayes: restricted maximum likelihood of a normal density of the transformed "
      "parameters, by EM";
  append(more, common_json(context));
  write_table(outputs, context.stem + "groupParameters", group_columns(), rows, more);
}

void write_group_parameters(OutputSet& outputs, const LearnContext& context,
                            const HierarchicalFit& fit) {
  auto columns = group_columns();
  columns.insert(
      columns.end(),
      {{"people", "sum of the participants' probabilities of following the model"},
       {"mean_error", "hierarchical error: scale of the group mean's Student posterior"},
       {"test_value", "0 of the transformed parameter, transformed back"},
       {"t", "mean / mean_error; n/a below 3 people, where it would say what the prior says"},
       {"dof", "degrees of freedom of the group mean's Student posterior"},
       {"p", "twice the posterior mass of the group mean beyond the test value"}});
  std::vector<std::vector<std::string>> rows;
  for (size_t m = 0; m < fit.groups.size(); ++m) {
    const GroupPosterior& group = fit.groups[m];
    const Learner& learner = *fit.study.learners[m];
    for (size_t k = 0; k < learner.parameters().size(); ++k) {
      const auto i = Eigen::Index(k);
      const Parameter& p = learner.parameters()[k];
      GroupMeanTest test = test_group_mean(group, i, 0);
      const double people = group.beta - HierarchicalOptions{}.mean_weight;
      if (people < kFewestPeople) test = {kMissing, test.dof, kMissing};
      auto row = group_row(learner, p, group.mean[i], group.sd()[i]);
      for (double x : {people, group.mean_error()[i], parameter_of(p.transform, 0.0), test.t,
                       test.dof, test.p})
        row.push_back(format_number(x));
      rows.push_back(std::move(row));
    }
  }
  Json more;
  more["Estimation"] =
      "hierarchical Bayesian inference over models and parameters together (Piray 2019)";
  more["Iterations"] = fit.n_iterations;
  more["Converged"] = fit.converged;
  more["Bound"] = fit.bound;
  if (!std::isnan(fit.null_bound)) more["NullBound"] = fit.null_bound;
  append(more, common_json(context));
  write_table(outputs, context.stem + "groupParameters", columns, rows, more);
}

}  // namespace sociometer::cli
