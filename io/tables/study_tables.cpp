#include "io/tables/study_tables.hpp"

#include <fmt/format.h>

#include "io/tables/table.hpp"

namespace sociometer {
namespace {

using Row = std::vector<std::string>;

const std::vector<std::string> kEventColumns = {
    "onset",         "duration", "trial_type", "trial", "option_left",  "option_right", "chosen",
    "response_time", "rank",     "spots",      "match", "rank_visible", "shared"};
const char* const kNone = "n/a";

std::string yes_or_no(bool yes) { return yes ? "1" : "0"; }

/// The leading cells common to all rows of a round; the others are n/a.
Row row_of(const PlayedRound& round, size_t number, double onset, double duration,
           const std::string& type, const std::vector<Decider>& deciders) {
  Row row = {format_number(onset),
             format_number(duration),
             type,
             std::to_string(number + 1),
             deciders[size_t(round.trial.options[0])].name,
             deciders[size_t(round.trial.options[1])].name,
             round.trial.chosen < 0 ? kNone : deciders[size_t(round.trial.chosen)].name};
  row.resize(kEventColumns.size(), kNone);
  return row;
}

std::string described(const Decider& d, const GameSettings& game) {
  return fmt::format("partner with mean rank {}, mean spots {}, P(match) {:.3f}, rank {}",
                     d.mean_rank, d.mean_spots, match_probability(d, game),
                     d.rank_shown ? "shown" : "hidden");
}

}  // namespace

TrialTable events_table(const PlayedRun& run, const std::vector<Decider>& deciders,
                        const TimingSettings& timing, int first_trial) {
  TrialTable out;
  out.table.names = kEventColumns;
  for (size_t i = 0; i < run.rounds.size(); ++i) {
    const PlayedRound& round = run.rounds[i];
    const auto add = [&](TrialTable::Row kind, Row row) {
      out.table.rows.push_back(std::move(row));
      out.kind.push_back(kind);
      out.trial.push_back(kind == TrialTable::Row::other ? -1 : first_trial + int(i));
    };
    Row choice = row_of(round, i, round.choice_s, timing.choice_s, "choice", deciders);
    choice[7] = format_number(round.response_time_s);
    add(TrialTable::Row::choice, std::move(choice));
    if (round.trial.chosen < 0) continue;
    Row feedback =
        row_of(round, i, round.feedback_s, timing.feedback_event_s, "feedback", deciders);
    feedback[8] = format_number(round.trial.rank);
    feedback[9] = std::to_string(round.spots);
    feedback[10] = yes_or_no(round.trial.outcome == 1);
    feedback[11] = yes_or_no(round.rank_shown);
    add(TrialTable::Row::feedback, std::move(feedback));
    if (round.shared < 0) continue;
    Row reciprocity =
        row_of(round, i, round.reciprocity_s, timing.reciprocity_s, "reciprocity", deciders);
    reciprocity[12] = yes_or_no(round.shared == 1);
    add(TrialTable::Row::other, std::move(reciprocity));
  }
  return out;
}

Json events_dictionary(const SimulationSettings& settings, const std::vector<Decider>& deciders) {
  Json partners;
  for (const auto& d : deciders) partners[d.name] = described(d, settings.game);
  Json json;
  json["onset"] = {{"Description", "Start of the event from the first scan"}, {"Units", "s"}};
  json["duration"] = {
      {"Description",
       fmt::format("Duration of the event. Feedback stays on the screen for {} s; its duration is "
                   "given as that of the response to it, {} s",
                   settings.timing.feedback_s, settings.timing.feedback_event_s)},
      {"Units", "s"}};
  json["trial_type"] = {
      {"Description", "What happened"},
      {"Levels",
       {{"choice", "one of two partners is chosen"},
        {"feedback", "rank given by the chosen partner, and whether it was a match"},
        {"reciprocity", "after a match: share the tripled money or keep it"}}}};
  json["trial"] = {{"Description", "Round of the run, from 1; joins the rows of a round"}};
  json["option_left"] = {{"Description", "Partner offered on the left"}, {"Levels", partners}};
  json["option_right"] = {{"Description", "Partner offered on the right"}, {"Levels", partners}};
  json["chosen"] = {{"Description", "Partner chosen; n/a: no answer in time, no feedback follows"},
                    {"Levels", partners}};
  json["response_time"] = {{"Description", "From the start of the choice"}, {"Units", "s"}};
  json["rank"] = {
      {"Description", fmt::format("Rank given by the partner, 1 best to {}; n/a when hidden",
                                  settings.game.n_ranks)}};
  json["spots"] = {{"Description", "How many get in; a match is rank <= spots"}};
  json["match"] = {{"Description", "Whether the participant got in"},
                   {"Levels", {{"1", "match"}, {"0", "no match"}}}};
  json["rank_visible"] = {{"Description", "Whether this partner's ranks are shown"},
                          {"Levels", {{"1", "shown"}, {"0", "hidden"}}}};
  json["shared"] = {{"Description", "Reciprocity choice"},
                    {"Levels", {{"1", "shared half"}, {"0", "kept all"}}}};
  return json;
}

std::string participants_to_tsv(const std::vector<Person>& people) {
  std::vector<Row> rows;
  for (const auto& p : people)
    rows.push_back({"sub-" + p.label, std::to_string(p.age), format_number(p.social_anxiety),
                    format_number(p.depression)});
  return to_tsv({"participant_id", "age", "social_anxiety", "depression"}, rows);
}

Json participants_dictionary(const PopulationSettings& settings) {
  const std::string scale = fmt::format(
      "synthetic score, mean {} and standard deviation {} in the population; simulated, "
      "no questionnaire",
      settings.score_mean, settings.score_sd);
  Json json;
  json["participant_id"] = {{"Description", "Simulated participant"}};
  json["age"] = {{"Description", "Simulated age"}, {"Units", "year"}};
  json["social_anxiety"] = {{"Description", "Social anxiety: " + scale}};
  json["depression"] = {{"Description", "Depression: " + scale}};
  return json;
}

std::string ratings_to_tsv(const std::vector<Person>& people,
                           const std::vector<std::vector<Rating>>& ratings,
                           const std::vector<Decider>& deciders, const GameSettings& game) {
  std::vector<Row> rows;
  for (size_t p = 0; p < people.size(); ++p)
    for (const auto& rating : ratings[p]) {
      const Decider& decider = deciders[size_t(rating.decider)];
      rows.push_back({"sub-" + people[p].label, decider.name, format_number(rating.value),
                      std::to_string(decider.mean_rank),
                      fmt::format("{:.3f}", match_probability(decider, game))});
    }
  return to_tsv({"participant_id", "option", "rating", "mean_rank", "p_match"}, rows);
}

Json ratings_dictionary(const RatingSettings& settings) {
  Json json;
  json["MeasurementToolMetadata"] = {
      {"Description",
       "Simulated ratings after the game of how much each partner liked the "
       "participant, with the effect sizes that Babür et al. 2024 report"}};
  json["participant_id"] = {{"Description", "Simulated participant"}};
  json["option"] = {{"Description", "Partner, as in the events tables"}};
  json["rating"] = {{"Description", fmt::format("Being liked, {} (not at all) to {} (very much)",
                                                settings.minimum, settings.maximum)}};
  json["mean_rank"] = {{"Description", "Mean of the ranks that this partner gives, 1 is best"}};
  json["p_match"] = {{"Description", "Probability of a match with this partner"}};
  return json;
}

std::string wide_ratings_to_tsv(const std::vector<Person>& people,
                                const std::vector<std::vector<Rating>>& ratings,
                                const std::vector<Decider>& deciders) {
  Row names{"participant_id"};
  for (const auto& decider : deciders) names.push_back(decider.name);
  std::vector<Row> rows;
  for (size_t p = 0; p < people.size(); ++p) {
    Row row{"sub-" + people[p].label};
    for (const auto& rating : ratings[p]) row.push_back(format_number(rating.value));
    rows.push_back(std::move(row));
  }
  return to_tsv(names, rows);
}

Json wide_ratings_dictionary(const RatingSettings& settings, const std::vector<Decider>& deciders,
                             const GameSettings& game) {
  const Json tall = ratings_dictionary(settings);
  Json json;
  json["MeasurementToolMetadata"] = tall["MeasurementToolMetadata"];
  json["participant_id"] = tall["participant_id"];
  for (const auto& d : deciders)
    json[d.name] = {
        {"Description", fmt::format("{}: {}", tall["rating"]["Description"].get<std::string>(),
                                    described(d, game))}};
  return json;
}

std::string rating_effects_to_tsv(const std::vector<Person>& people,
                                  const std::vector<std::vector<Rating>>& ratings,
                                  const std::vector<Decider>& deciders, const GameSettings& game) {
  std::vector<Row> rows;
  for (size_t p = 0; p < people.size(); ++p) {
    const RatingEffects effects = rating_effects(ratings[p], deciders, game);
    rows.push_back(
        {"sub-" + people[p].label, format_number(effects.rank), format_number(effects.outcome)});
  }
  return to_tsv({"participant_id", "rank_effect", "outcome_effect"}, rows);
}

Json rating_effects_dictionary() {
  Json json;
  json["MeasurementToolMetadata"] = {
      {"Description", "Computed from the simulated ratings of being_liked.tsv"}};
  json["participant_id"] = {{"Description", "Simulated participant"}};
  json["rank_effect"] = {
      {"Description",
       "Mean rating of partners whose mean rank is better than the midpoint less that of the "
       "others; n/a without both"}};
  json["outcome_effect"] = {
      {"Description",
       "The same for partners with a higher and a lower probability of a match: how far "
       "acceptance is taken for being liked"}};
  return json;
}

std::string parameters_to_tsv(const std::vector<Person>& people) {
  std::vector<Row> rows;
  for (const auto& p : people) {
    Row row{"sub-" + p.label};
    for (const double value :
         {p.w, p.beta, p.share_log_odds, p.reward.outcome_percent, p.reward.rank_percent,
          p.rejection.outcome_percent, p.rejection.rank_percent, p.control.outcome_percent,
          p.control.rank_percent, p.event_scale, p.social_anxiety, p.depression})
      row.push_back(format_number(value));
    rows.push_back(std::move(row));
  }
  return to_tsv({"participant_id", "w", "beta", "share_log_odds", "reward_outcome_percent",
                 "reward_rank_percent", "rejection_outcome_percent", "rejection_rank_percent",
                 "control_outcome_percent", "control_rank_percent", "event_scale", "social_anxiety",
                 "depression"},
                rows);
}

Json parameters_dictionary() {
  Json json;
  json["w"] = {{"Description", "Weight of rank value in the hybrid learner's values, 0 to 1"}};
  json["beta"] = {{"Description", "Inverse temperature; values run from 0 to 1"}};
  json["share_log_odds"] = {{"Description", "Log odds of sharing after a match"}};
  for (const char* role : {"reward", "rejection", "control"}) {
    json[fmt::format("{}_outcome_percent", role)] = {
        {"Description",
         fmt::format("Height of the response of {} regions, per unit of outcome update", role)},
        {"Units", "percent of the baseline"}};
    json[fmt::format("{}_rank_percent", role)] = {
        {"Description",
         fmt::format("Height of the response of {} regions, per rank of unsigned rank update",
                     role)},
        {"Units", "percent of the baseline"}};
  }
  json["event_scale"] = {{"Description", "Factor of the responses to events"}};
  json["social_anxiety"] = {
      {"Description",
       "Synthetic score; what it acts on is in settings.json (rank_per_anxiety, anxiety_on_w ..)"}};
  json["depression"] = {
      {"Description",
       "Synthetic score; what it acts on is in settings.json (outcome_per_depression, "
       "depression_on_beta ..)"}};
  return json;
}

std::string columns_to_tsv(const NamedColumns& columns) {
  std::vector<Row> rows;
  for (Eigen::Index t = 0; t < columns.values.rows(); ++t) {
    Row row;
    for (Eigen::Index c = 0; c < columns.values.cols(); ++c)
      row.push_back(format_number(columns.values(t, c)));
    rows.push_back(std::move(row));
  }
  return to_tsv(columns.names, rows);
}

}  // namespace sociometer
