/** The vectors that the hub's tests read too. */
#include <doctest/doctest.h>
#include <sodium.h>

#include "a_meter.h"
#include "json.h"

using namespace jirani;

namespace {

const Json &vectors() {
  static const Json read = JsonFile::read(std::string(JIRANI_FIRMWARE) + "/vectors.json");
  return read;
}

std::vector<uint8_t> hexOf(const std::string &text) {
  std::vector<uint8_t> bytes(text.size() / 2);
  REQUIRE(fromHex(text.data(), text.size(), bytes.data(), bytes.size()));
  return bytes;
}

struct SodiumSigner final : Signer {
  explicit SodiumSigner(const std::vector<uint8_t> &seed) {
    crypto_sign_seed_keypair(publicKey_, secretKey_, seed.data());
  }
  size_t sign(const uint8_t *message, size_t length, uint8_t signature[signatureBytesMax]) override {
    crypto_sign_detached(signature, nullptr, message, length, secretKey_);
    return crypto_sign_BYTES;
  }
  const char *algorithm() const override { return "ed25519"; }
  const uint8_t *publicKey() const override { return publicKey_; }
  uint8_t publicKey_[32], secretKey_[64];
};

Reading readingOf(const Json &vector) {
  Reading reading{};
  reading.sequence = vector["sequence"].whole();
  reading.boot = static_cast<uint32_t>(vector["boot"].whole());
  reading.unixSeconds = static_cast<uint32_t>(vector["unixSeconds"].whole());
  reading.timeQuality = static_cast<TimeQuality>(vector["timeQuality"].whole());
  reading.uptimeSeconds = static_cast<uint32_t>(vector["uptimeSeconds"].whole());
  reading.powerMw = static_cast<int32_t>(vector["powerMw"].signedWhole());
  reading.voltageMv = static_cast<uint32_t>(vector["voltageMv"].whole());
  reading.currentMa = static_cast<uint32_t>(vector["currentMa"].whole());
  reading.frequencyMhz = static_cast<uint32_t>(vector["frequencyMhz"].whole());
  reading.energy = {vector["importUj"].whole(), vector["exportUj"].whole(), vector["generationUj"].whole()};
  reading.flags = static_cast<uint16_t>(vector["flags"].whole());
  return reading;
}

std::string sealed(const Reading &reading, const std::string &topic, Signer &signer) {
  char payload[payloadBytesMax];
  const size_t length = sealReading(reading, topic.c_str(), signer, payload, sizeof payload);
  return std::string(payload, length);
}

}  // namespace

TEST_CASE("9: every reading of the vectors is rendered and signed to the byte, from memory and from flash") {
  REQUIRE(vectors()["readings"].items.size() >= 3);
  for (const Json &vector : vectors()["readings"].items) {
    CAPTURE(vector["name"].word);
    const Reading reading = readingOf(vector);
    uint8_t packed[packedReadingBytes];
    packReading(reading, packed);
    HmacSigner hmac(hexOf(vector["hs256"]["keyHex"].word).data());
    SodiumSigner ed25519(hexOf(vector["ed25519"]["seedHex"].word));
    for (const Reading &same : {reading, unpackReading(reading.sequence, packed)}) {
      const std::string &body = vector["body"].word, &topic = vector["topic"].word;
      CHECK(sealed(same, topic, hmac) == body + ",\"sig\":\"" + vector["hs256"]["sig"].word + "\"}");
      CHECK(sealed(same, topic, ed25519) == body + ",\"sig\":\"" + vector["ed25519"]["sig"].word + "\"}");
      CHECK(topic.size() + 1 + body.size() == vector["messageBytes"].whole());
    }
    char key[64];
    TextWriter out(key, sizeof key);
    out.base64(ed25519.publicKey(), 32);
    CHECK(std::string(key, out.length()) == vector["ed25519"]["publicKey"].word);
  }
}

TEST_CASE("9 and 13: a meter does with every command of the vectors what they say") {
  Bench bench;
  const Json &key = vectors()["commandKey"];
  REQUIRE(key["secret"].word == bench.secret);
  uint8_t psk[32], own[32];
  pskOf(bench.secret.c_str(), psk);
  commandKeyOf(psk, own);
  CHECK(std::vector<uint8_t>(psk, psk + 32) == hexOf(key["pskHex"].word));
  CHECK(std::vector<uint8_t>(own, own + 32) == hexOf(key["keyHex"].word));
  bench.connect();
  bench.acknowledgeAll();
  REQUIRE(vectors()["commands"].items.size() >= 15);
  for (const Json &vector : vectors()["commands"].items) {
    CAPTURE(vector["name"].word);
    const uint32_t now = static_cast<uint32_t>(vector["nowSeconds"].whole());
    bench.time.wall = {now, now == 0 ? timeNeverSet : timeSynchronised};
    const size_t said = bench.all.size();
    bench.publishToMeter(vector["topic"].word, vector["payload"].word);
    bench.acknowledgeAll();
    if (vector["outcome"].kind == Json::null) {
      CHECK(bench.all.size() == said);
      continue;
    }
    REQUIRE(bench.all.size() == said + 1);
    const std::string &answer = bench.all.back().payload;
    CHECK(answer.find("\"outcome\":\"" + vector["outcome"].word + "\"}") != std::string::npos);
  }
  CHECK(bench.meter->counts().forgedCommands == 3);
  CHECK(bench.house.identified == 30);
  CHECK(bench.house.calibratedPpm == -1'200);
}

TEST_CASE("9: the hub's time counts when it says something") {
  REQUIRE(vectors()["times"].items.size() >= 8);
  for (const Json &vector : vectors()["times"].items) {
    CAPTURE(vector["payload"].word);
    uint32_t seconds = 0;
    const std::string &payload = vector["payload"].word;
    const bool isGood = readHubTime(payload.data(), payload.size(), seconds);
    CHECK(isGood == (vector["unixSeconds"].kind == Json::number));
    if (isGood) CHECK(seconds == vector["unixSeconds"].whole());
  }
}

TEST_CASE("SHA-256 and its HMAC do as the published examples say") {
  const auto sumOf = [](const std::string &text) {
    uint8_t sum[32];
    Sha256 hash;
    hash.add(text.data(), text.size());
    hash.finish(sum);
    return std::vector<uint8_t>(sum, sum + 32);
  };
  // FIPS 180-2, appendix B.
  CHECK(sumOf("abc") == hexOf("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  CHECK(sumOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        hexOf("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
  CHECK(sumOf("") == hexOf("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  // RFC 4231, test cases 1, 2 and 6.
  const auto macOf = [](const std::vector<uint8_t> &key, const std::string &text) {
    uint8_t mac[32];
    hmacSha256(key.data(), key.size(), text.data(), text.size(), mac);
    return std::vector<uint8_t>(mac, mac + 32);
  };
  CHECK(macOf(std::vector<uint8_t>(20, 0x0b), "Hi There") ==
        hexOf("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  CHECK(macOf({'J', 'e', 'f', 'e'}, "what do ya want for nothing?") ==
        hexOf("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  CHECK(macOf(std::vector<uint8_t>(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        hexOf("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
  // Against another implementation, at every length around the ends of blocks.
  for (size_t length = 0; length < 200; length++) {
    const std::string text(length, 'x');
    uint8_t sum[32];
    crypto_hash_sha256(sum, reinterpret_cast<const uint8_t *>(text.data()), length);
    CHECK(sumOf(text) == std::vector<uint8_t>(sum, sum + 32));
  }
}
