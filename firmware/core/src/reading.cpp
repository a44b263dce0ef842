#include "jirani/reading.h"

#include <string.h>

#include "jirani/bytes.h"
#include "jirani/text.h"

namespace jirani {

void packReading(const Reading &reading, uint8_t packed[packedReadingBytes]) {
  uint8_t *at = packed;
  putLittle(at, reading.boot);
  putLittle(at, reading.unixSeconds);
  putLittle(at, reading.uptimeSeconds);
  putLittle(at, static_cast<uint8_t>(reading.timeQuality));
  putLittle(at, reading.powerMw);
  putLittle(at, reading.voltageMv);
  putLittle(at, reading.currentMa);
  putLittle(at, reading.frequencyMhz);
  putLittle(at, reading.energy.importUj);
  putLittle(at, reading.energy.exportUj);
  putLittle(at, reading.energy.generationUj);
  putLittle(at, reading.flags);
}

Reading unpackReading(uint64_t sequence, const uint8_t packed[packedReadingBytes]) {
  const uint8_t *at = packed;
  Reading reading{};
  reading.sequence = sequence;
  reading.boot = takeLittle<uint32_t>(at);
  reading.unixSeconds = takeLittle<uint32_t>(at);
  reading.uptimeSeconds = takeLittle<uint32_t>(at);
  reading.timeQuality = static_cast<TimeQuality>(takeLittle<uint8_t>(at));
  reading.powerMw = takeLittle<int32_t>(at);
  reading.voltageMv = takeLittle<uint32_t>(at);
  reading.currentMa = takeLittle<uint32_t>(at);
  reading.frequencyMhz = takeLittle<uint32_t>(at);
  reading.energy.importUj = takeLittle<uint64_t>(at);
  reading.energy.exportUj = takeLittle<uint64_t>(at);
  reading.energy.generationUj = takeLittle<uint64_t>(at);
  reading.flags = takeLittle<uint16_t>(at);
  return reading;
}

HmacSigner::HmacSigner(const uint8_t key[sha256Bytes]) { memcpy(key_, key, sha256Bytes); }

size_t HmacSigner::sign(const uint8_t *message, size_t length, uint8_t signature[signatureBytesMax]) {
  hmacSha256(key_, sha256Bytes, message, length, signature);
  return sha256Bytes;
}

size_t renderReading(const Reading &reading, char *text, size_t capacity) {
  TextWriter out(text, capacity);
  out.text("{\"v\":1,\"s\":").number(reading.sequence);
  out.text(",\"b\":").number(reading.boot);
  out.text(",\"t\":").number(reading.unixSeconds);
  out.text(",\"tq\":").number(reading.timeQuality);
  out.text(",\"up\":").number(reading.uptimeSeconds);
  out.text(",\"p\":").signedNumber(reading.powerMw);
  out.text(",\"u\":").number(reading.voltageMv);
  out.text(",\"i\":").number(reading.currentMa);
  out.text(",\"f\":").number(reading.frequencyMhz);
  out.text(",\"ei\":").number(reading.energy.importUj / microJoulesPerMwh);
  out.text(",\"ee\":").number(reading.energy.exportUj / microJoulesPerMwh);
  out.text(",\"eg\":").number(reading.energy.generationUj / microJoulesPerMwh);
  out.text(",\"fl\":").number(reading.flags);
  return out.isWhole() ? out.length() : 0;
}

size_t sealReading(const Reading &reading, const char *topic, Signer &signer, char *payload, size_t capacity) {
  char message[topicBytesMax + 1 + payloadBytesMax];
  TextWriter heading(message, topicBytesMax + 1);
  heading.text(topic).text("\n");
  const size_t headingLength = heading.length();
  const size_t bodyLength = renderReading(reading, message + headingLength, payloadBytesMax);
  if (!heading.isWhole() || bodyLength == 0) return 0;
  uint8_t signature[signatureBytesMax];
  const size_t signatureLength =
      signer.sign(reinterpret_cast<uint8_t *>(message), headingLength + bodyLength, signature);
  if (signatureLength == 0) return 0;
  TextWriter out(payload, capacity);
  out.bytes(message + headingLength, bodyLength);
  out.text(",\"sig\":\"").base64(signature, signatureLength).text("\"}");
  return out.isWhole() ? out.length() : 0;
}

}  // namespace jirani
