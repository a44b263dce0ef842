/**
 * Which pin does what, for each chip. The simulator's diagram (firmware/wokwi) is checked against the pins of
 * the classic ESP32, which its board has.
 */
#pragma once

#include "sdkconfig.h"

#if defined(CONFIG_IDF_TARGET_ESP32)
// ADC1 only: ADC2 belongs to the Wi-Fi.
constexpr int pinVoltage = 34;
constexpr int pinCurrent = 35;
constexpr int pinGeneration = 32;
constexpr int pinRelay = 26;
constexpr int pinStatusLed = 25;
/** To ground while pressed: the setup access point, and after ten seconds a new start from nothing. */
constexpr int pinSetupButton = 27;
/** To ground while the cover is closed. */
constexpr int pinCoverSwitch = 33;
/** I2C of the ADE7953. */
constexpr int pinChipData = 21;
constexpr int pinChipClock = 22;
#elif defined(CONFIG_IDF_TARGET_ESP32S3)
constexpr int pinVoltage = 1;
constexpr int pinCurrent = 2;
constexpr int pinGeneration = 4;
constexpr int pinRelay = 15;
constexpr int pinStatusLed = 16;
constexpr int pinSetupButton = 17;
constexpr int pinCoverSwitch = 18;
constexpr int pinChipData = 8;
constexpr int pinChipClock = 9;
#elif defined(CONFIG_IDF_TARGET_ESP32C3)
constexpr int pinVoltage = 0;
constexpr int pinCurrent = 1;
constexpr int pinGeneration = 3;
constexpr int pinRelay = 10;
constexpr int pinStatusLed = 7;
constexpr int pinSetupButton = 6;
constexpr int pinCoverSwitch = 5;
// 8 is also a strapping pin that must be high at start; the pull-up of I2C keeps it so.
constexpr int pinChipData = 8;
constexpr int pinChipClock = 4;
#else
#error "Jirani's meter knows the pins of the ESP32, ESP32-S3 and ESP32-C3."
#endif
