#pragma once
#include <string>
#include <vector>

#include "cli/jobs/rsa/rsa_tables.hpp"
#include "io/tables/participant_table.hpp"

namespace sociometer::jobs {

/// The tables of people that the overlap is related to.
/// @throws Error{bad_input} for a table, a score that none of them has, and for fewer than 5
/// participants, which no relation has.
std::vector<ParticipantTable> read_overlap_tables(const RsaRequest& request,
                                                  const std::vector<std::string>& people);

/// Tests of the overlap of importances over participants, and its relation to a score.
///
/// The overlap tested and related is what is above that of permuted models; without permutations
/// it is not tested, and the overlap itself is related.
/// @param tables  of read_overlap_tables.
RsaOverlap overlap_over_participants(const RsaRequest& request, const RsaResults& results,
                                     const std::vector<ParticipantTable>& tables, int n_threads);

/// Writes rsaOverlap and, with two participants or more, rsaOverlapGroup, each .tsv and .json.
void write_overlap_tables(const RsaRequest& request, const RsaResults& results,
                          const RsaRecord& common, const std::string& prefix,
                          const Provenance& provenance, OutputSet& outputs);

/// What the group's figures say, a row per region and pair of models.
std::vector<std::pair<std::string, std::string>> overlap_sentences(const RsaRequest& request,
                                                                   const RsaResults& results);

/// What importances are, for records.
ImportanceRecord importance_record(const RsaRequest& request);

/// What lacks an overlap above expectation or a relation to the score, a line each.
std::vector<std::string> overlap_failures(const RsaRequest& request, const RsaResults& results);

}  // namespace sociometer::jobs
