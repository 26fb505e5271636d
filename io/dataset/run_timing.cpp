#include "io/dataset/run_timing.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/volume_times.hpp"

namespace sociometer {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-3;  ///< relative

/// A field of merged sidecars; messages name the last file as its place.
struct Fields {
  json values;
  std::string path;
};

[[noreturn]] void refuse(const Fields& fields, const char* key, const char* due) {
  fail(ErrorCode::bad_input, "{}: {} is {}, not {}; repair the file", fields.path, key,
       fields.values[key].dump(), due);
}

std::optional<double> number(const Fields& fields, const char* key) {
  const auto found = fields.values.find(key);
  if (found == fields.values.end() || found->is_null()) return std::nullopt;
  if (!found->is_number()) refuse(fields, key, "a number");
  return found->get<double>();
}

std::vector<double> numbers(const Fields& fields, const char* key) {
  const auto found = fields.values.find(key);
  if (found == fields.values.end() || found->is_null()) return {};
  const bool sound =
      found->is_array() && std::all_of(found->begin(), found->end(),
                                       [](const json& value) { return value.is_number(); });
  if (!sound) refuse(fields, key, "a list of numbers");
  return found->get<std::vector<double>>();
}

std::optional<bool> yes_or_no(const Fields& fields, const char* key) {
  const auto found = fields.values.find(key);
  if (found == fields.values.end() || found->is_null()) return std::nullopt;
  if (!found->is_boolean()) refuse(fields, key, "true or false");
  return found->get<bool>();
}

/// Sidecars whose content is here.
Fields fields_of(const std::vector<std::string>& paths, Sidecars& sidecars) {
  std::vector<std::string> here;
  for (const auto& path : paths)
    if (std::error_code ignored; std::filesystem::exists(path, ignored)) here.push_back(path);
  return {sidecars.merged(here), here.empty() ? "" : here.back()};
}

std::optional<double> positive_tr(const Fields& fields) {
  const auto tr = number(fields, "RepetitionTime");
  if (tr && *tr <= 0) refuse(fields, "RepetitionTime", "positive");
  return tr;
}

void compare(const RunFiles& run, const BoldTiming& t, BidsFindings& findings) {
  std::vector<std::string> told;
  double least = 0, most = 0;
  const auto add = [&](std::optional<double> tr, const char* source) {
    if (!tr) return;
    least = told.empty() ? *tr : std::min(least, *tr);
    most = told.empty() ? *tr : std::max(most, *tr);
    told.push_back(fmt::format("{} s in {}", *tr, source));
  };
  add(t.sidecar_tr_s, "the image's sidecar");
  add(t.raw_tr_s, "the raw sidecars");
  add(t.header_tr_s, "the header");
  const auto report = [&](BidsOddity what, const std::string& message) {
    findings.push_back({what, fmt::format("{}: {}", run.run_label(), message), {run.run_label()}});
  };
  if (most > least * (1 + kTolerance))
    report(BidsOddity::repetition_times_differ,
           fmt::format("the repetition time is {}; {} s is used", fmt::join(told, ", "), *t.tr_s));
  if (t.tr_s && *t.tr_s > 30)
    report(BidsOddity::repetition_time_large,
           fmt::format("the repetition time is {} s in {}: perhaps milliseconds", *t.tr_s,
                       t.tr_source));
}

void report_volume_timing(const RunFiles& run, const BoldTiming& t, BidsFindings& findings) {
  findings.push_back(
      {BidsOddity::volume_timing,
       t.tr_s ? fmt::format("{}: VolumeTiming with a volume every {} s", run.run_label(), *t.tr_s)
              : fmt::format("{}: VolumeTiming of {} volumes at uneven distances: their "
                            "own times are used",
                            run.run_label(), t.volume_timing_s.size()),
       {run.run_label()}});
}

void choose_tr(const RunFiles& run, const std::string& own, const std::string& raw, BoldTiming& t) {
  if (t.sidecar_tr_s) {
    t.tr_s = t.sidecar_tr_s;
    t.tr_source = own;
  } else if (t.raw_tr_s) {
    t.tr_s = t.raw_tr_s;
    t.tr_source = raw;
  } else if (t.header_tr_s) {
    t.tr_s = t.header_tr_s;
    t.tr_source = run.bold;
  }
}

}  // namespace

std::optional<NiftiHeader> read_header_of(const RunFiles& run, BidsFindings& findings) {
  try {
    return read_nifti_header(run.bold);
  } catch (const Error& error) {
    findings.push_back({BidsOddity::unreadable_header,
                        fmt::format("the header cannot be read: {}", error.what()),
                        {run.run_label()}});
    return std::nullopt;
  }
}

BoldTiming read_timing(const RunFiles& run, Sidecars& sidecars, BidsFindings& findings) {
  return read_timing(run, read_header_of(run, findings), sidecars, findings);
}

BoldTiming read_timing(const RunFiles& run, const std::optional<NiftiHeader>& header,
                       Sidecars& sidecars, BidsFindings& findings) {
  const Fields own = fields_of(run.sidecars, sidecars), raw = fields_of(run.raw_sidecars, sidecars);
  BoldTiming t;
  t.sidecar_tr_s = positive_tr(own);
  t.raw_tr_s = positive_tr(raw);
  if (header) t.header_tr_s = header->tr_s;
  t.start_time_s = number(own, "StartTime");
  t.slice_timing_corrected = yes_or_no(own, "SliceTimingCorrected");
  t.slice_timing_s = numbers(run.raw_sidecars.empty() ? own : raw, "SliceTiming");
  const bool own_onsets = own.values.contains("VolumeTiming");
  const Fields& of_onsets = own_onsets ? own : raw;
  t.volume_timing_s = numbers(of_onsets, "VolumeTiming");
  if (!t.volume_timing_s.empty()) {
    check_volume_times(t.volume_timing_s,
                       header ? std::optional(long(header->n_volumes)) : std::nullopt,
                       of_onsets.path);
    t.tr_s = even_spacing(t.volume_timing_s);
    if (t.tr_s) t.tr_source = of_onsets.path;
    report_volume_timing(run, t, findings);
  } else {
    choose_tr(run, own.path, raw.path, t);
    compare(run, t, findings);
    if (!t.tr_s)
      findings.push_back({BidsOddity::no_repetition_time,
                          fmt::format("{}: neither sidecars nor header state the repetition time",
                                      run.run_label()),
                          {run.run_label()}});
  }
  if (t.slice_timing_corrected.value_or(false) && !t.start_time_s)
    findings.push_back(
        {BidsOddity::no_start_time,
         fmt::format("{}: slices were aligned in time, but {} does not say to when (StartTime); "
                     "fMRIPrep's default is the middle of the scan",
                     run.run_label(), own.path),
         {run.run_label()}});
  return t;
}

}  // namespace sociometer
