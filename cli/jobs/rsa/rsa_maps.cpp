#include "cli/jobs/rsa/rsa_maps.hpp"

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/rsa/rsa_overlap.hpp"
#include "engine/core/error.hpp"
#include "engine/design/contrast.hpp"
#include "io/images/region_files.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {
namespace {

/// What the sidecars of a searchlight's maps share.
RsaMapRecord record_of_maps(const RsaMapWriting& w, const TrialSource& source,
                            const PatternData& data) {
  const RsaRequest& a = w.request;
  RsaMapRecord record;
  record.radius_mm = *a.searchlight_mm;
  record.patterns = name_of(a.unit());
  record.dissimilarity = name_of(a.chosen_dissimilarity());
  record.normalisation = name_of(a.chosen_normalisation(true));
  record.comparison = name_of(a.comparison);
  record.pairs = pairs_in_words(a);
  if (!a.conditions.empty()) record.conditions = a.conditions;
  if (!a.nuisance.empty())
    record.nuisance =
        named_kinds(nuisance_names(a), {w.kinds.begin() + long(w.models.size()), w.kinds.end()});
  if (a.chosen_normalisation(true) != NoiseNormalisation::none) record.noise_from = noise_source(a);
  record.participant = source.participant;
  record.inputs = data.files;
  return record;
}

/// Labels in file names. @param what  they are of, for errors.
std::vector<std::string> map_labels(const std::vector<std::string>& names,
                                    const char* what = "model") {
  std::vector<std::string> labels;
  std::set<std::string> seen;
  for (const auto& name : names) {
    labels.push_back(file_label(camel_case(name)));
    if (labels.back().empty() || !seen.insert(labels.back()).second)
      fail(ErrorCode::bad_input,
           "{} '{}' would be called '{}' in file names, as another one is, or nothing; rename it",
           what, name, labels.back());
  }
  return labels;
}

/// Prefix of a participant's maps.
std::string map_prefix(const RsaRequest& a, const std::string& participant) {
  return participant + "/" + (a.prefix.empty() ? "" : name_prefix(a.prefix)) + participant;
}

}  // namespace

std::string noise_source(const RsaRequest& a) {
  return a.residuals.empty() ? "deviations of trials from the mean of their condition in their run"
                             : "residual images";
}

std::string pairs_in_words(const RsaRequest& a) {
  return a.chosen_dissimilarity() == Dissimilarity::crossnobis ? "products of different runs only"
                                                               : name_of(a.chosen_pair_choice());
}

ByName<std::string> named_kinds(const std::vector<std::string>& names,
                                const std::vector<std::string>& kinds) {
  ByName<std::string> named;
  for (size_t k = 0; k < names.size(); ++k) named.emplace_back(names[k], kinds[k]);
  return named;
}

std::vector<std::string> write_searchlight(const RsaMapWriting& w, const TrialSource& source,
                                           const ParticipantRsa& person, OutputSet& outputs) {
  const RsaRequest& a = w.request;
  const auto labels = map_labels(w.models);
  const Read<Mask> read = read_mask_file(source.mask_image);
  const Mask& mask = read.value;
  require_same_grid(mask.grid, source.mask_image, source.header.grid, source.image);
  const RsaOptions options = a.options(true);
  PatternData data = read_patterns(source, mask, person.run_items, options.normalisation);
  data.files.push_back(read.file);
  if (data.mask.voxels.empty())
    fail(ErrorCode::bad_input, "no voxel of {} has values in all trials of {}", source.mask_image,
         source.image);
  note_read(w.session, data.files);
  data.files.insert(data.files.end(), w.model_files.begin(), w.model_files.end());
  const Searchlight spheres(data.mask, *a.searchlight_mm);
  const auto least = double(a.searchlight_least);
  if (double(spheres.full_size()) < least)
    fail(ErrorCode::bad_input,
         "--searchlight {} holds {} voxels at most, and --searchlight-least is "
         "{}; give a larger radius",
         *a.searchlight_mm, spheres.full_size(), a.searchlight_least);
  SearchlightMaps maps = search_models(person, options, spheres, data.amplitudes, data.noise,
                                       kSearchlightTableBytes, w.session.threads);
  RsaMapRecord record = record_of_maps(w, source, data);
  record.full_sphere = spheres.full_size();
  record.least_sphere = long(a.searchlight_least);
  record.spheres_below_least = maps.leave_out_below(least);
  MapWriter writer(outputs, map_prefix(a, source.participant), data.mask, ScalarType::float32,
                   w.session.provenance, RecordKind::rsa_map);
  std::vector<std::string> failures;
  for (size_t m = 0; m < w.models.size(); ++m) {
    const Eigen::Index missing = maps.n_missing(Eigen::Index(m));
    RsaMapRecord of_model = record;
    of_model.description = "agreement of the similarity of patterns with a model";
    of_model.model = w.models[m];
    of_model.model_rdm = w.kinds[m];
    of_model.voxels_without_value = missing;
    if (missing == maps.values.rows())
      failures.push_back(fmt::format(
          "{} has no value of {} in any sphere: {} of {} spheres have fewer than {} voxels, and in "
          "the others data are missing or the model is constant or explained by others",
          source.participant, w.models[m], record.spheres_below_least, missing,
          a.searchlight_least));
    writer.add("contrast-" + labels[m] + "_stat-effect_statmap", maps.values.col(Eigen::Index(m)),
               writer.type(), of_model);
  }
  record.description = "voxels of each sphere within the mask";
  writer.add("desc-searchlight_stat-size_statmap", maps.n_voxels, writer.type(), record);
  writer.flush(w.session.threads);
  return failures;
}

void write_importance_maps(const RsaMapWriting& w, const ImportanceMaps& maps, OutputSet& outputs) {
  const RsaRequest& a = w.request;
  const auto labels = map_labels(w.models);
  const auto regions = map_labels(maps.regions, "region");
  for (size_t g = 0; g < maps.regions.size(); ++g) {
    const Mask& mask = maps.masks[g];
    if (mask.voxels.empty()) continue;
    MapWriter writer(outputs, map_prefix(a, maps.participant), mask, ScalarType::float32,
                     w.session.provenance, RecordKind::rsa_importance);
    for (size_t m = 0; m < w.models.size(); ++m) {
      ImportanceMapRecord record;
      record.description = "importance of voxels for the agreement with a model";
      record.model = w.models[m];
      record.model_rdm = w.kinds[m];
      record.region = maps.regions[g];
      record.participant = maps.participant;
      record.importance = importance_record(a);
      record.dissimilarity = name_of(a.chosen_dissimilarity());
      record.normalisation = name_of(a.chosen_normalisation());
      record.comparison = name_of(a.comparison);
      record.inputs = maps.files;
      writer.add("contrast-" + labels[m] + "_desc-" + regions[g] + "_stat-importance_statmap",
                 maps.values[g]->col(Eigen::Index(m)), writer.type(), record);
    }
    writer.flush(w.session.threads);
  }
}

}  // namespace sociometer::jobs
