#include <algorithm>
#include <type_traits>

#include "engine/core/nearest_word.hpp"
#include "io/models/model_parts.hpp"

namespace sociometer {
namespace {

template <class T>
struct ElementOf {
  using type = T;
};
template <class T>
struct ElementOf<std::optional<T>> {
  using type = T;
};
template <class T>
struct ElementOf<std::vector<T>> {
  using type = T;
};

/// A text as the engine reads it.
template <class T>
T parsed(const ModelValue& value, T (*parse)(const std::string&)) {
  try {
    return parse(text_in(value));
  } catch (const Error& error) {
    value.refuse("{}", error.what());
  }
}

template <class T>
T setting_in(const ModelValue& value) {
  if constexpr (Named<T>) {
    return word_in<T>(value);
  } else if constexpr (std::is_same_v<T, NoiseModel>) {
    return parsed(value, parse_noise_model);
  } else if constexpr (std::is_same_v<T, Shrinkage>) {
    return parsed(value, parse_shrinkage);
  } else if constexpr (std::is_same_v<T, bool>) {
    return boolean_in(value);
  } else if constexpr (std::is_same_v<T, double>) {
    return number_in(value);
  } else if constexpr (std::is_integral_v<T>) {
    const bool whole =
        std::is_signed_v<T> ? value.json->is_number_integer() : value.json->is_number_unsigned();
    if (whole) return value.json->get<T>();
    const int number = whole_number_in(value);
    if (!std::is_signed_v<T> && number < 0) value.refuse("{} must be 0 or more", number);
    return T(number);
  } else {
    return text_in(value);
  }
}

template <class Field>
void read_setting(const ModelValue& value, Field& field) {
  using Element = typename ElementOf<Field>::type;
  if constexpr (std::is_same_v<Field, std::vector<Element>>) {
    if (!value.json->is_array()) {
      field = {setting_in<Element>(value)};
      return;
    }
    for (const auto& element : elements_of(value)) field.push_back(setting_in<Element>(element));
  } else {
    field = setting_in<Element>(value);
  }
}

void read_setting(const ModelValue& value, MaskSource& mask) {
  std::vector<std::string> words;
  read_setting(value, words);
  try {
    mask = parse_mask_source(words);
  } catch (const Error& error) {
    value.refuse("{}", error.what());
  }
}

void check_ranges(const EngineSettings& s, const ModelValue& value) {
  const size_t n = s.smoothing_fwhm_mm.size();
  if (n != 0 && n != 1 && n != 3)
    value.refuse("SmoothingFwhm has {} numbers; give one, or three for the voxel axes", n);
  for (double fwhm : s.smoothing_fwhm_mm)
    if (!(fwhm >= 0)) value.refuse("SmoothingFwhm is {} mm; it must be 0 or more", fwhm);
  if (s.permutations && *s.permutations < 0)
    value.refuse("Permutations is {}; it must be 0 or more", *s.permutations);
  if (s.oversampling && (*s.oversampling < 2 || *s.oversampling > 10000))
    value.refuse("Oversampling is {}; it must be at least 2 and at most 10000", *s.oversampling);
  if (s.min_onset_s && !(*s.min_onset_s <= 0))
    value.refuse("MinOnset is {} s; it must be 0 or less", *s.min_onset_s);
  if (s.slice_time_ref && !(*s.slice_time_ref >= 0 && *s.slice_time_ref <= 1))
    value.refuse("SliceTimeRef is {}; it must lie between 0 and 1", *s.slice_time_ref);
}

EngineSettings own_settings(const ModelValue& value, ModelNotes& notes) {
  ModelObject object(value, "Software.Sociometer", notes);
  EngineSettings settings;
  visit_settings(settings, [&](const char* key, auto& field) {
    if (const auto found = object.find(key)) read_setting(*found, field);
  });
  object.finish();
  check_ranges(settings, value);
  return settings;
}

/// Keys of SPM (bidspm) that change the design, so that ignoring them would fit another model.
void check_spm(const ModelValue& value, ModelNotes& notes) {
  if (!value.json->is_object()) return;
  for (const auto& [written, json] : value.json->items()) {
    const std::string key = plain_key(written);
    const ModelValue here{&json, value.place + "/" + written};
    if (key == "parametricmodulations")
      here.refuse(
          "Software.SPM.ParametricModulations is not supported; write the modulators as variables: "
          "Scale (Demean), Convolve, and their names in X");
    if (key == "hrfderivatives")
      here.refuse(
          "Software.SPM.HRFderivatives is not supported; write Model.HRF.Model \"spm + "
          "derivative\"");
    if (key == "serialcorrelation" || key == "serialcorrelations" || key == "whitening")
      notes.note(fmt::format(
          "Software.SPM.{} is SPM's; the same here is Software.Sociometer.NoiseModel spm-ar1 or "
          "spm-fast",
          written));
  }
}

void read_software(const ModelValue& value, EngineSettings& settings, ModelNotes& notes) {
  if (!value.json->is_object()) value.refuse("Software must be an object");
  for (const auto& [written, json] : value.json->items()) {
    const ModelValue entry{&json, value.place + "/" + written};
    const std::string program = plain_key(written);
    if (program == "sociometer") {
      settings = own_settings(entry, notes);
      continue;
    }
    if (nearest_word(written, {"Sociometer"}) == "Sociometer")
      entry.refuse("'{}' is no program that we know; is Sociometer meant?", written);
    if (program == "spm") check_spm(entry, notes);
    if (program != "description")
      notes.note(fmt::format("Software.{} is for another program and has no effect", written));
  }
}

}  // namespace

EngineSettings settings_in(const ModelValue& value, ModelNotes& notes) {
  EngineSettings settings;
  if (!value.json->is_array()) {
    read_software(value, settings, notes);
    return settings;
  }
  notes.note("Software is a list, and is read as one object");
  for (const auto& element : elements_of(value)) read_software(element, settings, notes);
  return settings;
}

}  // namespace sociometer
