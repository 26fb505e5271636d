#include "tests/cli/small_group.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "io/images/nifti.hpp"
#include "io/images/nifti_write.hpp"

namespace sociometer::testing {

std::string SmallGroup::put(const std::string& name, double value, int n_volumes) const {
  Eigen::MatrixXd values(8, n_volumes);
  for (Eigen::Index v = 0; v < 8; ++v) values.row(v).setConstant(value * double(v + 1));
  return put_values(name, values);
}

std::string SmallGroup::put_values(const std::string& name, const Eigen::MatrixXd& values) const {
  Mask all;
  all.grid.size = {2, 2, 2};
  for (uint32_t v = 0; v < 8; ++v) all.voxels.push_back(v);
  const auto bytes = nifti_bytes(all, values, ScalarType::float64, "test");
  const std::string path = folder / name;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  write_text(path, std::string(bytes.begin(), bytes.end()));
  return path;
}

CommandResult SmallGroup::run(const Words& words, const std::string& out) const {
  Words all{"group", "--no-tables", "--map-type", "float64", "-o", folder / out};
  all.insert(all.end(), words.begin(), words.end());
  return run_program(all);
}

double SmallGroup::at(const std::string& name, const std::string& out) const {
  return read_nifti(folder / (out + "/" + name + "_statmap.nii.gz")).values(0, 0);
}

::testing::AssertionResult refused(const CommandResult& result, int exit_code, const Words& words) {
  CommandResult error = result;
  const size_t at = error.err.find("error: ");
  if (at != std::string::npos) error.err = error.err.substr(at);
  return fails_with(error, exit_code, words);
}

RepeatedStudy::RepeatedStudy() {
  const double pre[] = {1.2, 0.7, 2.1, 1.5, 0.3, 1.9, 1.1, 0.8},
               post[] = {2.0, 1.1, 2.9, 1.4, 1.3, 2.2, 1.9, 1.7},
               late[] = {1.7, 1.6, 2.4, 2.2, 0.9, 2.8, 1.2, 2.1};
  for (int i = 0; i < 8; ++i)
    for (const auto& [session, values] : {std::pair{"pre", pre}, {"post", post}, {"late", late}})
      put(fmt::format("sub-{}_ses-{}_contrast-x_stat-effect_statmap.nii.gz", i + 1, session),
          values[i]);
  write_text(folder / "participants.tsv",
             "participant_id\tage\tanxiety\tgroup\n"
             "sub-9\t99\t9\tother\n"
             "sub-2\t34\t1\tcontrol\nsub-1\t21\t3.5\tpatient\nsub-3\t28\t4.5\tpatient\n"
             "sub-4\t45\t2\tcontrol\nsub-5\t19\tn/a\tpatient\nsub-6\t52\t1.5\tcontrol\n"
             "sub-7\t30\t5\tpatient\nsub-8\t41\t2.5\tcontrol\n");
}

Words RepeatedStudy::maps(const Words& sessions) const {
  Words out;
  for (int i = 1; i <= 8; ++i)
    for (const std::string& session : sessions)
      out.push_back(folder /
                    fmt::format("sub-{}_ses-{}_contrast-x_stat-effect_statmap.nii.gz", i, session));
  return out;
}

}  // namespace sociometer::testing
