#include "profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

namespace vmeter {
namespace {

constexpr size_t pieceBytes = 64 * 1024;
constexpr size_t lineBytesMax = 256;
constexpr long long powerMaxMw = 100'000'000;
constexpr long long voltageMaxMv = 1'000'000;

}  // namespace

bool Profile::open(const std::string &name) {
  if (name != "-") {
    descriptor_ = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    return descriptor_ >= 0;
  }
  descriptor_ = STDIN_FILENO;
  return fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL) | O_NONBLOCK) == 0;
}

bool Profile::readOn(const Learn &learn) {
  char piece[pieceBytes];
  while (!isOver_) {
    const ssize_t got = read(descriptor_, piece, sizeof piece);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) isOver_ = true;
    rest_.append(piece, static_cast<size_t>(got));
    size_t from = 0;
    for (size_t end; (end = rest_.find('\n', from)) != std::string::npos; from = end + 1)
      if (!take(rest_.substr(from, end - from), learn)) return false;
    rest_.erase(0, from);
    if (rest_.size() > lineBytesMax) return false;
  }
  return true;
}

bool Profile::take(const std::string &line, const Learn &learn) {
  // A heading, or nothing.
  if (line.empty() || line[0] == '#' || line.rfind("at_ms", 0) == 0) return true;
  long long at, import, exported, generation, voltage;
  char meter[jirani::meterIdMax + 1];
  int end = 0;
  const int fields = sscanf(line.c_str(), "%lld,%64[^,],%lld,%lld,%lld,%lld%n", &at, meter, &import, &exported,
                            &generation, &voltage, &end);
  const bool isVoltage = voltage >= 1 && voltage <= voltageMaxMv;
  const bool isWhole = fields == 6 && static_cast<size_t>(end) == line.size() && isVoltage;
  const auto isPower = [](long long mw) { return mw >= 0 && mw <= powerMaxMw; };
  if (!isWhole || !isPower(import) || !isPower(exported) || !isPower(generation)) {
    fprintf(stderr, "vmeter: not a line of a profile: %s\n", line.c_str());
    return false;
  }
  learn(meter, {at, import, exported, generation, static_cast<uint32_t>(voltage)});
  return true;
}

}  // namespace vmeter
