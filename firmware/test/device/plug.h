/** What the fakes of ESP-IDF share: where they keep things, how fast their time runs, how they tell the test. */
#pragma once
#include <stdarg.h>
#include <stdint.h>

#include <mutex>
#include <string>

namespace plug {

/** From the environment: DEVICE_STATE, a folder that survives a restart; DEVICE_SPEED, how fast time runs. */
std::string stateFile(const char *name);
double speed();
bool isSet(const char *name);
uint64_t nowUs();
void sleepUs(uint64_t deviceUs);

/** One line for the test, on standard output. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Starts to obey lines of standard input: `gpio PIN LEVEL`, `post PATH BODY`, `serial HEX`. */
void obeyTheTest();
void setInput(int pin, int level);
void post(const std::string &path, const std::string &body);
void serial(const std::string &hex);

/** Frames of the ADC while the mains has 230 V, 50 Hz and so many watts. */
constexpr double watts = 1'150;

}  // namespace plug
