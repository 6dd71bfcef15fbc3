/* SPDX-License-Identifier: MIT */
/* A relay for UDP on loopback that loses packets, as a seed says. One client, one server. */
#ifndef NET_UDP_PROXY_H
#define NET_UDP_PROXY_H

#include <stdint.h>

struct udp_proxy;

/** Starts to relay what comes to `*port`, which is chosen, to `server_port`; of 1000 packets `loss` get lost. */
struct udp_proxy *udp_proxy_start(uint16_t server_port, unsigned loss, uint64_t seed, uint16_t *port);
/** From now on nothing gets lost by intent. */
void udp_proxy_mend(struct udp_proxy *proxy);
/** Ends it; says how many packets came through and how many were lost. */
void udp_proxy_end(struct udp_proxy *proxy, unsigned *passed, unsigned *lost);

#endif
