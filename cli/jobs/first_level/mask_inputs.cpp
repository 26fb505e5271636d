#include "cli/jobs/first_level/mask_inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
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

MaskChoice choose_masks(const MaskSource& asked, const std::vector<std::string>& bold,
                        Journal& journal) {
  if (asked.kind == MaskSource::Kind::computed) return {};
  if (asked.kind == MaskSource::Kind::files) {
    // One session's mask may serve all, and other sessions' may narrow it; only masks from sessions
    // without images are a mistake.
    const auto of_another_session = [&](const std::string& mask) {
      return std::all_of(bold.begin(), bold.end(), [&](const std::string& image) {
        return conflicting_entity(bids_name(image), bids_name(mask), {"ses"}).has_value();
      });
    };
    const bool none_own = std::all_of(asked.files.begin(), asked.files.end(), of_another_session);
    for (const auto& mask : asked.files) {
      for (const auto& image : bold) require_same_entities(image, mask, {"sub"});
      report_space(bold.front(), mask, journal);
      if (none_own) require_same_entities(bold.front(), mask, {"ses"});
    }
    return {each_once(asked.files), false};
  }
  std::string missing;
  MaskChoice choice{masks_beside(bold, missing), true};
  if (choice.files.empty() && asked.kind == MaskSource::Kind::beside_images)
    fail(ErrorCode::bad_input,
         "--mask auto looks for the mask beside each image, and there is no {}; name the mask, or "
         "use --mask computed",
         missing);
  if (choice.files.empty()) choice.found = false;
  return choice;
}

ReadMasks read_masks(const std::vector<std::string>& files) {
  auto [mask, first] = read_mask_file(files[0]);
  std::vector<InputFile> read{first};
  for (size_t i = 1; i < files.size(); ++i) {
    const auto [next, file] = read_mask_file(files[i]);
    require_same_grid(mask.grid, files[0], next.grid, files[i]);
    mask = intersection(mask, next);
    read.push_back(file);
  }
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "the {} masks have no voxel in common ({})", files.size(),
         fmt::join(files, ", "));
  return {std::move(mask), std::move(read)};
}

MaskRecord mask_record(const MaskChoice& choice, const std::vector<InputFile>& files,
                       const Mask& mask) {
  MaskRecord record;
  record.voxels = long(mask.n_voxels());
  if (choice.found) record.found = "beside the images";
  if (files.size() == 1) {
    record.source = files[0].path;
    record.checksum = files[0].checksum;
    return record;
  }
  record.source = "intersection";
  record.files.emplace();
  for (const auto& file : files) record.files->push_back({file.path, file.checksum});
  return record;
}

}  // namespace sociometer::jobs
