#include "cli/jobs/clusters/clusters_job.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/clusters/searches.hpp"
#include "cli/jobs/clusters/tested_image.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/missing.hpp"
#include "engine/group/cluster_size.hpp"
#include "engine/stats/largest_value.hpp"
#include "io/bids/bids_name.hpp"
#include "io/images/image_stem.hpp"
#include "io/records/cluster_tables.hpp"
#include "io/records/sidecar.hpp"
#include "io/records/signed_record.hpp"

namespace sociometer::jobs {
namespace {

/// "contrast-a" of "contrast-a_stat-t_statmap.nii.gz": names of results begin with it.
std::string base_of(const std::string& path) {
  std::string base = image_stem(path);
  const std::string suffix = "_statmap", label = bids_name(path).label("stat");
  if (base.ends_with(suffix)) base.resize(base.size() - suffix.size());
  if (label.empty()) return base;
  const size_t at = base.find("_stat-" + label);
  if (at != std::string::npos) base.erase(at, 6 + label.size());
  return base.starts_with("stat-") ? "map" : base;
}

/// The smallest number of voxels that reaches the size asked for.
size_t least_size(const ThresholdRequest& a, const Grid& grid) {
  return least_voxels(a.size_unit == SizeUnit::mm3 ? voxels_in(a.min_size, grid) : a.min_size);
}

ReportOptions report_options(const ClustersRequest& request, const Search& search,
                             const std::optional<Smoothness>& smoothness) {
  const ThresholdRequest& a = request.threshold;
  ReportOptions options;
  options.above_only = a.above_only;
  options.two_sided = a.sided == Sides::two;
  options.negative = a.negative;
  options.connectivity = a.connectivity;
  options.min_size = least_size(a, search.mask.grid);
  options.peak_distance_mm = request.peak_distance_mm;
  options.max_peaks = size_t(request.max_peaks);
  options.alpha = request.alpha;
  options.volume_only = a.rft_clusters == ClusterVolume::volume;
  options.most_cluster_p = a.cluster_p;
  options.order = request.order;
  options.threshold = height_by_rule(search.mask, search.map, a.rule, a.level, options, smoothness);
  return options;
}

/// "fdr 0.05", "height 3.1"; with the rule of cluster sizes.
std::string rule_text(const ThresholdRequest& a) {
  std::string text = a.rule == HeightRule::value ? fmt::format("height {:g}", a.level)
                                                 : fmt::format("{} {:g}", name_of(a.rule), a.level);
  if (a.cluster_p) text += fmt::format(", cluster-fwe {:g}", *a.cluster_p);
  return text;
}

/// The largest height on the tested sides; NaN if there is none.
double largest(const Eigen::VectorXd& values, const ThresholdRequest& a) {
  const ValueSide side = a.sided == Sides::two ? ValueSide::both
                         : a.negative          ? ValueSide::lower
                                               : ValueSide::upper;
  const Eigen::Index best = largest_on(side, values);
  return best < 0 ? kNaN : height_on(side, values[best]);
}

class ClustersJob {
 public:
  ClustersJob(const ClustersRequest& request, const Session& session)
      : request_(request),
        session_(session),
        image_(read_tested_image(request, session)),
        smoothness_(smoothness_for(request, image_)),
        searches_(searches_of(request, image_, session)) {
    note_read(session, image_.files);
  }

  JobSummary run() {
    OutputSet outputs(request_.output, session_.policy("clusters", request_.prefix));
    Summary summary(fmt::format("clusters of {}: {} voxels, {}", request_.searched.map,
                                searches_[0].mask.n_voxels(), rule_text(request_.threshold)));
    for (const Search& search : searches_) write(search, outputs, summary);
    write_dataset_description(outputs);
    session_.provenance.write_configuration(outputs, request_.prefix);
    outputs.commit();
    summary.report(session_.journal, request_.output, request_.prefix);
    return {};
  }

 private:
  void write(const Search& search, OutputSet& outputs, Summary& summary) const {
    const ReportOptions options = report_options(request_, search, smoothness_.value);
    const MapReport report = report_clusters(search.mask, search.map, smoothness_.value, options);
    MapWriter writer(outputs, request_.prefix, search.mask, scalar_type(request_.map_type),
                     session_.provenance, RecordKind::thresholded_map);
    std::string base = base_of(request_.searched.map);
    if (!search.name.empty()) base += "_svc-" + search.name;
    ThresholdedMapRecord record{"", request_.searched.map, {}, {}, {}};
    if (!image_.contrast.is_null()) record.contrast = image_.contrast;
    record.search = search_record(search, report, options);
    add_cluster_maps(writer, base, image_.word, report, search.map.statistic, record);
    writer.flush(session_.threads);
    outputs.write(writer.prefixed(base + "_clusters.tsv"),
                  cluster_table_tsv(search.mask, report, {}, search.atlases));
    outputs.write(writer.prefixed(base + "_clusters.json"),
                  signed_text(table_record(search, report, record), session_.provenance));
    summary.add(search.name.empty() ? "map" : search.name, found_text(search, report));
  }

  /// What the records of maps and table have in common.
  MapSearch search_record(const Search& search, const MapReport& report,
                          const ReportOptions& options) const {
    const ThresholdRequest& a = request_.threshold;
    MapSearch record;
    record.tested_statistic = image_.known ? word_of(search.map.kind) : image_.word;
    record.statistic_from = image_.source;
    record.threshold_as = name_of(request_.searched.threshold_as);
    if (search.map.kind == RandomField::Kind::f) record.tested_numerator_dof = search.map.dof1;
    if (std::isfinite(search.map.dof2)) record.tested_dof = search.map.dof2;
    record.sided = options.two_sided ? "two" : options.negative ? "negative" : "one";
    record.rule = name_of(a.rule);
    record.level = a.level;
    record.threshold = finite_or_null(report.threshold);
    record.at_threshold = a.above_only ? "does not pass" : "passes";
    record.connectivity = options.connectivity;
    record.min_size = options.min_size;
    record.cluster_fwe.value = a.cluster_p;
    record.peak_distance_mm = options.peak_distance_mm;
    record.max_peaks = options.max_peaks;
    record.ordered_by = name_of(request_.order);
    record.alpha = options.alpha;
    if (!search.name.empty()) record.small_volume.value = search.name;
    return record;
  }

  ClusterTableRecord table_record(const Search& search, const MapReport& report,
                                  const ThresholdedMapRecord& of_maps) const {
    ClusterTableRecord record{"clusters of the thresholded map and their peaks"};
    record.map = of_maps.map;
    record.contrast = of_maps.contrast;
    record.search = of_maps.search;
    record.tests = long(report.n_tests);
    if (image_.known) record.hommel.value = report.hommel;
    record.field =
        random_field_record(report, smoothness_.source, name_of(request_.threshold.rft_clusters));
    if (!search.atlases.empty()) record.atlases = atlas_records(search.atlases);
    record.columns = cluster_table_columns({}, search.atlases);
    record.inputs = image_.files;
    return record;
  }

  std::string found_text(const Search& search, const MapReport& report) const {
    const std::string word = image_.known ? word_of(search.map.kind) : image_.word;
    const bool two = request_.threshold.sided == Sides::two;
    const std::string height = two                           ? "|" + word + "|"
                               : request_.threshold.negative ? "-" + word
                                                             : word;
    const std::string at = std::isfinite(report.threshold)
                               ? fmt::format("{} of {:.4g}", height, report.threshold)
                               : fmt::format("any {}", height);
    if (report.clusters.empty())
      return fmt::format("no cluster at {}; the largest {} is {:.4g}", at, height,
                         largest(search.map.statistic, request_.threshold));
    size_t most = 0;
    for (const ClusterReport& one : report.clusters)
      most = std::max(most, one.cluster.voxels.size());
    return fmt::format("{} cluster(s) at {}, the largest of {} voxels", report.clusters.size(), at,
                       most);
  }

  const ClustersRequest& request_;
  const Session& session_;
  TestedImage image_;
  const KnownSmoothness smoothness_;
  const std::vector<Search> searches_;
};

}  // namespace

JobSummary clusters(const ClustersRequest& request, const Session& session) {
  check(request);
  return ClustersJob(request, session).run();
}

}  // namespace sociometer::jobs
