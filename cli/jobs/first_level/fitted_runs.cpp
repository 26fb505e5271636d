#include "cli/jobs/first_level/fitted_runs.hpp"

#include <memory>

#include "cli/jobs/first_level/run_checks.hpp"
#include "engine/core/stopwatch.hpp"

namespace sociometer::jobs {

OpenRun open_images(const FitInputs& runs, std::vector<InputFile>& images, Journal& journal) {
  return [&](size_t r) {
    return std::make_unique<RunImage>(runs.headers[r], runs.designs.kept[r], images[r], journal);
  };
}

void require_different_runs(const FittedRuns& fitted) {
  std::vector<ReadImage> images;
  for (size_t r = 0; r < fitted.images.size(); ++r)
    images.push_back({fitted.images[r], &fitted.fit.estimates[r].mean});
  require_different_images(images);
}

FittedRuns read_and_fit(const FitInputs& runs, const Mask& mask, Journal& journal) {
  const Stage stage(journal, "reading and fitting");
  FittedRuns fitted{std::vector<InputFile>(runs.headers.size()), {}};
  fitted.fit =
      fit_first_level(runs.first, open_images(runs, fitted.images, journal), mask, &journal);
  require_different_runs(fitted);
  return fitted;
}

void add_mask_map(const Mask& mask, const MaskRecord& record, MapWriter& writer) {
  MapRecord map{"voxels analysed"};
  map.mask = record;
  writer.add("mask", Eigen::MatrixXd::Ones(mask.n_voxels(), 1), ScalarType::uint8, map);
}

}  // namespace sociometer::jobs
