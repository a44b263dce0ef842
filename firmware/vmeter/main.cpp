/** Virtual meters over real sockets: the core of the device, thousands of times in one process. */
#include <signal.h>
#include <sodium.h>

#include "street.h"

namespace {

volatile bool wantsToEnd = false;

void end(int) { wantsToEnd = true; }

}  // namespace

int main(int argc, char **argv) {
  vmeter::Options options;
  if (!vmeter::readOptions(argc, argv, options) || sodium_init() < 0) return 2;
  signal(SIGINT, end);
  signal(SIGTERM, end);
  signal(SIGPIPE, SIG_IGN);
  vmeter::Street street(options);
  if (!street.open()) return 2;
  const bool isUnderstood = street.live(wantsToEnd);
  street.tell();
  return isUnderstood ? 0 : 1;
}
