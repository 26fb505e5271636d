// Requests of a group analysis to JSON and back, and what they refuse.
#include <set>
#include <utility>

#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/merge_job.hpp"
#include "engine/group/permutation.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

using testing::expect_round_trip;
using testing::expect_strict;

TEST(GroupRequests, RoundTrip) {
  expect_round_trip(EffectMapsRequest{});
  expect_round_trip(ParticipantsRequest{});
  expect_round_trip(GroupDesignRequest{});
  expect_round_trip(GroupModelRequest{});
  expect_round_trip(GroupInferenceRequest{});
  expect_round_trip(GroupPermutationRequest{});
  expect_round_trip(GroupRequest{});
  expect_round_trip(MergeRequest{});
}

TEST(GroupRequests, NameTheFilesThatResultsDependOn) {
  GroupRequest request;
  request.maps.effects = {"e1", "e2"};
  request.maps.variances = {"v1"};
  request.contrast_files = {"con"};
  request.design.table = "design";
  request.design.participants.table = "participants";
  request.mask = "mask";
  request.permutation.blocks = "blocks";
  request.model.variance_groups = "groups";
  request.inference.atlases = {"atlas"};
  request.inference.atlas_labels = {""};
  std::set<std::string> files;
  visit_files(std::as_const(request), [&](const std::string& path) { files.insert(path); });
  EXPECT_EQ(files, (std::set<std::string>{"e1", "e2", "v1", "con", "design", "participants", "mask",
                                          "blocks", "groups", "atlas"}));
}

TEST(GroupRequests, RefuseWhatTheyDoNotKnow) {
  expect_strict<GroupRequest>();
  expect_strict<GroupPermutationRequest>();
  expect_strict<MergeRequest>();
}

TEST(GroupRequests, SeedsOfAnySizeAreKept) {
  GroupRequest request;
  request.permutation.seed = ~uint64_t{0};
  const Json parsed = Json::parse(to_json(request).dump());
  EXPECT_EQ(from_json<GroupRequest>(parsed, "test").permutation.seed, ~uint64_t{0});
}

TEST(GroupRequests, DefaultsAreTheEngines) {
  const GroupPermutationRequest of_request;
  const PermutationOptions of_engine;
  EXPECT_EQ(of_request.tail, of_engine.tail);
  EXPECT_EQ(of_request.tail_p, of_engine.tail_p);
  EXPECT_EQ(of_request.exchange, of_engine.scheme);
  EXPECT_EQ(of_request.block_exchange, of_engine.exchange);
  EXPECT_EQ(of_request.seed, of_engine.seed);
}

TEST(GroupRequests, CheckRefusesWhatContradictsItself) {
  const auto refused = [](auto change) {
    GroupRequest request;
    request.maps.effects = {"map.nii.gz"};
    check(request);
    change(request);
    EXPECT_THROW(check(request), Error);
  };
  refused([](GroupRequest& r) { r.design.table = r.design.participants.table = "x.tsv"; });
  refused([](GroupRequest& r) { r.design.participants.covariates = {"age"}; });
  refused([](GroupRequest& r) { r.design.no_intercept = true; });
  refused([](GroupRequest& r) { r.model.method = GroupMethod::mixed; });
  refused([](GroupRequest& r) { r.model.knapp_hartung = true; });
  refused([](GroupRequest& r) {
    r.model.method = GroupMethod::robust;
    r.model.variance_groups = "groups.tsv";
  });
  refused([](GroupRequest& r) { r.inference.alpha = 0.7; });
  refused([](GroupRequest& r) { r.inference.connectivity = 7; });
  refused([](GroupRequest& r) { r.permutation.statistics = {ShuffledMap::tfce}; });
  refused([](GroupRequest& r) { r.permutation.blocks = "blocks.tsv"; });
  refused([](GroupRequest& r) { r.shard = Shard{1, 2}; });
  refused([](GroupRequest& r) {
    r.permutation.permutations = 10;
    r.shard = Shard{3, 2};
  });
  refused([](GroupRequest& r) {
    r.permutation.permutations = 10;
    r.permutation.tfce_uncorrected = true;
  });
  refused([](GroupRequest& r) { r.maps.effects.clear(); });
}

}  // namespace
}  // namespace sociometer::jobs
