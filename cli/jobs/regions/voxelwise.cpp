#include "cli/jobs/regions/voxelwise.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "io/images/nifti.hpp"
#include "io/records/region_values.hpp"
#include "io/records/sidecar.hpp"
#include "io/records/voxel_dissociation.hpp"

namespace sociometer::jobs {
namespace {

/// Both maps of a participant.
struct Pair {
  std::string participant, a, b;
};

std::vector<Pair> pairs_of(const std::vector<std::string>& maps, const std::string& x,
                           const std::string& y, Journal& journal) {
  std::map<std::string, Pair> by_participant;
  for (const auto& path : maps) {
    const Unit unit = unit_of_path(path);
    if (unit.contrast != x && unit.contrast != y) continue;
    if (unit.participant.empty())
      fail(ErrorCode::bad_input,
           "{} does not say whose it is: name it, or a folder above it, sub-LABEL", path);
    Pair& pair = by_participant[unit.participant + unit.session];
    pair.participant = unit.participant;
    std::string& place = unit.contrast == x ? pair.a : pair.b;
    if (!place.empty())
      fail(ErrorCode::bad_input, "{} and {} both hold contrast {} of {}; give one of them", place,
           path, unit.contrast, unit.participant);
    place = path;
  }
  std::vector<Pair> pairs;
  for (const auto& [key, pair] : by_participant) {
    if (!pair.a.empty() && !pair.b.empty())
      pairs.push_back(pair);
    else
      journal.warn(fmt::format("{} is left out: no map of contrast {}", pair.participant,
                               pair.a.empty() ? x : y));
  }
  if (pairs.size() < 2)
    fail(ErrorCode::bad_input,
         "{} participant(s) have maps of both {} and {} (named .._contrast-{}_..); two are needed",
         pairs.size(), x, y, x);
  return pairs;
}

/// A map's values inside the mask; without a mask, zeros count as outside.
std::vector<double> values_of(const std::string& path, const Grid& grid, const std::string& like,
                              const Mask& mask, bool zeros_are_values) {
  NiftiSource source(path);
  if (source.n_volumes() != 1)
    fail(ErrorCode::bad_input, "{} has {} volumes; a map of one contrast has one", path,
         source.n_volumes());
  require_same_grid(grid, like, source.grid(), path);
  std::vector<std::byte> bytes(source.volume_bytes());
  source.read(bytes);
  source.finish();
  std::vector<double> values(mask.voxels.size());
  decode_voxels(bytes, source.format(), mask.voxels, values.data());
  for (double& v : values)
    if (v == 0 && !zeros_are_values) v = std::nan("");
  return values;
}

/// Indices of the reference's voxels among the analysed ones.
std::vector<size_t> reference_positions(const VoxelwiseRequest& a, const Grid& grid,
                                        const Mask& mask) {
  if (a.reference.empty()) return {};
  const Mask reference = read_mask(a.reference);
  require_same_grid(grid, a.maps[0], reference.grid, a.reference);
  std::vector<size_t> positions;
  for (size_t v = 0; v < mask.voxels.size(); ++v)
    if (std::binary_search(reference.voxels.begin(), reference.voxels.end(), mask.voxels[v]))
      positions.push_back(v);
  if (positions.empty())
    fail(ErrorCode::bad_input, "{} does not overlap the {} analysed voxels", a.reference,
         mask.voxels.size());
  return positions;
}

/// One pass over the maps of a pair of signals.
VoxelDissociation pass_over(const VoxelwiseRequest& a, const EvidenceRule& rule,
                            const std::vector<Pair>& pairs, const Grid& grid, const Mask& mask,
                            const std::string& what, Journal& journal) {
  const auto positions = reference_positions(a, grid, mask);
  VoxelDissociationSums sums(mask.n_voxels(), !positions.empty());
  const auto task = journal.start(what);
  for (size_t i = 0; i < pairs.size(); ++i) {
    auto x = values_of(pairs[i].a, grid, a.maps[0], mask, !a.mask.empty());
    auto y = values_of(pairs[i].b, grid, a.maps[0], mask, !a.mask.empty());
    if (a.negative)
      for (auto* values : {&x, &y}) turn_sign(*values);
    std::optional<ReferenceValues> reference;
    if (!positions.empty()) {
      reference = reference_means(x, y, positions);
      if (!std::isfinite(reference->a))
        fail(ErrorCode::bad_input, "{} has no value in any voxel of the reference {}", pairs[i].a,
             a.reference);
    }
    sums.add(x, y, reference);
    task->update(long(i) + 1, long(pairs.size()));
  }
  return sums.finish(rule, a.min_participants);
}

/// How many voxels follow which signals.
void report_counts(const VoxelDissociationRecord& r, Journal& journal) {
  const auto count = [](const Eigen::VectorXd& labels, double label) {
    return n_voxels_with(label, labels);
  };
  const Eigen::VectorXd& l = r.places.label;
  journal.info(
      fmt::format("{} without {} in {} voxels ({} more where {} is open), {} without {} in {} ({} "
                  "more where {} is open), both in {}",
                  r.x, r.y, count(l, 1), count(l, 4), r.y, r.y, r.x, count(l, 2), count(l, 5), r.x,
                  count(l, 3)));
  if (r.crossovers)
    journal.info(fmt::format("double dissociations with {}: {} voxels go with {}, {} with {}",
                             r.reference, count(r.crossovers->label, 1), r.x,
                             count(r.crossovers->label, 2), r.y));
}

VoxelDissociationRecord record_of(const DissociateRequest& request, const EvidenceRule& rule,
                                  const std::string& x, const std::string& y, const Grid& grid,
                                  const Mask& mask, Journal& journal) {
  const VoxelwiseRequest& a = request.voxelwise;
  const auto pairs = pairs_of(a.maps, x, y, journal);
  VoxelDissociationRecord record{x,  y,    a.negative,   a.min_participants, a.reference,
                                 {}, rule, a.correction, a.threshold_p,      {},
                                 {}, {}};
  for (const auto& pair : pairs) record.participants.push_back(pair.participant);
  record.dissociation =
      pass_over(a, rule, pairs, grid, mask, fmt::format("{} and {}", x, y), journal);
  record.places = places(record.dissociation, a.correction, a.threshold_p);
  if (!a.reference.empty())
    record.crossovers = crossovers(record.dissociation, a.correction, a.threshold_p);
  return record;
}

/// The voxels to analyse.
Mask mask_of(const VoxelwiseRequest& a, const Grid& grid) {
  Mask mask{grid, {}};
  if (a.mask.empty()) {
    for (Eigen::Index v = 0; v < grid.n_voxels(); ++v) mask.voxels.push_back(uint32_t(v));
  } else {
    mask = read_mask(a.mask);
    require_same_grid(grid, a.maps[0], mask.grid, a.mask);
  }
  return mask;
}

}  // namespace

JobSummary dissociate_voxelwise(const DissociateRequest& request, const Session& session) {
  const VoxelwiseRequest& a = request.voxelwise;
  const Grid grid = read_nifti_header(a.maps[0]).grid;
  warn_of_orientation(grid, session.journal);
  const Mask mask = mask_of(a, grid);
  EvidenceRule rule = request.options.rule;
  rule.cauchy_scale = request.options.tests.cauchy_scale;
  const std::string prefix = name_prefix(request.prefix);
  OutputSet outputs(request.output, session.policy("roi-dissociate", prefix));
  MapWriter writer(outputs, prefix, mask, scalar_type(a.map_type), session.provenance,
                   RecordKind::dissociation_map);
  for (const auto& signals : request.signal_sets)
    for (size_t s = 0; s < signals.size(); ++s)
      for (size_t t = s + 1; t < signals.size(); ++t) {
        const auto record =
            record_of(request, rule, signals[s], signals[t], grid, mask, session.journal);
        add_voxel_dissociation(record, writer);
        report_counts(record, session.journal);
      }
  writer.flush(session.threads);
  write_dataset_description(outputs);
  session.provenance.write_configuration(outputs, prefix);
  outputs.commit();
  report_written(session.journal, request.output, prefix);
  return {};
}

}  // namespace sociometer::jobs
