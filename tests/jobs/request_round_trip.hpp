#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/jobs/request_json.hpp"

namespace sociometer::testing {

/// Changes the value of every field of a request.
struct Changed {
  template <class T>
  void operator()(const char*, T& value) const {
    change(value);
  }

  template <class T>
  static void change(T& value) {
    if constexpr (jobs::detail::is_optional<T>::value) {
      typename T::value_type inner{};
      change(inner);
      value = inner;
    } else if constexpr (jobs::detail::is_vector<T>::value) {
      typename T::value_type inner{};
      change(inner);
      value.push_back(inner);
    } else if constexpr (jobs::detail::is_pair<T>::value) {
      change(value.first);
      change(value.second);
    } else if constexpr (Named<T>) {
      const auto names = names_of(std::type_identity<T>{});
      value = value == names.front().value ? names.back().value : names.front().value;
    } else if constexpr (jobs::HasFields<T>) {
      visit_fields(value, Changed{});
    } else if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else if constexpr (std::is_arithmetic_v<T>) {
      value = T(value + 3);
    } else if constexpr (std::is_same_v<T, std::string>) {
      value += "x, \"y\" \n\xc3\xa4";
    }
    // Types with FieldOf are changed in the tests of the requests that use them.
  }
};

/// Everything written from a request is read back unchanged, field by field, for any values; and
/// every field is written.
template <class Request>
void expect_round_trip(const Request& request, const std::vector<std::string>& not_changed = {}) {
  Request changed = request;
  visit_fields(changed, Changed{});
  for (const Request& r : {request, changed}) {
    const Json json = jobs::to_json(r);
    const Json parsed = Json::parse(json.dump());
    EXPECT_EQ(jobs::to_json(jobs::from_json<Request>(parsed, "test")), json);
  }
  const Json before = jobs::to_json(request), after = jobs::to_json(changed);
  visit_fields(changed, [&](const std::string& name, const auto&) {
    ASSERT_TRUE(after.contains(name)) << name;
    const bool may_be_equal =
        std::find(not_changed.begin(), not_changed.end(), name) != not_changed.end();
    EXPECT_TRUE(may_be_equal || !before.contains(name) || before[name] != after[name]) << name;
  });
}

/// An unknown field, or one of the wrong type, is refused by name.
template <class Request>
void expect_strict() {
  Json json = jobs::to_json(Request{});
  json["no_such_field"] = 1;
  try {
    jobs::from_json<Request>(json, "job.json");
    ADD_FAILURE() << "an unknown field was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_input);
    EXPECT_NE(std::string(error.what()).find("no_such_field"), std::string::npos) << error.what();
  }
  const Json sound = jobs::to_json(Request{});
  for (const auto& [key, value] : sound.items()) {
    Json wrong = sound;
    wrong[key] = Json{{"of", "another type"}};
    EXPECT_THROW(jobs::from_json<Request>(wrong, "job.json"), Error) << key;
  }
}

}  // namespace sociometer::testing
