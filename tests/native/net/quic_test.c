/* SPDX-License-Identifier: MIT */
/* msquic over OpenSSL by way of quic/quictls.c: everything that passes through it. */
#include "check.h"
#include "net/quic_pair.h"

#include <string.h>

enum { MIB = 1 << 20 };

/** Both sides got all bytes, and the connection ended as it should. */
static void all_well(const struct quic_side *side, uint64_t size)
{
	CHECK_EQ(side->status, 0);
	CHECK(side->connected);
	CHECK(!side->wrong_bytes);
	CHECK_EQ(side->received, size);
	CHECK(side->finished);
	CHECK(side->over);
	CHECK(side->clean);
}

static void run(struct quic_pair *pair, struct quic_plan plan, struct quic_side *client, struct quic_side *server)
{
	quic_pair_run(pair, &plan, client, server);
	all_well(client, plan.size);
	all_well(server, plan.size);
}

static void echo(void)
{
	struct quic_pair *pair = quic_pair_new();
	struct quic_side client, server;

	run(pair, (struct quic_plan){.size = MIB}, &client, &server);
	CHECK(!client.resumed && !server.resumed);
	run(pair, (struct quic_plan){.size = 1}, &client, &server);
	quic_pair_del(pair);
}

static void many(void)
{
	struct quic_pair *pair = quic_pair_new();
	struct quic_side client, server;

	for (unsigned i = 0; i < check_rounds(100); i++)
		run(pair, (struct quic_plan){.size = 1000}, &client, &server);
	quic_pair_del(pair);
}

static void refused(void)
{
	const struct quic_plan plan = {.size = 1000, .wrong_authority = true};
	struct quic_pair *pair = quic_pair_new();
	struct quic_side client, server;

	quic_pair_run(pair, &plan, &client, &server);
	CHECK(!client.connected);
	CHECK(client.over && client.status != 0);
	CHECK_EQ(server.received, 0);
	/* The listener is none the worse. */
	run(pair, (struct quic_plan){.size = 1000}, &client, &server);
	quic_pair_del(pair);
}

static void resumption(void)
{
	struct quic_pair *pair = quic_pair_new();
	struct quic_side client, server;

	run(pair, (struct quic_plan){.size = 1000}, &client, &server);
	for (int i = 0; i < 5; i++) {
		run(pair, (struct quic_plan){.size = 100000, .resume = true}, &client, &server);
		CHECK(client.resumed && server.resumed);
		CHECK(!server.early);
	}
	quic_pair_del(pair);
}

/* Neither offered nor accepted: data that may go early waits for the handshake. */
static void early_data(void)
{
	struct quic_pair *pair = quic_pair_new();
	struct quic_side client, server;

	run(pair, (struct quic_plan){.size = 1000}, &client, &server);
	run(pair, (struct quic_plan){.size = 1000, .resume = true, .early = true}, &client, &server);
	CHECK(client.resumed && server.resumed);
	CHECK(!server.early);
	quic_pair_del(pair);
}

static void key_update(void)
{
	struct quic_pair *pair = quic_pair_new();
	struct quic_side client, server;

	run(pair, (struct quic_plan){.size = 16 * MIB, .key_updates = 3}, &client, &server);
	CHECK(client.key_updates >= 3);
	CHECK(server.key_updates >= 3);
	quic_pair_del(pair);
}

static void loss(void)
{
	struct quic_pair *pair = quic_pair_new();
	struct quic_side client, server;

	run(pair, (struct quic_plan){.size = MIB, .loss = 20}, &client, &server);
	run(pair, (struct quic_plan){.size = 4 * MIB, .loss = 20, .resume = true, .key_updates = 2}, &client, &server);
	CHECK(client.resumed);
	quic_pair_del(pair);
}

int main(void)
{
	TEST("1 MiB both ways", echo);
	TEST("connection after connection", many);
	TEST("wrong certificate refused", refused);
	TEST("resumption", resumption);
	TEST("no 0-RTT", early_data);
	TEST("key update", key_update);
	TEST("2 % loss", loss);
	return check_end();
}
