#include "cli/jobs/learning/learn_tables.hpp"

#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "engine/core/error.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;
using Rows = std::vector<std::vector<std::string>>;

const Columns kParameterColumns = {
    {"participant_id", "participant"},
    {"model", "learning model"},
    {"parameter", "free parameter of the model"},
    {"estimate", "maximum a posteriori estimate"},
    {"standard_error", "from the Hessian of the log posterior at the estimate; n/a without one"}};

const Columns kFitColumns = {
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

const Columns kComparisonColumns = {
    {"model", "learning model"},
    {"alpha", "Dirichlet posterior over model frequencies"},
    {"expected_frequency", "posterior mean of the model's frequency"},
    {"exceedance_probability", "probability that the model is the most frequent one"},
    {"protected_exceedance_probability",
     "the same, allowing for all models being equally frequent (Bayes omnibus risk)"},
    {"sum_log_evidence", "over participants: fixed-effects comparison, nats"},
    {"sum_bic", "over participants"},
    {"n_best", "participants for whom the model has the largest evidence"}};

void write_parameters(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                      const StudyFit& fit, const Json& common) {
  Rows rows;
  for (size_t i : fit.usable_participants())
    for (size_t m = 0; m < fit.learners.size(); ++m) {
      const auto& parameters = fit.learners[m]->parameters();
      for (size_t k = 0; k < parameters.size(); ++k)
        rows.push_back({"sub-" + study.participants[i].label, fit.learners[m]->name(),
                        parameters[k].name, format_number(fit.fits[i][m].estimate[k]),
                        format_number(fit.fits[i][m].standard_error[k])});
    }
  write_table(outputs, context.stem + "parameters", kParameterColumns, rows, common);
}

void write_fits(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                const StudyFit& fit, const Json& common) {
  Rows rows;
  for (size_t i : fit.usable_participants())
    for (size_t m = 0; m < fit.learners.size(); ++m) {
      const LearnerFit& f = fit.fits[i][m];
      rows.push_back(
          {"sub-" + study.participants[i].label, fit.learners[m]->name(),
           std::to_string(f.n_choices), format_number(f.log_likelihood),
           format_number(f.log_posterior), format_number(f.log_evidence), to_string(f.method),
           format_number(f.evidence_error), format_number(f.effective_points), format_number(f.bic),
           format_number(f.aic),
           format_number(1 - f.log_likelihood / chance_log_likelihood(study.participants[i])),
           f.converged ? "1" : "0", std::to_string(f.n_starts_agreeing)});
    }
  write_table(outputs, context.stem + "fits", kFitColumns, rows, common);
}

std::string describe_selection(const LearnContext& context) {
  if (context.group_priors == GroupPriors::hbi)
    return "hierarchical Bayesian inference over models and parameters together (Piray 2019); the "
           "omnibus risk is that of the same inference with all models equally frequent";
  return "random effects, variational Bayes under a uniform Dirichlet prior (Stephan 2009, Rigoux "
         "2014)";
}

/// A row per participant, a column per parameter of the model whose signals are written.
void write_wide(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                const StudyFit& fit, size_t model, Json common) {
  const Learner& learner = *fit.learners[model];
  Columns columns{{"participant_id", "participant"}};
  for (const auto& p : learner.parameters()) columns.emplace_back(p.name, p.meaning);
  Rows rows;
  for (size_t i : fit.usable_participants()) {
    rows.push_back({"sub-" + study.participants[i].label});
    for (double x : fit.fits[i][model].estimate) rows.back().push_back(format_number(x));
  }
  common["Model"] = learner.name();
  write_table(outputs, context.stem + "parametersWide", columns, rows, common);
}

void write_model_probabilities(OutputSet& outputs, const LearnContext& context,
                               const LearnStudy& study, const StudyFit& fit,
                               const ModelSelection& selection, Json common) {
  Rows rows;
  const auto usable = fit.usable_participants();
  for (size_t i = 0; i < usable.size(); ++i)
    for (size_t m = 0; m < fit.learners.size(); ++m)
      rows.push_back({"sub-" + study.participants[usable[i]].label, fit.learners[m]->name(),
                      format_number(selection.responsibilities(Eigen::Index(i), Eigen::Index(m)))});
  common["ModelSelection"] = describe_selection(context);
  write_table(outputs, context.stem + "modelProbabilities",
              {{"participant_id", "participant"},
               {"model", "learning model"},
               {"probability",
                "that the participant follows the model, given everybody's choices (model "
                "frequencies of the group are the prior)"}},
              rows, common);
}

void write_comparison(OutputSet& outputs, const LearnContext& context, const StudyFit& fit,
                      const ModelSelection& selection, Json common) {
  const Eigen::MatrixXd evidence = log_evidences(fit);
  std::vector<int> n_best(fit.learners.size());
  for (Eigen::Index i = 0; i < evidence.rows(); ++i) {
    Eigen::Index best;
    evidence.row(i).maxCoeff(&best);
    ++n_best[size_t(best)];
  }
  Rows rows;
  for (size_t m = 0; m < fit.learners.size(); ++m) {
    const auto k = Eigen::Index(m);
    double bic = 0;
    for (size_t i : fit.usable_participants()) bic += fit.fits[i][m].bic;
    rows.push_back(
        {fit.learners[m]->name(), format_number(selection.alpha[k]),
         format_number(selection.expected_frequency[k]), format_number(selection.exceedance[k]),
         format_number(selection.protected_exceedance[k]), format_number(evidence.col(k).sum()),
         format_number(bic), std::to_string(n_best[m])});
  }
  common["NumberOfParticipants"] = evidence.rows();
  common["BayesOmnibusRisk"] = selection.omnibus_risk;
  common["ModelSelection"] = describe_selection(context);
  write_table(outputs, context.stem + "comparison", kComparisonColumns, rows, common);
}

}  // namespace

GroupPriors parse_group_priors(const std::string& text) {
  for (GroupPriors known : {GroupPriors::none, GroupPriors::eb, GroupPriors::hbi})
    if (text == to_string(known)) return known;
  fail(ErrorCode::usage, "--group-priors is '{}'; it must be none, eb or hbi", text);
}

std::string to_string(GroupPriors priors) {
  if (priors == GroupPriors::none) return "none";
  return priors == GroupPriors::eb ? "eb" : "hbi";
}

void append(Json& to, const Json& from) {
  for (const auto& [key, value] : from.items()) to[key] = value;
}

Json learner_json(const Learner& learner) {
  Json json = Json::object();
  for (const auto& p : learner.parameters())
    json[p.name] = {{"Meaning", p.meaning},
                    {"Transform", to_string(p.transform)},
                    {"Prior", to_string(p.prior)}};
  return json;
}

Json common_json(const LearnContext& context) {
  Json json;
  json["Settings"] = to_json(context.settings);
  json["SettingsNote"] =
      "constants of the updating are inferred, not published; see docs/reference/learning.md";
  json["GroupPriors"] = to_string(context.group_priors);
  const bool fixed = context.group_priors == GroupPriors::none;
  json["DensitySpace"] = to_string(fixed ? context.options.space : DensitySpace::transformed);
  json["Evidence"] = to_string(context.options.evidence);
  if (context.options.evidence == Evidence::laplace)
    json["EvidenceSpace"] =
        to_string(fixed ? context.options.evidence_space : DensitySpace::transformed);
  if (context.options.evidence == Evidence::importance) {
    json["EvidencePoints"] = context.options.importance.n_points;
    json["EvidenceMostPoints"] = context.options.importance.most_points;
    json["EvidenceTolerance"] = context.options.importance.tolerance;
    json["EvidenceSeed"] = context.options.seed;
  }
  json["Starts"] = context.options.n_starts;
  json["StartsNote"] = "over the ranges of the parameters; those near the bounds come on top";
  json["Columns"] = to_json(context.columns);
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

void write_table(OutputSet& outputs, const std::string& name, const Columns& columns,
                 const Rows& rows, const Json& more) {
  std::vector<std::string> names;
  Json sidecar;
  for (const auto& [column, description] : columns) {
    names.push_back(column);
    sidecar[column] = {{"Description", description}};
  }
  append(sidecar, more);
  outputs.write(name + ".tsv", to_tsv(names, rows));
  outputs.write(name + ".json", to_text(sidecar));
}

void write_fit_tables(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                      const StudyFit& fit, const ModelSelection& selection, size_t signals_of,
                      const std::vector<std::string>& failures) {
  Json common;
  common["Models"] = Json::object();
  for (const auto& learner : fit.learners)
    common["Models"][learner->name()] = learner_json(*learner);
  append(common, common_json(context));
  common["ParticipantsLeftOut"] = failures;
  common["Inputs"] = Json::array();
  for (size_t i : fit.usable_participants())
    for (const auto& input : study.inputs[i]) common["Inputs"].push_back(input);
  write_parameters(outputs, context, study, fit, common);
  write_fits(outputs, context, study, fit, common);
  write_comparison(outputs, context, fit, selection, common);
  write_model_probabilities(outputs, context, study, fit, selection, common);
  write_wide(outputs, context, study, fit, signals_of, common);
}

namespace {

Json signals_sidecar(const LearnContext& context, const Learner& learner) {
  Json sidecar = signals_dictionary();
  sidecar["Model"] = learner.name();
  append(sidecar, common_json(context));
  return sidecar;
}

Json parameters_json(const Learner& learner, const LearnerFit& fit) {
  Json json = Json::object();
  for (size_t k = 0; k < fit.estimate.size(); ++k)
    json[learner.parameters()[k].name] = fit.estimate[k];
  return json;
}

void write_runs(OutputSet& outputs, const LearnStudy& study, size_t participant,
                const std::vector<TrialSignals>& signals, Json sidecar) {
  for (size_t run = 0; run < study.runs[participant].size(); ++run) {
    const std::string name = derivative_name(study.bids, study.paths[participant][run], "signals");
    const TrialTable& table = study.runs[participant][run];
    sidecar["Inputs"] = Json::array({study.inputs[participant][run]});
    outputs.write(name, signals_to_tsv(table, signals));
    outputs.write(name.substr(0, name.size() - 4) + ".json", to_text(sidecar));
  }
}

}  // namespace

void write_signals(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                   const StudyFit& fit, size_t learner) {
  const Learner& model = *fit.learners[learner];
  Json sidecar = signals_sidecar(context, model), all_parameters = Json::object();
  Rows rows;
  for (size_t i : fit.usable_participants()) {
    const LearnerFit& f = fit.fits[i][learner];
    const auto signals = trial_signals(model, context.settings, study.participants[i], f.estimate);
    const Json parameters = parameters_json(model, f);
    if (!study.one_table) {
      sidecar["ModelParameters"] = parameters;
      write_runs(outputs, study, i, signals, sidecar);
      continue;
    }
    all_parameters["sub-" + study.participants[i].label] = parameters;
    for (const auto& run : study.runs[i])
      for (auto& row : rows_with_signals(run, signals)) rows.push_back(std::move(row));
  }
  if (!study.one_table) return;
  const size_t first = fit.usable_participants().front();
  sidecar["ModelParameters"] = all_parameters;
  sidecar["Inputs"] = study.inputs[first];
  const std::string name = context.stem + "desc-signals_beh";
  outputs.write(name + ".tsv", to_tsv(names_with_signals(study.runs[first][0].table), rows));
  outputs.write(name + ".json", to_text(sidecar));
}

}  // namespace sociometer::cli
