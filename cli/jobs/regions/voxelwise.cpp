#include "cli/jobs/regions/voxelwise.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>

#include "cli/jobs/regions/extraction.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/masked_values.hpp"
#include "io/bids/bids_name.hpp"
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
  const std::string& wanted = a.choice.session;
  std::set<std::string> sessions;
  for (const auto& path : a.voxelwise.maps) {
    const Unit unit = unit_of_path(path);
    if (!signals.contains(unit.contrast)) continue;
    sessions.insert(unit.session.empty() ? "none" : unit.session);
    if (!wanted.empty() && unit.session != wanted && unit.session != "ses-" + wanted) continue;
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
  if (study.empty() && !wanted.empty() && !sessions.empty())
    fail(ErrorCode::bad_input, "the maps have no session '{}'; they have {}", wanted,
         fmt::join(sessions, ", "));
  return study;
}

/// Refuses maps of t, z, p .., and mixtures.
void require_effect_maps(const StudyMaps& study, Journal& journal) {
  std::vector<std::string> maps;
  for (const auto& [participant, of] : study)
    for (const auto& [signal, path] : of.path_of) maps.push_back(path);
  if (maps.empty()) return;
  std::optional<Grid> grid;
  const std::string statistic = common_statistic(maps, {}, grid, journal);
  if (is_no_effect(statistic))
    fail(ErrorCode::bad_input,
         "the maps hold {} (the first is {}); signals are compared by their effects: give the "
         "effect maps",
         statistic, maps[0]);
}

/// The people with maps of all signals: who counts is the same for every pair.
StudyMaps complete_people(StudyMaps study, const std::set<std::string>& signals, Journal& journal) {
  const size_t n_given = study.size();
  std::erase_if(study, [&](const auto& person) {
    std::vector<std::string> lacking;
    for (const auto& signal : signals)
      if (!person.second.path_of.contains(signal)) lacking.push_back(signal);
    if (!lacking.empty())
      journal.warn(fmt::format("{} is left out: no map of contrast {}", person.first,
                               fmt::join(lacking, ", ")));
    return !lacking.empty();
  });
  if (study.size() < 2)
    fail(ErrorCode::bad_input,
         "{} of {} participant(s) have maps of all of {} (named .._contrast-{}_..); two are needed",
         study.size(), n_given, fmt::join(signals, ", "), *signals.begin());
  return study;
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
  std::string x, y;
  VoxelDissociationSums sums;
};

/// A participant's maps of all signals, missing together: a voxel without one of them counts for
/// none, so that pairs agree in what they say of a signal.
std::map<std::string, std::vector<double>> read_person(const VoxelwiseRequest& a,
                                                       const ParticipantMaps& maps,
                                                       const Mask& mask,
                                                       std::vector<InputFile>& files) {
  std::map<std::string, std::vector<double>> values;
  for (const auto& [signal, path] : maps.path_of) {
    auto [map, file] = values_of(path, a, mask);
    if (!has_value(map)) fail(ErrorCode::bad_input, "{} has no value inside the mask", path);
    files.push_back(std::move(file));
    values[signal] = std::move(map);
  }
  std::vector<std::span<double>> all;
  for (auto& [signal, map] : values) all.emplace_back(map);
  take_missing_together(all);
  return values;
}

/// Reads each participant's maps once, for all pairs. @return the files.
std::vector<InputFile> add_maps(const VoxelwiseRequest& a, const StudyMaps& study,
                                const Voxels& voxels, std::vector<PairSums>& pairs,
                                Journal& journal) {
  std::vector<InputFile> files;
  const auto task = journal.start("effect maps");
  long done = 0;
  for (const auto& person : study) {
    const ParticipantMaps& maps = person.second;
    const auto values = read_person(a, maps, voxels.mask, files);
    for (PairSums& pair : pairs) {
      const std::vector<double>&x = values.at(pair.x), &y = values.at(pair.y);
      std::optional<ReferenceValues> reference;
      if (!voxels.reference.empty()) {
        reference = reference_means(x, y, voxels.reference);
        if (!std::isfinite(reference->a))
          fail(ErrorCode::bad_input, "{} has no value in any voxel of the reference {}",
               maps.path_of.at(pair.x), a.reference);
      }
      pair.sums.add(x, y, reference);
    }
    task->update(++done, long(study.size()));
  }
  return files;
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

VoxelDissociationRecord record_of(const DissociateRequest& request, const PairSums& pair,
                                  const StudyMaps& study, const std::vector<InputFile>& inputs) {
  const VoxelwiseRequest& a = request.voxelwise;
  VoxelDissociationRecord record;
  record.x = pair.x;
  record.y = pair.y;
  record.negative = a.negative;
  record.min_participants = a.min_participants;
  record.reference = a.reference;
  for (const auto& person : study) record.participants.push_back(person.first);
  record.rule = request.options.rule;
  record.rule.cauchy_scale = request.options.tests.cauchy_scale;
  record.correction = a.correction;
  record.threshold_p = a.threshold_p;
  record.dissociation = pair.sums.finish(record.rule, a.min_participants);
  record.places = places(record.dissociation, a.correction, a.threshold_p);
  if (!a.reference.empty())
    record.crossovers = crossovers(record.dissociation, a.correction, a.threshold_p);
  record.inputs = inputs;
  return record;
}

std::vector<PairSums> sums_of_pairs(const DissociateRequest& request, const Voxels& voxels) {
  std::vector<PairSums> pairs;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& signals : request.signal_sets)
    for (size_t s = 0; s < signals.size(); ++s)
      for (size_t t = s + 1; t < signals.size(); ++t)
        if (seen.emplace(signals[s], signals[t]).second && !seen.contains({signals[t], signals[s]}))
          pairs.push_back(
              {signals[s], signals[t], {voxels.mask.n_voxels(), !voxels.reference.empty()}});
  return pairs;
}

}  // namespace

JobSummary dissociate_voxelwise(const DissociateRequest& request, const Session& session) {
  const VoxelwiseRequest& a = request.voxelwise;
  Journal& journal = session.journal;
  std::set<std::string> signals;
  for (const auto& set : request.signal_sets) signals.insert(set.begin(), set.end());
  const StudyMaps study = complete_people(maps_of_signals(request, signals), signals, journal);
  if (a.min_participants > long(study.size()))
    fail(ErrorCode::usage, "--min-participants is {}; it must be 2 to {}, the number of people",
         a.min_participants, study.size());
  require_effect_maps(study, journal);
  const Grid grid = read_nifti_header(a.maps[0]).grid;
  warn_of_orientation(grid, journal);
  const Voxels voxels = voxels_of(a, grid);
  auto pairs = sums_of_pairs(request, voxels);
  const std::string prefix = name_prefix(request.prefix);
  OutputSet outputs(request.output, session.policy("roi-dissociate", prefix));
  std::vector<InputFile> inputs = add_maps(a, study, voxels, pairs, journal);
  inputs.insert(inputs.end(), voxels.files.begin(), voxels.files.end());
  note_read(session, inputs);
  MapWriter writer(outputs, prefix, voxels.mask, scalar_type(a.map_type), session.provenance,
                   RecordKind::dissociation_map);
  std::set<std::string> written;
  for (const auto& pair : pairs) {
    const auto record = record_of(request, pair, study, inputs);
    add_voxel_dissociation(record, pairs.size() > 1, writer, written);
    report_counts(record, journal);
  }
  writer.flush(session.threads);
  write_dataset_description(outputs);
  session.provenance.write_configuration(outputs, prefix);
  outputs.commit();
  report_written(journal, request.output, prefix);
  return {};
}

}  // namespace sociometer::jobs
