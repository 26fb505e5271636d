#include "cli/jobs/group/group_permutation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/group/group_maps.hpp"
#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

/// Batches per thread between progress reports, at which checkpoints may be written.
constexpr uint64_t kBatchesAtATime = 16;

Eigen::MatrixXd column(const std::vector<double>& values) {
  return Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

std::string null_tsv(const ShuffleResults& results) {
  std::vector<std::string> names;
  std::vector<const std::vector<double>*> columns;
  for (const auto& [name, values] : {std::pair{"voxel", &results.voxel},
                                     {"tfce", &results.tfce},
                                     {"extent", &results.extent},
                                     {"mass", &results.mass}})
    if (!values->empty()) {
      names.emplace_back(name);
      columns.push_back(values);
    }
  std::vector<std::vector<std::string>> rows(results.voxel.size());
  for (size_t k = 0; k < rows.size(); ++k)
    for (const auto* values : columns) rows[k].push_back(format_number((*values)[k]));
  return to_tsv(names, rows);
}

FittedTailRecord fitted_record(const NullTail& tail) {
  FittedTailRecord record;
  if (const auto& g = tail.pareto())
    record.pareto = ParetoTailRecord{g->threshold, g->scale, -g->shape, g->n_above};
  else if (const auto& m = tail.pearson())
    record.pearson = PearsonTailRecord{m->mean, m->sd, m->skewness};
  return record;
}

/// The tails fitted to each map's maxima, and the number of voxels with a fit to their own values.
TailRecord tail_record(const PermutationP& p, const PermutationOptions& o) {
  TailRecord record;
  record.method = o.tail == TailMethod::gpd ? "generalized Pareto" : "gamma (Pearson type III)";
  if (o.tail == TailMethod::gpd) record.replaced_below = o.tail_p;
  record.voxel_statistic_as = "z";
  for (const auto& [name, tail, wanted] : {std::tuple{"voxel", &p.voxel_tail, true},
                                           {"tfce", &p.tfce_tail, o.spatial.tfce},
                                           {"extent", &p.extent_tail, o.spatial.extent},
                                           {"mass", &p.mass_tail, o.spatial.mass}})
    if (wanted) record.family_wise.emplace_back(name, fitted_record(*tail));
  if (!p.uncorrected.empty()) record.uncorrected = VoxelTailsRecord{p.n_tails, p.n_tails_unfitted};
  return record;
}

}  // namespace

std::vector<ShuffleResults> results_of(std::vector<ContrastPart> contrasts) {
  std::vector<ShuffleResults> out;
  for (auto& one : contrasts) out.push_back(std::move(one.results));
  return out;
}

GroupPermutation::GroupPermutation(const GroupRequest& request, const GroupInputs& inputs,
                                   const std::vector<GroupMaps>& maps, const Session& session)
    : request_(request), session_(session), inputs_(inputs), maps_(maps) {
  if (!request.shuffles()) return;
  const auto patterns = presence_patterns(*inputs.data, inputs.min_participants);
  for (size_t c = 0; c < inputs.contrasts.size(); ++c) {
    const GroupContrast& contrast = inputs.contrasts[c];
    options_.push_back(options_for(contrast));
    tests_.push_back(std::make_unique<ContrastPermutation>(PermutationPlan{
        inputs.data, patterns, inputs.mask, inputs.design, contrast, options_.back()}));
    if (request.permutation.correct_contrasts && (tests_[c]->scheme() != tests_[0]->scheme() ||
                                                  !contrast.is_t() || !inputs.contrasts[0].is_t()))
      fail(ErrorCode::usage,
           "--correct-contrasts compares t contrasts that are shuffled alike; {} and {} are not: "
           "give --exchange, or test them apart",
           inputs.contrasts[0].spec.name, contrast.spec.name);
  }
}

PermutationOptions GroupPermutation::options_for(const GroupContrast& contrast) const {
  const GroupPermutationRequest& a = request_.permutation;
  const GroupInferenceRequest& tables = request_.inference;
  PermutationOptions o;
  o.scheme = a.exchange;
  o.blocks = inputs_.blocks;
  o.variance_groups = inputs_.variance_groups;
  o.exchange = a.block_exchange;
  o.n = uint64_t(a.permutations);
  o.seed = a.seed;
  o.two_sided = tables.sided == Sides::two;
  o.spatial.tfce = a.wants(ShuffledMap::tfce);
  o.spatial.extent = a.wants(ShuffledMap::extent);
  o.spatial.mass = a.wants(ShuffledMap::mass);
  o.spatial.tfce_e = a.tfce_e;
  o.spatial.tfce_h = a.tfce_h;
  o.spatial.tfce_steps = a.tfce_steps;
  o.compare_z = a.permute_as == PermuteAs::z || steps_over_z(a.tfce_steps);
  o.tail = a.tail;
  o.tail_p = a.tail_p;
  o.tfce_uncorrected = a.tfce_uncorrected;
  o.spatial.tfce_connectivity = a.tfce_connectivity;
  o.spatial.cluster_connectivity = tables.connectivity;
  if (a.cluster_threshold)
    o.spatial.cluster_threshold = *a.cluster_threshold;
  else
    o.cluster_p = o.two_sided && contrast.is_t() ? tables.forming_p / 2 : tables.forming_p;
  o.n_threads = session_.threads;
  o.memory_bytes = inputs_.memory.left();
  return o;
}

PermutationRecord GroupPermutation::record_of(const ContrastPermutation& test,
                                              const PermutationOptions& o) const {
  const auto& shuffles = test.shuffles();
  PermutationRecord record;
  record.scheme = to_string(test.scheme());
  record.nuisance = test.has_nuisance() ? "Freedman-Lane" : "none";
  const std::string exchange = name_of(o.exchange);
  record.blocks = inputs_.blocks.empty()           ? "none"
                  : inputs_.blocks_of_participants ? "participants, " + exchange
                                                   : exchange;
  record.shuffles = shuffles.size();
  record.exhaustive = shuffles.exhaustive();
  record.log_of_all = shuffles.set().log_size();
  if (!shuffles.exhaustive()) record.seed = o.seed;
  record.arithmetic = shuffles.exhaustive() ? "float64" : "float32";
  record.sided = test.two_sided() ? "two" : "one";
  record.compared = test.compares_z() ? "z" : "the statistic itself";
  if (o.spatial.clusters()) record.cluster_threshold = test.cluster_threshold();
  return record;
}

std::optional<PermutationRecord> GroupPermutation::record(size_t contrast) const {
  if (contrast >= tests_.size()) return std::nullopt;
  return record_of(*tests_[contrast], options_[contrast]);
}

PermutationRecord GroupPermutation::record_of_maps(const ContrastPermutation& test,
                                                   const PermutationOptions& o) const {
  PermutationRecord record = record_of(test, o);
  ShuffledMapsRecord& maps = record.maps.emplace();
  maps.p =
      "number of permutations, the identity included, with a value at least as large as the "
      "observed one / number of permutations";
  if (o.spatial.clusters()) maps.cluster_connectivity = o.spatial.cluster_connectivity;
  if (o.spatial.mass) maps.mass = "sum of the statistic";
  if (o.spatial.tfce)
    maps.tfce = TfceRecord{o.spatial.tfce_e, o.spatial.tfce_h, o.spatial.tfce_connectivity,
                           name_of(o.spatial.tfce_steps)};
  return record;
}

std::vector<ShuffledTest> GroupPermutation::tests_of_run() const {
  std::vector<ShuffledTest> out;
  for (size_t c = 0; c < tests_.size(); ++c)
    out.push_back({inputs_.contrasts[c].spec.name, to_string(tests_[c]->scheme()),
                   tests_[c]->shuffles().size(),
                   tests_[c]->shuffles().exhaustive() ? "float64" : "float32",
                   shuffle_kernels_name(), tests_[c]->cluster_threshold(), tests_[c]->checksum()});
  return out;
}

std::vector<ContrastPart> GroupPermutation::shuffle(uint64_t shard, uint64_t n_shards,
                                                    ShuffleCheckpoint& checkpoint) const {
  const int n_threads = session_.threads;
  std::vector<ContrastPart> parts;
  if (!tests_.empty()) parts = checkpoint.resume();
  for (size_t c = 0; c < tests_.size(); ++c) {
    const ShuffleRange range = shard_range(tests_[c]->shuffles().size(), shard, n_shards);
    const std::string& name = inputs_.contrasts[c].spec.name;
    if (c == parts.size())
      parts.push_back({name, tests_[c]->run(range.first, range.first, n_threads)});
    ShuffleResults& done = parts[c].results;
    const auto progress = session_.journal.start(fmt::format(
        "{} {} of contrast {}", range.last - range.first, to_string(tests_[c]->scheme()), name));
    const uint64_t pass = tests_[c]->shuffles_of_a_pass(n_threads),
                   at_a_time = inputs_.data->in_memory()
                                   ? kBatchesAtATime * uint64_t(n_threads) * kShuffleBatch
                                   : std::min(pass, range.last - range.first);
    while (done.last < range.last) {
      const uint64_t next = std::min(range.last, done.last + at_a_time);
      append(done, tests_[c]->run(done.last, next, n_threads));
      progress->update(long(done.last - range.first), long(range.last - range.first));
      checkpoint.save(parts);
    }
  }
  return parts;
}

void GroupPermutation::take(std::vector<ShuffleResults> results) {
  require(results.size() == tests_.size(), "results of each test");
  results_ = std::move(results);
  for (size_t c = 0; c < tests_.size(); ++c)
    p_.push_back(tests_[c]->p_values(results_[c], session_.threads));
}

double GroupPermutation::least_p(size_t contrast) const {
  const bool shuffled = contrast < tests_.size() && request_.permutation.tail == TailMethod::none;
  return shuffled ? 1.0 / double(tests_[contrast]->shuffles().size()) : 0;
}

std::vector<PeakColumn> GroupPermutation::peak_columns(size_t contrast) const {
  std::vector<PeakColumn> columns;
  if (p_.empty()) return columns;
  const auto add = [&](const char* name, const std::string& what, const std::vector<double>& p,
                       bool of_cluster) {
    if (!p.empty())
      columns.push_back(
          {name, what + ", family-wise over the map, by permutation", column(p), of_cluster});
  };
  const PermutationP& p = p_[contrast];
  const std::string clusters = fmt::format(" of the cluster around the peak above {}",
                                           format_number(tests_[contrast]->cluster_threshold()));
  add("p_fwe_permutation", "p of the voxel's statistic", p.voxel_fwe, false);
  add("p_tfce_permutation", "p of TFCE at the peak", p.tfce_fwe, false);
  add("p_extent_permutation", "p of the extent" + clusters, p.extent_fwe, true);
  add("p_mass_permutation", "p of the mass" + clusters, p.mass_fwe, true);
  return columns;
}

void GroupPermutation::add_maps(MapWriter& writer, OutputSet& outputs,
                                const GroupFacts& facts) const {
  for (size_t c = 0; c < tests_.size(); ++c) add_contrast(c, writer, outputs, facts);
}

void GroupPermutation::add_contrast(size_t c, MapWriter& writer, OutputSet& outputs,
                                    const GroupFacts& facts) const {
  const GroupContrast& contrast = inputs_.contrasts[c];
  PermutationRecord scheme = record_of_maps(*tests_[c], options_[c]);
  const bool has_tails = options_[c].tail != TailMethod::none;
  if (has_tails) scheme.maps->tail = tail_record(p_[c], options_[c]);
  const auto add = [&](const std::string& name, const std::string& what,
                       const std::vector<double>& values, bool is_p) {
    if (values.empty()) return;
    GroupMapRecord record =
        GroupMapRecord::of(what, group_contrast_record(contrast, maps_[c]), facts);
    record.permutation = scheme;
    const std::string file = group_map_name(inputs_.naming, contrast, name);
    if (is_p)
      writer.add_p(file, column(values), record);
    else
      writer.add(file, column(values), writer.type(), record);
  };
  const SpatialMaps& observed = tests_[c]->observed();
  add("tfce", "threshold-free cluster enhancement", observed.tfce, false);
  add("extent", "voxels of the cluster", observed.extent, false);
  add("mass", "mass of the cluster", observed.mass, false);
  const auto add_fwe = [&](const PermutationP& p, const std::string& ending,
                           const std::string& over) {
    add("voxelPfwe" + ending, "p of the voxel's statistic, family-wise over " + over, p.voxel_fwe,
        true);
    add("tfcePfwe" + ending, "p of TFCE, family-wise over " + over, p.tfce_fwe, true);
    add("extentPfwe" + ending, "p of the cluster's extent, family-wise over " + over, p.extent_fwe,
        true);
    add("massPfwe" + ending, "p of the cluster's mass, family-wise over " + over, p.mass_fwe, true);
  };
  const PermutationP& p = p_[c];
  add("voxelPunc", "p of the voxel's statistic, uncorrected, by permutation", p.uncorrected, true);
  add("voxelPfdr",
      "p of the voxel's statistic by permutation, adjusted after Benjamini and "
      "Hochberg",
      p.fdr, true);
  add("tfcePunc", "p of TFCE, uncorrected, by permutation", p.tfce_uncorrected, true);
  add("tfcePfdr", "p of TFCE by permutation, adjusted after Benjamini and Hochberg", p.tfce_fdr,
      true);
  add_fwe(p, "", "the map");
  if (request_.permutation.correct_contrasts) {
    const PermutationP over = tests_[c]->family_wise_p(over_contrasts(results_));
    if (has_tails) scheme.maps->tail = tail_record(over, options_[c]);
    add_fwe(over, "Contrasts", "the map and all contrasts");
  }
  outputs.write(writer.prefixed(inputs_.naming.contrast(contrast.spec.name) + "_null.tsv"),
                null_tsv(results_[c]));
}

}  // namespace sociometer::jobs
