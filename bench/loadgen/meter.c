/* One meter's connection: readings out, PUBACKs in. */
#include "loadgen.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void leave(Worker *worker, Meter *meter) {
  if (meter->state == GONE) return;
  meter->state = GONE;
  worker->open--;
  close(meter->fd);
}

static void watch(Worker *worker, Meter *meter, int waits_to_write) {
  struct epoll_event event = {.events = EPOLLIN | (waits_to_write ? EPOLLOUT : 0), .data.ptr = meter};
  epoll_ctl(worker->epoll, EPOLL_CTL_MOD, meter->fd, &event);
  meter->waits_to_write = waits_to_write;
}

void write_out(Worker *worker, Meter *meter) {
  while (meter->state != GONE && meter->out_from < meter->out_length) {
    ssize_t n = write(meter->fd, meter->out + meter->out_from, (size_t)(meter->out_length - meter->out_from));
    if (n < 0 && errno == EAGAIN) {
      if (!meter->waits_to_write) watch(worker, meter, 1);
      return;
    }
    if (n < 0) {
      leave(worker, meter);
      return;
    }
    meter->out_from += (int)n;
  }
  meter->out_from = meter->out_length = 0;
  if (meter->waits_to_write && meter->state != GONE) watch(worker, meter, 0);
}

int has_more(const Meter *meter) {
  uint32_t most = payloads ? payloads_each : UINT32_MAX;
  return meter->published < (options.each && options.each < most ? options.each : most);
}

static int out_room(void) { return (options.window + 1) * PACKET_BYTES_MAX; }

/* Packet ids are the places of the flights, plus one: an id is free when its PUBACK has come. */
int publish(Worker *worker, Meter *meter, uint64_t since_ns) {
  if (meter->state != TALKING || meter->in_flight >= (uint32_t)options.window || !has_more(meter)) return 0;
  if (meter->out_length + PACKET_BYTES_MAX > out_room()) return 0;
  int slot = (int)(meter->published % (uint32_t)options.window);
  while (meter->flights[slot].is_open) slot = (slot + 1) % options.window;
  next_reading(meter);
  meter->packet[meter->id_at] = (uint8_t)((slot + 1) >> 8);
  meter->packet[meter->id_at + 1] = (uint8_t)(slot + 1);
  meter->flights[slot] = (Flight){since_ns, sequence_of(meter), 1};
  memcpy(meter->out + meter->out_length, meter->packet, (size_t)meter->packet_length);
  meter->out_length += meter->packet_length;
  meter->published++, meter->in_flight++, worker->sent++;
  return 1;
}

static void remember_ack(Worker *worker, const Meter *meter, uint32_t sequence) {
  if (worker->acked == worker->acks_room) {
    worker->acks_room = worker->acks_room ? worker->acks_room * 2 : 65536;
    worker->acks = realloc(worker->acks, worker->acks_room * 8);
    if (worker->acks == NULL) give_up("no memory");
  }
  worker->acks[worker->acked * 2] = (uint32_t)meter->number;
  worker->acks[worker->acked * 2 + 1] = sequence;
}

static void acknowledged(Worker *worker, Meter *meter, int id, uint64_t now) {
  if (id < 1 || id > options.window || !meter->flights[id - 1].is_open) {
    worker->problem = "a PUBACK for nothing";
    return;
  }
  Flight *flight = &meter->flights[id - 1];
  uint64_t us = now > flight->since_ns ? (now - flight->since_ns) / 1000 : 0;
  flight->is_open = 0;
  meter->in_flight--;
  worker->histogram[bucket_of(us)]++;
  if (us > worker->latency_most_us) worker->latency_most_us = us;
  if (options.acks_file) remember_ack(worker, meter, flight->sequence);
  worker->acked++;
  worker->last_ack_ns = now;
}

/* What comes back is short: CONNACK, PUBACK, PINGRESP. */
void read_in(Worker *worker, Meter *meter, uint64_t now) {
  ssize_t n = read(meter->fd, meter->in + meter->in_length, (size_t)(IN_BYTES - meter->in_length));
  if (n == 0 || (n < 0 && errno != EAGAIN)) {
    leave(worker, meter);
    return;
  }
  if (n > 0) meter->in_length += (int)n;
  int at = 0;
  while (meter->in_length - at >= 2 && meter->in_length - at >= 2 + meter->in[at + 1]) {
    const uint8_t *packet = meter->in + at;
    int kind = packet[0] >> 4;
    if (kind == 2 && packet[3] != 0) worker->problem = "a meter was refused";
    if (kind == 2 && packet[3] == 0) meter->state = TALKING;
    if (kind == 4) acknowledged(worker, meter, packet[2] << 8 | packet[3], now);
    at += 2 + packet[1];
  }
  memmove(meter->in, meter->in + at, (size_t)(meter->in_length - at));
  meter->in_length -= at;
}

void open_meter(Worker *worker, Meter *meter, int number) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  meter->number = number;
  meter->chance = 2463534242u + (uint32_t)number * 7919u;
  meter->flights = room_for((size_t)options.window, sizeof(Flight));
  meter->out = room_for(1, (size_t)out_room());
  meter->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (meter->fd < 0 || connect(meter->fd, (struct sockaddr *)&there, sizeof there)) give_up("no connection");
  int on = 1;
  setsockopt(meter->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(meter->fd, F_SETFL, O_NONBLOCK);
  draft_hello(meter);
  draft_reading(meter);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = meter};
  epoll_ctl(worker->epoll, EPOLL_CTL_ADD, meter->fd, &event);
  worker->open++;
  write_out(worker, meter);
}

void ping(Worker *worker, Meter *meter) {
  if (meter->state != TALKING || meter->out_length + 2 > out_room()) return;
  memcpy(meter->out + meter->out_length, "\xC0\0", 2);
  meter->out_length += 2;
  write_out(worker, meter);
}

