#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/simulate/power.hpp"
#include "io/records/provenance.hpp"

namespace sociometer {

/// Where the designs of a power analysis come from.
enum class DesignSource { game, events };

/// The game whose designs were simulated.
struct PowerGame {
  SimulationSettings settings;
  LearningSettings learning;
};

/// A power analysis as it is reported: what was assumed, the designs, and the rates.
struct PowerRecord {
  PowerPlan plan;
  double noise_ar = 0.4;  ///< assumed in the designs
  double target = 0.8;    ///< power that is asked for
  DesignSource source = DesignSource::game;
  PowerGame game;  ///< of DesignSource::game
  ModulatorSet signals;
  size_t n_people = 0;                ///< whose designs they are
  std::vector<StudyDesigns> designs;  ///< by trials
  std::vector<PowerRow> rows;
  std::vector<InputFile> files;
  Provenance provenance;
};

/// One row per number of trials, effect and number of participants.
std::string power_tsv(const PowerRecord& record);
/// Every assumption and choice, the designs, the rows, what the columns mean, and the sentences.
Json to_json(const PowerRecord& record);
/// The conclusions from the figures, one sentence per line.
std::vector<std::string> power_sentences(const PowerRecord& record);

}  // namespace sociometer
