#include "engine/roi/region_series.hpp"

#include <cmath>
#include <cstring>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// Values of the regions' voxels, scan by scan.
class Scans {
 public:
  Scans(VolumeSource& source, const RegionGather& gather, SeriesCoverage coverage)
      : source_(source), gather_(gather), coverage_(coverage), bytes_(source.volume_bytes()) {}

  const std::vector<double>& next() {
    values_.resize(gather_.voxels().size());
    source_.read(bytes_);
    decode_voxels(bytes_, source_.format(), gather_.voxels(), values_.data());
    if (coverage_ == SeriesCoverage::nonzero) {
      if (outside_.empty())
        for (double v : values_) outside_.push_back(!std::isfinite(v) || v == 0);
      for (size_t i = 0; i < values_.size(); ++i)
        if (outside_[i]) values_[i] = kNaN;
    }
    return values_;
  }

 private:
  VolumeSource& source_;
  const RegionGather& gather_;
  SeriesCoverage coverage_;
  std::vector<std::byte> bytes_;
  std::vector<double> values_;
  std::vector<uint8_t> outside_;
};

/// Voxels of a region that are finite in every scan.
std::vector<Eigen::Index> complete_voxels(const std::vector<uint32_t>& positions,
                                          const Eigen::MatrixXd& all) {
  std::vector<Eigen::Index> out;
  for (uint32_t p : positions)
    if (all.row(p).allFinite()) out.push_back(Eigen::Index(p));
  return out;
}

Eigen::VectorXd eigenvariate_series(const Eigen::MatrixXd& voxels_by_scans) {
  if (voxels_by_scans.rows() == 0) return Eigen::VectorXd::Constant(voxels_by_scans.cols(), kNaN);
  const Eigen::VectorXd means = voxels_by_scans.rowwise().mean();
  const Eigen::MatrixXd centred = (voxels_by_scans.colwise() - means).transpose();
  return first_eigenvariate(centred).array() + means.mean();
}

}  // namespace

RegionSeries read_region_series(VolumeSource& source, const RegionGather& gather,
                                RegionStatistic statistic, SeriesCoverage coverage) {
  require_statistic_of_scans(statistic);
  const bool eigenvariate = statistic == RegionStatistic::eigenvariate;
  const auto n_scans = source.n_volumes();
  const auto n_regions = Eigen::Index(gather.n_regions());
  RegionSeries out;
  out.values.resize(n_scans, n_regions);
  out.coverage.assign(gather.n_regions(), 0);
  out.n_voxels.assign(gather.n_regions(), 0);
  Eigen::MatrixXd all(eigenvariate ? Eigen::Index(gather.voxels().size()) : 0,
                      eigenvariate ? n_scans : 0);
  const SummaryParts parts{statistic == RegionStatistic::median, statistic == RegionStatistic::sd};
  Scans scans(source, gather, coverage);
  for (Eigen::Index t = 0; t < n_scans; ++t) {
    const std::vector<double>& values = scans.next();
    const auto summaries = gather.summarise(values, parts);
    for (size_t r = 0; r < summaries.size(); ++r) {
      if (!eigenvariate) out.values(t, Eigen::Index(r)) = statistic_of(summaries[r], statistic);
      if (t > 0 && summaries[r].n_covered >= out.n_voxels[r]) continue;
      out.n_voxels[r] = summaries[r].n_covered;
      out.coverage[r] = summaries[r].coverage;
    }
    if (eigenvariate)
      all.col(t) = Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
  }
  if (eigenvariate)
    for (size_t r = 0; r < gather.n_regions(); ++r)
      out.values.col(Eigen::Index(r)) =
          eigenvariate_series(all(complete_voxels(gather.positions(r), all), Eigen::all));
  return out;
}

}  // namespace sociometer
