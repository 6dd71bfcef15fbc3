/* SPDX-License-Identifier: MIT */
#include "net/udp_proxy.h"

#include "base/rng.h"
#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/** The client talks to the first, the server to the second. */
enum { FRONT, BACK, SIDES };

struct udp_proxy {
	int fd[SIDES];
	struct sockaddr_in client;
	atomic_uint loss;
	unsigned passed, lost;
	uint64_t seed;
	atomic_bool stop;
	pthread_t thread;
};

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int bound(void)
{
	const struct sockaddr_in any = loopback(0);
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (const struct sockaddr *)&any, sizeof any), 0);
	return fd;
}

static void relay(struct udp_proxy *proxy, int from)
{
	char data[65536];
	struct sockaddr_in sender;
	socklen_t length = sizeof sender;
	const ssize_t got = recvfrom(proxy->fd[from], data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&sender, &length);

	if (got < 0)
		return;
	if (from == FRONT)
		proxy->client = sender;
	if (rng_next(&proxy->seed) % 1000 < atomic_load(&proxy->loss)) {
		proxy->lost++;
		return;
	}
	proxy->passed++;
	if (from == FRONT)
		(void)!send(proxy->fd[BACK], data, (size_t)got, 0);
	else if (proxy->client.sin_port)
		(void)!sendto(proxy->fd[FRONT], data, (size_t)got, 0, (const struct sockaddr *)&proxy->client,
			      sizeof proxy->client);
}

static void *work(void *context)
{
	struct udp_proxy *proxy = context;

	while (!atomic_load(&proxy->stop)) {
		struct pollfd polls[SIDES] = {{.fd = proxy->fd[FRONT], .events = POLLIN},
					      {.fd = proxy->fd[BACK], .events = POLLIN}};

		poll(polls, SIDES, 20);
		for (int side = 0; side < SIDES; side++) {
			if (polls[side].revents)
				relay(proxy, side);
		}
	}
	return NULL;
}

struct udp_proxy *udp_proxy_start(uint16_t server_port, unsigned loss, uint64_t seed, uint16_t *port)
{
	struct udp_proxy *proxy = calloc(1, sizeof *proxy);
	const struct sockaddr_in server = loopback(server_port);
	struct sockaddr_in own;
	socklen_t length = sizeof own;

	CHECK(proxy);
	atomic_init(&proxy->loss, loss);
	proxy->seed = seed;
	for (int side = 0; side < SIDES; side++)
		proxy->fd[side] = bound();
	CHECK_EQ(connect(proxy->fd[BACK], (const struct sockaddr *)&server, sizeof server), 0);
	CHECK_EQ(getsockname(proxy->fd[FRONT], (struct sockaddr *)&own, &length), 0);
	*port = ntohs(own.sin_port);
	CHECK_EQ(pthread_create(&proxy->thread, NULL, work, proxy), 0);
	return proxy;
}

void udp_proxy_mend(struct udp_proxy *proxy)
{
	atomic_store(&proxy->loss, 0);
}

void udp_proxy_end(struct udp_proxy *proxy, unsigned *passed, unsigned *lost)
{
	atomic_store(&proxy->stop, true);
	pthread_join(proxy->thread, NULL);
	*passed = proxy->passed;
	*lost = proxy->lost;
	for (int side = 0; side < SIDES; side++)
		close(proxy->fd[side]);
	free(proxy);
}
