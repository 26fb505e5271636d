#include "io/bids/bids_derivatives.hpp"

#include <algorithm>

namespace sociometer {
namespace {

bool contains(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool has_all_of(const BidsName& a, const BidsName& b, const std::vector<std::string>& ignored) {
  return std::all_of(a.entities.begin(), a.entities.end(), [&](const auto& entity) {
    return contains(ignored, entity.first) ||
           same_label(entity.first, entity.second, b.label(entity.first));
  });
}

bool is_nifti(const BidsName& name) {
  return name.extension == ".nii.gz" || name.extension == ".nii";
}

const std::vector<std::string>& entities_of_derivatives() {
  static const std::vector<std::string> keys{"space", "cohort", "res",   "den",
                                             "desc",  "hemi",   "label", "recording"};
  return keys;
}

/// 0 for the present name; -1 for other files.
int age_of_confounds_name(const BidsName& name) {
  if (name.extension != ".tsv") return -1;
  const std::string desc = name.label("desc");
  if (desc == "confounds") {
    if (name.suffix == "timeseries") return 0;
    if (name.suffix == "regressors") return 1;
  }
  if (!desc.empty()) return -1;
  if (name.suffix == "timeseries") return 2;
  return name.suffix == "confounds" ? 3 : -1;
}

}  // namespace

bool same_entities(const BidsName& a, const BidsName& b, const std::vector<std::string>& ignored) {
  return has_all_of(a, b, ignored) && has_all_of(b, a, ignored);
}

const BidsFile* brain_mask_of(const BidsPerson& person, const BidsName& image) {
  static const std::vector<std::string> ignored{"desc", "label", "echo", "part"};
  const BidsFile* found = nullptr;
  for (const auto& file : person.files) {
    const auto& name = file.name;
    if (name.suffix != "mask" || !is_nifti(name)) continue;
    const bool present_name = name.label("desc") == "brain" && name.label("label").empty();
    const bool early_name = name.label("label") == "brain" && name.label("desc").empty();
    if ((!present_name && !early_name) || !same_entities(name, image, ignored)) continue;
    if (found == nullptr || present_name) found = &file;
  }
  return found;
}

const BidsFile* confounds_of(const BidsPerson& person, const BidsName& image) {
  static const std::vector<std::string> ignored{"space", "cohort", "res",  "den",      "desc",
                                                "hemi",  "echo",   "part", "recording"};
  const BidsFile* found = nullptr;
  int age_found = 4;
  for (const auto& file : person.files) {
    const int age = age_of_confounds_name(file.name);
    if (age < 0 || age >= age_found || !same_entities(file.name, image, ignored)) continue;
    found = &file;
    age_found = age;
  }
  return found;
}

bool has_old_confounds_name(const BidsName& confounds) {
  return age_of_confounds_name(confounds) >= 2;
}

std::vector<const BidsFile*> raw_images_of(const BidsPerson& person, const BidsName& image) {
  std::vector<std::string> ignored = entities_of_derivatives();
  ignored.emplace_back("part");
  if (image.label("echo").empty()) ignored.emplace_back("echo");
  std::vector<const BidsFile*> out;
  for (const auto& file : person.files) {
    const std::string part = file.name.label("part");
    if (is_functional_image(file) && (part.empty() || part == "mag") &&
        same_entities(file.name, image, ignored))
      out.push_back(&file);
  }
  std::sort(out.begin(), out.end(), [](const BidsFile* a, const BidsFile* b) {
    return label_less(a->name.label("echo"), b->name.label("echo"));
  });
  return out;
}

BidsName raw_name(const BidsName& image) {
  BidsName out = image;
  std::erase_if(out.entities, [](const auto& entity) {
    return contains(entities_of_derivatives(), entity.first);
  });
  return out;
}

bool is_functional_image(const BidsFile& file) {
  return file.level == BidsLevel::data && file.name.suffix == "bold" && is_nifti(file.name);
}

}  // namespace sociometer
