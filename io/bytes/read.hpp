#pragma once
#include "io/bytes/json.hpp"

namespace sociometer {

/// A value with the file that it was read from. The checksum is taken of the bytes that gave the
/// value, so that a record cannot list another state of the file.
template <class T>
struct Read {
  T value;
  InputFile file;
};

}  // namespace sociometer
