#include "cli/jobs/report/reported_maps.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/masked_values.hpp"
#include "engine/core/missing.hpp"
#include "engine/group/passing_voxels.hpp"
#include "engine/stats/finite_values.hpp"
#include "engine/stats/largest_value.hpp"
#include "io/images/map_statistic.hpp"
#include "io/images/nifti.hpp"
#include "io/records/cluster_tables.hpp"
#include "io/report/figures_in_text.hpp"
#include "io/report/html.hpp"

namespace sociometer::jobs {
namespace {

using Eigen::Index;
constexpr double kFirstLevelP = 0.001, kFirstLevelFdr = 0.05;

Image image_of_map(const std::string& path) {
  Image image = read_nifti(path);
  if (image.header.n_volumes != 1)
    fail(ErrorCode::bad_input, "{} has {} volumes; a map of a contrast has one", path,
         image.header.n_volumes);
  return image;
}

Eigen::VectorXd in_mask(const Image& image, const Mask& mask, const std::string& path) {
  if (!same_grid(image.header.grid, mask.grid))
    fail(ErrorCode::bad_input, "{} has another grid than the other maps of its contrast", path);
  return finite_or_missing(values_at(mask, image.values.col(0)));
}

/// The map that is tested: t or F, else z; empty if there is none.
std::pair<std::string, std::string> tested_image(const FoundContrast& contrast) {
  for (const char* word : {"t", "F", "z"})
    if (const auto at = contrast.maps.find(word); at != contrast.maps.end())
      return {word, at->second};
  return {};
}

/// The sidecar of a contrast's map, which was read when the map was found.
Json sidecar_of(const FoundContrast& contrast, const std::string& statistic) {
  const auto at = contrast.sidecars.find(statistic);
  return at == contrast.sidecars.end() ? Json() : json_of(at->second);
}

std::string label_of(const std::string& word, const MapStatistic& told) {
  if (told.dof_range)
    return fmt::format("{} ({:g} to {:g} degrees of freedom)", word, (*told.dof_range)[0],
                       (*told.dof_range)[1]);
  if (word == "z" || !told.dof) return word;
  return word == "F" && told.numerator_dof
             ? fmt::format("F({:g}, {:g})", *told.numerator_dof, *told.dof)
             : fmt::format("{}({:g})", word, *told.dof);
}

/// The largest value on the tested sides.
void note_peak(ContrastFindings& f) {
  const Eigen::VectorXd& s = f.map.map.statistic;
  const Index best = largest_on(f.map.two_sided ? ValueSide::both : ValueSide::upper, s);
  if (best < 0) {
    f.largest = f.largest_z = kNaN;
    return;
  }
  f.largest = s[best];
  f.largest_z = f.map.map.z[best];
  const Eigen::Vector3d at = f.map.mask.grid.world(f.map.mask.voxels[size_t(best)]);
  f.peak_mm = {at[0], at[1], at[2]};
}

void count_clusters(ContrastFindings& f) {
  const int size = f.table.find("voxels");
  for (size_t r = 0; size >= 0 && r < f.table.rows.size(); ++r)
    if (const double n = number_in(f.table, r, size); std::isfinite(n)) {
      ++f.clusters;
      f.voxels_in_clusters += long(n);
    }
}

CorrectedVoxels corrected(std::string words, bool of_height, Eigen::VectorXd passing) {
  CorrectedVoxels out;
  out.words = std::move(words);
  out.of_height = of_height;
  out.n = long(n_passing(passing));
  out.passing = std::move(passing);
  return out;
}

/// The corrections that `group` writes as maps of p, best first: a correction over contrasts, where
/// there is one, comes before those of a single contrast.
struct KnownCorrection {
  const char *statistic, *words;
  bool of_height;  ///< as in CorrectedVoxels
};
constexpr KnownCorrection kCorrections[] = {
    {"tfcePfweContrasts", "family-wise p of TFCE over all contrasts", false},
    {"voxelPfweContrasts", "family-wise p of the voxel by permutation over all contrasts", false},
    {"extentPfweContrasts", "family-wise p of the cluster's extent over all contrasts", false},
    {"massPfweContrasts", "family-wise p of the cluster's mass over all contrasts", false},
    {"tfcePfwe", "family-wise p of TFCE", false},
    {"voxelPfwe", "family-wise p of the voxel by permutation", true},
    {"extentPfwe", "family-wise p of the cluster's extent by permutation", false},
    {"massPfwe", "family-wise p of the cluster's mass by permutation", false},
    {"prft", "family-wise p of the voxel by random fields", true},
    {"pholm", "family-wise p after Holm", true},
    {"pbonferroni", "family-wise p after Bonferroni", true},
    {"tfcePfdr", "false discovery rate of TFCE by permutation", false},
    {"voxelPfdr", "false discovery rate of the voxel by permutation", false},
    {"pfdr", "false discovery rate (Benjamini and Hochberg)", true},
    {"pfdrby", "false discovery rate (Benjamini and Yekutieli)", true}};

std::string shuffles_text(const FoundGroup& group, const FoundContrast& contrast) {
  for (const auto& one : group.record.contrasts)
    if (one.permutation && contrast.contrast && one.contrast.name == contrast.contrast->name)
      return fmt::format(" ({} {})", one.permutation->shuffles, one.permutation->scheme);
  return "";
}

std::optional<CorrectedVoxels> corrected_of_group(const FoundGroup& group,
                                                  const FoundContrast& contrast,
                                                  const ContrastFindings& f) {
  const double alpha = group.record.clusters.alpha;
  for (const KnownCorrection& one : kCorrections) {
    const auto at = contrast.maps.find(one.statistic);
    if (at == contrast.maps.end()) continue;
    const bool permuted = std::string(one.statistic).find('P') != std::string::npos;
    const Eigen::VectorXd p = in_mask(image_of_map(at->second), f.map.mask, at->second);
    return corrected(fmt::format("{} <= {:g}{}", one.words, alpha,
                                 permuted ? shuffles_text(group, contrast) : ""),
                     one.of_height, passing_p(p, alpha));
  }
  const int p = f.table.find("p_cluster_fwe_rft"), id = f.table.find("cluster_id");
  if (p < 0 || id < 0 || f.numbers.size() == 0) return std::nullopt;
  std::set<double> pass;
  for (size_t r = 0; r < f.table.rows.size(); ++r)
    if (number_in(f.table, r, p) <= alpha)
      pass.insert(std::atof(f.table.rows[r][size_t(id)].c_str()));
  return corrected(
      fmt::format("family-wise p of the cluster's size by random fields <= {:g}", alpha), false,
      passing_clusters(f.numbers, pass));
}

std::string test_of(const FoundContrast& contrast) {
  return contrast.contrast ? contrast.contrast->test : "";
}

}  // namespace

ReportedMap read_reported_map(const FoundContrast& contrast, const NamedMask* mask) {
  const auto [word, path] = tested_image(contrast);
  if (path.empty())
    fail(ErrorCode::bad_input, "contrast {} has no map of t, F or z", contrast.name);
  const Image image = image_of_map(path);
  ReportedMap out;
  out.word = word;
  const MapStatistic told = statistic_of_map(image.header, sidecar_of(contrast, word));
  out.label = label_of(word, told);
  if (mask) {
    require_same_grid(image.header.grid, path, mask->mask.grid, mask->path);
    out.mask = mask->mask;
  } else {
    out.mask =
        mask_from_values(image.header.grid, {image.values.data(), size_t(image.values.rows())});
  }
  if (out.mask.voxels.empty()) fail(ErrorCode::bad_input, "{} has no value", path);
  const auto z = contrast.maps.find("z");
  const std::string z_path = z == contrast.maps.end() ? path : z->second;
  if (z == contrast.maps.end())
    fail(ErrorCode::bad_input, "contrast {} has no map of z beside {}", contrast.name, path);
  out.map.statistic = in_mask(image, out.mask, path);
  out.map.z = word == "z" ? out.map.statistic : in_mask(image_of_map(z_path), out.mask, z_path);
  out.map.kind = word == "t"   ? RandomField::Kind::t
                 : word == "F" ? RandomField::Kind::f
                               : RandomField::Kind::z;
  out.map.dof1 = told.numerator_dof.value_or(1);
  out.map.dof2 = told.dof.value_or(std::numeric_limits<double>::infinity());
  // Values whose degrees of freedom differ between voxels do not compare.
  if (told.dof_range || (word != "z" && !told.dof)) {
    out.map.statistic = out.map.z;
    out.map.kind = RandomField::Kind::z;
    out.word = "z";
    out.label = "z";
  }
  return out;
}

ContrastFindings first_level_findings(const FoundContrast& contrast, const NamedMask* mask) {
  ContrastFindings f;
  f.name = contrast.name;
  f.id = html_id(contrast.key);
  f.test = test_of(contrast);
  f.record = contrast.contrast;
  f.map = read_reported_map(contrast, mask);
  f.map.two_sided = f.test != "F";
  note_peak(f);
  ReportOptions options;
  options.forming_p = kFirstLevelP;
  options.two_sided = f.map.two_sided;
  const MapReport report = report_clusters(f.map.mask, f.map.map, std::nullopt, options);
  f.threshold = report.threshold;
  f.numbers = cluster_numbers(report, f.map.mask.n_voxels());
  f.threshold_words =
      fmt::format("uncorrected p <= {:g}{}", kFirstLevelP, f.map.two_sided ? ", two-sided" : "");
  const FileContent text{cluster_table_tsv(f.map.mask, report, {}, {}), {contrast.key, ""}};
  f.table = table_of(text);
  f.columns = cluster_table_columns({}, {});
  count_clusters(f);
  f.corrected = corrected(fmt::format("false discovery rate <= {:g}", kFirstLevelFdr), true,
                          passing_p(report.q_fdr, kFirstLevelFdr));
  return f;
}

/// Whether the group tested both signs of a contrast, by what says so: its table of clusters, its
/// permutations, the sidecar of a map of p. F has one side.
bool tested_two_sided(const FoundGroup& group, const FoundContrast& contrast) {
  if (test_of(contrast) == "F") return false;
  if (contrast.clusters) return contrast.clusters->sided() == "two";
  for (const auto& one : group.record.contrasts)
    if (one.permutation && contrast.contrast && one.contrast.name == contrast.contrast->name)
      return one.permutation->sided == "two";
  for (const KnownCorrection& one : kCorrections)
    if (const auto at = contrast.sided.find(one.statistic); at != contrast.sided.end())
      return at->second == "two";
  return true;  // nothing was tested: both signs are shown
}

ContrastFindings group_findings(const FoundGroup& group, const FoundContrast& contrast) {
  ContrastFindings f;
  f.name = contrast.name;
  f.id = html_id(contrast.key);
  f.test = test_of(contrast);
  f.record = contrast.contrast;
  f.map = read_reported_map(contrast, nullptr);
  f.map.two_sided = tested_two_sided(group, contrast);
  note_peak(f);
  f.threshold = std::numeric_limits<double>::infinity();
  if (contrast.clusters) {
    f.threshold = contrast.clusters->threshold().value.value_or(f.threshold);
    f.threshold_words =
        fmt::format("uncorrected p <= {:g}{}",
                    contrast.clusters->group ? contrast.clusters->group->rule.forming_p
                                             : group.record.clusters.forming_p,
                    f.map.two_sided ? ", two-sided" : ", one-sided");
    f.columns = contrast.clusters->columns;
  }
  if (std::error_code ignored;
      !contrast.table.empty() && std::filesystem::exists(contrast.table, ignored)) {
    f.table = read_table(contrast.table);
    count_clusters(f);
  }
  if (!contrast.cluster_image.empty())
    f.numbers = in_mask(image_of_map(contrast.cluster_image), f.map.mask, contrast.cluster_image);
  f.corrected = corrected_of_group(group, contrast, f);
  return f;
}

std::string sentence_of(const ContrastFindings& f) {
  std::string text;
  if (!f.threshold_words.empty())
    text = fmt::format("{} ({}) at {}", counted(f.clusters, "cluster"),
                       counted(f.voxels_in_clusters, "voxel"), f.threshold_words);
  if (f.corrected)
    text += fmt::format("{}{} at {}", text.empty() ? "" : "; ", counted(f.corrected->n, "voxel"),
                        f.corrected->words);
  if (std::isfinite(f.largest))
    text +=
        fmt::format("{}{} = {:.2f} (z = {:.2f}) at {} mm", text.empty() ? "largest " : "; largest ",
                    f.map.two_sided ? "|" + f.map.word + "|, " + f.map.word : f.map.word, f.largest,
                    f.largest_z, place_text(f.peak_mm[0], f.peak_mm[1], f.peak_mm[2]));
  else
    text += "no voxel has a value";
  return text + ".";
}

}  // namespace sociometer::jobs
