#include "cli/options/learn_options.hpp"

#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/jobs/session.hpp"
#include "cli/options/bind.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

/// @throws Error{usage} with the option and all words: "--evidence is 'x'; it must be a, b or c".
template <Named E>
E word_of(const std::string& option, const std::string& word) {
  const auto names = names_of(std::type_identity<E>{});
  std::string known;
  for (size_t i = 0; i < names.size(); ++i) {
    if (word == names[i].word) return names[i].value;
    known += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    known += names[i].word;
  }
  fail(ErrorCode::usage, "{} is '{}'; it must be {}", option, word, known);
}

template <Named E>
CLI::Option* add_word(CLI::App& c, const std::string& option, std::optional<E>& target,
                      const std::string& help) {
  return c.add_option_function<std::string>(
      option, [&target, option](const std::string& word) { target = word_of<E>(option, word); },
      help);
}

template <Named E>
CLI::Option* add_word(CLI::App& c, const std::string& option, E& target, const std::string& help) {
  return c
      .add_option_function<std::string>(
          option, [&target, option](const std::string& word) { target = word_of<E>(option, word); },
          help)
      ->default_str(name_of(target));
}

std::vector<std::string> split_at_commas(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream stream(list);
  for (std::string word; std::getline(stream, word, ',');) words.push_back(word);
  return words;
}

void add_input_options(CLI::App& c, LearnRequest& r) {
  c.add_option("bids", r.bids, "BIDS folder with events tables, or one CSV or TSV of all people")
      ->required();
  c.add_option("output", r.output, "Output folder (a BIDS derivative)")->required();
  c.add_option("--task", r.task, "Task label (default: the only task)");
  c.add_option("--participant-label", r.participants, "Only these participants");
}

void add_model_options(CLI::App& c, LearnRequest& r) {
  c.add_option_function<std::string>(
      "--models", [&r](const std::string& list) { r.models = split_at_commas(list); },
      fmt::format("Comma-separated: {}, each also with {} (default: hybrid,rank,outcome)",
                  fmt::join(learner_names(), ", "), fmt::join(learner_add_ons(), ", ")));
  c.add_option("--signals-model", r.signals_model,
               "Model whose signals are written (default: the first)");
  c.add_option("--settings", r.settings, "JSON: constants and priors of the models");
  c.add_option("--columns", r.columns, "JSON: which columns of other tables hold what");
  add_word(c, "--group-priors", r.group_priors,
           "none: fixed priors; eb: estimated from the group (empirical Bayes); hbi: models "
           "and parameters together (hierarchical Bayesian inference)");
  add_word(c, "--density-space", r.density_space,
           "Estimates are the mode of the density of parameter values (default) or transformed "
           "ones (with group priors)");
  add_word(c, "--evidence", r.evidence,
           "How evidences are integrated: importance (sampling, with its error; default), laplace "
           "(default of --group-priors hbi), bic");
  c.add_option("--evidence-points", r.evidence_points,
               "Points of an importance sample; doubled while the error exceeds .01 nats")
      ->check(CLI::Range(kFewestEvidencePoints, kMostEvidencePoints))
      ->capture_default_str();
  add_word(c, "--evidence-space", r.evidence_space,
           "Laplace approximation over parameter or transformed values");
  c.add_option("--starts", r.starts, "Starts of each fit; those near the bounds come on top")
      ->check(CLI::Range(1, kMostStarts))
      ->capture_default_str();
  add_word(c, "--standardise", r.standardise,
           "Predictors of the stay/switch regression: none (ranks, match) or overall");
  c.add_option("--ratings", r.ratings,
               "Being-liked ratings (default: phenotype/ratings.tsv of the study, if there)");
}

void add_check_options(CLI::App& c, LearnRequest& r) {
  c.add_option("--recover", r.checks.parameter_recovery,
               "Parameter recovery with this many simulated participants per model")
      ->check(CLI::NonNegativeNumber);
  c.add_option("--confusion", r.checks.model_recovery,
               "Model recovery with this many simulated participants per model")
      ->check(CLI::NonNegativeNumber);
  add_word(c, "--recover-at", r.checks.recover_at,
           "True parameters of the recoveries: prior (drawn) or fitted (the participants')");
  add_word(c, "--recover-feedback", r.checks.feedback,
           "Feedback in the recoveries: drawn, or study (each partner's, in its order)");
  c.add_option("--predictive", r.checks.predictive,
               "Posterior predictive checks by this many simulated studies")
      ->check(CLI::NonNegativeNumber);
  c.add_option("--seed", r.seed, "Seed of importance samples, recoveries, predictive checks")
      ->capture_default_str();
}

}  // namespace

void add_learn_options(CLI::App& c, LearnRequest& r) {
  add_input_options(c, r);
  add_model_options(c, r);
  add_check_options(c, r);
}

}  // namespace sociometer::cli
