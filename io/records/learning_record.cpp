#include "io/records/learning_record.hpp"

#include "io/records/learning_settings.hpp"

namespace sociometer {

LearnerFacts learner_facts(const std::vector<std::shared_ptr<const Learner>>& learners) {
  LearnerFacts facts;
  for (const auto& learner : learners) {
    auto& parameters = facts.emplace_back(learner->name(), ByName<LearnerParameterFacts>{}).second;
    for (const auto& p : learner->parameters())
      parameters.emplace_back(
          p.name, LearnerParameterFacts{p.meaning, to_string(p.transform), to_string(p.prior)});
  }
  return facts;
}

LearningFacts learning_facts(const LearningRecord& record) {
  const FitOptions& o = record.options;
  LearningFacts facts;
  facts.settings = to_json(record.settings);
  facts.settings_note =
      "constants of the updating are inferred, not published; see docs/learning.md";
  facts.group_priors = name_of(record.group_priors);
  const bool fixed = record.group_priors == GroupPriors::none;
  facts.density_space = name_of(fixed ? o.space : DensitySpace::transformed);
  facts.evidence = name_of(o.evidence);
  if (o.evidence == Evidence::laplace)
    facts.evidence_space = name_of(fixed ? o.evidence_space : DensitySpace::transformed);
  if (o.evidence == Evidence::importance)
    facts.sampling = EvidenceSampling{o.importance.n_points, o.importance.most_points,
                                      o.importance.tolerance, o.seed};
  facts.starts = o.n_starts;
  facts.starts_note = "over the ranges of the parameters; those near the bounds come on top";
  facts.columns = to_json(record.columns);
  return facts;
}

}  // namespace sociometer
