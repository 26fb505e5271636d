#include "io/bids/bids_selection.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bids/bids_derivatives.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

/// What images of the same scans may differ in.
constexpr std::array kVersions{"rec",    "echo", "part", "hemi",  "space", "recording",
                               "cohort", "res",  "den",  "label", "desc"};

bool is_version(const std::string& key) {
  return std::find(kVersions.begin(), kVersions.end(), key) != kVersions.end();
}

std::vector<const BidsDataset*> sources_of(const BidsStudy& study) {
  if (study.derivatives.empty()) return {&study.raw};
  std::vector<const BidsDataset*> out;
  for (const auto& dataset : study.derivatives) out.push_back(&dataset);
  return out;
}

std::string names_of_sources(const BidsStudy& study) {
  std::vector<std::string> roots;
  for (const auto* dataset : sources_of(study)) roots.push_back(dataset->root);
  return fmt::format("{}", fmt::join(roots, ", "));
}

std::vector<ChosenImage> all_images(const BidsStudy& study) {
  std::vector<ChosenImage> out;
  for (const auto* dataset : sources_of(study))
    for (const auto& person : dataset->people)
      for (const auto& file : person.files)
        if (is_functional_image(file)) out.push_back({dataset, &person, &file});
  return out;
}

[[noreturn]] void refuse_without_images(const BidsStudy& study) {
  const std::string where = names_of_sources(study);
  bool references = false;
  std::string surface;
  for (const auto* dataset : sources_of(study))
    for (const auto& person : dataset->people) {
      references = references || person.has_references;
      for (const auto& file : person.files)
        if (file.name.suffix == "bold" &&
            (file.name.extension.ends_with(".gii") || file.name.extension == ".dtseries.nii"))
          surface = fs::path(file.path).filename().string();
    }
  if (!surface.empty())
    fail(ErrorCode::bad_input,
         "{} has functional data on surfaces only, such as {}, which are not analysed; give "
         "fMRIPrep a volumetric space among its --output-spaces",
         where, surface);
  if (references)
    fail(ErrorCode::bad_input,
         "{} has reference images but no preprocessed series, as fMRIPrep leaves them with --level "
         "minimal; run it with --level full",
         where);
  fail(ErrorCode::bad_input, "{} has no functional images (sub-*/[ses-*/]func/*_bold.nii.gz)",
       where);
}

/// A space as BidsFilter::add_space takes it.
std::string space_of(const BidsName& name) {
  std::string out = name.label("space").empty() ? "native" : name.label("space");
  for (const char* key : {"cohort", "res", "den"})
    if (const std::string& label = name.label(key); !label.empty())
      out += fmt::format(":{}-{}", key, label);
  return out;
}

/// The values of a key among images, for messages.
std::string choices_of(const std::string& key, const std::vector<ChosenImage>& images) {
  std::set<std::string, decltype(&label_less)> words(label_less);
  for (const auto& image : images) {
    const auto& name = image.file->name;
    const std::string label = name.label(key);
    if (key == "suffix" || key == "datatype")
      words.insert(key == "suffix" ? name.suffix : "func");
    else if (key == "extension")
      words.insert(name.extension);
    else if (key == "space")
      words.insert(space_of(name));
    else
      words.insert(label.empty() ? "none" : label);
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

[[noreturn]] void refuse_without_match(const BidsStudy& study, const BidsFilter& given,
                                       const BidsFilter& filter, const std::string& key,
                                       const std::vector<ChosenImage>& before) {
  std::vector<std::string> context;
  for (const auto& earlier : given.keys()) {
    if (earlier == key) break;
    context.push_back(given.wish(earlier));
  }
  const bool raw = study.derivatives.empty() && key == "desc";
  fail(ErrorCode::bad_input, "{} has no functional image with {}{}; {} there: {}{}",
       names_of_sources(study), filter.wish(key),
       context.empty() ? "" : fmt::format(" among those with {}", fmt::join(context, ", ")), key,
       choices_of(key, before),
       raw ? "; folders of preprocessed images are named with --derivatives" : "");
}

void report_echoes(const std::vector<ChosenImage>& before, const std::vector<ChosenImage>& after,
                   BidsFindings& findings) {
  const size_t n = before.size() - after.size();
  if (n == 0) return;
  std::vector<std::string> paths;
  for (const auto& image : before)
    if (!image.file->name.label("echo").empty()) paths.push_back(image.file->path);
  findings.push_back({BidsOddity::echoes_left_out,
                      fmt::format("left out {} of single echoes, such as {}",
                                  n == 1 ? "1 image" : fmt::format("{} images", n),
                                  fs::path(paths.front()).filename().string()),
                      paths});
}

std::vector<ChosenImage> matching(const BidsStudy& study, const BidsFilter& given,
                                  const BidsFilter& filter, BidsFindings& findings) {
  std::vector<ChosenImage> images = all_images(study);
  if (images.empty()) refuse_without_images(study);
  for (const auto& key : filter.keys()) {
    std::vector<ChosenImage> left;
    std::copy_if(images.begin(), images.end(), std::back_inserter(left),
                 [&](const auto& image) { return filter.allows(key, image.file->name); });
    if (left.empty()) refuse_without_match(study, given, filter, key, images);
    if (key == "echo" && !given.mentions("echo")) report_echoes(images, left, findings);
    images = std::move(left);
  }
  return images;
}

void report_people_without(const BidsStudy& study, const std::vector<ChosenImage>& images,
                           BidsFindings& findings) {
  std::set<std::string> with;
  for (const auto& image : images) with.insert(image.person->label);
  std::vector<std::string> without;
  for (const auto* dataset : sources_of(study))
    for (const auto& person : dataset->people)
      if (with.insert(person.label).second) without.push_back("sub-" + person.label);
  if (without.empty()) return;
  std::sort(without.begin(), without.end(), label_less);
  findings.push_back(
      {BidsOddity::person_without_runs,
       fmt::format(
           "{} without an image that was asked for: {}",
           without.size() == 1 ? "1 participant" : fmt::format("{} participants", without.size()),
           first_few(without)),
       without});
}

bool image_comes_before(const ChosenImage& a, const ChosenImage& b) {
  for (const auto& key : entity_order()) {
    const std::string x = a.file->name.label(key), y = b.file->name.label(key);
    if (x.empty() != y.empty()) return x.empty();
    if (label_less(x, y)) return true;
    if (label_less(y, x)) return false;
  }
  return a.file->path < b.file->path;
}

/// The options that distinguish images, for messages: a space with its resolution, a description.
std::string options_between(const std::vector<ChosenImage>& images) {
  std::set<std::string, decltype(&label_less)> spaces(label_less), descriptions(label_less);
  for (const auto& image : images) {
    const BidsName& name = image.file->name;
    const bool other_resolutions = std::any_of(images.begin(), images.end(), [&](const auto& one) {
      return one.file->name.label("res") != name.label("res");
    });
    spaces.insert(space_of(name) +
                  (other_resolutions && name.label("res").empty() ? ":res-native" : ""));
    descriptions.insert(name.label("desc"));
  }
  std::string text;
  if (spaces.size() > 1) text = fmt::format("--space {}", fmt::join(spaces, " or "));
  if (spaces.size() == 1 && descriptions.size() > 1)
    text = fmt::format("--desc-label {}", fmt::join(descriptions, " or "));
  return text.empty() ? "--bids-filter-file" : text;
}

[[noreturn]] void refuse_ambiguous(const std::vector<ChosenImage>& images) {
  std::vector<std::string> names, ways;
  bool one_folder = true;
  for (const auto& image : images) {
    names.push_back(fs::path(image.file->path).filename().string());
    one_folder = one_folder && image.dataset == images[0].dataset;
  }
  if (!one_folder)
    for (size_t i = 0; i < images.size(); ++i) names[i] = images[i].file->path;
  for (const char* key : kVersions) {
    const std::string first = images[0].file->name.label(key);
    if (std::any_of(images.begin(), images.end(),
                    [&](const auto& image) { return image.file->name.label(key) != first; }))
      ways.push_back(fmt::format("{} ({})", key, choices_of(key, images)));
  }
  fail(ErrorCode::bad_input, "{} has {} images: {}; {}", run_label_of(images[0].file->name),
       images.size(), fmt::join(names, ", "),
       !ways.empty()
           ? fmt::format("choose one by {}: {}", fmt::join(ways, ", or "), options_between(images))
       : one_folder ? "leave only one of them there"
                    : "name only one of these folders");
}

std::string without_acquisition(const BidsName& name) {
  BidsName out = name;
  std::erase_if(out.entities, [](const auto& entity) { return entity.first == "acq"; });
  return run_key_of(out);
}

/// Acquisitions of one task and run may be runs of their own, or the same thing done twice.
void report_acquisitions(const std::vector<ChosenImage>& images, BidsFindings& findings) {
  if (std::all_of(images.begin(), images.end(),
                  [](const auto& image) { return image.file->name.label("acq").empty(); }))
    return;
  std::map<std::string, std::vector<std::string>> acquisitions;
  std::set<std::string> labels;
  std::vector<std::string> keys, runs;
  for (const auto& image : images) {
    keys.push_back(without_acquisition(image.file->name));
    acquisitions[keys.back()].push_back(image.file->name.label("acq"));
  }
  for (size_t i = 0; i < images.size(); ++i) {
    const auto& of_run = acquisitions[keys[i]];
    if (of_run.size() < 2) continue;
    runs.push_back(run_label_of(images[i].file->name));
    for (const auto& label : of_run) labels.insert(label.empty() ? "none" : label);
  }
  if (runs.empty()) return;
  findings.push_back(
      {BidsOddity::several_acquisitions,
       fmt::format(
           "runs that differ in their acquisition only ({}) are taken as runs of their own: "
           "{}; choose by acquisition if they are not",
           fmt::join(labels, ", "), first_few(runs)),
       runs});
}

std::string joined_entities(const BidsName& name, bool for_comparison) {
  std::string out;
  for (const auto& [key, label] : name.entities) {
    if (is_version(key)) continue;
    const size_t zeros =
        for_comparison && key == "run" ? std::min(label.find_first_not_of('0'), label.size()) : 0;
    out += (out.empty() ? "" : "_") + key + "-" + label.substr(zeros);
  }
  return out;
}

}  // namespace

BidsFilter with_defaults(BidsFilter filter) {
  const auto usual = [&](const char* key, const LabelRule& rule) {
    if (!filter.mentions(key)) filter.add(key, rule);
  };
  usual("echo", {{}, true, false});
  usual("part", {{"mag"}, true, false});
  usual("desc", {{"preproc"}, false, false});
  return filter;
}

std::string run_label_of(const BidsName& name) { return joined_entities(name, false); }

std::string run_key_of(const BidsName& name) {
  BidsName sorted = name;
  std::sort(sorted.entities.begin(), sorted.entities.end());
  return joined_entities(sorted, true);
}

std::vector<ChosenImage> choose_images(const BidsStudy& study, const BidsFilter& given,
                                       BidsFindings& findings) {
  const BidsFilter filter = with_defaults(given);
  auto images = matching(study, given, filter, findings);
  report_people_without(study, images, findings);
  std::map<std::string, std::vector<ChosenImage>> runs;
  std::sort(images.begin(), images.end(), image_comes_before);
  for (const auto& image : images) runs[run_key_of(image.file->name)].push_back(image);
  for (const auto& [key, same] : runs)
    if (same.size() > 1) refuse_ambiguous(same);
  if (!filter.mentions("acq")) report_acquisitions(images, findings);
  return images;
}

}  // namespace sociometer
