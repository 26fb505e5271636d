// Requests about models through JSON, and what becomes of each choice of a `fit` and a `group` in a
// model made of them.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "cli/jobs/models/check_job.hpp"
#include "cli/jobs/models/default_job.hpp"
#include "cli/jobs/models/from_requests.hpp"
#include "cli/jobs/models/model_nodes.hpp"
#include "io/models/model_writer.hpp"
#include "tests/jobs/request_round_trip.hpp"
#include "tests/support/files.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;
using testing::write_text;

/// expressed: the model differs; refused: an error names the option; irrelevant: the same model,
/// because the field changes no result, or has an effect only beside one that is refused.
enum class Fate { expressed, refused, irrelevant };

using Changes = std::map<std::string, Json>;  // "/design/hrf" -> value

struct FieldFate {
  std::string field;
  Json value;
  Fate fate;
  Changes context = {};  ///< other fields that it needs
};

/// "/design/confounds/files" of each field of a request that has no fields itself.
template <class Request>
void add_leaves(const Request& request, const std::string& above, std::set<std::string>& out) {
  visit_fields(request, [&](const char* name, const auto& value) {
    using Field = std::remove_cvref_t<decltype(value)>;
    if constexpr (HasFields<Field>)
      add_leaves(value, above + "/" + name, out);
    else
      out.insert(above + "/" + name);
  });
}

template <class Request>
void expect_each_field_listed(const std::vector<FieldFate>& fates) {
  std::set<std::string> leaves;
  add_leaves(Request{}, "", leaves);
  EXPECT_GT(leaves.size(), 40u);
  for (const auto& leaf : leaves) {
    const bool listed = std::any_of(fates.begin(), fates.end(), [&](const FieldFate& fate) {
      return leaf == fate.field || leaf.starts_with(fate.field + "/");
    });
    EXPECT_TRUE(listed) << leaf << " is new: express it in models, refuse it, or say here why not";
  }
}

template <class Request>
Request with(Json json, const Changes& changes) {
  for (const auto& [field, value] : changes) json[Json::json_pointer(field)] = value;
  return from_json<Request>(json, "test");
}

/// @param model_of  makes the text of a model from a request.
template <class Request, class ModelOf>
void expect_fates(const Request& base, const std::vector<FieldFate>& fates, ModelOf model_of) {
  for (const auto& [field, value, fate, context] : fates) {
    SCOPED_TRACE(field + " = " + value.dump());
    Changes changed = context;
    changed[field] = value;
    const auto request = with<Request>(to_json(base), changed);
    if (fate == Fate::refused) {
      try {
        model_of(request);
        ADD_FAILURE() << "it was lost";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::usage);
        EXPECT_NE(std::string(error.what()).find("cannot be expressed in a model"),
                  std::string::npos)
            << error.what();
      }
      continue;
    }
    const std::string before = model_of(with<Request>(to_json(base), context));
    EXPECT_EQ(model_of(request) == before, fate == Fate::irrelevant);
  }
}

class ModelOfRequests : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(events, "onset\tduration\ttrial_type\tvalue\n1\t1\ta\t1\n9\t1\tb\t3\n");
    write_text(other_events, "onset\tduration\ttrial_type\tvalue\n1\t1\ta\t1\n9\t1\tc\t3\n");
    write_text(confounds, "trans_x\tfd\n0.1\t0\n0.3\t0.6\n0.2\t0.1\n");
    fs::create_directories(folder / "study");
    write_text(folder / "study/dataset_description.json", "{}");
    write_text(participants, "participant_id\tage\nsub-01\t30\n");
    write_text(folder / "participants.tsv", "participant_id\tage\nsub-01\t30\n");
    fit.bold = {"sub-01_task-t_run-1_space-M_desc-preproc_bold.nii.gz"};
    fit.design.events = {events};
    fit.design.contrasts = {"c=a"};
    group.maps.effects = {"sub-01_contrast-a_stat-effect_statmap.nii.gz"};
  }
  std::string model_of(const GroupRequest& request) const {
    StatsModel model = model_of_fit(fit);
    add_group(model, request);
    return model_to_json(model).dump(1);
  }
  testing::TemporaryFolder folder;
  std::string events = folder / "sub-01_task-t_run-1_events.tsv",
              other_events = folder / "sub-01_task-t_run-2_events.tsv",
              confounds = folder / "sub-01_task-t_run-1_timeseries.tsv",
              participants = folder / "study/participants.tsv";
  FitRequest fit;
  GroupRequest group;
};

TEST(ModelRequests, RoundTrip) {
  testing::expect_round_trip(ModelDefaultRequest{});
  testing::expect_round_trip(StatsModelCheckRequest{});
  testing::expect_round_trip(ModelFromRequest{});
}

TEST(ModelRequests, RefuseWhatTheyDoNotKnow) {
  testing::expect_strict<ModelDefaultRequest>();
  testing::expect_strict<StatsModelCheckRequest>();
  testing::expect_strict<ModelFromRequest>();
}

TEST_F(ModelOfRequests, NoFieldOfAFitIsLost) {
  const Fate in = Fate::expressed, no = Fate::refused, any = Fate::irrelevant;
  const Json columns{"trans_?"}, of_type{"a:value"};
  const Changes chosen{{"/design/confounds/files", {confounds}},
                       {"/design/confounds/columns", columns}},
      censored{{"/design/confounds/censor", {"fd>0.5"}}},
      modulated{{"/design/modulators", of_type}};
  const std::vector<FieldFate> fates{
      {"/bold", {"sub-01_task-u_run-1_bold.nii.gz"}, in},
      {"/mask", {"computed"}, in},
      {"/mask", {"sub-01_mask.nii.gz"}, no},
      {"/mask_fraction", 0.7, in},
      {"/design/events", {other_events}, in},
      {"/design/designs", {"x.tsv"}, no},
      {"/design/ev", {"a=f.txt"}, no},
      {"/design/stim_times", {"a=f.1D"}, no},
      {"/design/stim_durations", {"a=1"}, no, {{"/design/stim_times", {"a=f.1D"}}}},
      {"/design/confounds/files", {confounds}, no},
      {"/design/confounds/files", {confounds}, any, {{"/design/confounds/columns", columns}}},
      {"/design/confounds/columns", columns, in},
      {"/design/confounds/strategy", {{"parts", {"motion"}}}, no},
      {"/design/confounds/missing", "next", no},
      {"/design/confounds/demean", true, no},
      {"/design/confounds/censor", {"fd>0.5"}, in, chosen},
      {"/design/confounds/censor", {"3,5"}, no},
      {"/design/confounds/censor", {"fd>0.5", "fd>0.6"}, no},
      {"/design/confounds/censor_before", 1, in, censored},
      {"/design/confounds/censor_after", 1, in, censored},
      {"/design/stats_model", {{"file", "m.json"}}, no},
      {"/design/tr_s", 2.0, no},
      {"/design/volume_onset_s", {{0.0, 2.0}}, no},
      {"/design/slice_time_ref", 0.5, in},
      {"/design/hrf", "spm + derivative", in},
      {"/design/hrf_grid", "spm", in},
      {"/design/oversampling", 20, in},
      {"/design/microtime", 8, in},
      {"/design/microtime_onset", 4, in},
      {"/design/drift_order", 2, in, {{"/design/drift", "polynomial"}}},
      {"/design/min_onset_s", -10.0, in},
      {"/design/high_pass_hz", 0.02, in},
      {"/design/fir_delays", {0, 1}, in, {{"/design/hrf", "fir"}}},
      {"/design/modulators", of_type, in},
      {"/design/center", "none", in, modulated},
      {"/design/center", "all", no, modulated},
      {"/design/orthogonalise", "serial", no, modulated},
      {"/design/modulator_scaling", "sd", in, modulated},
      {"/design/modulator_scaling", "sd-all", no, modulated},
      {"/design/drift", "none", in},
      {"/design/contrasts", {"c=b"}, in},
      {"/design/contrasts", {"c=[1,-1]"}, no},
      {"/design/f_contrasts", {"f=a;b"}, in},
      {"/design/contrast_files", {"d.con"}, no},
      {"/smoothing_fwhm_mm", {6.0}, in},
      {"/scaling", "psc", in},
      {"/noise_model", {{"name", "ols"}}, in},
      {"/noise_model", {{"name", "arma11"}, {"arma", {{"negative", true}}}}, no},
      {"/noise_model", {{"name", "arma11"}, {"run_starts", {0, 60}}}, no},
      {"/fixed_effects", "equal", in},
      {"/fixed_effects", "nilearn", in},
      {"/fixed_effects", "meier", in},
      {"/fixed_effects", "pooled", in},
      {"/runs_at_once", 2, any},
      {"/save", {"mean"}, in},
      {"/log_p", true, in},
      {"/estimates", false, in},
      {"/map_type", "float64", no},
      {"/output", "o", any},
      {"/prefix", "p", any}};
  expect_each_field_listed<FitRequest>(fates);
  expect_fates(fit, fates, [](const FitRequest& request) {
    return model_to_json(model_of_fit(request)).dump(1);
  });
}

TEST_F(ModelOfRequests, NoFieldOfAGroupIsLost) {
  const Fate in = Fate::expressed, no = Fate::refused, any = Fate::irrelevant;
  const Changes table{{"/design/participants/table", participants}},
      aged{{"/design/participants/table", participants},
           {"/design/participants/covariates", {"age"}}},
      mixed{{"/model/method", "mixed"}, {"/maps/variances", {"u.nii.gz"}}},
      shuffled{{"/permutation/permutations", 100}},
      tfce{{"/permutation/permutations", 100}, {"/permutation/statistics", {"tfce"}}};
  const std::vector<FieldFate> fates{
      {"/maps/effects", {"sub-01_contrast-b_stat-effect_statmap.nii.gz"}, in},
      {"/maps/first_level_contrast", "c", in},
      {"/maps/filters", {"task=t"}, in},
      {"/maps/allow_mixed", {"task"}, no},
      {"/maps/allow_statistics", true, no},
      {"/maps/variances", {"v.nii.gz"}, any, mixed},
      {"/design/table", "d.tsv", no},
      {"/design/participants/table", folder / "study/two.tsv", no},
      {"/design/participants/table", folder / "participants.tsv", no},
      {"/design/participants/table", participants, any},
      {"/design/participants/covariates", {"age"}, in, table},
      {"/design/participants/factors", {"age"}, no, table},
      {"/design/participants/interactions", {"age:age"}, no, table},
      {"/design/participants/missing", "listwise", in, aged},
      {"/design/participants/missing_in", Json::array({{"age", "mean"}}), no, aged},
      {"/design/participants/center", "none", in, aged},
      {"/design/participants/coding", "sum", any, table},
      {"/design/participants/in_order", true, no, table},
      {"/design/add_intercept", true, no},
      {"/design/no_intercept", true, no, table},
      {"/design/within", "session", no},
      {"/design/difference", "post-pre", no},
      {"/contrasts", {"m=intercept"}, in},
      {"/f_contrasts", {"f=intercept"}, in},
      {"/contrast_files", {"d.con"}, no},
      {"/mask", "m.nii.gz", in},
      {"/zeros", "value", in},
      {"/min_participants", 2, in},
      {"/model/method", "robust", in},
      {"/model/between_variance", "dersimonian-laird", in, mixed},
      {"/model/knapp_hartung", true, in, mixed},
      {"/model/huber_k", 2.5, in},
      {"/model/variance_groups", "g.tsv", no},
      {"/inference/cluster_forming_p", 0.0123, in},
      {"/inference/alpha", 0.0321, in},
      {"/inference/peak_distance_mm", 13.5, in},
      {"/inference/connectivity", 6, in},
      {"/inference/min_cluster_size", 5, in},
      {"/inference/sided", "two", in},
      {"/inference/rft_clusters", "volume", in},
      {"/inference/smoothness", "differences", in},
      {"/inference/corrections", {"fdr"}, in},
      {"/inference/atlases", {"a.nii"}, in},
      {"/inference/atlases", {"a.nii", "b.nii"}, no},
      {"/inference/atlas_labels", {"l.tsv"}, in, {{"/inference/atlases", {"a.nii"}}}},
      {"/inference/conjunctions", {"x=a&b"}, no},
      {"/inference/effect_sizes", true, in},
      {"/inference/bayes_factors", true, in},
      {"/inference/no_tables", true, in},
      {"/inference/interval", 0.9, in},
      {"/inference/bayes_scale", 0.5, no},
      {"/inference/bayes_slope_scale", 0.5, no},
      {"/permutation/permutations", 100, in},
      {"/permutation/statistics", {"extent"}, in, shuffled},
      {"/permutation/cluster_forming_threshold", 3.0, in, shuffled},
      {"/permutation/tfce_connectivity", 18, in, tfce},
      {"/permutation/tfce_e", 0.6, in, tfce},
      {"/permutation/tfce_h", 2.5, in, tfce},
      {"/permutation/tfce_steps", "palm", in, tfce},
      {"/permutation/permute_as", "z", in, tfce},
      {"/permutation/exchange", "flips", in, shuffled},
      {"/permutation/blocks", "b.tsv", in, shuffled},
      {"/permutation/block_exchange", "whole", in, shuffled},
      {"/permutation/seed", 7, in, shuffled},
      {"/permutation/tail", "gpd", in, shuffled},
      {"/permutation/tail_p", 0.05, in, shuffled},
      {"/permutation/tfce_uncorrected", true, no, tfce},
      {"/permutation/correct_contrasts", true, no, shuffled},
      {"/prefix", "p", any},
      {"/map_type", "float64", no},
      {"/log_p", true, in},
      {"/output", "o", any},
      {"/shard", {{"number", 1}, {"of", 2}}, any, shuffled},
      {"/checkpoint", "c.h5", any, shuffled},
      {"/checkpoint_every_s", 5.0, any},
      {"/memory_bytes", 1e9, any},
      {"/scratch", "s", any}};
  expect_each_field_listed<GroupRequest>(fates);
  expect_fates(group, fates, [&](const GroupRequest& request) { return model_of(request); });
}

TEST_F(ModelOfRequests, FiltersOfOneEntityHoldTogether) {
  const auto filter = [&](const std::vector<std::string>& texts) {
    GroupRequest request = group;
    request.maps.filters = texts;
    StatsModel model = model_of_fit(fit);
    add_group(model, request);
    return model.edges.back().filter;
  };
  using Labels = std::vector<std::string>;
  EXPECT_EQ(filter({"task=social|rest"}).at("task"), (Labels{"social", "rest"}));
  EXPECT_EQ(filter({"task=social|rest", "task=rest|play"}).at("task"), Labels{"rest"});
  const EntityFilter two = filter({"task=social,ses=ses-1"});
  EXPECT_EQ(two.at("task"), Labels{"social"});
  EXPECT_EQ(two.at("session"), Labels{"1"});
  for (const auto& texts : {Labels{"task=social", "task=rest"}, Labels{"task"}}) {
    try {
      filter(texts);
      ADD_FAILURE() << texts.front();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::usage);
      EXPECT_NE(std::string(error.what()).find("--filter"), std::string::npos) << error.what();
    }
  }
}

TEST_F(ModelOfRequests, WhoTheCommandsMapsAreOfIsReported) {
  const auto messages = [&](const std::vector<std::string>& effects, Journal::Level level) {
    RecordingJournal journal;
    ModelFromRequest request{fit, group, folder / "model.json"};
    request.group->maps.effects = effects;
    write_model_of_requests(request, Session{.threads = 1, .journal = journal, .overwrite = true});
    std::string all;
    for (const auto& message : journal.messages(level)) all += message + "\n";
    return all;
  };
  const std::string warned = messages({"sub-07_contrast-a_stat-effect_statmap.nii.gz",
                                       "sub-09_contrast-a_stat-effect_statmap.nii.gz"},
                                      Journal::Level::warning);
  EXPECT_NE(warned.find("of 2 participants"), std::string::npos) << warned;
  EXPECT_NE(warned.find("--participant-label 07 09"), std::string::npos) << warned;
  EXPECT_EQ(messages({"maps"}, Journal::Level::warning), "");
  EXPECT_NE(messages({"maps"}, Journal::Level::info).find("every participant"), std::string::npos);
}

}  // namespace
}  // namespace sociometer::jobs
