#include "cli/jobs/group/group_run.hpp"

#include <set>

#include <fmt/format.h>

#include "cli/jobs/group/group_inference.hpp"
#include "cli/jobs/group/group_inputs.hpp"
#include "cli/jobs/group/group_maps.hpp"
#include "cli/jobs/group/group_models.hpp"
#include "cli/jobs/group/group_permutation.hpp"
#include "cli/jobs/group/shuffle_checkpoint.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"
#include "engine/group/passing_voxels.hpp"
#include "io/records/group_record.hpp"
#include "io/records/provenance.hpp"
#include "io/records/sidecar.hpp"
#include "io/records/signed_record.hpp"

namespace sociometer::jobs {
namespace {

GroupModelRecord model_record(const GroupRequest& a, const GroupInputs& inputs) {
  GroupModelRecord record;
  record.method = name_of(a.model.method);
  std::set<std::string> people;
  for (const auto& row : inputs.rows)
    people.insert(row.participant.empty() ? row.name : row.participant);
  record.participants = long(people.size());
  if (people.size() < inputs.rows.size()) record.maps = long(inputs.rows.size());
  record.design_columns = inputs.design.names;
  record.min_participants = long(inputs.min_participants);
  return record;
}

GroupFacts facts_of(const GroupRequest& a, const GroupInputs& inputs,
                    const GroupMethodRecord& method) {
  GroupFacts facts{model_record(a, inputs), {}};
  facts.details.method = method;
  facts.details.effects = inputs.effects_record;
  if (inputs.design_record != GroupDesignRecord{}) facts.details.design = inputs.design_record;
  facts.details.zeros = name_of(a.zeros);
  facts.details.inputs = inputs.files;
  return facts;
}

/// Number of voxels below the family-wise level by permutation, for each permuted statistic.
std::string passing_text(const GroupPermutation& permutation, size_t contrast, double alpha) {
  std::string text;
  for (const PeakColumn& column : permutation.peak_columns(contrast)) {
    const auto passing = n_passing(passing_p(column.values, alpha));
    text += fmt::format("; {} voxels at {} <= {:g}", passing, column.name, alpha);
  }
  const double least = permutation.least_p(contrast);
  if (!text.empty() && least > alpha)
    text +=
        fmt::format(", of which there can be none: no p of these shuffles is below {:.3g}", least);
  return text;
}

/// Shards share one folder; a shard that is repeated must be identical or is refused.
OutputPolicy group_policy(const GroupRequest& request, const Session& session) {
  return request.shard ? OutputPolicy{"",
                                      session.overwrite,
                                      false,
                                      session.written,
                                      session.dry_run,
                                      session.reads_since}
                       : session.policy("group", request.prefix);
}

/// One analysis, from its inputs to its files.
class GroupJob {
 public:
  GroupJob(const GroupRequest& request, const Session& session)
      : request_(request),
        session_(session),
        inputs_(load(request, session, watch_)),
        fit_(fit(request, inputs_, session, watch_)),
        data_files_(inputs_.files),
        inference_(request.inference, inputs_, session),
        permutation_(request, inputs_, fit_.contrasts, session) {}

  JobSummary run(const ShardParts* shards) {
    note_read(session_, inputs_.files);
    // Checks before hours of permutations that output can be written, without creating the folder,
    // so that a killed run leaves none.
    { const OutputSet tried(request_.output, policy()); }
    ShufflePart part;
    part.run =
        shuffle_run_json(request_, data_files_, permutation_.tests_of_run(), session_.provenance);
    const Shard shard = request_.shard.value_or(Shard{});
    part.shard = shard.number;
    part.n_shards = shard.of;
    ShuffleCheckpoint checkpoint(request_.checkpoint, request_.checkpoint_every_s, part,
                                 session_.journal);
    JobSummary summary;
    if (shards) {
      require_same_run(shards->parts[0].run, shards->paths[0], part.run, "what merge finds");
      permutation_.take(joined_shards(*shards));
    } else {
      part.contrasts = permutation_.shuffle(shard.number, shard.of, checkpoint);
      if (!request_.shard) permutation_.take(results_of(std::move(part.contrasts)));
    }
    if (request_.shard)
      write_shard(std::move(part));
    else
      summary = write_results();
    checkpoint.remove();
    return summary;
  }

 private:
  static GroupInputs load(const GroupRequest& request, const Session& session,
                          const Stopwatch& watch) {
    GroupInputs inputs = load_group_inputs(request, session);
    session.journal.debug(fmt::format("{} maps of {} voxels were read after {}",
                                      inputs.names.size(), inputs.mask.n_voxels(),
                                      duration_text(watch.seconds())));
    inputs.naming = naming_after(inputs.naming, request.prefix);
    return inputs;
  }

  static GroupModelFit fit(const GroupRequest& request, GroupInputs& inputs, const Session& session,
                           const Stopwatch& watch) {
    GroupModelFit fit = fit_group_model(request, inputs, session);
    session.journal.debug("models were fitted after " + duration_text(watch.seconds()));
    return fit;
  }

  OutputPolicy policy() const { return group_policy(request_, session_); }

  void write_shard(ShufflePart part) const {
    OutputSet outputs(request_.output, policy());
    part.done = true;
    const std::string name =
        fmt::format("{}shard-{}-of-{}.h5", name_prefix(request_.prefix), part.shard, part.n_shards);
    write_shuffle_part(outputs.stage(name).string(), part);
    outputs.commit();
    session_.journal.info(fmt::format("shuffles of shard {} of {} are in {}", part.shard,
                                      part.n_shards, (outputs.folder() / name).string()));
  }

  /// The record of the whole analysis, with the fields of the maps' sidecars.
  std::string record_text(const GroupFacts& facts) const {
    GroupRecord record{facts.model, {}, cluster_rule(request_.inference), facts.details};
    for (size_t c = 0; c < inputs_.contrasts.size(); ++c)
      record.contrasts.push_back(
          {group_contrast_record(inputs_.contrasts[c], fit_.contrasts[c]), permutation_.record(c)});
    return signed_text(record, session_.provenance);
  }

  JobSummary write_results() {
    OutputSet outputs(request_.output, policy());
    MapWriter writer(outputs, request_.prefix, inputs_.mask, scalar_type(request_.map_type),
                     session_.provenance, RecordKind::group_map);
    writer.set_log_p(request_.log_p);
    const GroupFacts facts = facts_of(request_, inputs_, fit_.record);
    FailedVoxels failed;
    Summary summary(fmt::format("group of {} maps: {} voxels, method {}", inputs_.names.size(),
                                inputs_.mask.n_voxels(), name_of(request_.model.method)));
    for (size_t c = 0; c < inputs_.contrasts.size(); ++c) {
      const GroupContrast& contrast = inputs_.contrasts[c];
      const GroupMaps& maps = fit_.contrasts[c];
      failed.count(maps);
      add_group_maps(writer, inputs_.naming, contrast, maps, facts);
      inference_.add_contrast(writer, outputs, contrast, maps, facts, permutation_.peak_columns(c));
      summary.add(contrast.spec.name, peak_text(maps.z, inputs_.mask, contrast.is_t()) +
                                          passing_text(permutation_, c, request_.inference.alpha));
    }
    permutation_.add_maps(writer, outputs, facts);
    inference_.add_conjunctions(writer, outputs, fit_.contrasts, facts);
    for (const auto& [name, text] : inference_.findings()) summary.add(name, text);
    add_model_maps(writer, inputs_.naming, fit_, facts);
    add_presence_map(writer, inputs_, facts);
    writer.flush(session_.threads);
    outputs.write(writer.prefixed("design.tsv"), group_design_tsv(inputs_));
    outputs.write(writer.prefixed("group.json"), record_text(facts));
    write_dataset_description(outputs);
    session_.provenance.write_configuration(outputs, request_.prefix);
    outputs.commit();
    summary.report(session_.journal, request_.output, request_.prefix);
    return {failed.report(session_.journal)};
  }

  const GroupRequest& request_;
  const Session& session_;
  const Stopwatch watch_;
  GroupInputs inputs_;
  const GroupModelFit fit_;
  const std::vector<InputFile> data_files_;  ///< of the model; files for tables are added later
  GroupInference inference_;
  GroupPermutation permutation_;
};

}  // namespace

JobSummary run_group(const GroupRequest& request, const Session& session,
                     const ShardParts* shards) {
  check(request);
  if (session.dry_run) {
    const OutputSet tried(request.output, group_policy(request, session));
    return forecast_group(request, session);
  }
  return GroupJob(request, session).run(shards);
}

}  // namespace sociometer::jobs
