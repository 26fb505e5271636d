#pragma once
#include <cstdint>
#include <string>

#include "engine/stats_models/notes.hpp"
#include "engine/stats_models/stats_model.hpp"
#include "io/bytes/json.hpp"

namespace sociometer {

/// How a model file is read.
struct ModelReading {
  /// Contrasts that can never be estimated (a condition that is not in X, weights that cancel) are
  /// left out with a warning instead of refused; FitLins does so silently.
  bool drop_invalid_contrasts = false;
};

/// A model as read, with what was forgiven or converted on the way.
struct ReadModel {
  StatsModel model;
  ModelNotes notes;
  InputFile file;    ///< without checksum for a document
  std::string text;  ///< of the file; empty for a document
};

/// Reads a BIDS Stats Models file (model-*_smdl.json).
///
/// Forgiven with a notice: keys in other case or with underscores, texts in place of lists, texts
/// in place of booleans and numbers, 1 as "1", levels in lower case, 0.x spellings (Type for Test,
/// Conditions for Contrasts, lists of transformations, plain Steps), no GroupBy. Everything else
/// that we do not know or do not support is refused by its name and its place in the file.
/// @throws Error{bad_input} in one line: file, place as a JSON pointer, node, what and the nearest
/// known name.
ReadModel read_model(const std::string& path, const ModelReading& reading = {});

/// The same from a parsed document. @param source  names it in messages.
ReadModel model_from_json(const Json& json, const std::string& source,
                          const ModelReading& reading = {});

}  // namespace sociometer
