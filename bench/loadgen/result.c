/* What came of it all, as one JSON document and a list of PUBACKs. */
#include "loadgen.h"
#include <stdio.h>

/* Microseconds in buckets, 32 per octave: a percentile is exact to three percent. */
int bucket_of(uint64_t us) {
  if (us < 64) return (int)us;
  int octave = 63 - __builtin_clzll(us);
  int bucket = (octave - 5) * 32 + (int)(us >> (octave - 5));
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}
static uint64_t us_of(int bucket) {
  if (bucket < 64) return (uint64_t)bucket;
  return (uint64_t)(bucket % 32 + 32) << (bucket / 32 - 1);
}

static uint64_t percentile(const uint64_t *histogram, uint64_t all, double part) {
  uint64_t sum = 0, wanted = (uint64_t)((double)all * part);
  for (int k = 0; k < BUCKETS; k++) {
    sum += histogram[k];
    if (sum > wanted) return us_of(k);
  }
  return us_of(BUCKETS - 1);
}

void print_result(const Worker *workers, uint64_t began_at_ms, double cpu_seconds) {
  static uint64_t histogram[BUCKETS];
  uint64_t sent = 0, acked = 0, counted = 0, most = 0, first = UINT64_MAX, last = 0;
  int gone = 0, drained = 1;
  const char *problem = NULL;
  for (int k = 0; k < options.threads; k++) {
    const Worker *w = &workers[k];
    for (int b = 0; b < BUCKETS; b++) histogram[b] += w->histogram[b];
    sent += w->sent, acked += w->acked, gone += w->meter_count - w->open, drained &= w->drained;
    counted += w->acked - w->warm_acked;
    if (w->latency_most_us > most) most = w->latency_most_us;
    if (w->warm_ns < first) first = w->warm_ns;
    if (w->last_ack_ns > last) last = w->last_ack_ns;
    if (w->problem) problem = w->problem;
  }
  printf("{\"sent\":%lu,\"acked\":%lu,\"gone\":%d,\"drained\":%s,\"beganAtMs\":%lu,\"cpuSeconds\":%.3f", sent, acked,
    gone, drained ? "true" : "false", began_at_ms, cpu_seconds);
  if (counted > 0 && last > first)
    printf(",\"perSecond\":%.1f,\"p50Us\":%lu,\"p99Us\":%lu,\"p999Us\":%lu,\"mostUs\":%lu", (double)counted / ((double)(last - first) / 1e9),
      percentile(histogram, counted, 0.5), percentile(histogram, counted, 0.99), percentile(histogram, counted, 0.999), most);
  if (problem) printf(",\"problem\":\"%s\"", problem);
  printf("}\n");
}

void write_acks(const Worker *workers) {
  FILE *file = fopen(options.acks_file, "wb");
  if (file == NULL) give_up("the list of PUBACKs cannot be written");
  for (int k = 0; k < options.threads; k++) fwrite(workers[k].acks, 8, workers[k].acked, file);
  if (fclose(file)) give_up("the list of PUBACKs cannot be written");
}
