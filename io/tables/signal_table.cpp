#include <cmath>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer {
namespace {

struct SignalColumn {
  const char* name;
  double TrialSignals::*value;
  TrialTable::Row row;
  const char* description;
  const char* unit;
  const char* sign;
  bool inferred;
};

constexpr auto kChoice = TrialTable::Row::choice;
constexpr auto kFeedback = TrialTable::Row::feedback;
constexpr auto kBoth = TrialTable::Row::both;
constexpr const char* kStudy = "Babür, Leong, Pan & Hackel 2024, doi 10.1073/pnas.2400022121";

const SignalColumn kColumns[] = {
    {"outcome_update", &TrialSignals::outcome_update, kFeedback,
     "Change of the believed probability that the chosen partner accepts", "probability",
     "positive: acceptance is believed likelier than before", false},
    {"rank_update", &TrialSignals::rank_update, kFeedback,
     "Change of the believed mean rank given by the chosen partner, mu - mu'", "ranks",
     "positive: ranked better than believed (ranks count down, 1 is best)", false},
    {"rank_update_unsigned", &TrialSignals::rank_update_unsigned, kFeedback,
     "Size of the change of the believed mean rank, |mu' - mu|", "ranks", "not negative", false},
    {"outcome_pe", &TrialSignals::outcome_pe, kFeedback,
     "Outcome prediction error: match - believed probability", "probability",
     "positive: better than believed", true},
    {"rank_pe", &TrialSignals::rank_pe, kFeedback,
     "Rank prediction error: believed mean rank - rank", "ranks",
     "positive: better than believed (ranks count down, 1 is best)", true},
    {"outcome_kl", &TrialSignals::outcome_kl, kFeedback,
     "KL(posterior || prior) of the Beta belief about acceptance", "nats", "not negative", true},
    {"rank_kl", &TrialSignals::rank_kl, kFeedback,
     "KL(posterior || prior) of the normal belief about the mean rank", "nats", "not negative",
     true},
    {"value_chosen", &TrialSignals::value_chosen, kChoice,
     "Value of the chosen partner before feedback, with the participant's fitted parameters",
     "value, 0 to 1", "positive: better", true},
    {"value_unchosen", &TrialSignals::value_unchosen, kChoice,
     "Value of the partner that was offered and not chosen; of several the best", "value, 0 to 1",
     "positive: better", true},
    {"value_difference", &TrialSignals::value_difference, kChoice, "value_chosen - value_unchosen",
     "value", "positive: the better partner was chosen", true},
    {"outcome_update_unsigned", &TrialSignals::outcome_update_unsigned, kFeedback,
     "Size of the change of the believed probability of acceptance, |VO' - VO|: surprise",
     "probability", "not negative", true},
    {"outcome_pe_unsigned", &TrialSignals::outcome_pe_unsigned, kFeedback,
     "Size of the outcome prediction error", "probability", "not negative", true},
    {"rank_pe_unsigned", &TrialSignals::rank_pe_unsigned, kFeedback,
     "Size of the rank prediction error", "ranks", "not negative", true},
    {"rank_mean_before", &TrialSignals::rank_mean_before, kBoth,
     "Believed mean rank given by the chosen partner before feedback, mu", "ranks",
     "ranks count down: 1 is best", true},
    {"rank_mean_after", &TrialSignals::rank_mean_after, kFeedback,
     "Believed mean rank given by the chosen partner after feedback, mu'; as before when the rank "
     "was hidden",
     "ranks", "ranks count down: 1 is best", true},
    {"outcome_value_before", &TrialSignals::outcome_value_before, kBoth,
     "Believed probability that the chosen partner accepts before feedback, VO", "probability",
     "positive: acceptance is believed likelier", true},
    {"outcome_value_after", &TrialSignals::outcome_value_after, kFeedback,
     "Believed probability that the chosen partner accepts after feedback, VO'", "probability",
     "positive: acceptance is believed likelier", true},
};

/// Whether a signal is written in rows of this kind.
bool stands_in(const SignalColumn& column, TrialTable::Row row) {
  if (row == TrialTable::Row::other) return false;
  return column.row == row || column.row == kBoth || row == kBoth;
}

const char* rows_of(const SignalColumn& column) {
  if (column.row == kChoice) return "choice";
  return column.row == kBoth ? "choice and feedback; n/a for a learner without that belief"
                             : "feedback; n/a where rank or outcome was not shown";
}

}  // namespace

std::vector<std::string> names_with_signals(const Table& table) {
  std::vector<std::string> names = table.names;
  for (const auto& column : kColumns) {
    if (table.find(column.name) >= 0)
      fail(ErrorCode::bad_input, "{} already has a column '{}'; rename it", table.path,
           column.name);
    names.emplace_back(column.name);
  }
  return names;
}

std::vector<std::vector<std::string>> rows_with_signals(const TrialTable& run,
                                                        const std::vector<TrialSignals>& signals) {
  std::vector<std::vector<std::string>> rows = run.table.rows;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (auto& cell : rows[r])
      if (cell.empty()) cell = "n/a";
    for (const auto& column : kColumns) {
      const bool here = run.trial[r] >= 0 && stands_in(column, run.kind[r]);
      rows[r].push_back(
          format_number(here ? signals[size_t(run.trial[r])].*column.value : kMissing));
    }
  }
  return rows;
}

std::string signals_to_tsv(const TrialTable& run, const std::vector<TrialSignals>& signals) {
  return to_tsv(names_with_signals(run.table), rows_with_signals(run, signals));
}

std::vector<TrialSignals> signals_of(const TrialTable& run, size_t first, size_t last) {
  std::vector<TrialSignals> signals(last - first);
  for (const auto& column : kColumns) {
    const int place = run.table.find(column.name);
    if (place < 0) continue;
    for (size_t r = 0; r < run.table.rows.size(); ++r) {
      if (run.trial[r] < 0 || size_t(run.trial[r]) < first || size_t(run.trial[r]) >= last)
        continue;
      const double value = number_in(run.table, r, place);
      if (!std::isnan(value)) signals[size_t(run.trial[r]) - first].*column.value = value;
    }
  }
  return signals;
}

Json signals_dictionary() {
  Json json;
  for (const auto& column : kColumns) {
    json[column.name] = {
        {"Description", column.description},
        {"Units", column.unit},
        {"Sign", column.sign},
        {"Rows", rows_of(column)},
        {"Source",
         column.inferred
             ? std::string("not reported as a regressor; follows from the model of ") + kStudy
             : std::string("modulator reported by ") + kStudy},
        {"Inferred", column.inferred
                         ? "the signal itself, and the constants of the updating (settings)"
                         : "the constants of the updating (settings)"}};
  }
  return json;
}

}  // namespace sociometer
