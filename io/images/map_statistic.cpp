#include "io/images/map_statistic.hpp"

#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "io/bids/bids_name.hpp"
#include "io/images/image_stem.hpp"

namespace sociometer {
namespace {

const Json* field_in(const Json& json, const char* name) {
  return json.is_object() && json.contains(name) ? &json[name] : nullptr;
}

MapStatistic from_sidecar(const Json& sidecar) {
  MapStatistic out;
  if (const Json* word = field_in(sidecar, "Statistic"); word && word->is_string())
    for (const char c : word->get<std::string>())
      out.word += char(std::tolower(static_cast<unsigned char>(c)));
  if (out.word.empty()) return out;
  out.source = "sidecar";
  const Json* contrast = field_in(sidecar, "Contrast");
  const Json& place = contrast ? *contrast : sidecar;
  if (const Json* dof = field_in(place, "NumeratorDegreesOfFreedom"); dof && dof->is_number())
    out.numerator_dof = dof->get<double>();
  const Json* dof = field_in(place, "DegreesOfFreedom");
  // This program leaves them out where they are not finite.
  if (!dof && contrast && field_in(sidecar, "Record"))
    out.dof = std::numeric_limits<double>::infinity();
  if (dof && dof->is_number()) out.dof = dof->get<double>();
  if (dof && dof->is_object() && dof->contains("Least") && dof->contains("Most") &&
      (*dof)["Least"].is_number() && (*dof)["Most"].is_number())
    out.dof_range = {(*dof)["Least"].get<double>(), (*dof)["Most"].get<double>()};
  return out;
}

MapStatistic from_intent(const NiftiHeader& header) {
  MapStatistic out{header.statistic, header.statistic.empty() ? "" : "intent code", {}, {}, {}};
  const auto [first, second] = header.statistic_parameters;
  if (out.word == "t" && first > 0) out.dof = first;
  if (out.word == "f" && first > 0 && second > 0) {
    out.numerator_dof = first;
    out.dof = second;
  }
  return out;
}

bool has_distribution(const std::string& word) { return word == "t" || word == "f" || word == "z"; }

/// "15", or of F "2 and 15".
std::string dof_text(const MapStatistic& map) {
  return map.numerator_dof ? fmt::format("{:g} and {:g}", *map.numerator_dof, map.dof.value_or(0))
                           : fmt::format("{:g}", map.dof.value_or(0));
}

/// "SPM{T_[11.0]} - contrast 1: a", "SPM{F_[2.0,11.0]} - ..".
MapStatistic from_description(const std::string& text) {
  double first = 0, second = 0;
  if (std::sscanf(text.c_str(), "SPM{T_[%lf]}", &first) == 1 && first > 0)
    return {"t", "description", first, {}, {}};
  if (std::sscanf(text.c_str(), "SPM{F_[%lf,%lf]}", &first, &second) == 2 && first > 0 &&
      second > 0)
    return {"f", "description", second, first, {}};
  return {};
}

}  // namespace

Json sidecar_of_image(const std::string& path) {
  const std::filesystem::path file(path);
  return json_in_file(file.parent_path() / (image_stem(path) + ".json"));
}

MapStatistic statistic_of_map(const NiftiHeader& header, const Json& sidecar) {
  MapStatistic named{statistic_in(header.path), "name", {}, {}, {}};
  MapStatistic out;
  for (const MapStatistic& one :
       {from_sidecar(sidecar), from_intent(header), from_description(header.description), named}) {
    if (out.word.empty()) out = one;
    if (one.word != out.word) {
      // Finer words are no contradiction: voxelPfwe of p, tThresholded of t.
      if (has_distribution(out.word) && has_distribution(one.word) && one.source == "intent code")
        out.contradiction =
            fmt::format("its {} says {}, its header {}", out.source, out.word, one.word);
      continue;
    }
    const auto differ = [](const std::optional<double>& a, const std::optional<double>& b) {
      return a && b && std::abs(*a - *b) > 1e-3 * *b;  // headers have float32
    };
    if (differ(out.dof, one.dof) || differ(out.numerator_dof, one.numerator_dof))
      out.contradiction = fmt::format("its {} says {} degrees of freedom, its {} {}", out.source,
                                      dof_text(out), one.source, dof_text(one));
    if (out.dof || out.dof_range) continue;
    out.dof = one.dof;
    out.numerator_dof = one.numerator_dof;
  }
  if (out.word.empty()) out.source.clear();
  return out;
}

}  // namespace sociometer
