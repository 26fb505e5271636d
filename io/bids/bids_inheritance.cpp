#include "io/bids/bids_inheritance.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

bool applies(const BidsName& file, const BidsName& image) {
  return std::all_of(file.entities.begin(), file.entities.end(), [&](const auto& entity) {
    return same_label(entity.first, entity.second, image.label(entity.first));
  });
}

/// Files of one folder all have its participant and session (see BidsPerson), so the one with more
/// entities is the more specific.
size_t n_entities(const BidsFile& file) { return file.name.entities.size(); }

}  // namespace

std::vector<const BidsFile*> applicable_files(const BidsDataset& dataset, const BidsName& image,
                                              const std::string& suffix,
                                              const std::string& extension) {
  std::vector<const BidsFile*> out;
  const auto look = [&](const std::vector<BidsFile>& files) {
    for (const auto& file : files)
      if (file.name.suffix == suffix && file.name.extension == extension &&
          applies(file.name, image))
        out.push_back(&file);
  };
  look(dataset.shared);
  if (const auto* person = dataset.person(image.label("sub"))) look(person->files);
  std::sort(out.begin(), out.end(), [](const BidsFile* a, const BidsFile* b) {
    const size_t m = n_entities(*a), n = n_entities(*b);
    return std::tie(a->level, m, a->path) < std::tie(b->level, n, b->path);
  });
  return out;
}

const BidsFile* applicable_table(const BidsDataset& dataset, const BidsName& image,
                                 const std::string& suffix) {
  const auto files = applicable_files(dataset, image, suffix, ".tsv");
  if (files.empty()) return nullptr;
  const BidsFile* best = files.back();
  for (const auto* other : files)
    if (other != best && other->level == best->level && n_entities(*other) == n_entities(*best))
      fail(ErrorCode::bad_input,
           "{} and {} both apply to {}_{}; leave the one that does, or name them after their runs",
           other->path, std::filesystem::path(best->path).filename().string(),
           image.label("sub").empty() ? "the run" : "sub-" + image.label("sub"),
           "task-" + image.label("task"));
  return best;
}

}  // namespace sociometer
