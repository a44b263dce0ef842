/* What a meter says: plausible to a hub that looks closely, and of one width from the first to the last. */
#include "loadgen.h"
#include <stdio.h>
#include <string.h>

enum { KEEPALIVE_S = 60 };
static const uint32_t BOOT = 4120478593u, FIRST_SEQUENCE = 1000000, FIRST_UNIX_SECONDS = 1800000000;

static void put(uint8_t *at, uint64_t value, int width) {
  for (int k = width - 1; k >= 0; k--, value /= 10) at[k] = (uint8_t)('0' + value % 10);
}

static uint32_t next_chance(Meter *meter) {
  uint32_t x = meter->chance;
  x ^= x << 13, x ^= x >> 17, x ^= x << 5;
  return meter->chance = x;
}

static uint8_t *put_text(uint8_t *at, const char *text, int length) {
  *at++ = (uint8_t)(length >> 8);
  *at++ = (uint8_t)length;
  memcpy(at, text, (size_t)length);
  return at + length;
}

/* MQTT 3.1.1 section 3.1: clean session, with user name and password. */
void draft_hello(Meter *meter) {
  char id[32], password[64];
  int id_length = snprintf(id, sizeof id, "meter-%05d", meter->number);
  int password_length = snprintf(password, sizeof password, "secret of %s", id);
  uint8_t *start = meter->out, *at = start + 2;
  at = put_text(at, "MQTT", 4);
  *at++ = 4;
  *at++ = 0xC2;
  *at++ = 0;
  *at++ = KEEPALIVE_S;
  at = put_text(at, id, id_length);
  at = put_text(at, id, id_length);
  at = put_text(at, password, password_length);
  start[0] = 0x10;
  start[1] = (uint8_t)(at - start - 2);
  meter->out_length = (int)(at - start);
}

static int place_of(const uint8_t *body, const char *key) {
  return (int)(strstr((const char *)body, key) - (const char *)body) + (int)strlen(key);
}

/* MQTT 3.1.1 section 3.3, with a length of two bytes: every packet here has 128 bytes or more. */
static void begin_publish(Meter *meter, int payload_length) {
  char topic[64];
  int topic_length = snprintf(topic, sizeof topic, "jirani/v1/meters/meter-%05d/reading", meter->number);
  int length = 2 + topic_length + 2 + payload_length;
  uint8_t *at = meter->packet;
  *at++ = 0x32;
  *at++ = (uint8_t)((length & 127) | 128);
  *at++ = (uint8_t)(length >> 7);
  at = put_text(at, topic, topic_length);
  meter->id_at = (int)(at - meter->packet);
  meter->payload_at = meter->id_at + 2;
  meter->packet_length = meter->payload_at + payload_length;
  if (meter->packet_length > PACKET_BYTES_MAX) give_up("a payload is too long");
}

/* Even meters consume, odd ones have panels and export; every field has a fixed width. */
void draft_reading(Meter *meter) {
  char body[400];
  int n = snprintf(body, sizeof body,
    "{\"v\":1,\"s\":1000000,\"b\":%u,\"t\":1800000000,\"tq\":2,\"up\":1000000,\"p\":%s1000000,\"u\":230000,"
    "\"i\":5340,\"f\":50000,\"ei\":100000000,\"ee\":10000000,\"eg\":100000000,\"fl\":0}",
    BOOT, meter->number % 2 ? "-" : "");
  begin_publish(meter, n);
  uint8_t *at = meter->packet + meter->payload_at;
  memcpy(at, body, (size_t)n + 1);
  meter->at_s = place_of(at, "\"s\":"), meter->at_t = place_of(at, "\"t\":");
  meter->at_up = place_of(at, "\"up\":"), meter->at_u = place_of(at, "\"u\":");
  meter->at_p = place_of(at, "\"p\":") + meter->number % 2;
  meter->at_i = place_of(at, "\"i\":"), meter->at_f = place_of(at, "\"f\":");
  meter->at_ei = place_of(at, "\"ei\":"), meter->at_ee = place_of(at, "\"ee\":");
  meter->at_eg = place_of(at, "\"eg\":");
  meter->import_mwh = 100000000u + (uint32_t)meter->number;
  meter->export_mwh = 10000000u, meter->generation_mwh = 100000000u;
}

/* A second has passed: 1000 W to 1524 W flow one way or the other. */
static void measure(Meter *meter) {
  uint8_t *body = meter->packet + meter->payload_at;
  uint32_t chance = next_chance(meter), power = 1000000 + (chance & 0x7FFFF);
  if (meter->number % 2) meter->export_mwh += power / 3600, meter->generation_mwh += power / 1800;
  else meter->import_mwh += power / 3600;
  put(body + meter->at_s, FIRST_SEQUENCE + meter->published, 7);
  put(body + meter->at_t, FIRST_UNIX_SECONDS + meter->published, 10);
  put(body + meter->at_up, 1000000 + meter->published, 7);
  put(body + meter->at_p, power, 7);
  put(body + meter->at_u, 228000 + (chance >> 20), 6);
  put(body + meter->at_i, power / 230, 4);
  put(body + meter->at_f, 49980 + (chance >> 26), 5);
  put(body + meter->at_ei, meter->import_mwh, 9);
  put(body + meter->at_ee, meter->export_mwh, 8);
  put(body + meter->at_eg, meter->generation_mwh, 9);
}

uint32_t sequence_of(const Meter *meter) { return FIRST_SEQUENCE + meter->published; }

void next_reading(Meter *meter) {
  if (payloads == NULL) {
    measure(meter);
    return;
  }
  const Text *text = &payloads[(uint64_t)meter->number * payloads_each + meter->published];
  begin_publish(meter, text->length);
  memcpy(meter->packet + meter->payload_at, text->bytes, text->length);
}
