#include "io/records/learning_tables.hpp"

#include <cmath>
#include <utility>

#include "io/records/stored_learning.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

void write_parameters(OutputSet& outputs, const LearningRecord& record,
                      const std::vector<Participant>& people, const StudyFit& fit,
                      const FitFacts& facts) {
  std::vector<ParameterRow> rows;
  for (size_t i : fit.usable_participants())
    for (size_t m = 0; m < fit.learners.size(); ++m) {
      const auto& parameters = fit.learners[m]->parameters();
      for (size_t k = 0; k < parameters.size(); ++k)
        rows.push_back({"sub-" + people[i].label, fit.learners[m]->name(), parameters[k].name,
                        fit.fits[i][m].estimate[k], fit.fits[i][m].standard_error[k]});
    }
  write_described_table(outputs, record.stem + "parameters", rows, ParameterFacts{facts},
                        record.provenance);
}

void write_fits(OutputSet& outputs, const LearningRecord& record,
                const std::vector<Participant>& people, const StudyFit& fit,
                const FitFacts& facts) {
  std::vector<LearnerFitRow> rows;
  for (size_t i : fit.usable_participants())
    for (size_t m = 0; m < fit.learners.size(); ++m) {
      const LearnerFit& f = fit.fits[i][m];
      rows.push_back({"sub-" + people[i].label, fit.learners[m]->name(), f.n_choices,
                      f.log_likelihood, f.log_posterior, f.log_evidence, to_string(f.method),
                      f.evidence_error, f.effective_points, f.bic, f.aic, pseudo_r2(f, people[i]),
                      f.converged, f.n_starts_agreeing});
    }
  write_described_table(outputs, record.stem + "fits", rows, LearnerFitFacts{facts},
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
  std::vector<ProbabilityRow> rows;
  const auto usable = fit.usable_participants();
  for (size_t i = 0; i < usable.size(); ++i)
    for (size_t m = 0; m < fit.learners.size(); ++m)
      rows.push_back({"sub-" + people[usable[i]].label, fit.learners[m]->name(),
                      selection.responsibilities(Eigen::Index(i), Eigen::Index(m))});
  write_described_table(outputs, record.stem + "modelProbabilities", rows,
                        ProbabilityFacts{facts, describe_selection(record)}, record.provenance);
}

void write_comparison(OutputSet& outputs, const LearningRecord& record, const StudyFit& fit,
                      const ModelSelection& selection, const FitFacts& facts) {
  const auto totals = model_totals(fit);
  std::vector<ComparisonRow> rows;
  for (size_t m = 0; m < fit.learners.size(); ++m) {
    const auto k = Eigen::Index(m);
    rows.push_back({fit.learners[m]->name(), selection.alpha[k], selection.expected_frequency[k],
                    selection.exceedance[k], selection.protected_exceedance[k],
                    totals[m].log_evidence, totals[m].bic, totals[m].n_best});
  }
  write_described_table(outputs, record.stem + "comparison", rows,
                        ComparisonFacts{facts, long(fit.usable_participants().size()),
                                        selection.omnibus_risk, describe_selection(record)},
                        record.provenance);
}

GroupParameterRow group_row(const Learner& learner, const Parameter& p, double mean, double sd) {
  GroupParameterRow row;
  row.model = learner.name();
  row.parameter = p.name;
  row.transform = to_string(p.transform);
  row.mean = mean;
  row.sd = sd;
  row.median = parameter_of(p.transform, mean);
  return row;
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
  std::vector<GroupParameterRow> rows;
  for (const auto& learner : fit.learners)
    for (const auto& p : learner->parameters())
      rows.push_back(group_row(*learner, p, p.prior.first, p.prior.second));
  const GroupParameterFacts facts{
      "empirical Bayes: restricted maximum likelihood of a normal density of the transformed "
      "parameters, by EM",
      {},
      learning_facts(record)};
  write_described_table(outputs, record.stem + "groupParameters", rows, facts, record.provenance);
}

void write_group_parameters(OutputSet& outputs, const LearningRecord& record,
                            const HierarchicalFit& fit) {
  std::vector<GroupParameterRow> rows;
  for (size_t m = 0; m < fit.groups.size(); ++m) {
    const Learner& learner = *fit.study.learners[m];
    for (size_t k = 0; k < learner.parameters().size(); ++k) {
      const GroupMean g = group_mean(fit.groups[m], learner, k);
      GroupParameterRow& row =
          rows.emplace_back(group_row(learner, learner.parameters()[k], g.mean, g.sd));
      row.people = g.followers;
      row.mean_error = g.error;
      row.test_value = g.test_value;
      row.t = g.test.t;
      row.dof = g.test.dof;
      row.p = g.test.p;
    }
  }
  HierarchicalFacts ended{fit.n_iterations, fit.converged, fit.bound, {}};
  if (!std::isnan(fit.null_bound)) ended.null_bound = fit.null_bound;
  const GroupParameterFacts facts{
      "hierarchical Bayesian inference over models and parameters together (Piray 2019)", ended,
      learning_facts(record)};
  const GroupParameterRow tested{{}, {}, {}, 0, 0, 0, 0, 0, 0, 0, 0, 0};  // has all columns
  write_described_table(outputs, record.stem + "groupParameters", rows, facts, record.provenance,
                        tested);
}

}  // namespace sociometer
