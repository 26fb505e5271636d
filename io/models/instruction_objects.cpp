#include <algorithm>
#include <array>
#include <functional>

#include "engine/core/nearest_word.hpp"
#include "io/models/model_parts.hpp"

namespace sociometer {
namespace {

using Parameters = Instruction::Parameters;

bool flag(ModelObject& o, const char* key, bool otherwise) {
  const auto value = o.find(key);
  if (!value) return otherwise;
  if (value->json->is_string())
    o.notes().note(fmt::format("the text {} is read as {}", value->json->dump(),
                               boolean_in(*value) ? "true" : "false"));
  return boolean_in(*value);
}

double real(ModelObject& o, const char* key, double otherwise) {
  const auto value = o.find(key);
  return value ? number_in(*value) : otherwise;
}

/// One of a few words, in any case.
template <class E, size_t N>
E choice(ModelObject& o, const char* key, E otherwise,
         const std::array<std::pair<const char*, E>, N>& words) {
  const auto value = o.find(key);
  if (!value) return otherwise;
  const std::string text =
      value->json->is_boolean() && !value->json->get<bool>() ? "off" : text_in(*value);
  std::string known;
  for (const auto& [word, meaning] : words) {
    if (plain_key(word) == plain_key(text)) return meaning;
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  value->refuse("{} is '{}'; it must be one of {}", key, text, known);
}

RowQuery query_in(const ModelValue& value) {
  try {
    return parse_row_query(text_in(value));
  } catch (const Error& error) {
    value.refuse("{}", error.what());
  }
}

Parameters factor(ModelObject& o) {
  using Constraint = transforms::Factor::Constraint;
  transforms::Factor f;
  f.constraint = choice(
      o, "Constraint", f.constraint,
      std::array{std::pair{"none", Constraint::none}, std::pair{"drop_one", Constraint::drop_one},
                 std::pair{"mean_zero", Constraint::mean_zero}});
  if (const auto reference = o.find("RefLevel")) f.reference = text_in(*reference);
  if (const auto separator = o.find("Sep")) f.separator = text_in(*separator);
  return f;
}

Parameters convolve(ModelObject& o) {
  transforms::Convolve c;
  if (const auto model = o.find("Model")) c.hrf = hrf_model_in(*model, o.notes());
  const bool derivative = flag(o, "Derivative", false), dispersion = flag(o, "Dispersion", false);
  if (c.hrf.shape == HrfShape::spm || c.hrf.shape == HrfShape::glover) {
    c.hrf.time_derivative |= derivative || dispersion;
    c.hrf.dispersion_derivative |= dispersion;
    if (dispersion && !derivative)
      o.notes().note("Dispersion without Derivative adds both derivatives");
  }
  if (const auto delays = o.find("FirDelays"))
    for (double delay : numbers_in(*delays)) {
      if (delay != int(delay) || delay < 0)
        delays->refuse("FirDelays has {}; delays are scans, 0 or more", delay);
      c.fir_delays.push_back(int(delay));
    }
  return c;
}

Parameters scale(ModelObject& o) {
  using ReplaceMissing = transforms::Scale::ReplaceMissing;
  transforms::Scale s;
  s.demean = flag(o, "Demean", s.demean);
  s.rescale = flag(o, "Rescale", s.rescale);
  s.replace_missing = choice(o, "ReplaceNA", s.replace_missing,
                             std::array{std::pair{"off", ReplaceMissing::never},
                                        std::pair{"before", ReplaceMissing::before},
                                        std::pair{"after", ReplaceMissing::after}});
  return s;
}

Parameters demean(ModelObject&) {
  transforms::Scale s;
  s.rescale = s.refuses_constant = false;
  return s;
}

Parameters threshold(ModelObject& o) {
  transforms::Threshold t;
  t.threshold = real(o, "Threshold", t.threshold);
  t.binarize = flag(o, "Binarize", t.binarize);
  t.above = flag(o, "Above", t.above);
  t.is_signed = flag(o, "Signed", t.is_signed);
  return t;
}

Parameters orthogonalize(ModelObject& o) {
  return transforms::Orthogonalize{names_in(o.at("Other"))};
}

Parameters lag(ModelObject& o) {
  using Edge = transforms::Lag::Edge;
  transforms::Lag l;
  l.shift = real(o, "Shift", l.shift);
  l.order = int(real(o, "Order", l.order));
  l.edge =
      choice(o, "Mode", l.edge,
             std::array{std::pair{"nearest", Edge::nearest}, std::pair{"reflect", Edge::reflect},
                        std::pair{"constant", Edge::constant}});
  l.constant = real(o, "Constant", l.constant);
  l.difference = flag(o, "Difference", l.difference);
  return l;
}

Parameters sum(ModelObject& o) {
  transforms::Sum s;
  if (const auto weights = o.find("Weights")) s.weights = numbers_in(*weights);
  return s;
}

template <transforms::Arithmetic::Operation operation>
Parameters arithmetic(ModelObject& o) {
  transforms::Arithmetic a{operation, number_in(o.at("Value")), std::nullopt};
  if (const auto query = o.find("Query"))
    if (!text_in(*query).empty()) a.query = query_in(*query);
  return a;
}

template <transforms::Logical::Operation operation>
Parameters logical(ModelObject&) {
  return transforms::Logical{operation};
}

/// What an attribute of a variable is called.
VariablePart part_in(ModelObject& o, const char* key) {
  return choice(
      o, key, VariablePart::value,
      std::array{std::pair{"amplitude", VariablePart::value},
                 std::pair{"value", VariablePart::value}, std::pair{"onset", VariablePart::onset},
                 std::pair{"duration", VariablePart::duration}});
}

Parameters assign(ModelObject& o) {
  transforms::Assign a;
  a.target = names_in(o.at("Target"));
  a.from = part_in(o, "InputAttr");
  a.to = part_in(o, "TargetAttr");
  return a;
}

Parameters replace(ModelObject& o) {
  transforms::Replace r;
  const ModelValue pairs = o.at("Replace");
  if (pairs.json->is_array()) {
    r.patterns = true;
    for (const auto& element : elements_of(pairs)) {
      ModelObject pair(element, "a pair of Replace", o.notes());
      r.pairs.push_back({text_in(pair.at("key")), text_in(pair.at("value"))});
      pair.finish();
    }
  } else if (pairs.json->is_object()) {
    // Keys are values of the variable here, not words of the model.
    for (const auto& [from, to] : pairs.json->items())
      r.pairs.push_back({from, text_in({&to, pairs.place + "/" + from})});
  } else {
    pairs.refuse("Replace must be an object of old and new values");
  }
  if (const auto attribute = o.find("Attribute"); attribute && text_in(*attribute) == "all")
    r.parts = {VariablePart::value, VariablePart::onset, VariablePart::duration};
  else
    r.parts = {part_in(o, "Attribute")};
  return r;
}

Parameters filter(ModelObject& o) {
  o.find("By");  // the query itself names its column
  return transforms::Filter{query_in(o.at("Query"))};
}

Parameters split(ModelObject& o) { return transforms::Split{names_in(o.at("By"))}; }

Parameters label_identical_rows(ModelObject& o) {
  return transforms::LabelIdenticalRows{flag(o, "Cumulative", false)};
}

Parameters constant(ModelObject& o) { return transforms::Constant{real(o, "Value", 1)}; }

Parameters derivative(ModelObject& o) {
  transforms::Derivative d;
  d.order = int(real(o, "Order", d.order));
  if (const auto initial = o.find("Initial"))
    if (!initial->json->is_string() || plain_key(text_in(*initial)) != "nan")
      d.initial = number_in(*initial);
  return d;
}

Parameters to_dense(ModelObject& o) {
  transforms::ToDense t;
  if (const auto rate = o.find("SamplingRate")) t.sampling_rate_hz = number_in(*rate);
  return t;
}

template <class T>
Parameters plain(ModelObject&) {
  return T{};
}

struct InstructionReader {
  const char* name;
  Parameters (*read)(ModelObject&);
  bool takes_input = true, takes_output = true;
};

using Sign = transforms::Arithmetic::Operation;
using Logic = transforms::Logical::Operation;
constexpr InstructionReader kReaders[] = {{"Factor", factor, true, false},
                                          {"Convolve", convolve},
                                          {"Scale", scale},
                                          {"Demean", demean},
                                          {"Threshold", threshold},
                                          {"Orthogonalize", orthogonalize},
                                          {"Lag", lag},
                                          {"Product", plain<transforms::Product>},
                                          {"Sum", sum},
                                          {"Add", arithmetic<Sign::add>},
                                          {"Subtract", arithmetic<Sign::subtract>},
                                          {"Multiply", arithmetic<Sign::multiply>},
                                          {"Divide", arithmetic<Sign::divide>},
                                          {"Power", arithmetic<Sign::power>},
                                          {"And", logical<Logic::both>},
                                          {"Or", logical<Logic::either>},
                                          {"Not", logical<Logic::negation>},
                                          {"Assign", assign},
                                          {"Replace", replace},
                                          {"Filter", filter},
                                          {"Split", split, true, false},
                                          {"Concatenate", plain<transforms::Concatenate>},
                                          {"LabelIdenticalRows", label_identical_rows},
                                          {"Constant", constant, false, true},
                                          {"Derivative", derivative},
                                          {"ToDense", to_dense},
                                          {"Copy", plain<transforms::Copy>},
                                          {"Rename", plain<transforms::Rename>},
                                          {"Delete", plain<transforms::Delete>, true, false},
                                          {"Select", plain<transforms::Select>, true, false},
                                          {"DropNA", plain<transforms::DropMissing>}};

const InstructionReader& reader_of(const ModelValue& place, const std::string& name) {
  std::vector<std::string> known;
  std::string key = plain_key(name);
  for (const auto& reader : kReaders) {
    if (plain_key(reader.name) == key) return reader;
    known.emplace_back(reader.name);
  }
  const std::string nearest = nearest_word(name, known);
  place.refuse("the instruction '{}' is not supported{}", name,
               nearest.empty() ? fmt::format("; supported: {}", fmt::join(known, ", "))
                               : "; the nearest is " + nearest);
}

/// Not given: an empty template ("Name": "").
std::optional<Instruction> instruction_in(const ModelValue& value, ModelNotes& notes) {
  ModelObject object(value, "an instruction", notes);
  const ModelValue name = object.at("Name");
  if (text_in(name).empty()) {
    notes.note(value.place + ": an instruction without a name is left out");
    return std::nullopt;
  }
  const InstructionReader& reader = reader_of(value, text_in(name));
  object.rename(reader.name);
  Instruction out;
  out.name = reader.name;
  out.place = value.place;
  if (reader.takes_input) out.input = names_in(object.at("Input"));
  if (reader.takes_output)
    if (const auto output = object.find("Output")) out.output = names_in(*output);
  out.parameters = reader.read(object);
  object.finish();
  return out;
}

void check_transformer(const ModelValue& value, ModelNotes& notes) {
  const std::string name = text_in(value);
  const std::string key = plain_key(name);
  if (name == "pybids-transforms-v1") return;
  const bool matlab = key == "bidspm" || key == "cppspm" || key.starts_with("bidsmatlab");
  if (!matlab && !name.empty())
    value.refuse("the transformer '{}' is not known; known: pybids-transforms-v1, bidspm", name);
  notes.note(
      fmt::format("the instructions of transformer '{}' are read as pybids-transforms-v1 "
                  "with the additions of bids-matlab",
                  name));
}

}  // namespace

HrfModel hrf_model_in(const ModelValue& value, ModelNotes& notes) {
  const std::string text = text_in(value);
  if (plain_key(text) == "doublegamma") {
    notes.note("the response DoubleGamma is read as spm, whose shape is the same");
    return {};
  }
  std::string small = text;
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  try {
    return parse_hrf_model(small);
  } catch (const Error& error) {
    value.refuse("{}", error.what());
  }
}

std::vector<Instruction> instructions_in(const ModelValue& value, ModelNotes& notes) {
  std::vector<Instruction> out;
  ModelValue list = value;
  if (value.json->is_array()) {
    if (!value.json->empty())
      notes.note(
          "Transformations is a list, as in version 0.x; it is read as the Instructions of "
          "pybids-transforms-v1");
  } else {
    ModelObject object(value, "Transformations", notes);
    if (const auto transformer = object.find("Transformer"))
      check_transformer(*transformer, notes);
    else
      notes.note("Transformations names no Transformer; pybids-transforms-v1 is assumed");
    const auto instructions = object.find("Instructions");
    object.finish();
    if (!instructions) return out;
    list = *instructions;
  }
  for (const auto& element : elements_of(list))
    if (auto instruction = instruction_in(element, notes)) out.push_back(std::move(*instruction));
  return out;
}

}  // namespace sociometer
