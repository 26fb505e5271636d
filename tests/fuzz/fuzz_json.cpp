// JSON documents: sidecars, settings, mappings, stats models, requests; the first byte chooses.
#include <functional>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/learning/learn_request.hpp"
#include "cli/jobs/regions/extract_request.hpp"
#include "cli/jobs/request_json.hpp"
#include "cli/jobs/study/study_ledger.hpp"
#include "engine/stats_models/node_graph.hpp"
#include "io/models/model_file.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/simulation_settings.hpp"
#include "io/tables/json_object.hpp"
#include "io/tables/trial_table.hpp"
#include "tests/fuzz/fuzz_file.hpp"

using namespace sociometer;

namespace {

using Reader = std::function<void(const std::string& path)>;

/// What was read is written, and reads back as the same text.
template <class Value, class FromJson, class ToJson>
void round_trip(const Value& value, FromJson&& from, ToJson&& to) {
  const std::string text = to(value).dump();
  if (to(from(Json::parse(text))).dump() != text) __builtin_trap();
}

template <class Request>
void read_request(const std::string& path) {
  const auto from = [&](const Json& json) { return jobs::from_json<Request>(json, path); };
  round_trip(from(read_json_file(path).value), from,
             [](const Request& request) { return jobs::to_json(request); });
}

const std::vector<Reader>& readers() {
  static const std::vector<Reader> all{
      [](const std::string& path) { read_json_object(path); },
      [](const std::string& path) { expand(read_model(path).model); },
      [](const std::string& path) { read_model(path, {true}); },
      [](const std::string& path) {
        round_trip(trial_columns_from_json(read_json_file(path).value), trial_columns_from_json,
                   [](const TrialColumns& columns) { return to_json(columns); });
      },
      [](const std::string& path) {
        round_trip(learning_settings_from_json(read_json_file(path).value),
                   learning_settings_from_json,
                   [](const LearningSettings& settings) { return to_json(settings); });
      },
      [](const std::string& path) {
        round_trip(simulation_settings_from_json(read_json_file(path).value),
                   simulation_settings_from_json,
                   [](const SimulationSettings& settings) { return to_json(settings); });
      },
      read_request<jobs::FitRequest>,
      read_request<jobs::GroupRequest>,
      read_request<jobs::LearnRequest>,
      read_request<jobs::ExtractRequest>,
      [](const std::string& path) { jobs::read_study_job(path); }};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string path = fuzzing::file_of("document.json", data + 1, size - 1);
  fuzzing::refused_or_read([&] { readers()[data[0] % readers().size()](path); });
  return 0;
}
