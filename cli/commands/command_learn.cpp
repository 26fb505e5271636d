#include <algorithm>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/learning/learn_behaviour.hpp"
#include "cli/jobs/learning/learn_group.hpp"
#include "cli/jobs/learning/learn_inputs.hpp"
#include "cli/jobs/learning/learn_predictive.hpp"
#include "cli/jobs/learning/learn_recovery.hpp"
#include "cli/jobs/learning/learn_tables.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

struct LearnArguments {
  std::string bids, output, task, models, settings, columns, signals_model;
  std::vector<std::string> labels;
  std::string group_priors = "none", density_space, evidence, evidence_space, standardise = "none",
              ratings, recover_at = "prior", recover_feedback = "drawn";
  int n_starts = FitOptions{}.n_starts, n_points = ImportanceOptions{}.n_points, n_recover = 0,
      n_confusion = 0, n_predictive = 0;
  uint64_t seed = 1;
};

/// Choices that the command line leaves open follow the group priors; those that contradict them
/// are refused.
void set_fit_options(LearnContext& context, const LearnArguments& a) {
  const bool grouped = context.group_priors != GroupPriors::none,
             hbi = context.group_priors == GroupPriors::hbi;
  const auto refuse = [&](const char* option, const std::string& value, const char* only) {
    fail(ErrorCode::usage, "{} {} goes with fixed priors; --group-priors {} takes {}", option,
         value, to_string(context.group_priors), only);
  };
  if (hbi && !a.evidence.empty() && a.evidence != "laplace")
    refuse("--evidence", a.evidence, "laplace");
  if (grouped && !a.density_space.empty() && a.density_space != "transformed")
    refuse("--density-space", a.density_space, "transformed values");
  if (grouped && !a.evidence_space.empty() && a.evidence_space != "transformed")
    refuse("--evidence-space", a.evidence_space, "transformed values");
  const auto or_default = [](const std::string& text, const char* usual) {
    return text.empty() ? std::string(usual) : text;
  };
  context.options.space =
      parse_density_space(or_default(a.density_space, grouped ? "transformed" : "parameter"));
  context.options.evidence_space = parse_density_space(or_default(a.evidence_space, "transformed"));
  context.options.evidence = parse_evidence(or_default(a.evidence, hbi ? "laplace" : "importance"));
}

LearnContext context_of(const LearnArguments& a) {
  LearnContext context;
  if (!a.settings.empty())
    context.settings = with_context(
        a.settings, [&] { return learning_settings_from_json(read_json_file(a.settings)); });
  if (!a.columns.empty())
    context.columns =
        with_context(a.columns, [&] { return trial_columns_from_json(read_json_file(a.columns)); });
  context.group_priors = parse_group_priors(a.group_priors);
  set_fit_options(context, a);
  context.options.importance.n_points = a.n_points;
  context.options.importance.most_points =
      std::max(a.n_points, context.options.importance.most_points);
  context.options.n_starts = a.n_starts;
  context.options.seed = a.seed;
  return context;
}

/// Fits, the comparison that goes with them, and, with group priors, the groups.
struct Fitted {
  StudyFit study;
  ModelSelection selection;
  std::optional<HierarchicalFit> hierarchical;
};

Fitted fit_of(const LearnContext& context, const LearnStudy& study,
              const std::vector<std::string>& models, int n_threads) {
  Fitted out;
  if (context.group_priors == GroupPriors::hbi) {
    out.hierarchical = fit_hierarchical(models, context.settings, study.participants,
                                        context.options, {}, n_threads);
    out.study = out.hierarchical->study;
    out.selection = selection_of(*out.hierarchical);
    return out;
  }
  if (context.group_priors == GroupPriors::eb) {
    out.study = fit_study_with_group_priors(models, context.settings, study.participants,
                                            context.options, {}, n_threads);
  } else {
    std::vector<std::shared_ptr<const Learner>> learners;
    for (const auto& model : models) learners.push_back(make_learner(model, context.settings));
    out.study =
        fit_study(learners, context.settings, study.participants, context.options, n_threads);
  }
  if (!out.study.usable_participants().empty())
    out.selection = select_models(log_evidences(out.study));
  return out;
}

size_t signals_model(const LearnArguments& a, const std::vector<std::string>& models) {
  if (a.signals_model.empty()) return 0;
  for (size_t m = 0; m < models.size(); ++m)
    if (models[m] == a.signals_model) return m;
  fail(ErrorCode::usage, "--signals-model '{}' is not among the models fitted: {}", a.signals_model,
       fmt::join(models, ", "));
}

/// Lines about who was left out and what did not converge.
std::vector<std::string> failures_of(const LearnStudy& study, const StudyFit& fit) {
  std::vector<std::string> lines = study.failures;
  for (size_t i = 0; i < study.participants.size(); ++i)
    if (!fit.usable(i))
      lines.push_back(fmt::format("sub-{}: {}", study.participants[i].label, fit.failures[i]));
  return lines;
}

void warn_of_fits(const StudyFit& fit, const FitOptions& options) {
  constexpr double kLargeError = 0.1;
  int unconverged = 0, fallbacks = 0, uncertain = 0;
  for (size_t i : fit.usable_participants())
    for (const auto& f : fit.fits[i]) {
      unconverged += !f.converged;
      fallbacks += is_fallback(f.method, options);
      uncertain += f.method == EvidenceMethod::importance && f.evidence_error > kLargeError;
    }
  if (unconverged > 0)
    warn(fmt::format("fits whose gradient does not vanish (column converged): {}", unconverged));
  if (fallbacks > 0)
    warn(fmt::format("evidences by a fallback (column evidence_method): {}", fallbacks));
  if (uncertain > 0)
    warn(fmt::format("evidences uncertain by more than {} nats (column evidence_error): {}",
                     kLargeError, uncertain));
}

void write_recoveries(const LearnArguments& a, OutputSet& outputs, const LearnContext& context,
                      const LearnStudy& study, const StudyFit& fit, int n_threads) {
  if (a.n_recover == 0 && a.n_confusion == 0) return;
  std::vector<Participant> usable;
  for (size_t i : fit.usable_participants()) usable.push_back(study.participants[i]);
  const StudyRounds rounds(usable);
  RecoveryOptions options{a.n_recover, a.seed, context.options, parse_recover_at(a.recover_at),
                          parse_feedback_order(a.recover_feedback)};
  if (context.group_priors != GroupPriors::none)
    options.fit.space = options.fit.evidence_space = DensitySpace::transformed;
  if (a.n_recover > 0)
    write_parameter_recovery(outputs, context, fit.learners, rounds, options, n_threads, fit);
  options.n_simulated = a.n_confusion;
  if (a.n_confusion > 0)
    write_model_recovery(outputs, context, fit.learners, rounds, options, n_threads, fit);
}

/// The model that is most frequent among the participants, and by how much.
void tell_winner(const Fitted& fitted, const std::vector<std::string>& models, size_t n,
                 const std::string& folder) {
  Summary summary(fmt::format("{} model(s) fitted to {} participant(s)", models.size(), n));
  const ModelSelection& s = fitted.selection;
  if (models.size() > 1 && s.expected_frequency.size() == Eigen::Index(models.size())) {
    Eigen::Index best = 0;
    s.expected_frequency.maxCoeff(&best);
    summary.add(
        "most frequent model",
        fmt::format("{}: expected frequency {:.2f}, protected exceedance probability {:.3f}",
                    models[size_t(best)], s.expected_frequency[best],
                    s.protected_exceedance[best]));
  }
  summary.tell(folder);
}

int run_learn(const LearnArguments& a, const GlobalOptions& global) {
  LearnContext context = context_of(a);
  parse_standardise(a.standardise);
  parse_recover_at(a.recover_at);
  parse_feedback_order(a.recover_feedback);
  const auto models = chosen_models(a.models, context.columns);
  for (const auto& model : models) make_learner(model, context.settings);
  const size_t signals_of = signals_model(a, models);
  const LearnStudy study =
      read_study(a.bids, a.task, a.labels, context.settings.n_ranks, context.columns);
  context.stem = fmt::format("task-{}_", study.task);
  info(fmt::format("fitting {} to {} participant(s)", fmt::join(models, ", "),
                   study.participants.size()));
  const Fitted fitted = fit_of(context, study, models, global.threads());
  const StudyFit& fit = fitted.study;
  const auto failures = failures_of(study, fit);
  const auto usable = fit.usable_participants();
  if (usable.empty()) fail(ErrorCode::bad_input, "{}", failures.front());

  OutputSet outputs(a.output, output_policy(global, "learn", ""));
  write_fit_tables(outputs, context, study, fit, fitted.selection, signals_of, failures);
  if (fitted.hierarchical)
    write_group_parameters(outputs, context, *fitted.hierarchical);
  else if (context.group_priors == GroupPriors::eb)
    write_group_parameters(outputs, context, fit);
  write_signals(outputs, context, study, fit, signals_of);
  write_stay_switch(outputs, context, study, fit, parse_standardise(a.standardise));
  write_ratings(outputs, context, study, fit, a.ratings);
  if (a.n_predictive > 0)
    write_predictive(outputs, context, study, fit, signals_of, {a.n_predictive, a.seed},
                     global.threads());
  write_recoveries(a, outputs, context, study, fit, global.threads());
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  write_configuration(outputs);
  outputs.commit();
  tell_winner(fitted, models, usable.size(), a.output);
  warn_of_fits(fit, context.options);
  if (fitted.hierarchical && !fitted.hierarchical->converged)
    warn("hierarchical inference still moved when it was stopped (Converged in groupParameters)");
  for (const auto& line : failures) warn("left out: " + line);
  return failures.empty() ? kDone : kDoneWithFailures;
}

}  // namespace

void add_learn_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand(
      "learn", "Learning models of choices: parameters, model comparison, trial-wise signals");
  auto a = std::make_shared<LearnArguments>();
  c->add_option("bids", a->bids, "BIDS folder with events tables, or one CSV or TSV of all people")
      ->required();
  c->add_option("output", a->output, "Output folder (a BIDS derivative)")->required();
  c->add_option("--task", a->task, "Task label (default: the only task)");
  c->add_option("--participant-label", a->labels, "Only these participants");
  c->add_option("--models", a->models,
                fmt::format("Comma-separated: {}, each also with {} (default: hybrid,rank,outcome)",
                            fmt::join(learner_names(), ", "), fmt::join(learner_add_ons(), ", ")));
  c->add_option("--signals-model", a->signals_model,
                "Model whose signals are written (default: the first)");
  c->add_option("--settings", a->settings, "JSON: constants and priors of the models");
  c->add_option("--columns", a->columns, "JSON: which columns of other tables hold what");
  c->add_option("--group-priors", a->group_priors,
                "none: fixed priors; eb: estimated from the group (empirical Bayes); hbi: models "
                "and parameters together (hierarchical Bayesian inference)")
      ->capture_default_str();
  c->add_option(
      "--density-space", a->density_space,
      "Estimates are the mode of the density of parameter values (default) or transformed ones "
      "(with group priors)");
  c->add_option(
      "--evidence", a->evidence,
      "How evidences are integrated: importance (sampling, with its error; default), laplace "
      "(default of --group-priors hbi), bic");
  c->add_option("--evidence-points", a->n_points,
                "Points of an importance sample; doubled while the error exceeds .01 nats")
      ->check(CLI::Range(64, 1 << 20))
      ->capture_default_str();
  c->add_option("--evidence-space", a->evidence_space,
                "Laplace approximation over parameter or transformed values");
  c->add_option("--starts", a->n_starts, "Starts of each fit; those near the bounds come on top")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  c->add_option("--standardise", a->standardise,
                "Predictors of the stay/switch regression: none (ranks, match) or overall")
      ->capture_default_str();
  c->add_option("--ratings", a->ratings,
                "Being-liked ratings (default: phenotype/ratings.tsv of the study, if there)");
  c->add_option("--recover", a->n_recover,
                "Parameter recovery with this many simulated participants per model")
      ->check(CLI::NonNegativeNumber);
  c->add_option("--confusion", a->n_confusion,
                "Model recovery with this many simulated participants per model")
      ->check(CLI::NonNegativeNumber);
  c->add_option("--recover-at", a->recover_at,
                "True parameters of the recoveries: prior (drawn) or fitted (the participants')")
      ->capture_default_str();
  c->add_option("--recover-feedback", a->recover_feedback,
                "Feedback in the recoveries: drawn, or study (each partner's, in its order)")
      ->capture_default_str();
  c->add_option("--predictive", a->n_predictive,
                "Posterior predictive checks by this many simulated studies")
      ->check(CLI::NonNegativeNumber);
  c->add_option("--seed", a->seed, "Seed of importance samples, recoveries, predictive checks")
      ->capture_default_str();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer learn study derivatives/learning --models "
      "hybrid,rank,outcome,random");
  c->callback([a, &global, &exit_code] { exit_code = run_learn(*a, global); });
}

}  // namespace sociometer::cli
