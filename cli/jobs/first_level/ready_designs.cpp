#include "cli/jobs/first_level/ready_designs.hpp"

#include "engine/core/error.hpp"
#include "engine/design/subspace.hpp"
#include "io/tables/afni_tables.hpp"
#include "io/tables/fsl_designs.hpp"

namespace sociometer::jobs {
namespace {

ReadyDesign as_stored(const std::string& path) {
  const FileContent text = read_text_file(path);
  if (is_vest(text)) return {read_fsl_design(text), {}, "FSL", {0}, text.file};
  if (!is_afni_design(text)) return {design_of(table_of(text)), {}, "TSV", {0}, text.file};
  AfniDesign afni = read_afni_design(text);
  return {std::move(afni.design), std::move(afni.kept), "AFNI", std::move(afni.run_starts),
          text.file};
}

}  // namespace

ReadyDesign read_ready_design(const std::string& path, Eigen::Index n_scans) {
  ReadyDesign ready = as_stored(path);
  if (n_scans > 0 && ready.design.n_scans() != n_scans)
    fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path,
         ready.design.n_scans(), n_scans);
  return ready;
}

void mend_constant(ReadyDesign& ready, const std::vector<uint8_t>& kept, const std::string& path,
                   Warnings& warnings, Journal& journal) {
  DesignMatrix& design = ready.design;
  if (spans_constant(kept_rows(design, kept))) return;
  if (ready.format != "FSL") {
    warnings.push_back(path +
                       ": no columns of the design add up to a constant: the mean of the "
                       "signal is not modelled");
    return;
  }
  journal.info(path + ": a constant is added, since FSL takes the mean out of the data instead");
  design.names.push_back("constant");
  design.roles.push_back(ColumnRole::constant);
  design.values.conservativeResize(Eigen::NoChange, design.values.cols() + 1);
  design.values.rightCols(1).setOnes();
  check_design(design);
}

std::vector<ContrastSpec> contrasts_of_files(const std::vector<std::string>& files,
                                             std::vector<InputFile>* inputs) {
  std::vector<ContrastSpec> specs;
  std::vector<FileContent> texts;
  for (const auto& path : files) {
    texts.push_back(read_text_file(path));
    if (inputs) inputs->push_back(texts.back().file);
  }
  const auto is_fts = [](const std::string& path) { return path.ends_with(".fts"); };
  for (size_t i = 0; i < files.size(); ++i) {
    const bool vest = is_vest(texts[i]);
    if (vest && is_fts(files[i]))
      fail(ErrorCode::usage, "{} combines contrasts of a design.con; name that just before it",
           files[i]);
    if (!vest && !is_afni_design(texts[i]))
      fail(ErrorCode::bad_input, "{} is neither FSL's design.con nor AFNI's X.xmat.1D", files[i]);
    const bool pair = vest && i + 1 < files.size() && is_fts(files[i + 1]);
    const auto more = vest ? read_fsl_contrasts(texts[i], pair ? &texts[i + 1] : nullptr)
                           : read_afni_design(texts[i]).contrasts;
    specs.insert(specs.end(), more.begin(), more.end());
    i += pair;
  }
  return specs;
}

}  // namespace sociometer::jobs
