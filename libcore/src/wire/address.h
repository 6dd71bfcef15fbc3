/* SPDX-License-Identifier: MIT */
/* Which addresses are of the public network, and which are of the machine, its neighbours or nobody. */
#ifndef WIRE_ADDRESS_H
#define WIRE_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

/** An address of either family: IPv4 as ::ffff:a.b.c.d. */
struct address {
	uint8_t byte[16];
};

/**
 * Reads an address as text: dotted IPv4 without leading zeros, IPv6 as in
 * RFC 4291, with or without a zone (`%eth0`) and brackets.
 * @return 1, or 0 when it is none
 */
int address_parse(const char *text, size_t len, struct address *out);

/**
 * 1 when nobody in the public network has this address for sure: private,
 * shared, loopback, link-local, multicast, documentation, reserved (the
 * special-purpose registries of RFC 6890), and those that carry an address of
 * the other family through a gateway (NAT64, 6to4, Teredo).
 */
int address_is_private(const struct address *a);

/** 1 when a host's name, in lower case or not, always means this machine: RFC 6761, section 6.3. */
int name_is_local(const char *name, size_t len);

#endif
