#pragma once
#include <string>
#include <vector>

#include "cli/jobs/rsa/rsa_inputs.hpp"
#include "cli/jobs/session.hpp"
#include "io/records/record_fields.hpp"

namespace sociometer::jobs {

/// Memory for voxels' own dissimilarities; without it they are computed several times.
inline constexpr double kSearchlightTableBytes = 1 << 30;

/// What the noise of normalisation is, for records.
std::string noise_source(const RsaRequest& request);
/// Which pairs of patterns are compared, likewise.
std::string pairs_in_words(const RsaRequest& request);
/// How RDMs were made, by their names.
ByName<std::string> named_kinds(const std::vector<std::string>& names,
                                const std::vector<std::string>& kinds);

/// What is common to the maps of all participants.
struct RsaMapWriting {
  const RsaRequest& request;
  std::vector<std::string> models, kinds;  ///< kinds: how the models' RDMs were made
  const std::vector<InputFile>& model_files;
  const Session& session;
};

/// Writes a participant's map per model, SUB/[PREFIX_]SUB_contrast-MODEL_stat-effect_statmap, which
/// `group` takes, and the number of voxels in each sphere.
/// @return what has no value, a line per model without any.
std::vector<std::string> write_searchlight(const RsaMapWriting& writing, const TrialSource& source,
                                           const ParticipantRsa& person, OutputSet& outputs);

/// Importances of a participant's regions.
struct ImportanceMaps {
  std::string participant;
  std::vector<std::string> regions;
  std::vector<Mask> masks;                       ///< per region: its voxels with data
  std::vector<const Eigen::MatrixXd*> values{};  ///< per region, (n_voxels, n_models)
  std::vector<InputFile> files{};
};

/// Writes SUB/SUB_contrast-MODEL_desc-REGION_stat-importance_statmap per model and region.
void write_importance_maps(const RsaMapWriting& writing, const ImportanceMaps& maps,
                           OutputSet& outputs);

}  // namespace sociometer::jobs
