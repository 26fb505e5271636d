#include "cli/jobs/first_level/fitted_series_maps.hpp"

#include <memory>

#include "io/images/nifti_write.hpp"
#include "io/records/signed_record.hpp"

namespace sociometer::jobs {
void write_fitted_series(const FittedSeriesWanted& wanted, const NiftiHeader& header, double tr_s,
                         const StoredRun& run, const Mask& mask, const StreamOptions& options,
                         const std::string& name, const FitRecord& fit, MapWriter& writer,
                         OutputSet& outputs, Journal& journal) {
  NiftiSource source(header);
  const auto series = [&](bool asked) {
    std::unique_ptr<NiftiSeriesWriter> made;
    if (asked)
      made = std::make_unique<NiftiSeriesWriter>(mask, header.n_volumes, tr_s, ScalarType::float32,
                                                 1.0, "Sociometer " + version());
    return made;
  };
  auto residuals = series(wanted.residuals), predicted = series(wanted.predicted);
  const auto progress = journal.start("series of " + run.source);
  StreamOptions reading = options;
  reading.progress = [&](Eigen::Index done, Eigen::Index total) { progress->update(done, total); };
  const Eigen::VectorXd tsnr =
      for_each_fitted_scan(source, run.design.values, run.kept, run.estimates, run.scaling, mask,
                           reading, [&](const FittedScan& scan) {
                             if (residuals) residuals->add(scan.residual);
                             if (predicted) predicted->add(scan.predicted);
                           });
  source.finish();
  const auto write = [&](const std::unique_ptr<NiftiSeriesWriter>& made, const std::string& stat,
                         const std::string& what) {
    if (!made) return;
    const std::string base = writer.prefixed(name + "stat-" + stat + "_statmap");
    outputs.write(base + ".nii.gz", made->finish());
    outputs.write(base + ".json", signed_text(MapRecord::of(what, fit), writer.provenance()));
  };
  write(residuals, "errorts",
        "residuals y - X beta of every scan, censored ones included, not whitened; units of the "
        "scaled signal");
  write(
      predicted, "predictedts",
      "prediction X beta of every scan, confounds and drift included; units of the scaled signal");
  if (wanted.tsnr)
    writer.add(name + "stat-tsnr_statmap", tsnr, writer.type(),
               MapRecord::of(
                   "mean over standard deviation of the kept scans' signal, before scaling", fit));
}

}  // namespace sociometer::jobs
