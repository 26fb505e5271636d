#include "io/report/shared_images.hpp"

#include <map>
#include <string_view>
#include <unordered_map>

namespace sociometer {
namespace {

using View = std::string_view;
constexpr View kImage = "<image id=\"", kData = "href=\"data:image/png;base64,", kUse = "href=\"#";

/// What is between `before` and the next quotation mark; empty without it.
View attribute(View element, View before) {
  const size_t at = element.find(before);
  if (at == View::npos) return {};
  const size_t from = at + before.size();
  return element.substr(from, element.find('"', from) - from);
}

class ImageSharer {
 public:
  explicit ImageSharer(View markup) : rest_(markup) {}
  std::string shared() {
    out_.reserve(rest_.size());
    while (!rest_.empty()) {
      const size_t image = rest_.find(kImage), use = rest_.find(kUse);
      if (image == View::npos && use == View::npos) break;
      copy(std::min(image, use));
      if (image < use)
        write_image();
      else
        write_reference();
    }
    copy(rest_.size());
    return std::move(out_);
  }

 private:
  void copy(size_t n) {
    out_ += rest_.substr(0, n);
    rest_.remove_prefix(n);
  }
  void write_image() {
    const size_t end = rest_.find("/>");
    const View element = rest_.substr(0, end == View::npos ? rest_.size() : end + 2);
    const View id = attribute(element, kImage), data = attribute(element, kData);
    const auto [first, is_new] =
        data.empty() ? std::pair(first_of_.end(), true) : first_of_.try_emplace(data, id);
    if (is_new) {
      copy(element.size());
      return;
    }
    replaced_by_[id] = first->second;
    rest_.remove_prefix(element.size());
  }
  void write_reference() {
    copy(kUse.size());
    const View id = rest_.substr(0, rest_.find('"'));
    const auto replaced = replaced_by_.find(id);
    out_ += replaced == replaced_by_.end() ? id : replaced->second;
    rest_.remove_prefix(id.size());
  }

  View rest_;
  std::string out_;
  std::unordered_map<View, View> first_of_;  ///< id of the image that has this data
  std::map<View, View> replaced_by_;
};

}  // namespace

std::string with_shared_images(const std::string& markup) { return ImageSharer(markup).shared(); }

}  // namespace sociometer
