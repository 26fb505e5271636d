#include "io/records/truth_records.hpp"

#include "io/records/learning_settings.hpp"
#include "io/records/simulation_settings.hpp"

namespace sociometer {

Json TruthSettings::to_json(const TruthSettings& settings) {
  Json json = sociometer::to_json(settings.simulation);
  json["learning"] = sociometer::to_json(settings.learning);
  return json;
}

TruthSettings TruthSettings::from_json(const Json& json, const RecordPlace& place) {
  if (!json.is_object() || !json.contains("learning")) place.refuse(json, "settings");
  return {simulation_settings_from_json(json), learning_settings_from_json(json["learning"])};
}

}  // namespace sociometer
