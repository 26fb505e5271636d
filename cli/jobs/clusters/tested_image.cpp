#include "cli/jobs/clusters/tested_image.hpp"

#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "engine/core/masked_values.hpp"
#include "engine/group/known_statistic.hpp"
#include "engine/stats/finite_values.hpp"
#include "io/images/map_statistic.hpp"
#include "io/images/region_files.hpp"

namespace sociometer::jobs {
namespace {

using Eigen::Index;

/// The statistic with its degrees of freedom, from options or files.
struct StatedStatistic {
  StatisticOfMap kind = StatisticOfMap::other;
  std::string word, source;
  KnownStatistic known = {};  ///< without its kind
};

/// Its distribution; none of other statistics.
KnownStatistic with_kind(const StatedStatistic& stated) {
  using Kind = RandomField::Kind;
  KnownStatistic known = stated.known;
  if (stated.kind == StatisticOfMap::t) known.kind = Kind::t;
  if (stated.kind == StatisticOfMap::F) known.kind = Kind::f;
  if (stated.kind == StatisticOfMap::z) known.kind = Kind::z;
  return known;
}

std::optional<StatisticOfMap> kind_of(const std::string& word) {
  if (word == "t") return StatisticOfMap::t;
  if (word == "f") return StatisticOfMap::F;
  if (word == "z") return StatisticOfMap::z;
  return std::nullopt;
}

[[noreturn]] void fail_without_statistic(const std::string& path, const MapStatistic& told) {
  const std::string what = told.word.empty()
                               ? "its statistic is not stated anywhere"
                               : fmt::format("its values are {} by its {}", told.word, told.source);
  fail(ErrorCode::bad_input,
       "{}: {}, and p-values need t, F or z; give --statistic (with --dof), or a height with "
       "--value",
       path, what);
}

/// Degrees of freedom of t and F from the files.
void take_dof(const std::string& path, const MapStatistic& told, StatedStatistic& out) {
  if (out.kind != StatisticOfMap::t && out.kind != StatisticOfMap::F) return;
  if (told.dof_range)
    fail(ErrorCode::bad_input,
         "{}: degrees of freedom differ between voxels ({:g} to {:g}), so values of {} do not "
         "compare; give the map of z of the same contrast",
         path, (*told.dof_range)[0], (*told.dof_range)[1], out.word);
  for (const auto& dof : {told.dof, told.numerator_dof})
    if (dof && !(*dof > 0))
      fail(ErrorCode::bad_input,
           "{}: {:g} degrees of freedom are stated beside it or in its header; they must be above "
           "0: repair that, or give --dof",
           path, *dof);
  const bool f = out.kind == StatisticOfMap::F;
  if (!told.dof || (f && !told.numerator_dof))
    fail(ErrorCode::bad_input,
         "{}: the degrees of freedom of its {} are not stated; give --statistic {} --dof {}", path,
         out.word, out.word, f ? "NUMERATOR DENOMINATOR" : "N");
  out.known.dof2 = *told.dof;
  if (f) out.known.dof1 = *told.numerator_dof;
}

StatedStatistic stated_statistic(const ClustersRequest& request, const MapStatistic& told) {
  const SearchedMapRequest& a = request.searched;
  StatedStatistic out;
  if (a.statistic) {
    out.kind = *a.statistic;
    out.word = name_of(out.kind);
    out.source = "--statistic";
    if (out.kind == StatisticOfMap::other && !told.word.empty() && !kind_of(told.word))
      out.word = told.word;
  } else if (const auto kind = kind_of(told.word)) {
    out.kind = *kind;
    out.word = name_of(out.kind);
    out.source = told.source;
  } else {
    if (request.threshold.rule != HeightRule::value || request.threshold.cluster_p)
      fail_without_statistic(a.map, told);
    out.word = told.word.empty() ? name_of(StatisticOfMap::other) : told.word;
    out.source = told.source;
  }
  if (a.dof.empty()) {
    MapStatistic of_kind = told;
    if (kind_of(told.word) != out.kind) of_kind.dof = of_kind.numerator_dof = std::nullopt;
    if (kind_of(told.word) != out.kind) of_kind.dof_range.reset();
    take_dof(a.map, of_kind, out);
  } else {
    out.known.dof2 = a.dof.back();
    if (a.dof.size() == 2) out.known.dof1 = a.dof[0];
  }
  return out;
}

/// What only some statistics have.
void check_rule(const ClustersRequest& request, StatisticOfMap kind) {
  const ThresholdRequest& a = request.threshold;
  if (kind == StatisticOfMap::F && (a.sided == Sides::two || a.negative))
    fail(ErrorCode::usage, "{} is a map of F, which has one side; leave out {}",
         request.searched.map, a.negative ? "--negative" : "--sided two");
  if (kind != StatisticOfMap::other) return;
  if (a.rule != HeightRule::value)
    fail(ErrorCode::usage, "--{} needs t, F or z; of other statistics give a height with --value",
         name_of(a.rule));
  if (a.cluster_p) fail(ErrorCode::usage, "--cluster-fwe needs t, F or z, not another statistic");
  if (request.searched.threshold_as == PermuteAs::z)
    fail(ErrorCode::usage, "--threshold-as z needs t or F, not another statistic");
}

Mask mask_of(const SearchedMapRequest& a, const Image& image, TestedImage& out,
             const Session& session) {
  const Grid& grid = image.header.grid;
  if (!a.mask.empty()) {
    report_space(a.map, a.mask, session.journal);
    Read<Mask> mask = read_mask_file(a.mask);
    require_same_grid(grid, a.map, mask.value.grid, a.mask);
    out.files.push_back(mask.file);
    mask.value.grid = grid;
    return mask.value;
  }
  Mask mask = mask_from_values(grid, {image.values.data(), size_t(image.values.rows())});
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "{} has no finite value other than 0, so there is nothing to test",
         a.map);
  return mask;
}

}  // namespace

TestedImage read_tested_image(const ClustersRequest& request, const Session& session) {
  const SearchedMapRequest& a = request.searched;
  const Image image = read_nifti(a.map);
  if (image.header.n_volumes != 1)
    fail(ErrorCode::bad_input,
         "{} has {} volumes; clusters are those of one map: give a 3D image, such as one of its "
         "volumes",
         a.map, image.header.n_volumes);
  const Json sidecar = sidecar_of_image(a.map);
  const MapStatistic told = statistic_of_map(image.header, sidecar);
  if (!told.contradiction.empty() && !(a.statistic && !a.dof.empty()))
    fail(ErrorCode::bad_input,
         "{}: {}; give the map with the sidecar that was written with it, or --statistic and --dof",
         a.map, told.contradiction);
  const StatedStatistic stated = stated_statistic(request, told);
  check_rule(request, stated.kind);
  warn_of_orientation(image.header.grid, session.journal);
  TestedImage out;
  out.files.push_back(image.file);
  out.mask = mask_of(a, image, out, session);
  Eigen::VectorXd values = finite_or_missing(values_at(out.mask, image.values.col(0)));
  if (all_missing(values))
    fail(ErrorCode::bad_input, "{} has no finite value in the mask {}", a.map, a.mask);
  const bool as_z = a.threshold_as == PermuteAs::z;
  out.known = stated.kind != StatisticOfMap::other;
  out.map = tested_map(with_kind(stated), std::move(values), as_z, session.threads);
  out.word = as_z ? "z" : file_label(stated.word);
  out.source = stated.source;
  out.dof = stated.known.dof2;
  if (sidecar.is_object() && sidecar.contains("Contrast")) out.contrast = sidecar["Contrast"];
  return out;
}

}  // namespace sociometer::jobs
