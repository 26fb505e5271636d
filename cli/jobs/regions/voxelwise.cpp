#include "cli/jobs/regions/voxelwise.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/masked_values.hpp"
#include "io/images/nifti.hpp"
#include "io/records/region_values.hpp"
#include "io/records/sidecar.hpp"
#include "io/records/voxel_dissociation.hpp"

namespace sociometer::jobs {
namespace {

/// One participant's map of each signal.
struct ParticipantMaps {
  std::string session;
  std::map<std::string, std::string> path_of;  ///< by signal
};
using StudyMaps = std::map<std::string, ParticipantMaps>;  ///< by participant

/// @param signals  all that are analysed; maps of other contrasts are left alone.
StudyMaps maps_of_signals(const DissociateRequest& a, const std::set<std::string>& signals) {
  StudyMaps study;
  for (const auto& path : a.voxelwise.maps) {
    const Unit unit = unit_of_path(path);
    if (!signals.contains(unit.contrast)) continue;
    if (!a.choice.session.empty() && unit.session != a.choice.session) continue;
    if (unit.participant.empty())
      fail(ErrorCode::bad_input,
           "{} does not say whose it is: name it, or a folder above it, sub-LABEL", path);
    const auto [found, is_new] =
        study.try_emplace(unit.participant, ParticipantMaps{unit.session, {}});
    ParticipantMaps& maps = found->second;
    if (!is_new && maps.session != unit.session)
      fail(ErrorCode::bad_input,
           "{} and {} are of sessions '{}' and '{}' of {}; a participant counts once: choose one "
           "with --session, or give maps that combine them",
           maps.path_of.begin()->second, path, maps.session, unit.session, unit.participant);
    const auto [place, first] = maps.path_of.try_emplace(unit.contrast, path);
    if (!first)
      fail(ErrorCode::bad_input, "{} and {} both hold contrast {} of {}; give one of them",
           place->second, path, unit.contrast, unit.participant);
  }
  return study;
}

/// Two signals, and the participants who have maps of both.
struct SignalPair {
  std::string x, y;
  std::vector<std::string> participants;
};

SignalPair pair_of(const StudyMaps& study, const std::string& x, const std::string& y,
                   Journal& journal) {
  SignalPair pair{x, y, {}};
  for (const auto& [participant, maps] : study) {
    const bool has_x = maps.path_of.contains(x), has_y = maps.path_of.contains(y);
    if (has_x && has_y)
      pair.participants.push_back(participant);
    else if (has_x || has_y)
      journal.warn(
          fmt::format("{} is left out: no map of contrast {}", participant, has_x ? y : x));
  }
  if (pair.participants.size() < 2)
    fail(ErrorCode::bad_input,
         "{} participant(s) have maps of both {} and {} (named .._contrast-{}_..); two are needed",
         pair.participants.size(), x, y, x);
  return pair;
}

/// The voxels to analyse, and those of them in the reference region.
struct Voxels {
  Mask mask;
  std::vector<size_t> reference;
  std::vector<InputFile> files;
};

Mask whole_grid(const Grid& grid) {
  Mask mask{grid, std::vector<uint32_t>(size_t(grid.n_voxels()))};
  std::iota(mask.voxels.begin(), mask.voxels.end(), 0u);
  return mask;
}

Voxels voxels_of(const VoxelwiseRequest& a, const Grid& grid) {
  Voxels voxels;
  const auto read = [&](const std::string& path) {
    auto [mask, file] = read_mask_file(path);
    require_same_grid(grid, a.maps[0], mask.grid, path);
    voxels.files.push_back(std::move(file));
    return std::move(mask);
  };
  voxels.mask = a.mask.empty() ? whole_grid(grid) : read(a.mask);
  if (a.reference.empty()) return voxels;
  for (const Eigen::Index v : shared_positions(voxels.mask, read(a.reference)))
    voxels.reference.push_back(size_t(v));
  if (voxels.reference.empty())
    fail(ErrorCode::bad_input, "{} does not overlap the {} analysed voxels", a.reference,
         voxels.mask.n_voxels());
  return voxels;
}

/// A map's values at the voxels; without a mask, zeros count as outside.
Read<std::vector<double>> values_of(const std::string& path, const VoxelwiseRequest& a,
                                    const Mask& mask) {
  NiftiSource source(path);
  if (source.n_volumes() != 1)
    fail(ErrorCode::bad_input, "{} has {} volumes; a map of one contrast has one", path,
         source.n_volumes());
  require_same_grid(mask.grid, a.maps[0], source.grid(), path);
  std::vector<std::byte> bytes(source.volume_bytes());
  source.read(bytes);
  InputFile file = source.finish_file();
  std::vector<double> values(mask.voxels.size());
  decode_voxels(bytes, source.format(), mask.voxels, values.data());
  if (a.mask.empty()) take_zeros_as_missing(values);
  if (a.negative) turn_sign(values);
  return {std::move(values), std::move(file)};
}

/// The sums of a pair of signals while maps are read.
struct PairSums {
  SignalPair pair;
  VoxelDissociationSums sums;
  std::vector<InputFile> files;
};

/// Reads each participant's maps once, for all pairs.
void add_maps(const VoxelwiseRequest& a, const StudyMaps& study, const Voxels& voxels,
              std::vector<PairSums>& pairs, Journal& journal) {
  const auto task = journal.start("effect maps");
  long done = 0;
  for (const auto& [participant, maps] : study) {
    std::map<std::string, Read<std::vector<double>>> read;
    const auto signal = [&](const std::string& name) -> const Read<std::vector<double>>& {
      auto found = read.find(name);
      if (found == read.end())
        found = read.emplace(name, values_of(maps.path_of.at(name), a, voxels.mask)).first;
      return found->second;
    };
    for (auto& [pair, sums, files] : pairs) {
      if (!std::ranges::binary_search(pair.participants, participant)) continue;
      const auto &x = signal(pair.x), &y = signal(pair.y);
      std::optional<ReferenceValues> reference;
      if (!voxels.reference.empty()) {
        reference = reference_means(x.value, y.value, voxels.reference);
        if (!std::isfinite(reference->a))
          fail(ErrorCode::bad_input, "{} has no value in any voxel of the reference {}",
               maps.path_of.at(pair.x), a.reference);
      }
      sums.add(x.value, y.value, reference);
      for (const auto* map : {&x, &y}) files.push_back(map->file);
    }
    task->update(++done, long(study.size()));
  }
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

VoxelDissociationRecord record_of(const DissociateRequest& request, const PairSums& of_pair,
                                  const Voxels& voxels) {
  const VoxelwiseRequest& a = request.voxelwise;
  VoxelDissociationRecord record;
  record.x = of_pair.pair.x;
  record.y = of_pair.pair.y;
  record.negative = a.negative;
  record.min_participants = a.min_participants;
  record.reference = a.reference;
  record.participants = of_pair.pair.participants;
  record.rule = request.options.rule;
  record.rule.cauchy_scale = request.options.tests.cauchy_scale;
  record.correction = a.correction;
  record.threshold_p = a.threshold_p;
  record.dissociation = of_pair.sums.finish(record.rule, a.min_participants);
  record.places = places(record.dissociation, a.correction, a.threshold_p);
  if (!a.reference.empty())
    record.crossovers = crossovers(record.dissociation, a.correction, a.threshold_p);
  record.inputs = of_pair.files;
  record.inputs.insert(record.inputs.end(), voxels.files.begin(), voxels.files.end());
  return record;
}

std::vector<PairSums> sums_of_pairs(const DissociateRequest& request, const StudyMaps& study,
                                    const Voxels& voxels, Journal& journal) {
  std::vector<PairSums> pairs;
  for (const auto& signals : request.signal_sets)
    for (size_t s = 0; s < signals.size(); ++s)
      for (size_t t = s + 1; t < signals.size(); ++t)
        pairs.push_back({pair_of(study, signals[s], signals[t], journal),
                         {voxels.mask.n_voxels(), !voxels.reference.empty()},
                         {}});
  return pairs;
}

}  // namespace

JobSummary dissociate_voxelwise(const DissociateRequest& request, const Session& session) {
  const VoxelwiseRequest& a = request.voxelwise;
  std::set<std::string> all_signals;
  for (const auto& signals : request.signal_sets)
    all_signals.insert(signals.begin(), signals.end());
  const StudyMaps study = maps_of_signals(request, all_signals);
  const Grid grid = read_nifti_header(a.maps[0]).grid;
  warn_of_orientation(grid, session.journal);
  const Voxels voxels = voxels_of(a, grid);
  auto pairs = sums_of_pairs(request, study, voxels, session.journal);
  const std::string prefix = name_prefix(request.prefix);
  OutputSet outputs(request.output, session.policy("roi-dissociate", prefix));
  add_maps(a, study, voxels, pairs, session.journal);
  MapWriter writer(outputs, prefix, voxels.mask, scalar_type(a.map_type), session.provenance,
                   RecordKind::dissociation_map);
  for (const auto& pair : pairs) {
    const auto record = record_of(request, pair, voxels);
    note_read(session, record.inputs);
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
