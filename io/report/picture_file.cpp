#include "io/report/picture_file.hpp"

namespace sociometer {

std::string svg_of(const DrawnPicture& picture) {
  Canvas canvas(picture.width, picture.height, Canvas::SvgInMemory{});
  picture.draw(canvas);
  return canvas.svg();
}

}  // namespace sociometer
