#pragma once
#include <string>

#include "cli/jobs/study/study_inputs.hpp"
#include "cli/jobs/study/study_ledger.hpp"

namespace sociometer::jobs {

/// A claim on an output folder by a call of `run`, held while it runs. Calls of the same model and
/// choices share it, for example one per participant; a call with others is refused meanwhile,
/// since both would write the same jobs and files.
class StudyClaim {
 public:
  /// @throws Error{usage} if calls with another model or other choices hold the folder;
  /// Error{cannot_write}.
  StudyClaim(const StudyRequest& request, const StudyInputs& inputs);
  ~StudyClaim();
  StudyClaim(const StudyClaim&) = delete;
  StudyClaim& operator=(const StudyClaim&) = delete;

 private:
  void hold(const StudyRequest& request, const StudyInputs& inputs);

  StudyLedger ledger_;
  int descriptor_ = -1;
};

/// Refuses an output folder within a participant's raw data, or with another program's dataset.
/// @throws Error{usage}
void check_output_folder(const StudyRequest& request);

}  // namespace sociometer::jobs
