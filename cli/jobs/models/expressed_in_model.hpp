#pragma once
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "engine/design/contrast.hpp"
#include "engine/stats_models/stats_model.hpp"

// What translations of requests into models share.
namespace sociometer::jobs {

/// An option, whether it was given, and why a model cannot express it.
struct InexpressibleOption {
  bool given;
  const char* option;
  const char* why;
};

/// @throws Error{usage} for the first that was given.
void refuse_inexpressible(std::initializer_list<InexpressibleOption> options);

/// A contrast of a command as one of a model.
/// @param columns      names that its expressions may use.
/// @param in_model     what the model calls a column.
/// @throws Error{usage} for a list of weights, which counts columns instead of naming them.
ModelContrast expressed_contrast(const ContrastSpec& spec, const std::vector<std::string>& columns,
                                 const std::function<std::string(const std::string&)>& in_model);

/// Sets what differs from the default.
template <class Field, class T>
void set_if_other(Field& field, const T& value, const T& otherwise) {
  if (value != otherwise) field = value;
}

}  // namespace sociometer::jobs
