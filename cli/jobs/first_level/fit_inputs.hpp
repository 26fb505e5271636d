#pragma once
#include <future>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/first_level/mask_inputs.hpp"
#include "engine/glm/run_analysis.hpp"
#include "io/images/nifti.hpp"
#include "io/records/first_level_records.hpp"
#include "io/records/sidecar.hpp"

/// What jobs that fit the runs of one participant share: runs and designs, the mask, the images,
/// and what their records have in common.
namespace sociometer::jobs {

/// Everything known about the runs before any voxel is read.
struct FitInputs {
  std::vector<NiftiHeader> headers;
  std::vector<RunInput> inputs;
  std::vector<std::string> names;
  RunDesigns designs;
  MaskChoice masks;
  std::vector<InputFile> mask_files;
  FirstLevel first;
  Warnings warnings;
};

/// Warns of kept scans that hold nothing but zeros: of a file that was not written or copied whole.
/// @param kept  per scan.
void warn_of_empty_volumes(const std::string& path, const std::vector<Eigen::Index>& empty,
                           const std::vector<uint8_t>& kept, Journal& journal);

/// The data of a run; the image's checksum is known once all of it has been read.
class RunImage : public VolumeSource {
 public:
  /// @param image  out. @param kept  per scan; must outlive this.
  RunImage(const NiftiHeader& header, const std::vector<uint8_t>& kept, InputFile& image,
           Journal& journal)
      : source_(header),
        left_(source_.volume_bytes() * size_t(header.n_volumes)),
        kept_(kept),
        image_(image),
        journal_(journal) {}
  const Grid& grid() const override { return source_.grid(); }
  Eigen::Index n_volumes() const override { return source_.n_volumes(); }
  VolumeFormat format() const override { return source_.format(); }
  void read(std::span<std::byte> bytes) override {
    source_.read(bytes);
    left_ -= bytes.size();
    if (left_ > 0) return;
    image_ = input_file(source_.header().data_path, source_.finish());
    warn_of_empty_volumes(image_.path, source_.empty_volumes(), kept_, journal_);
  }

 private:
  NiftiSource source_;
  size_t left_;  ///< bytes
  const std::vector<uint8_t>& kept_;
  InputFile& image_;
  Journal& journal_;
};

/// Headers, times and designs of the runs; masks are not set.
/// @param bold  4D images of one participant, one per run.
/// @throws Error naming the run and the file.
FitInputs prepare_runs(const std::vector<std::string>& bold, const DesignRequest& design,
                       const FirstLevelPlan& plan, Journal& journal);

/// Resolves the contrasts of a request and those of a stats model, with warnings about them and
/// about weights of runs that are too uncertain. @return all that were asked for.
/// @param instead  what that warning advises.
std::vector<ContrastSpec> add_contrasts(std::vector<ContrastSpec> of_request, FitInputs& runs,
                                        std::string_view instead, Journal& journal);

/// Settings of a run for its record.
RunSettings settings_of_run(const DesignRequest& design, const FitInputs& runs, size_t run);

/// The voxels: the masks that were chosen, else computed from the images.
/// @param given  the masks being read, if any were chosen.
Mask make_mask(const FitRequest& request, FitInputs& runs, const FirstLevelPlan& plan,
               std::future<ReadMasks>& given, Journal& journal);

/// Prefix of the names of a run's output files: "run-2_", or empty for the only run.
std::string run_prefix(size_t n_runs, size_t run);

/// The input files as BIDS URIs, and the datasets that the URIs refer to.
std::pair<std::vector<std::string>, DatasetLinks> sources_of(const FitRequest& request);

/// What all records of a fit say: choices, runs, inputs, mask, voxels by status.
FitRecord fit_record(const FitRequest& request, const FirstLevelPlan& plan, const FitInputs& runs,
                     const std::vector<InputFile>& images,
                     const std::vector<RunEstimates>& estimates, const Mask& mask,
                     const std::vector<Eigen::Index>& status_counts);

}  // namespace sociometer::jobs
