#include "io/records/group_record.hpp"

namespace sociometer {

Json FittedTailRecord::to_json(const FittedTailRecord& tail) {
  if (tail.pareto) return record_to_json(*tail.pareto);
  if (tail.pearson) return record_to_json(*tail.pearson);
  return "no fit: p of the shuffles";
}

FittedTailRecord FittedTailRecord::from_json(const Json& json, const RecordPlace& place) {
  FittedTailRecord tail;
  if (json.is_string()) return tail;
  if (!json.is_object()) place.refuse(json, "a tail, or a text");
  if (json.contains("Threshold"))
    read_value(json, tail.pareto.emplace(), place);
  else
    read_value(json, tail.pearson.emplace(), place);
  return tail;
}

}  // namespace sociometer
