/* What the parts of the load generator share. */
#ifndef JIRANI_LOADGEN_H
#define JIRANI_LOADGEN_H
#define _GNU_SOURCE
#include <stdint.h>

enum {
  PACKET_BYTES_MAX = 768,
  IN_BYTES = 4096,
  BUCKETS = 2048,
  METERS_MAX = 20000,
  WINDOW_MAX = 4096,
  THREADS_MAX = 16,
};
#define SECOND_NS 1000000000ull

typedef struct {
  int port, meters, window, threads;
  /* Readings of each meter; 0 for as many as fit into the time. */
  uint32_t each;
  double seconds, warm_up_seconds;
  /* Readings per second of all meters; 0 for as fast as they can. */
  double rate;
  const char *acks_file;
} Options;
extern Options options;

typedef struct { const uint8_t *bytes; uint16_t length; } Text;
/* Payloads to be replayed, meter by meter; NULL when meters measure by themselves. */
extern Text *payloads;
extern uint32_t payloads_each;

typedef enum { SAYING_HELLO, TALKING, GONE } State;
typedef struct { uint64_t since_ns; uint32_t sequence; uint8_t is_open; } Flight;

typedef struct {
  int number, fd;
  State state;
  uint32_t published, in_flight, owed;
  uint64_t import_mwh, export_mwh, generation_mwh;
  uint32_t chance;
  Flight *flights;
  uint8_t packet[PACKET_BYTES_MAX];
  int packet_length, id_at, payload_at;
  int at_s, at_t, at_up, at_p, at_u, at_i, at_f, at_ei, at_ee, at_eg;
  uint8_t in[IN_BYTES], *out;
  int in_length, out_length, out_from, waits_to_write;
} Meter;

/* A thread and its meters. */
typedef struct {
  int number, epoll;
  Meter *meters;
  int meter_count, open;
  uint64_t sent, acked, latency_most_us, began_ns, last_ack_ns, due;
  /* Where counting begins: what was acknowledged before only warms everybody up. */
  uint64_t warm_ns, warm_acked;
  uint64_t histogram[BUCKETS];
  uint32_t *acks;
  uint64_t acks_room;
  int drained;
  const char *problem;
} Worker;

/* loadgen.c */
uint64_t clock_ns(int which);
void give_up(const char *why) __attribute__((noreturn));
void *room_for(uint64_t count, uint64_t size);

/* reading.c: what a meter says. */
void draft_hello(Meter *meter);
void draft_reading(Meter *meter);
void next_reading(Meter *meter);
uint32_t sequence_of(const Meter *meter);

/* meter.c: one connection. */
void open_meter(Worker *worker, Meter *meter, int number);
int has_more(const Meter *meter);
int publish(Worker *worker, Meter *meter, uint64_t since_ns);
void ping(Worker *worker, Meter *meter);
void read_in(Worker *worker, Meter *meter, uint64_t now);
void write_out(Worker *worker, Meter *meter);

/* talk.c: all connections of a thread, from hello to the last PUBACK. */
void connect_all(Worker *worker);
void talk(Worker *worker);

/* result.c */
int bucket_of(uint64_t us);
void print_result(const Worker *workers, uint64_t began_at_ms, double cpu_seconds);
void write_acks(const Worker *workers);

#endif
