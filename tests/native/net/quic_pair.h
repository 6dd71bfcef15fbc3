/* SPDX-License-Identifier: MIT */
/*
 * A QUIC server and client in one process, on msquic. Each side sends a stream of known bytes and checks the other's.
 * What happened is kept in two structures that may be read when quic_pair_run() has returned.
 */
#ifndef NET_QUIC_PAIR_H
#define NET_QUIC_PAIR_H

#include <msquic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What one side saw of a connection. */
struct quic_side {
	/** Bytes that came and were those expected, until the first that was not. */
	uint64_t received;
	bool wrong_bytes;
	/** The peer's stream ended as it should. */
	bool finished;
	bool connected;
	/** TLS took up an earlier session. */
	bool resumed;
	/** Some bytes came as 0-RTT. */
	bool early;
	/** The connection is over; cleanly, if the client was connected and the server was told, with code 0. */
	bool over;
	bool clean;
	/** Nonzero when the transport ended it. */
	QUIC_STATUS status;
	/** From msquic's statistics. */
	uint32_t key_updates;
	uint64_t lost;
};

/** What to do; zero means no. */
struct quic_plan {
	/** Bytes in each direction. */
	uint64_t size;
	/** Use the ticket that an earlier connection of this pair got. */
	bool resume;
	/** Send at once, as 0-RTT. */
	bool early;
	/** Change keys so many times during the transfer. */
	unsigned key_updates;
	/** Of 1000 packets, how many get lost on the way. */
	unsigned loss;
	/** The client trusts another certificate than the server's. */
	bool wrong_authority;
};

struct quic_pair;

/** Opens msquic and starts a server. */
struct quic_pair *quic_pair_new(void);
/** Makes one connection as `plan` says and waits until it is over on both sides. */
void quic_pair_run(struct quic_pair *pair, const struct quic_plan *plan, struct quic_side *client,
		   struct quic_side *server);
/** Stops everything; msquic checks that nothing is left. */
void quic_pair_del(struct quic_pair *pair);

#endif
