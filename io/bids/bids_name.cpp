#include "io/bids/bids_name.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_label_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+';
}

/// "sub-01" as sub and 01; nullopt for words that are not entities. A label ends at the first
/// character not allowed in labels.
std::optional<std::pair<std::string, std::string>> entity_of(const std::string& word) {
  const size_t dash = word.find('-');
  if (dash == std::string::npos || dash == 0 ||
      !std::all_of(word.begin(), word.begin() + long(dash), is_letter))
    return std::nullopt;
  const auto begin = word.begin() + long(dash) + 1;
  const auto end = std::find_if_not(begin, word.end(), is_label_character);
  if (begin == end) return std::nullopt;
  return std::pair{word.substr(0, dash), std::string(begin, end)};
}

std::vector<std::string> words_of(const std::string& stem) {
  std::vector<std::string> words;
  for (size_t at = 0; at <= stem.size();) {
    const size_t end = std::min(stem.find('_', at), stem.size());
    words.push_back(stem.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string in_folders(const fs::path& file, std::string_view key) {
  for (fs::path at = file.parent_path(); at.has_filename(); at = at.parent_path())
    for (const auto& word : words_of(at.filename().string()))
      if (const auto entity = entity_of(word); entity && entity->first == key)
        return entity->second;
  return "";
}

}  // namespace

bool same_label(std::string_view key, const std::string& a, const std::string& b) {
  if (a == b) return true;
  return (key == "run" || key == "echo") && !natural_less(a, b) && !natural_less(b, a);
}

const std::vector<std::string>& entity_order() {
  static const std::vector<std::string> order{
      "sub",   "ses",   "sample",    "task",  "tracksys", "acq",    "ce",  "trc",  "stain", "rec",
      "dir",   "run",   "mod",       "echo",  "flip",     "inv",    "mt",  "part", "proc",  "hemi",
      "space", "split", "recording", "chunk", "seg",      "cohort", "res", "den",  "label", "desc"};
  return order;
}

void BidsName::set(const std::string& key, const std::string& label) {
  const auto found = std::find_if(entities.begin(), entities.end(),
                                  [&](const auto& entity) { return entity.first == key; });
  if (found != entities.end())
    found->second = label;
  else
    entities.emplace_back(key, label);
}

const std::string& BidsName::label(std::string_view key) const& {
  static const std::string absent;
  for (const auto& [name, value] : entities)
    if (name == key) return value;
  return absent;
}

BidsName bids_name(const std::string& path) {
  const fs::path file(path);
  const std::string name = file.filename().string();
  const size_t dot = std::min(name.find('.'), name.size());
  BidsName out;
  out.extension = name.substr(dot);
  const auto words = words_of(name.substr(0, dot));
  for (size_t i = 0; i < words.size(); ++i) {
    if (auto entity = entity_of(words[i]))
      out.entities.push_back(std::move(*entity));
    else if (i + 1 == words.size())
      out.suffix = words[i];
  }
  if (!file.has_parent_path()) return out;
  size_t at = 0;  // entities from folders come first, as in names
  for (const char* key : {"sub", "ses"}) {
    if (!out.label(key).empty()) continue;
    if (const std::string label = in_folders(file, key); !label.empty())
      out.entities.insert(out.entities.begin() + long(at++), {key, label});
  }
  return out;
}

std::string participant_in(const std::string& path) {
  const std::string label = bids_name(path).label("sub");
  return label.empty() ? "" : "sub-" + label;
}

std::optional<EntityConflict> conflicting_entity(const BidsName& first, const BidsName& second,
                                                 const std::vector<std::string>& keys) {
  for (const auto& key : keys) {
    const std::string a = first.label(key), b = second.label(key);
    if (!a.empty() && !b.empty() && !same_label(key, a, b)) return EntityConflict{key, a, b};
  }
  return std::nullopt;
}

void require_same_entities(const std::string& first, const std::string& second,
                           const std::vector<std::string>& keys) {
  const auto conflict = conflicting_entity(bids_name(first), bids_name(second), keys);
  if (conflict)
    fail(ErrorCode::bad_input,
         "{} is of {}-{}, {} of {}-{}; give files that belong together, or rename them", first,
         conflict->key, conflict->first, second, conflict->key, conflict->second);
}

std::string require_same_space(const std::string& first, const std::string& second) {
  const BidsName a = bids_name(first), b = bids_name(second);
  require_same_entities(first, second, {"cohort", "den", "hemi"});
  const auto space_of = [](const BidsName& name) {
    return name.label("space").empty() ? name.label("tpl") : name.label("space");
  };
  const std::string x = space_of(a), y = space_of(b);
  if (x.empty() || y.empty() || x == y) return "";
  const auto is_mni = [](const std::string& space) {
    return space == "MNI" || space.starts_with("MNI152");
  };
  if (!is_mni(x) || !is_mni(y))
    fail(ErrorCode::bad_input,
         "{} is of space-{}, {} of space-{}; bring one into the space of the other, or rename it",
         first, x, second, y);
  return fmt::format(
      "{} is of space-{}, {} of space-{}: taken together as versions of the MNI152 template, "
      "though "
      "places in them may lie millimetres apart",
      first, x, second, y);
}

std::string derived_prefix(const std::vector<std::string>& paths) {
  std::string folders, name;
  for (const std::string key : {"sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "echo",
                                "part", "hemi", "space", "cohort", "res", "den"}) {
    std::string common;
    for (size_t i = 0; i < paths.size(); ++i) {
      const std::string label = bids_name(fs::path(paths[i]).filename().string()).label(key);
      if (i > 0 && label != common) common.clear();
      if (i == 0) common = label;
      if (common.empty()) break;
    }
    if (common.empty() && key == "sub") return "";
    if (common.empty()) continue;
    const std::string entity = key + "-" + common;
    if (key == "sub" || key == "ses") folders += entity + "/";
    name += (name.empty() ? "" : "_") + entity;
  }
  return folders + name;
}

std::string entity_key(const std::string& name) {
  static const std::map<std::string, std::string> known{
      {"subject", "sub"},      {"participant", "sub"}, {"session", "ses"},
      {"acquisition", "acq"},  {"direction", "dir"},   {"reconstruction", "rec"},
      {"hemisphere", "hemi"},  {"resolution", "res"},  {"density", "den"},
      {"description", "desc"}, {"statistic", "stat"},  {"ceagent", "ce"},
      {"tracer", "trc"},       {"staining", "stain"},  {"modality", "mod"},
      {"inversion", "inv"},    {"segmentation", "seg"}};
  const auto found = known.find(name);
  return found == known.end() ? name : found->second;
}

namespace {

/// The statistic denoted by a word of a file name, as used by FSL, SPM,
/// AFNI and nilearn, in lower case.
std::string statistic_of_word(const std::string& word) {
  static const std::map<std::string, std::string> known{{"zstat", "z"},
                                                        {"zfstat", "z"},
                                                        {"zscore", "z"},
                                                        {"zmap", "z"},
                                                        {"zval", "z"},
                                                        {"tstat", "t"},
                                                        {"tscore", "t"},
                                                        {"tmap", "t"},
                                                        {"tval", "t"},
                                                        {"spmt", "t"},
                                                        {"fstat", "f"},
                                                        {"fscore", "f"},
                                                        {"spmf", "f"},
                                                        {"pvalue", "p"},
                                                        {"pval", "p"},
                                                        {"pmap", "p"},
                                                        {"log10p", "logp"},
                                                        {"logp", "logp"},
                                                        {"varcope", "variance"},
                                                        {"resms", "variance"},
                                                        {"sigmasquareds", "variance"},
                                                        {"effectvariance", "variance"},
                                                        {"cope", "effect"},
                                                        {"pe", "effect"},
                                                        {"con", "effect"},
                                                        {"beta", "effect"},
                                                        {"effectsize", "effect"}};
  const auto found = known.find(word);
  return found == known.end() ? "" : found->second;
}

/// Words of a name without trailing digits, and each adjacent pair joined into one: z_score.
std::vector<std::string> words_with_pairs(const std::string& name) {
  std::vector<std::string> out, words;
  for (std::string& word : words_of(name)) {
    word.resize(word.find_last_not_of("0123456789") + 1);
    words.push_back(std::move(word));
  }
  for (size_t i = 0; i < words.size(); ++i) {
    out.push_back(words[i]);
    if (i + 1 < words.size()) out.push_back(words[i] + words[i + 1]);
  }
  return out;
}

}  // namespace

std::string bare_participant(const std::string& label) {
  return label.starts_with("sub-") ? label.substr(4) : label;
}

std::string statistic_in(const std::string& path) {
  const std::string stat = in_small_letters(bids_name(path).label("stat"));
  if (!stat.empty()) {
    const std::string meaning = statistic_of_word(stat);
    return meaning.empty() ? stat : meaning;
  }
  std::string name = in_small_letters(fs::path(path).filename().string());
  name = name.substr(0, name.find('.'));
  std::string out;
  // A word for a statistic overrides one for an effect: con01_zstat1 belongs to a control.
  for (const auto& word : words_with_pairs(name))
    if (const std::string what = statistic_of_word(word);
        !what.empty() && (out.empty() || (is_no_effect(what) && !is_no_effect(out))))
      out = what;
  return out;
}

std::string numbered_contrast_in(const std::string& path) {
  if (!bids_name(path).label("contrast").empty()) return "";
  std::string name = in_small_letters(fs::path(path).filename().string());
  const auto words = words_of(name.substr(0, name.find('.')));
  const auto is_number = [](const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  };
  for (size_t i = 0; i < words.size(); ++i) {
    const size_t digits = std::min(words[i].find_first_of("0123456789"), words[i].size());
    const std::string letters = words[i].substr(0, digits);
    for (const char* fsl : {"cope", "varcope", "pe", "zstat", "tstat"})
      if (letters == fsl && is_number(words[i].substr(digits)))
        return (letters == "pe" ? "pe" : "cope") + words[i].substr(digits);
    for (const char* spm : {"con", "beta", "spmt"})
      if (words[i] == spm && i + 1 < words.size() && is_number(words[i + 1]) &&
          words[i + 1].size() == 4)  // con_1 may be the first control
        return (words[i] == "beta" ? "beta_" : "con_") + words[i + 1];
  }
  return "";
}

std::string statistic_of(const std::string& path, const std::string& by_header) {
  const std::string named = statistic_in(path);
  const bool certain = !bids_name(path).label("stat").empty() || is_no_effect(named);
  return certain || by_header.empty() ? named : by_header;
}

bool is_no_effect(const std::string& statistic) {
  static const std::set<std::string> known{"z",    "t",     "f",     "variance", "var", "tau2",
                                           "chi2", "dof",   "r2",    "logp",     "n",   "i2",
                                           "q",    "scale", "logbf", "mask"};
  // Of p, not of percent signal change.
  const auto begins = [&](const char* text) { return statistic.starts_with(text); };
  return known.count(statistic) > 0 || statistic == "p" || begins("pf") || begins("pu") ||
         begins("voxelp") || begins("tfce") || begins("log10p") || begins("logp");
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits at a place, without leading zeros; moves the place past them.
std::string_view number_at(const std::string& text, size_t& at) {
  while (at < text.size() && text[at] == '0') ++at;
  const size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return std::string_view(text).substr(begin, at - begin);
}

/// Numbers within text count as numbers: a2 before a10.
bool comes_first(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::string_view x = number_at(a, i), y = number_at(b, j);
      if (x != y) return x.size() != y.size() ? x.size() < y.size() : x < y;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i, ++j;
    }
  }
  return i == a.size() && j < b.size();
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  const auto digits = [](const std::string& s) {
    return !s.empty() && s.find_first_not_of("0123456789") == std::string::npos;
  };
  if (digits(a) != digits(b)) return digits(a);
  return comes_first(a, b);
}

bool label_less(const std::string& a, const std::string& b) {
  if (natural_less(a, b)) return true;
  return !natural_less(b, a) && a < b;
}

}  // namespace sociometer
