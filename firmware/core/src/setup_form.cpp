#include "jirani/setup_form.h"

#include <string.h>

#include "jirani/setup_label.h"

namespace jirani {
namespace {

constexpr size_t fieldBytesMax = 96;
constexpr uint32_t trueMvMin = 80'000, trueMvMax = 300'000;
constexpr uint32_t trueMwMin = 100'000, trueMwMax = 20'000'000;

enum Field : size_t { fieldClaim, fieldWish, fieldSsid, fieldPassword, fieldVolts, fieldWatts, fieldsCount };
constexpr const char *fieldNames[fieldsCount] = {"claim", "wish", "ssid", "password", "volts", "watts"};

struct Value {
  char text[fieldBytesMax];
  size_t length;
  bool isThere;
};

int digitOf(char hex) {
  if (hex >= '0' && hex <= '9') return hex - '0';
  if (hex >= 'a' && hex <= 'f') return hex - 'a' + 10;
  if (hex >= 'A' && hex <= 'F') return hex - 'A' + 10;
  return -1;
}

/** `+` is a blank, `%xx` a byte. A byte 0 would end a text early, so nobody may send one. */
bool decode(const char *at, const char *end, Value &value) {
  value.length = 0;
  while (at < end) {
    char byte = *at++;
    if (byte == '+') byte = ' ';
    if (byte == '%') {
      if (end - at < 2) return false;
      const int high = digitOf(at[0]), low = digitOf(at[1]);
      if (high < 0 || low < 0) return false;
      byte = static_cast<char>(high * 16 + low);
      at += 2;
    }
    if (byte == 0 || value.length == fieldBytesMax) return false;
    value.text[value.length++] = byte;
  }
  value.isThere = true;
  return true;
}

SetupFault readField(const char *at, const char *end, Value (&values)[fieldsCount]) {
  const char *equals = static_cast<const char *>(memchr(at, '=', static_cast<size_t>(end - at)));
  if (equals == nullptr) return SetupFault::malformed;
  const size_t nameLength = static_cast<size_t>(equals - at);
  for (size_t field = 0; field < fieldsCount; field++) {
    if (strlen(fieldNames[field]) != nameLength || memcmp(fieldNames[field], at, nameLength) != 0) continue;
    if (values[field].isThere) return SetupFault::repeatedName;
    return decode(equals + 1, end, values[field]) ? SetupFault::none : SetupFault::malformed;
  }
  return SetupFault::unknownName;
}

bool isWord(const Value &value, const char *word) {
  return value.length == strlen(word) && memcmp(value.text, word, value.length) == 0;
}

/** `230`, `230.1` or, as some keyboards write it, `230,15`; in thousandths, at most three digits behind the point. */
bool readThousandths(const Value &value, uint32_t least, uint32_t most, uint32_t &thousandths) {
  uint64_t sum = 0;
  int behind = -1, digits = 0;
  for (size_t at = 0; at < value.length; at++) {
    const char letter = value.text[at];
    if ((letter == '.' || letter == ',') && behind < 0 && digits > 0) {
      behind = 0;
      continue;
    }
    if (letter < '0' || letter > '9' || behind == 3 || ++digits > 9) return false;
    sum = sum * 10 + static_cast<uint64_t>(letter - '0');
    if (behind >= 0) behind++;
  }
  if (digits == 0 || behind == 0) return false;
  for (int k = behind < 0 ? 0 : behind; k < 3; k++) sum *= 10;
  if (sum < least || sum > most) return false;
  thousandths = static_cast<uint32_t>(sum);
  return true;
}

SetupFault readWish(const Value (&values)[fieldsCount], SetupRequest &request) {
  const Value &wish = values[fieldWish];
  if (!wish.isThere) return SetupFault::missing;
  if (isWord(wish, "quiet")) return request.wish = SetupWish::quiet, SetupFault::none;
  if (isWord(wish, "cover")) return request.wish = SetupWish::coverSeen, SetupFault::none;
  if (isWord(wish, "wifi")) {
    const Value &ssid = values[fieldSsid], &password = values[fieldPassword];
    request.wish = SetupWish::wifi;
    if (!ssid.isThere) return SetupFault::missing;
    return readWifi(ssid.text, ssid.length, password.text, password.length, request.wifi) ? SetupFault::none
                                                                                          : SetupFault::badValue;
  }
  if (!isWord(wish, "load")) return SetupFault::badValue;
  request.wish = SetupWish::load;
  if (!values[fieldVolts].isThere || !values[fieldWatts].isThere) return SetupFault::missing;
  const bool isGood = readThousandths(values[fieldVolts], trueMvMin, trueMvMax, request.trueMv) &&
                      readThousandths(values[fieldWatts], trueMwMin, trueMwMax, request.trueMw);
  return isGood ? SetupFault::none : SetupFault::badValue;
}

}  // namespace

bool readWifi(const char *ssid, size_t ssidLength, const char *password, size_t passwordLength,
              WifiCredentials &wifi) {
  if (ssidLength == 0 || ssidLength > ssidMax || memchr(ssid, 0, ssidLength) != nullptr) return false;
  if (passwordLength != 0 && (passwordLength < wifiPasswordMin || passwordLength > wifiPasswordMax)) return false;
  for (size_t at = 0; at < passwordLength; at++)
    if (password[at] < ' ' || password[at] > '~') return false;
  memset(&wifi, 0, sizeof wifi);
  memcpy(wifi.ssid, ssid, ssidLength);
  // An open network has no password, and nowhere for it to be copied from either.
  if (passwordLength > 0) memcpy(wifi.password, password, passwordLength);
  return true;
}

SetupFault readSetupForm(const char *body, size_t length, const char *claim, SetupRequest &request) {
  if (length > setupFormBytesMax) return SetupFault::tooLong;
  Value values[fieldsCount];
  memset(values, 0, sizeof values);
  SetupFault fault = SetupFault::none;
  for (const char *at = body, *end = body + length; at < end && fault == SetupFault::none;) {
    const char *ampersand = static_cast<const char *>(memchr(at, '&', static_cast<size_t>(end - at)));
    const char *fieldEnd = ampersand == nullptr ? end : ampersand;
    fault = readField(at, fieldEnd, values);
    at = ampersand == nullptr ? end : ampersand + 1;
  }
  if (fault != SetupFault::none) return fault;
  if (!knowsClaim(values[fieldClaim].text, values[fieldClaim].length, claim)) return SetupFault::wrongClaim;
  SetupRequest found{};
  fault = readWish(values, found);
  if (fault == SetupFault::none) request = found;
  return fault;
}

const char *wordsFor(SetupFault fault) {
  switch (fault) {
    case SetupFault::none: return "Done.";
    case SetupFault::wrongClaim: return "This is not the code on the label of this meter.";
    case SetupFault::missing: return "Something was left empty.";
    case SetupFault::badValue: return "Something cannot be right: look at the numbers, or the length of the password.";
    case SetupFault::tooLong:
    case SetupFault::malformed:
    case SetupFault::unknownName:
    case SetupFault::repeatedName: break;
  }
  return "The meter did not understand this page. Load it anew.";
}

}  // namespace jirani
