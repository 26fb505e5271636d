#include "cli/jobs/bridge.hpp"

namespace sociometer::cli {
namespace {
Session* g_session = nullptr;
}
Session& process_session() { return *g_session; }
void set_process_session(Session* session) { g_session = session; }
}  // namespace sociometer::cli
