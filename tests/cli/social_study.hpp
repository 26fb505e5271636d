#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/game.hpp"

namespace sociometer::testing {

inline std::string cell(double value) {
  if (std::isnan(value)) return "n/a";
  return std::to_string(int(value));
}

/// Events of one run with the columns written by `simulate`.
inline std::string social_events(const Participant& p, int run) {
  std::string text =
      "onset\tduration\ttrial_type\ttrial\toption_left\toption_right\tchosen\tresponse_time\trank"
      "\tspots\tmatch\trank_visible\tshared\n";
  int number = 0;
  for (const auto& trial : p.trials) {
    if (trial.run != run) continue;
    const double onset = 10.0 * ++number;
    const std::string key = "\t" + std::to_string(number) + "\t" +
                            p.options[size_t(trial.options[0])] + "\t" +
                            p.options[size_t(trial.options[1])] + "\t";
    const std::string chosen = trial.chosen < 0 ? "n/a" : p.options[size_t(trial.chosen)];
    text +=
        std::to_string(onset) + "\t3\tchoice" + key + chosen + "\t0.8\tn/a\tn/a\tn/a\tn/a\tn/a\n";
    if (trial.chosen < 0) continue;
    // The table contains hidden ranks; rank_visible says that they were not seen.
    const bool hidden = std::isnan(trial.rank);
    text += std::to_string(onset + 5) + "\t3\tfeedback" + key + chosen + "\tn/a\t" +
            (hidden ? "5" : cell(trial.rank)) + "\t4\t" + cell(trial.outcome) +
            (hidden ? "\t0" : "\t1") + "\tn/a\n";
    if (trial.outcome == 1)
      text += std::to_string(onset + 8) + "\t2\treciprocity" + key + chosen +
              "\t0.5\tn/a\tn/a\tn/a\tn/a\t1\n";
  }
  return text;
}

inline std::string events_path(const std::string& label, int run,
                               const std::string& task = "social") {
  return "sub-" + label + "/func/sub-" + label + "_task-" + task + "_run-" +
         std::to_string(run + 1) + "_events.tsv";
}

inline void write_participant(const std::string& bids, const Participant& p, int n_runs = 2) {
  std::filesystem::create_directories(bids + "/sub-" + p.label + "/func");
  for (int run = 0; run < n_runs; ++run)
    write_text(bids + "/" + events_path(p.label, run), social_events(p, run));
}

/// Participants following the hybrid with weights from .3 to .7 and inverse temperature 8.
inline std::vector<Participant> write_social_study(const std::string& bids, int n_people,
                                                   int n_per_run = 60) {
  std::vector<Participant> people;
  for (int i = 0; i < n_people; ++i) {
    const double w = 0.3 + 0.4 * i / std::max(1, n_people - 1);
    people.push_back(game_participant((i < 9 ? "0" : "") + std::to_string(i + 1), "hybrid", {w, 8},
                                      uint64_t(i + 1), 2, n_per_run));
    write_participant(bids, people.back());
  }
  return people;
}

}  // namespace sociometer::testing
