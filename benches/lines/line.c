/* A line between two network namespaces, packet by packet: so many bits a second, so much delay,
 * so many packets lost. For kernels without tc netem: the TCP at both ends is the kernel's own.
 *
 *   cc -O2 -pthread -o line line.c
 *   line NAMESPACE DEVICE NAMESPACE DEVICE BITS_A_SECOND ROUND_TRIP_MS LOSS_PERCENT
 *
 * Makes a TUN device in each namespace (needs root) and carries packets between them until it is
 * killed. Each direction has the rate, half of the round trip, and a queue of one round trip (at
 * least 10 ms) in front; packets are lost from the first namespace to the second. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define MOST_BYTES 9216
#define MOST_PACKETS (1 << 14)
/* Packets leave in ticks of a fifth of the delay, at most of this: a wake-up for each would cost a
 * quarter of a core at 50 Mbit/s. */
#define LONGEST_TICK_NS 1000000

struct packet {
  int64_t due;
  int size;
  unsigned char bytes[MOST_BYTES];
};

struct direction {
  int from, to;
  double ns_a_byte, loss;
  int64_t delay, queue;
  uint64_t random;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int device(const char *namespace, const char *name) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", namespace);
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int there = open(path, O_RDONLY | O_CLOEXEC);
  if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0) fail(path);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_NAPI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (device < 0 || ioctl(device, TUNSETIFF, &request) < 0) fail(name);
  if (setns(home, CLONE_NEWNET) < 0) fail("setns");
  close(home);
  close(there);
  return device;
}

/* xorshift64: the same losses each time. */
static double draw(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (*state >> 11) / 9007199254740992.0;
}

static void *carry(void *argument) {
  struct direction *d = argument;
  struct packet *ring = malloc(sizeof *ring * MOST_PACKETS);
  if (!ring) fail("malloc");
  prctl(PR_SET_TIMERSLACK, 1000);
  uint32_t first = 0, last = 0;
  int64_t free_at = 0;
  struct timespec tick = {.tv_nsec = d->delay / 5};
  if (tick.tv_nsec > LONGEST_TICK_NS) tick.tv_nsec = LONGEST_TICK_NS;
  for (;;) {
    int64_t t = now();
    for (; first != last && ring[first % MOST_PACKETS].due <= t; first++) {
      struct packet *p = &ring[first % MOST_PACKETS];
      /* A device that is full loses the packet, as a line does. */
      if (write(d->to, p->bytes, p->size) < 0 && errno != EAGAIN && errno != EIO) fail("write");
    }
    for (int taken = 0; taken < 256 && last - first < MOST_PACKETS; taken++) {
      struct packet *p = &ring[last % MOST_PACKETS];
      p->size = read(d->from, p->bytes, MOST_BYTES);
      if (p->size < 0) {
        if (errno == EAGAIN || errno == EIO) break;
        fail("read");
      }
      if (free_at < t) free_at = t;
      if (free_at - t > d->queue) continue;
      free_at += p->size * d->ns_a_byte;
      /* What is lost has used the line. */
      if (draw(&d->random) < d->loss) continue;
      p->due = free_at + d->delay;
      last++;
    }
    if (first != last) {
      nanosleep(&tick, NULL);
      continue;
    }
    struct pollfd readable = {.fd = d->from, .events = POLLIN};
    if (poll(&readable, 1, -1) < 0 && errno != EINTR) fail("poll");
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 8) {
    fprintf(stderr, "line NS DEV NS DEV BITS_A_SECOND ROUND_TRIP_MS LOSS_PERCENT\n");
    return 2;
  }
  double bits = atof(arguments[5]), ms = atof(arguments[6]), loss = atof(arguments[7]) / 100;
  int a = device(arguments[1], arguments[2]), b = device(arguments[3], arguments[4]);
  struct direction there = {.from = a, .to = b, .loss = loss, .random = 88172645463325252ULL};
  there.ns_a_byte = 8e9 / bits;
  there.delay = ms * 5e5;
  there.queue = ms * 1e6 > 10e6 ? ms * 1e6 : 10e6;
  struct direction back = there;
  back.from = b;
  back.to = a;
  back.loss = 0;
  /* A line is never late because others compute. */
  struct sched_param priority = {.sched_priority = 10};
  if (sched_setscheduler(0, SCHED_FIFO, &priority)) perror("sched_setscheduler");
  pthread_t thread;
  if (pthread_create(&thread, NULL, carry, &back)) fail("pthread_create");
  puts("up");
  fflush(stdout);
  carry(&there);
}
