#include <doctest/doctest.h>

#include "jirani/meter_clock.h"

using namespace jirani;

TEST_CASE("the meter's clock says how far it is to be trusted") {
  MeterClock clock;
  CHECK(clock.at(5'000).quality == timeNeverSet);
  CHECK(clock.at(5'000).unixSeconds == 0);
  clock.hear(1'800'000'000, 10'000);
  CHECK(clock.at(13'999).unixSeconds == 1'800'000'003);
  CHECK(clock.at(13'999).quality == timeKeptOrFromHub);
  clock.synchronise(1'800'000'100, 20'000);
  clock.hear(1'700'000'000, 21'000);
  CHECK(clock.at(21'000).unixSeconds == 1'800'000'101);
  CHECK(clock.at(21'000).quality == timeSynchronised);
  CHECK(clock.at(20'000 + synchronisedMs).quality == timeKeptOrFromHub);
}
