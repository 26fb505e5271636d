#include "cli/jobs/clusters/searches.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "engine/core/masked_values.hpp"
#include "engine/stats/finite_values.hpp"
#include "io/images/image_stem.hpp"
#include "io/images/region_files.hpp"
#include "io/records/cluster_table_record.hpp"

namespace sociometer::jobs {
namespace {

using Eigen::Index;

/// Residuals at the voxels of the mask, (n_images, n_voxels).
Eigen::MatrixXd read_residuals(const std::vector<std::string>& paths, const std::string& map,
                               TestedImage& image) {
  std::vector<Eigen::MatrixXd> parts;
  for (const std::string& path : paths) {
    const Image part = read_nifti(path);
    require_same_grid(image.mask.grid, map, part.header.grid, path);
    parts.push_back(rows_at(image.mask, part.values));
    image.files.push_back(part.file);
  }
  Eigen::MatrixXd all = stacked(parts, image.mask.n_voxels());
  if (all.rows() < 2)
    fail(ErrorCode::bad_input,
         "--residuals has {} image; smoothness needs the residuals of all scans or participants",
         all.rows());
  return all;
}

KnownSmoothness of_residuals(const ClustersRequest& request, TestedImage& image) {
  const SmoothnessRequest& a = request.smoothness;
  const double dof = a.residual_dof.value_or(image.dof);
  if (!std::isfinite(dof))
    fail(
        ErrorCode::usage,
        "--residuals need --residual-dof, their degrees of freedom, because {} does not state them",
        request.searched.map);
  const Eigen::MatrixXd residuals = read_residuals(a.residuals, request.searched.map, image);
  const bool local = a.estimate == SmoothnessEstimate::local;
  return with_context("--residuals", [&]() -> KnownSmoothness {
    return {local ? smoothness_of_residuals(image.mask, residuals, dof)
                  : smoothness_by_differences(image.mask, residuals),
            fmt::format("{} of {} residual images with {:g} degrees of freedom",
                        local ? "local roughness" : "differences of neighbours", residuals.rows(),
                        dof)};
  });
}

Eigen::Vector3d fwhm_in_table(const std::string& path) {
  const auto field = read_record<ClusterTableRecord>(path).field.value;
  if (!field)
    fail(ErrorCode::bad_input, "{} has no smoothness: its RandomField is null; give another table",
         path);
  return {field->fwhm_mm[0], field->fwhm_mm[1], field->fwhm_mm[2]};
}

std::vector<AtlasAtMask> atlases_of(const ClustersRequest& request, TestedImage& image,
                                    const Session& session) {
  std::vector<AtlasAtMask> out;
  const std::string& map = request.searched.map;
  for (size_t i = 0; i < request.atlases.size(); ++i) {
    report_space(map, request.atlases[i], session.journal);
    out.push_back(read_atlas_at(request.atlases[i],
                                request.atlas_labels.empty() ? "" : request.atlas_labels[i],
                                image.mask, map));
    if (out.back().resampled)
      session.journal.info(fmt::format(
          "{} has another grid: its labels are taken from the nearest voxels", request.atlases[i]));
    image.files.push_back(out.back().file);
    if (!out.back().labels_path.empty()) image.files.push_back(out.back().names.file());
  }
  return out;
}

/// The part of a search at these of its voxels, ascending.
Search part_of(const Search& whole, const std::string& name, const std::vector<Index>& kept) {
  Search part;
  part.name = name;
  part.mask.grid = whole.mask.grid;
  part.map = whole.map;
  part.map.statistic = whole.map.statistic(kept);
  part.map.z = whole.map.z(kept);
  part.atlases = whole.atlases;
  for (AtlasAtMask& atlas : part.atlases) atlas.label.clear();
  for (const Index v : kept) {
    part.mask.voxels.push_back(whole.mask.voxels[size_t(v)]);
    for (size_t a = 0; a < part.atlases.size(); ++a)
      part.atlases[a].label.push_back(whole.atlases[a].label[size_t(v)]);
  }
  return part;
}

/// "NAME=FILE", or FILE with the name of the file.
std::pair<std::string, std::string> name_and_file(const std::string& text) {
  const size_t equals = text.find('=');
  std::string file = equals == std::string::npos ? text : text.substr(equals + 1);
  std::string name =
      file_label(equals == std::string::npos ? image_stem(file) : text.substr(0, equals));
  if (name.empty() || file.empty())
    fail(ErrorCode::usage, "--svc '{}' is not [NAME=]FILE with letters or digits in the name",
         text);
  return {name, file};
}

Search small_volume(const std::string& text, const std::string& map, const Search& whole,
                    TestedImage& image, const Session& session) {
  const auto [name, file] = name_and_file(text);
  report_space(map, file, session.journal);
  const Read<Mask> region = read_mask_file(file);
  require_same_grid(whole.mask.grid, map, region.value.grid, file);
  image.files.push_back(region.file);
  Search part = part_of(whole, name, shared_positions(whole.mask, region.value));
  if (finite_range(part.map.statistic).is_empty())
    fail(ErrorCode::bad_input,
         "--svc {} has no voxel in common with those of {} that have a value ({} and {} voxels)",
         file, map, region.value.voxels.size(), whole.mask.voxels.size());
  return part;
}

}  // namespace

KnownSmoothness smoothness_for(const ClustersRequest& request, TestedImage& image) {
  const SmoothnessRequest& a = request.smoothness;
  if (!image.known || !a.known()) return {};
  if (!a.residuals.empty()) return of_residuals(request, image);
  const Grid& grid = image.mask.grid;
  if (!a.table.empty()) return {given_smoothness(grid, fwhm_in_table(a.table)), a.table};
  const std::vector<double>& f = a.fwhm_mm;
  return {given_smoothness(grid, {f[0], f.size() == 3 ? f[1] : f[0], f.size() == 3 ? f[2] : f[0]}),
          "given"};
}

std::vector<Search> searches_of(const ClustersRequest& request, TestedImage& image,
                                const Session& session) {
  std::vector<Search> out{{"", image.mask, image.map, atlases_of(request, image, session)}};
  std::set<std::string> names;
  for (const std::string& text : request.searched.small_volumes) {
    out.push_back(small_volume(text, request.searched.map, out[0], image, session));
    if (!names.insert(out.back().name).second)
      fail(ErrorCode::usage, "--svc: two regions are named {}; give names as NAME=FILE",
           out.back().name);
  }
  return out;
}

}  // namespace sociometer::jobs
