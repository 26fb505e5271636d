#pragma once
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer::testing {

/// Whether `work` throws an Error with this code whose message is one line containing every word.
template <typename Work>
::testing::AssertionResult refuses(ErrorCode code, const std::vector<std::string>& words,
                                   Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    const std::string message = error.what();
    if (error.code() != code)
      return ::testing::AssertionFailure()
             << "code " << int(error.code()) << ", expected " << int(code) << ": " << message;
    if (message.find('\n') != std::string::npos)
      return ::testing::AssertionFailure() << "the message has several lines: " << message;
    for (const auto& word : words)
      if (message.find(word) == std::string::npos)
        return ::testing::AssertionFailure() << "'" << word << "' is not in: " << message;
    return ::testing::AssertionSuccess();
  } catch (const std::exception& error) {
    return ::testing::AssertionFailure() << "not an Error: " << error.what();
  }
  return ::testing::AssertionFailure() << "it was accepted";
}

}  // namespace sociometer::testing
