/** The device on this computer: its own sources, ESP-IDF played by fakes, and the test at the other end of the pipes. */
#include "plug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <chrono>
#include <iostream>
#include <sstream>
#include <thread>

#include "jirani/kept.h"

namespace plug {
namespace {

using Clock = std::chrono::steady_clock;
const Clock::time_point began = Clock::now();
std::mutex telling;

}  // namespace

std::string stateFile(const char *name) {
  const char *folder = getenv("DEVICE_STATE");
  return std::string(folder == nullptr ? "." : folder) + "/" + name;
}

double speed() {
  static const double value = isSet("DEVICE_SPEED") ? atof(getenv("DEVICE_SPEED")) : 1;
  return value;
}

bool isSet(const char *name) { return getenv(name) != nullptr; }

uint64_t nowUs() {
  const double us = static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count());
  return static_cast<uint64_t>(us * speed());
}

void sleepUs(uint64_t deviceUs) {
  std::this_thread::sleep_for(std::chrono::microseconds(static_cast<int64_t>(static_cast<double>(deviceUs) / speed())));
}

void tell(const char *format, ...) {
  const std::lock_guard<std::mutex> guard(telling);
  va_list words;
  va_start(words, format);
  vprintf(format, words);
  va_end(words);
  putchar('\n');
  fflush(stdout);
}

void obeyTheTest() {
  std::thread([] {
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream words(line);
      std::string what, first, rest;
      words >> what >> first;
      std::getline(words >> std::ws, rest);
      if (what == "gpio") setInput(atoi(first.c_str()), atoi(rest.c_str()));
      if (what == "post") post(first, rest);
      if (what == "serial") serial(first);
    }
    // The test is gone, or wants it to end; no destructor runs under the feet of the other tasks.
    _Exit(0);
  }).detach();
}

}  // namespace plug

extern "C" void app_main();

int main() {
  plug::obeyTheTest();
  app_main();
}
