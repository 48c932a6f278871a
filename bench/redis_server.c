/* Starts and stops the Redis server. See redis.h. */
#include "redis.h"

#include "bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static pid_t server, owner;

/* A bench that forks is not the end of the bench when a child ends. */
static void stop(void) {
  if (server <= 0 || getpid() != owner) return;
  kill(server, SIGTERM);
  waitpid(server, NULL, 0);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int free_port(void) {
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int number = socket(AF_INET, SOCK_STREAM, 0), port = 0;
  if (bind(number, (struct sockaddr *)&address, length) == 0 &&
      getsockname(number, (struct sockaddr *)&address, &length) == 0) {
    port = ntohs(address.sin_port);
  }
  close(number);
  return port;
}

static void become_server(int port) {
  char text[16];
  snprintf(text, sizeof text, "%d", port);
  int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(null, 1);
  dup2(null, 2);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
  execlp("redis-server", "redis-server", "--bind", "127.0.0.1", "--port", text, "--save", "",
         "--appendonly", "no", "--dir", BENCH_DIRECTORY, (char *)NULL);
  _exit(127);
}

static int is_listening(int port) {
  struct sockaddr_in address = loopback(port);
  int number = socket(AF_INET, SOCK_STREAM, 0);
  int code = connect(number, (struct sockaddr *)&address, sizeof address);
  close(number);
  return code == 0;
}

/* Five seconds at most; less if it has ended. */
static int wait_for(int port) {
  const struct timespec moment = {.tv_nsec = 20000000};
  for (int i = 0; i < 250; i++) {
    if (is_listening(port)) return 1;
    if (waitpid(server, NULL, WNOHANG) == server) break;
    nanosleep(&moment, NULL);
  }
  return 0;
}

int redis_port(void) {
  static int port, is_tried;
  if (is_tried++) return port;
  int wanted = free_port();
  owner = getpid();
  fflush(stdout);
  server = fork();
  if (server == 0) become_server(wanted);
  if (server < 0 || !wait_for(wanted)) {
    server = 0;
    tell_skipped("Redis", "redis-server could not be started: Debian's redis-server");
    return 0;
  }
  atexit(stop);
  port = wanted;
  return port;
}
