#include "cli/jobs/first_level/mask_inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// Runs of a task in one space often share one mask: each file is used once.
std::vector<std::string> each_once(const std::vector<std::string>& files) {
  std::vector<std::string> out;
  for (const auto& file : files)
    if (std::find(out.begin(), out.end(), file) == out.end()) out.push_back(file);
  return out;
}

std::vector<std::string> masks_beside(const std::vector<std::string>& bold, std::string& missing) {
  std::vector<std::string> files;
  for (const auto& image : bold) {
    const std::string mask = brain_mask_beside(image);
    if (mask.empty() || !fs::exists(mask)) {
      missing = mask.empty() ? image : mask;
      return {};
    }
    files.push_back(mask);
  }
  return each_once(files);
}

Mask intersection(const Mask& a, const Mask& b) {
  Mask out{a.grid, {}};
  std::set_intersection(a.voxels.begin(), a.voxels.end(), b.voxels.begin(), b.voxels.end(),
                        std::back_inserter(out.voxels));
  return out;
}

Json checksum_json(const std::string& path) {
  const InputFile file = input_file(path, checksum_of_file(path));
  return {{"Source", file.path}, {"XXH3", file.checksum}};
}

}  // namespace

std::string brain_mask_beside(const std::string& bold) {
  const BidsName name = bids_name(bold);
  if (name.suffix != "bold" || !name.extension.starts_with(".nii")) return "";
  const fs::path path(bold);
  std::string file = path.filename().string();
  file.resize(file.size() - name.extension.size() - std::string("_bold").size());
  if (const std::string desc = "_desc-" + name.label("desc"); file.ends_with(desc))
    file.resize(file.size() - desc.size());
  return (path.parent_path() / (file + "_desc-brain_mask" + name.extension)).string();
}

MaskChoice choose_masks(const std::vector<std::string>& asked, const std::vector<std::string>& bold,
                        Journal& journal) {
  std::string missing;
  const auto is = [&](const char* word) {
    return std::find(asked.begin(), asked.end(), word) != asked.end();
  };
  if ((is("auto") || is("computed")) && asked.size() > 1)
    fail(ErrorCode::usage, "--mask takes files, or one of auto and computed; give one kind");
  if (is("computed")) return {};
  if (!asked.empty() && !is("auto")) {
    for (const auto& mask : asked) {
      for (const auto& image : bold) require_same_entities(image, mask, {"sub"});
      report_space(bold.front(), mask, journal);
      // One session's mask may serve all; a mask from a session without images is a mistake.
      const auto of_another = [&](const std::string& image) {
        return conflicting_entity(bids_name(image), bids_name(mask), {"ses"}).has_value();
      };
      if (std::all_of(bold.begin(), bold.end(), of_another))
        require_same_entities(bold.front(), mask, {"ses"});
    }
    return {each_once(asked), false};
  }
  MaskChoice choice{masks_beside(bold, missing), true};
  if (choice.files.empty() && is("auto"))
    fail(ErrorCode::bad_input,
         "--mask auto looks for the mask beside each image, and there is no {}; name the mask, or "
         "use --mask computed",
         missing);
  if (choice.files.empty()) choice.found = false;
  return choice;
}

Mask read_masks(const std::vector<std::string>& files) {
  Mask mask = read_mask(files[0]);
  for (size_t i = 1; i < files.size(); ++i) {
    const Mask next = read_mask(files[i]);
    require_same_grid(mask.grid, files[0], next.grid, files[i]);
    mask = intersection(mask, next);
  }
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "the {} masks have no voxel in common ({})", files.size(),
         fmt::join(files, ", "));
  return mask;
}

Json mask_files_json(const MaskChoice& choice, const Mask& mask) {
  Json json;
  if (choice.files.size() == 1) {
    json = checksum_json(choice.files[0]);
  } else {
    json["Source"] = "intersection";
    for (const auto& file : choice.files) json["Files"].push_back(checksum_json(file));
  }
  if (choice.found) json["Found"] = "beside the images";
  json["Voxels"] = mask.n_voxels();
  return json;
}

}  // namespace sociometer::jobs
