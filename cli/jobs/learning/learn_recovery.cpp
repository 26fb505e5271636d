#include "cli/jobs/learning/learn_recovery.hpp"

#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "io/report/learning_picture.hpp"

namespace sociometer::cli {
namespace {

Json recovery_json(const LearnContext& context, const RecoveryOptions& options,
                   const std::vector<std::shared_ptr<const Learner>>& learners) {
  Json json;
  json["Simulated"] = options.n_simulated;
  json["Seed"] = options.seed;
  json["RecoverAt"] = to_string(options.at);
  json["TrueParameters"] =
      options.at == RecoverAt::prior
          ? "drawn from the priors of the models, equal shares of the prior's probability"
          : "those fitted to the study's participants, one after another";
  json["RecoverFeedback"] = to_string(options.feedback);
  json["Rounds"] =
      options.feedback == FeedbackOrder::drawn
          ? "options offered to the study's participants; feedback drawn from what each partner "
            "gave"
          : "options offered to the study's participants; each partner's feedback in the order in "
            "which the participant saw it, from the beginning again after the last";
  json["Models"] = Json::object();
  for (const auto& learner : learners) json["Models"][learner->name()] = learner_json(*learner);
  append(json, common_json(context));
  return json;
}

}  // namespace

void write_parameter_recovery(OutputSet& outputs, const LearnContext& context,
                              const std::vector<std::shared_ptr<const Learner>>& learners,
                              const StudyRounds& rounds, const RecoveryOptions& options,
                              int n_threads, const StudyFit& fitted) {
  std::vector<std::vector<std::string>> values, summary;
  for (const auto& learner : learners) {
    if (learner->parameters().empty()) continue;
    info(fmt::format("recovering the parameters of {}", learner->name()));
    const auto r =
        recover_parameters(*learner, context.settings, rounds, options, n_threads, &fitted);
    std::vector<Transform> transforms;
    for (size_t k = 0; k < r.names.size(); ++k) {
      const auto c = Eigen::Index(k);
      transforms.push_back(learner->parameters()[k].transform);
      for (Eigen::Index i = 0; i < r.truth.rows(); ++i)
        values.push_back({r.model, std::to_string(i + 1), r.names[k], format_number(r.truth(i, c)),
                          format_number(r.estimate(i, c))});
      summary.push_back({r.model, r.names[k], format_number(r.correlation[c]),
                         format_number(r.log_correlation[c]), format_number(r.rank_correlation[c]),
                         format_number(r.bias[c])});
    }
    const std::string name = fmt::format("{}model-{}_parameterRecovery.png", context.stem, r.model);
    draw_parameter_recovery(r, transforms, outputs.stage(name).string());
  }
  const Json more = recovery_json(context, options, learners);
  write_table(outputs, context.stem + "parameterRecovery",
              {{"model", "learning model, both true and fitted"},
               {"simulation", "simulated participant"},
               {"parameter", "free parameter"},
               {"truth", "value that made the choices"},
               {"estimate", "maximum a posteriori estimate"}},
              values, more);
  write_table(outputs, context.stem + "parameterRecoverySummary",
              {{"model", "learning model"},
               {"parameter", "free parameter"},
               {"correlation", "Pearson, of truth and estimate"},
               {"transformed_correlation", "Pearson, of transformed values (log beta, logit w)"},
               {"rank_correlation", "Spearman"},
               {"bias", "mean of estimate - truth"}},
              summary, more);
}

void write_model_recovery(OutputSet& outputs, const LearnContext& context,
                          const std::vector<std::shared_ptr<const Learner>>& learners,
                          const StudyRounds& rounds, const RecoveryOptions& options, int n_threads,
                          const StudyFit& fitted) {
  info("recovering the models");
  const auto r = recover_models(learners, context.settings, rounds, options, n_threads, &fitted);
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < r.models.size(); ++i)
    for (size_t j = 0; j < r.models.size(); ++j) {
      const auto a = Eigen::Index(i), b = Eigen::Index(j);
      rows.push_back({r.models[i], r.models[j], format_number(r.best(a, b)),
                      format_number(r.frequency(a, b)),
                      format_number(r.protected_exceedance(a, b))});
    }
  write_table(outputs, context.stem + "modelRecovery",
              {{"true_model", "model that made the choices"},
               {"fitted_model", "model fitted to them"},
               {"best", "share of simulated participants with the largest evidence here"},
               {"expected_frequency", "random-effects selection over the simulated group"},
               {"protected_exceedance_probability", "likewise"}},
              rows, recovery_json(context, options, learners));
  draw_model_recovery(r, outputs.stage(context.stem + "modelRecovery.png").string());
}

}  // namespace sociometer::cli
