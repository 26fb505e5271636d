#include <algorithm>

#include "io/models/model_parts.hpp"

namespace sociometer {
namespace {

/// Test, or Type as it was called in version 0.x.
ContrastTest test_in(ModelObject& object) {
  auto test = object.find("Test");
  if (const auto type = object.find("Type"); type && !test) {
    object.notes().note("Type of contrasts is now Test, and is read as such");
    test = type;
  }
  if (!test)
    throw Error(ErrorCode::bad_input,
                object.place() + ": " + object.what() + " has no Test (t, F or pass)");
  if (plain_key(text_in(*test)) == "fema")
    test->refuse(
        "{}: Test FEMA is of version 0.x; write Test t, and Model.Type meta for fixed "
        "effects over runs",
        object.what());
  return word_in<ContrastTest>(*test);
}

Eigen::MatrixXd weights_in(const ModelValue& value, size_t n_conditions, const std::string& what) {
  std::vector<std::vector<double>> rows;
  const bool nested = value.json->is_array() && !value.json->empty() && (*value.json)[0].is_array();
  if (nested)
    for (const auto& row : elements_of(value)) rows.push_back(numbers_in(row));
  else
    rows.push_back(numbers_in(value));
  Eigen::MatrixXd out(Eigen::Index(rows.size()), Eigen::Index(n_conditions));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != n_conditions)
      value.refuse("{}: {} weights for {} conditions{}", what, rows[i].size(), n_conditions,
                   rows.size() > 1 ? fmt::format(" (row {})", i + 1) : "");
    for (size_t j = 0; j < n_conditions; ++j) out(Eigen::Index(i), Eigen::Index(j)) = rows[i][j];
  }
  return out;
}

ModelContrast contrast_in(const ModelValue& value, ModelNotes& notes) {
  ModelObject object(value, "a contrast", notes);
  ModelContrast contrast;
  contrast.place = value.place;
  contrast.name = text_in(object.at("Name"));
  object.rename("contrast '" + contrast.name + "'");
  contrast.conditions = model_names_in(object.at("ConditionList"), notes);
  const ModelValue weights = object.at("Weights");
  contrast.weights = weights_in(weights, contrast.conditions.size(), object.what());
  contrast.test = test_in(object);
  if (contrast.test != ContrastTest::F && contrast.weights.rows() > 1)
    weights.refuse("{}: {} rows of weights, but Test is {}; several rows are an F contrast",
                   object.what(), contrast.weights.rows(), name_of(contrast.test));
  object.finish();
  return contrast;
}

}  // namespace

std::vector<std::string> model_names_in(const ModelValue& value, ModelNotes& notes) {
  auto names = names_in(value);
  for (auto& name : names) {
    if (name == "intercept") {
      notes.note("'intercept' is read as 1, the constant");
      name = kConstantName;
    }
    if (name.empty()) value.refuse("a name is empty");
    if (name == "0") value.refuse("0 is no column; leave 1 out for a model without a constant");
  }
  return names;
}

std::vector<ModelContrast> contrasts_in(const ModelValue& value, ModelNotes& notes) {
  std::vector<ModelContrast> out;
  for (const auto& element : elements_of(value)) out.push_back(contrast_in(element, notes));
  return out;
}

DummyContrasts dummy_contrasts_in(const ModelValue& value, ModelNotes& notes) {
  ModelObject object(value, "DummyContrasts", notes);
  DummyContrasts out;
  std::optional<ModelValue> listed;
  for (const char* key : {"Contrasts", "Conditions", "ConditionList"}) {
    const auto found = object.find(key);
    if (!found) continue;
    if (listed) found->refuse("DummyContrasts lists its contrasts twice");
    if (std::string(key) != "Contrasts")
      notes.note(fmt::format("{} of DummyContrasts is now Contrasts, and is read as such", key));
    listed = found;
  }
  if (listed) out.conditions = model_names_in(*listed, notes);
  out.test = test_in(object);
  object.finish();
  return out;
}

}  // namespace sociometer
