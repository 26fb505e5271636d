#include "io/report/behaviour_section.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/report/behaviour_pictures.hpp"
#include "io/report/plot.hpp"
#include "io/report/record_table.hpp"

namespace sociometer {
namespace {

/// Reported by Babür, Leong, Pan & Hackel 2024, doi 10.1073/pnas.2400022121: mixed-effects logistic
/// regression of staying, N = 42.
const char* const kReportedBy = "Babür et al. 2024";
const std::vector<ReportedOdds>& reported_odds() {
  static const std::vector<ReportedOdds> odds{{"previous_rank", 1.23, 0.21, 0.06},
                                              {"previous_outcome", 1.24, 0.22, 0.05}};
  return odds;
}

Html heading(const std::string& text) { return html_element("h3", {}, Html::text(text)); }

/// A figure with its heading; nothing without a picture.
Html figure(const std::string& title, const std::string& id, const Html& picture,
            const std::string& described, const std::string& caption) {
  if (picture.empty()) return {};
  return heading(title) + html_figure("behaviour-" + id, picture, described, caption);
}

template <class Stored>
Html table_of_stored(const Stored& stored, const std::string& id, const std::string& caption,
                     const std::vector<std::string>& left_out = {}) {
  return html_table(html_rows("behaviour-table-" + id, caption, file_name_of(stored.path),
                              stored.rows, stored.descriptions, left_out));
}

const ComparisonRow* most_frequent(const StoredComparison& comparison) {
  const auto best = std::max_element(comparison.rows.begin(), comparison.rows.end(),
                                     [](const ComparisonRow& a, const ComparisonRow& b) {
                                       return a.expected_frequency < b.expected_frequency;
                                     });
  return best == comparison.rows.end() ? nullptr : &*best;
}

Html summary(const BehaviourFindings& f) {
  Html out;
  if (f.comparison && f.comparison->rows.size() > 1) {
    const ComparisonRow& best = *most_frequent(*f.comparison);
    out += html_paragraph(fmt::format(
        "Of {} models fitted to {} people, {} has the largest expected frequency ({:.2f}); its "
        "protected exceedance probability is {:.3f}, and the probability that all models are "
        "equally "
        "frequent {:.3f}.",
        f.comparison->rows.size(), f.comparison->facts.participants, best.model,
        best.expected_frequency, best.protected_exceedance, f.comparison->facts.omnibus_risk));
  }
  if (!f.parameters) return out;
  const auto& left_out = f.parameters->facts.fit.left_out;
  if (left_out.empty()) return out;
  Html items;
  for (const auto& line : left_out) items += html_element("li", {}, Html::text(line));
  return out + html_paragraph(fmt::format("Left out of all models: {}.", left_out.size())) +
         html_element("ul", {}, items);
}

Html choices(const BehaviourFindings& f) {
  if (!f.curves) return {};
  const LearningCurves& c = *f.curves;
  const StoredPredictive* predictive = f.predictive ? &*f.predictive : nullptr;
  const std::string simulated =
      predictive ? fmt::format(" Grey bars: {} studies simulated by {} (95 %).",
                               predictive->facts.simulated, predictive->facts.model)
                 : "";
  Html out =
      figure("Choices", "choices", draw_choice_shares(c),
             "Share of choices of each partner: a dot per person, and the mean with its interval",
             fmt::format(
                 "How often each partner was chosen when offered. Dots: people (n = {}); mean with "
                 "{:g} % interval over people; dashed: one in two. In brackets what the partner "
                 "showed: mean rank (1 is best) and rate of matches.",
                 c.n_people, 100 * c.level));
  out += figure(
      "Learning", "learning", draw_learning(c, predictive),
      "Share of choices of the better of two partners over blocks of rounds",
      fmt::format("Share of rounds in which the better of two partners was chosen, in {} blocks of "
                  "each person's rounds; mean with {:g} % interval over people (n = {}); dashed: "
                  "chance.{}",
                  c.n_blocks, 100 * c.level, c.n_people, simulated));
  out += figure(
      "Beliefs", "beliefs", draw_beliefs(c),
      "Believed rank and believed probability of a match of each partner over blocks of rounds",
      fmt::format(
          "What people believed of each partner at the end of each block{}: mean over those "
          "who had had feedback of that partner by then. Partners who hide their ranks are "
          "left out on the left.",
          f.signals_model.empty() ? "" : ", by the model " + f.signals_model));
  return out;
}

Html models(const BehaviourFindings& f) {
  Html out;
  if (f.comparison) {
    out += figure("Models", "models", draw_model_bars(*f.comparison),
                  "Expected frequency and protected exceedance probability of each model",
                  fmt::format("How many people each model describes best (expected frequency), and "
                              "how probable it is that it is the most frequent one, allowing for "
                              "all being equal. n = {}; dashed: all models alike. Selection: {}.",
                              f.comparison->facts.participants, f.comparison->facts.selection));
    out += table_of_stored(*f.comparison, "comparison", "Comparison of models");
  }
  if (f.fits)
    out += table_of_stored(*f.fits, "fits", "Fits of each model to each person",
                           {"log_posterior", "effective_points", "n_starts_agreeing"});
  return out;
}

/// The model whose parameters are drawn: that of the signals, else the most frequent, else the
/// first.
std::string model_shown(const BehaviourFindings& f) {
  if (!f.signals_model.empty()) return f.signals_model;
  if (f.comparison && most_frequent(*f.comparison)) return most_frequent(*f.comparison)->model;
  return f.parameters->rows.empty() ? "" : f.parameters->rows.front().model;
}

Html parameters(const BehaviourFindings& f) {
  Html out;
  if (f.parameters) {
    const std::string model = model_shown(f);
    std::string priors;
    for (const auto& [name, of_model] : f.parameters->facts.fit.models)
      if (name == model)
        for (const auto& [parameter, facts] : of_model)
          priors += fmt::format(" {}: {}, prior {}.", parameter, facts.meaning, facts.prior);
    out += figure("Parameters", "parameters", draw_estimates(*f.parameters, model),
                  "Estimates of each parameter for each person, sorted, with standard errors",
                  fmt::format("Parameters of {}: a row per person, sorted in each panel; maximum a "
                              "posteriori estimate with one standard error to each side, cut at "
                              "the ends of the axis.{}",
                              model, priors));
    out += table_of_stored(*f.parameters, "parameters", "Parameters of all models");
  }
  if (f.group_parameters)
    out += table_of_stored(
        *f.group_parameters, "group-parameters",
        "Group distributions of the parameters (" + f.group_parameters->facts.estimation + ")");
  return out;
}

Html recovery(const BehaviourFindings& f) {
  Html out;
  if (f.recovery) {
    const RecoveryFacts& facts = f.recovery->facts.recovery;
    out += figure(
        "Parameter recovery", "recovery",
        draw_recovered(*f.recovery, f.recovery_summary ? &*f.recovery_summary : nullptr),
        "True against estimated parameters of simulated people",
        fmt::format("{} simulated people for each model; true parameters {}. Dashed: perfect "
                    "recovery. r is Pearson's.",
                    facts.simulated, facts.true_parameters));
  }
  if (f.recovery_summary)
    out += table_of_stored(*f.recovery_summary, "recovery", "Parameter recovery");
  if (f.confusion) {
    out += figure("Model recovery", "confusion", draw_confusion(*f.confusion),
                  "Three matrices: rows are the models that made the choices, columns the models "
                  "that were fitted",
                  fmt::format("Rows: the model that made the choices of {} simulated people; "
                              "columns: the model that explains them. Left: share of people with "
                              "the largest evidence there; middle and right: random-effects "
                              "selection over the group. The diagonal should be large.",
                              f.confusion->facts.recovery.simulated));
    out += table_of_stored(*f.confusion, "confusion", "Model recovery");
  }
  return out;
}

Html checks(const BehaviourFindings& f) {
  if (!f.predictive) return {};
  long shown = 0, outside = 0;
  for (const PredictiveRow& row : f.predictive->rows) {
    if (row.level == "intercept" || !std::isfinite(row.data) || !std::isfinite(row.low) ||
        !std::isfinite(row.high))
      continue;
    ++shown;
    outside += row.data < row.low || row.data > row.high;
  }
  return figure("Predictive checks", "predictive", draw_checks(*f.predictive),
                "Statistics of the study against those of studies simulated by the model",
                fmt::format("The study (dots) and {} studies simulated by {} (bars: 95 %; line: "
                            "mean). Orange: {} of {} dots lie outside their bar; at most about "
                            "one in twenty is expected when the model is true.",
                            f.predictive->facts.simulated, f.predictive->facts.model, outside,
                            shown)) +
         table_of_stored(*f.predictive, "predictive", "Predictive checks");
}

Html regressions(const BehaviourFindings& f) {
  Html out;
  if (f.stay_switch) {
    const StaySwitchFacts& facts = f.stay_switch->facts;
    out += figure(
        "Staying and switching", "stay-switch",
        draw_odds_ratios(*f.stay_switch, reported_odds(), kReportedBy),
        "Odds ratios of choosing the same partner again, with intervals",
        fmt::format(
            "{}; {} occasions of {} people. Previous rank: {}. Previous outcome: {}. "
            "Reported: Babür, Leong, Pan & Hackel 2024, PNAS 121(49):e2400022121 (42 "
            "people); intervals from its rounded estimates and standard errors. How its "
            "predictors were coded "
            "is not known: compare the directions of the ratios, and their sizes only if the "
            "coding is the same.{}",
            facts.model, facts.occasions, facts.participants,
            facts.previous_rank.value_or("not in the model"), facts.previous_outcome,
            facts.singular ? " The covariance of the random effects is singular." : ""));
    out += table_of_stored(*f.stay_switch, "stay-switch", "Stay/switch regression");
  }
  if (!f.ratings) return out;
  out += heading("Ratings");
  out += html_paragraph(fmt::format(
      "How much people thought that each partner liked them: {} (n = {}; {}, {}). Reported by {}: "
      "rank F(1, 41) = 20.39, outcome F(1, 41) = 13.76.",
      f.ratings->facts.design, f.ratings->facts.participants, f.ratings->facts.rank_levels,
      f.ratings->facts.outcome_levels, kReportedBy));
  return out + table_of_stored(*f.ratings, "ratings", "Ratings of being liked");
}

}  // namespace

ReportSection behaviour_section(const BehaviourFindings& findings) {
  ReportSection section;
  section.id = "behaviour";
  section.title = findings.task.empty() ? "Behaviour" : "Behaviour: task " + findings.task;
  section.body = summary(findings) + choices(findings) + regressions(findings) + models(findings) +
                 parameters(findings) + recovery(findings) + checks(findings);
  return section;
}

}  // namespace sociometer
