/** What a person tells a meter over its setup page: the Wi-Fi, or how much a known load really draws. */
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace jirani {

/** IEEE 802.11: an SSID has at most 32 bytes, a passphrase of WPA2 8 to 63 visible characters. */
constexpr size_t ssidMax = 32;
constexpr size_t wifiPasswordMin = 8;
constexpr size_t wifiPasswordMax = 63;
constexpr size_t setupFormBytesMax = 512;

struct WifiCredentials {
  char ssid[ssidMax + 1];
  /** Empty for an open network. */
  char password[wifiPasswordMax + 1];
};

/** Takes over an SSID and its password. False, with nothing changed, when no network could have them. */
bool readWifi(const char *ssid, size_t ssidLength, const char *password, size_t passwordLength,
              WifiCredentials &wifi);

enum class SetupWish : uint8_t {
  wifi,
  /** Everything behind the clamp is switched off: calibration begins. */
  quiet,
  /** A load without reactance runs, of `trueMv` and `trueMw`. */
  load,
  /** The keeper has looked at the open cover and is content. */
  coverSeen,
};

struct SetupRequest {
  SetupWish wish;
  WifiCredentials wifi;
  /** What the plug-in meter shows, in millivolts and milliwatts. */
  uint32_t trueMv;
  uint32_t trueMw;
};

enum class SetupFault : uint8_t { none, tooLong, malformed, unknownName, repeatedName, badValue, missing, wrongClaim };

/**
 * Reads a form as a browser posts it (`application/x-www-form-urlencoded`, WHATWG URL). Whoever does not know the
 * claim code of the label gets `wrongClaim`, whatever else is right or wrong about the fields.
 */
SetupFault readSetupForm(const char *body, size_t length, const char *claim, SetupRequest &request);

/** For the person who looks at the page. */
const char *wordsFor(SetupFault fault);

}  // namespace jirani
