#include "tests/cli/bad_inputs.hpp"

namespace sociometer::testing {
namespace {

/// Replaces the first run's image by a file.
Words with_bold(Study& s, const std::string& name, const std::string& bytes) {
  s.only_one_run();
  s.bold[0] = s / name;
  write_text(s.bold[0], bytes);
  return {};
}

std::string study_bytes() { return raw_series(kStudySize, study_values(1)).file(); }

}  // namespace

std::string short_by(const std::string& bytes, size_t n) {
  return bytes.substr(0, bytes.size() - n);
}

std::vector<BadInput> bad_images() {
  return {

      {"MissingImage",
       3,
       {"none.nii.gz", "does not exist"},
       [](Study& s) {
         s.bold[0] = s / "none.nii.gz";
         return Words{};
       }},
      {"MissingSecondImage",
       3,
       {"none.nii.gz"},
       [](Study& s) {
         s.bold[1] = s / "none.nii.gz";
         return Words{};
       }},
      {"MissingEvents",
       3,
       {"none.tsv"},
       [](Study& s) {
         s.events[1] = s / "none.tsv";
         return Words{};
       }},
      {"MissingMask",
       3,
       {"none.nii"},
       [](Study& s) {
         s.mask = s / "none.nii";
         return Words{};
       }},
      {"MissingConfounds",
       3,
       {"none.tsv"},
       [](Study& s) {
         s.only_one_run();
         return Words{"--confounds", s / "none.tsv"};
       }},
      {"TextForImage",
       3,
       {"text.nii", "NIfTI"},
       [](Study& s) { return with_bold(s, "text.nii", study_events()); }},
      {"ImageForEvents",
       3,
       {"run-1_bold.nii.gz", "text"},
       [](Study& s) {
         s.events[0] = s.bold[0];
         return Words{};
       }},
      {"TruncatedImage",
       3,
       {"short.nii", "truncated"},
       [](Study& s) { return with_bold(s, "short.nii", short_by(study_bytes(), 9)); }},
      {"TruncatedGzip",
       3,
       {"short.nii.gz", "truncated"},
       [](Study& s) {
         const std::string bytes = gzipped(study_bytes());
         return with_bold(s, "short.nii.gz", short_by(bytes, bytes.size() / 2));
       }},
      {"TruncatedBeforeGzip",
       3,
       {"short.nii.gz", "truncated"},
       [](Study& s) { return with_bold(s, "short.nii.gz", gzipped(short_by(study_bytes(), 9))); }},
      {"GzipCutInItsTrailer",
       3,
       {"short.nii.gz"},
       [](Study& s) { return with_bold(s, "short.nii.gz", short_by(gzipped(study_bytes()), 2)); }},
      {"ZeroDimension",
       3,
       {"flat.nii", "0"},
       [](Study& s) {
         RawNifti raw = raw_series(kStudySize, study_values(1));
         const std::string voxels = raw.voxels();
         raw.dim[1] = 0;
         return with_bold(s, "flat.nii", raw.header() + voxels);
       }},
      {"ImpossibleDimensions",
       3,
       {"huge.nii"},
       [](Study& s) {
         RawNifti raw = raw_series(kStudySize, {});
         raw.version = 2;
         const std::string voxels = raw.voxels();
         raw.dim[1] = raw.dim[2] = int64_t{1} << 32;
         return with_bold(s, "huge.nii", raw.header() + voxels);
       }},
      {"ThreeDimensionalImage",
       3,
       {"one.nii", "1 volume"},
       [](Study& s) {
         return with_bold(s, "one.nii", raw_series({4, 3, 2, 1}, study_values(1, 1)).file());
       }},
      {"MaskOnAnotherGrid",
       3,
       {"mask.nii", "run-1_bold.nii.gz", "4x3x2", "4x3x3"},
       [](Study& s) {
         write_text(s.mask, raw_series({4, 3, 3, 1}, std::vector<double>(36, 1)).file());
         return Words{};
       }},
      {"MaskElsewhere",
       3,
       {"mask.nii", "run-1_bold.nii.gz"},
       [](Study& s) {
         RawNifti moved = raw_series({4, 3, 2, 1}, std::vector<double>(24, 1));
         moved.srow[3] += 2;
         write_text(s.mask, moved.file());
         return Words{};
       }},
      {"MaskEmpty",
       3,
       {"mask.nii", "empty"},
       [](Study& s) {
         write_text(s.mask, raw_series({4, 3, 2, 1}, std::vector<double>(24, 0)).file());
         return Words{};
       }},
      {"RunsOnDifferentGrids",
       3,
       {"run-1_bold.nii.gz", "other.nii"},
       [](Study& s) {
         s.bold[1] = s / "other.nii";
         write_text(s.bold[1], raw_series({2, 3, 4, 60}, study_values(1)).file());
         return Words{};
       }},
  };
}

}  // namespace sociometer::testing
