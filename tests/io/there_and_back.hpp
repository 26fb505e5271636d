#pragma once
#include <gtest/gtest.h>

#include "io/records/record_fields.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::testing {

/// Through the text of a file, and compared by what is written: NaN is null there.
template <class T>
T there_and_back(const T& record) {
  const Json json = Json::parse(to_text(record_to_json(record)));
  const T again = parse_record<T>(json, "x.json");
  EXPECT_EQ(record_to_json(again).dump(1), json.dump(1));
  return again;
}

}  // namespace sociometer::testing
