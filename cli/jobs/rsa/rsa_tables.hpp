#pragma once
#include <string>
#include <vector>

#include "cli/jobs/rsa/rsa_models.hpp"
#include "engine/roi/individual_differences.hpp"
#include "engine/rsa/noise_ceiling.hpp"
#include "engine/rsa/two_factor.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"
#include "io/records/rsa_records.hpp"

namespace sociometer::jobs {

/// One participant in one region.
struct RegionOfParticipant {
  RegionRdm rdm;  ///< empty without voxels
  double coverage = 0;
  std::vector<RsaValue> values;  ///< per model
  VoxelImportances importance;   ///< empty unless asked for, and without voxels
};

/// One participant's part of the tables.
struct RsaParticipant {
  std::string name;
  ParticipantRsa person;
  std::vector<RegionOfParticipant> regions;
};

/// Overlaps of importances over participants.
struct RsaOverlap {
  std::vector<std::array<size_t, 2>> pairs;  ///< of models; empty: not asked for
  std::vector<RegionTestResult> tests;       ///< by region, then pair; empty below two participants
  std::vector<ScoreSlope> relations;         ///< likewise; empty without a score
  std::vector<std::string> left_out;         ///< of the relations, as a value is missing
  std::string not_related;                   ///< why there are no relations to the score, if any
  const RegionTestResult& test(size_t region, size_t pair) const {
    return tests[region * pairs.size() + pair];
  }
};

/// All participants in all regions.
struct RsaResults {
  std::vector<std::string> regions, models, nuisance;
  std::vector<RsaParticipant> participants;
  std::vector<RegionTestResult> tests;    ///< by region, then model; empty below two participants
  std::vector<NoiseCeiling> ceilings;     ///< by region, then model; empty: values have none
  std::vector<TwoFactorTest> two_factor;  ///< by region, then model; empty: not asked for
  RsaOverlap overlap;
  /// NaN if the participants' conditions differ.
  double conditions_p(size_t region, size_t model, const RsaOptions& options) const;
  /// The participants' RDMs of a region; empty if their conditions differ.
  std::vector<PersonRdm> people_with_same_conditions(size_t region) const;
  const RegionTestResult& test(size_t region, size_t model) const {
    return tests[region * models.size() + model];
  }
};

/// Values of models, (n_participants, n_regions * n_models), models contiguous.
Eigen::MatrixXd values_over_participants(const RsaResults& results);

/// The RDMs of a region, (n_pairs, n_participants), NaN at pairs that are not compared with the
/// model; empty if the items are not the same conditions in all participants, or one has no RDM.
Eigen::MatrixXd shared_rdms(const RsaResults& results, size_t region, size_t model);

/// Writes rsaRdms, rsaValues and, with two participants or more, rsaGroup, each .tsv and .json.
/// @param common  what all records say.
void write_rsa_tables(const RsaRequest& request, const RsaResults& results, const RsaRecord& common,
                      const std::string& prefix, const Provenance& provenance, OutputSet& outputs);

}  // namespace sociometer::jobs
