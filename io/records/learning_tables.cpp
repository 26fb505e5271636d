#include "io/records/learning_tables.hpp"

#include <cmath>
#include <utility>

#include "io/records/stored_learning.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

const DescribedColumns kParameterColumns = {
    {"participant_id", "participant"},
    {"model", "learning model"},
    {"parameter", "free parameter of the model"},
    {"estimate", "maximum a posteriori estimate"},
    {"standard_error", "from the Hessian of the log posterior at the estimate; n/a without one"}};

const DescribedColumns kFitColumns = {
    {"participant_id", "participant"},
    {"model", "learning model"},
    {"n_choices", "rounds with a response"},
    {"log_likelihood", "of the choices at the estimate, nats"},
    {"log_posterior", "log likelihood plus log prior density at the estimate"},
    {"log_evidence", "log probability of the choices given the model, nats"},
    {"evidence_method",
     "exact (no free parameter), importance (sampling), laplace (in the space of EvidenceSpace), "
     "laplace_transformed (fallback: few effective points, or no positive definite Hessian), bic "
     "(-BIC/2: asked for, or the last fallback)"},
    {"evidence_error",
     "standard error of an evidence by importance sampling, nats; n/a for other methods"},
    {"effective_points", "of the importance sample: (sum of weights)^2 / sum of squared weights"},
    {"bic", "-2 log likelihood + K log n_choices"},
    {"aic", "-2 log likelihood + 2 K"},
    {"pseudo_r2", "1 - log likelihood / log likelihood of chance (McFadden)"},
    {"converged", "1 when the gradient vanishes at the estimate"},
    {"n_starts_agreeing", "starts that ended at the same optimum"}};

const DescribedColumns kComparisonColumns = {
    {"model", "learning model"},
    {"alpha", "Dirichlet posterior over model frequencies"},
    {"expected_frequency", "posterior mean of the model's frequency"},
    {"exceedance_probability", "probability that the model is the most frequent one"},
    {"protected_exceedance_probability",
     "the same, allowing for all models being equally frequent (Bayes omnibus risk)"},
    {"sum_log_evidence", "over participants: fixed-effects comparison, nats"},
    {"sum_bic", "over participants"},
    {"n_best", "participants for whom the model has the largest evidence"}};

void write_parameters(OutputSet& outputs, const LearningRecord& record,
                      const std::vector<Participant>& people, const StudyFit& fit,
                      const FitFacts& facts) {
  TableRows rows;
  for (size_t i : fit.usable_participants())
    for (size_t m = 0; m < fit.learners.size(); ++m) {
      const auto& parameters = fit.learners[m]->parameters();
      for (size_t k = 0; k < parameters.size(); ++k)
        rows.push_back({"sub-" + people[i].label, fit.learners[m]->name(), parameters[k].name,
                        format_number(fit.fits[i][m].estimate[k]),
                        format_number(fit.fits[i][m].standard_error[k])});
    }
  write_described_table(outputs, record.stem + "parameters", kParameterColumns, rows,
                        ParameterFacts{facts}, record.provenance);
}

void write_fits(OutputSet& outputs, const LearningRecord& record,
                const std::vector<Participant>& people, const StudyFit& fit,
                const FitFacts& facts) {
  TableRows rows;
  for (size_t i : fit.usable_participants())
    for (size_t m = 0; m < fit.learners.size(); ++m) {
      const LearnerFit& f = fit.fits[i][m];
      rows.push_back({"sub-" + people[i].label, fit.learners[m]->name(),
                      std::to_string(f.n_choices), format_number(f.log_likelihood),
                      format_number(f.log_posterior), format_number(f.log_evidence),
                      to_string(f.method), format_number(f.evidence_error),
                      format_number(f.effective_points), format_number(f.bic), format_number(f.aic),
                      format_number(pseudo_r2(f, people[i])), f.converged ? "1" : "0",
                      std::to_string(f.n_starts_agreeing)});
    }
  write_described_table(outputs, record.stem + "fits", kFitColumns, rows, LearnerFitFacts{facts},
                        record.provenance);
}

std::string describe_selection(const LearningRecord& record) {
  if (record.group_priors == GroupPriors::hbi)
    return "hierarchical Bayesian inference over models and parameters together (Piray 2019); the "
           "omnibus risk is that of the same inference with all models equally frequent";
  return "random effects, variational Bayes under a uniform Dirichlet prior (Stephan 2009, Rigoux "
         "2014)";
}

/// A row per participant, a column per parameter of the model whose signals are written.
void write_wide(OutputSet& outputs, const LearningRecord& record,
                const std::vector<Participant>& people, const StudyFit& fit, size_t model,
                const FitFacts& facts) {
  const Learner& learner = *fit.learners[model];
  DescribedColumns columns{{"participant_id", "participant"}};
  for (const auto& p : learner.parameters()) columns.emplace_back(p.name, p.meaning);
  TableRows rows;
  for (size_t i : fit.usable_participants()) {
    rows.push_back({"sub-" + people[i].label});
    for (double x : fit.fits[i][model].estimate) rows.back().push_back(format_number(x));
  }
  write_described_table(outputs, record.stem + "parametersWide", columns, rows,
                        SignalsModelFacts{facts, learner.name()}, record.provenance);
}

void write_model_probabilities(OutputSet& outputs, const LearningRecord& record,
                               const std::vector<Participant>& people, const StudyFit& fit,
                               const ModelSelection& selection, const FitFacts& facts) {
  TableRows rows;
  const auto usable = fit.usable_participants();
  for (size_t i = 0; i < usable.size(); ++i)
    for (size_t m = 0; m < fit.learners.size(); ++m)
      rows.push_back({"sub-" + people[usable[i]].label, fit.learners[m]->name(),
                      format_number(selection.responsibilities(Eigen::Index(i), Eigen::Index(m)))});
  write_described_table(
      outputs, record.stem + "modelProbabilities",
      {{"participant_id", "participant"},
       {"model", "learning model"},
       {"probability",
        "that the participant follows the model, given everybody's choices (model "
        "frequencies of the group are the prior)"}},
      rows, ProbabilityFacts{facts, describe_selection(record)}, record.provenance);
}

void write_comparison(OutputSet& outputs, const LearningRecord& record, const StudyFit& fit,
                      const ModelSelection& selection, const FitFacts& facts) {
  const auto totals = model_totals(fit);
  TableRows rows;
  for (size_t m = 0; m < fit.learners.size(); ++m) {
    const auto k = Eigen::Index(m);
    rows.push_back(
        {fit.learners[m]->name(), format_number(selection.alpha[k]),
         format_number(selection.expected_frequency[k]), format_number(selection.exceedance[k]),
         format_number(selection.protected_exceedance[k]), format_number(totals[m].log_evidence),
         format_number(totals[m].bic), std::to_string(totals[m].n_best)});
  }
  write_described_table(outputs, record.stem + "comparison", kComparisonColumns, rows,
                        ComparisonFacts{facts, long(fit.usable_participants().size()),
                                        selection.omnibus_risk, describe_selection(record)},
                        record.provenance);
}

DescribedColumns group_columns() {
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

void write_fit_tables(OutputSet& outputs, const LearningRecord& record,
                      const std::vector<Participant>& people, const StudyFit& fit,
                      const ModelSelection& selection, size_t signals_of,
                      const std::vector<std::string>& left_out,
                      const std::vector<std::vector<InputFile>>& inputs) {
  FitFacts facts{learner_facts(fit.learners), learning_facts(record), left_out, {}};
  for (size_t i : fit.usable_participants())
    facts.inputs.insert(facts.inputs.end(), inputs[i].begin(), inputs[i].end());
  write_parameters(outputs, record, people, fit, facts);
  write_fits(outputs, record, people, fit, facts);
  write_comparison(outputs, record, fit, selection, facts);
  write_model_probabilities(outputs, record, people, fit, selection, facts);
  write_wide(outputs, record, people, fit, signals_of, facts);
}

void write_group_parameters(OutputSet& outputs, const LearningRecord& record, const StudyFit& fit) {
  TableRows rows;
  for (const auto& learner : fit.learners)
    for (const auto& p : learner->parameters())
      rows.push_back(group_row(*learner, p, p.prior.first, p.prior.second));
  const GroupParameterFacts facts{
      "empirical Bayes: restricted maximum likelihood of a normal density of the transformed "
      "parameters, by EM",
      {},
      learning_facts(record)};
  write_described_table(outputs, record.stem + "groupParameters", group_columns(), rows, facts,
                        record.provenance);
}

void write_group_parameters(OutputSet& outputs, const LearningRecord& record,
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
  TableRows rows;
  for (size_t m = 0; m < fit.groups.size(); ++m) {
    const Learner& learner = *fit.study.learners[m];
    for (size_t k = 0; k < learner.parameters().size(); ++k) {
      const GroupMean g = group_mean(fit.groups[m], learner, k);
      auto row = group_row(learner, learner.parameters()[k], g.mean, g.sd);
      for (double x : {g.followers, g.error, g.test_value, g.test.t, g.test.dof, g.test.p})
        row.push_back(format_number(x));
      rows.push_back(std::move(row));
    }
  }
  HierarchicalFacts ended{fit.n_iterations, fit.converged, fit.bound, {}};
  if (!std::isnan(fit.null_bound)) ended.null_bound = fit.null_bound;
  const GroupParameterFacts facts{
      "hierarchical Bayesian inference over models and parameters together (Piray 2019)",
      std::move(ended), learning_facts(record)};
  write_described_table(outputs, record.stem + "groupParameters", columns, rows, facts,
                        record.provenance);
}

}  // namespace sociometer
