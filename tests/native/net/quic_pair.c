/* SPDX-License-Identifier: MIT */
#include "net/quic_pair.h"

#include "check.h"
#include "net/certificate.h"
#include "net/udp_proxy.h"

#include <errno.h>
#include <msquicp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 64 << 10, SECONDS = 40 };

/** One end of the connection that is being made. */
struct end {
	struct quic_pair *pair;
	struct quic_side side;
	/** NULL when there is none, or it is closed. */
	HQUIC connection, stream;
	uint64_t sent, size;
	/** Where the bytes begin that it sends; the other end's begin elsewhere. */
	uint8_t out_base, in_base;
	bool early;
};

struct quic_pair {
	const QUIC_API_TABLE *api;
	HQUIC registration, server_config, client_config, wary_config, listener;
	uint16_t port;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct end client, server;
	uint8_t *ticket;
	uint32_t ticket_size;
};

static const QUIC_BUFFER alpn = {4, (uint8_t *)(uintptr_t)"test"};

static uint8_t byte_at(uint8_t base, uint64_t at)
{
	return (uint8_t)(base + at % 251);
}

/** A buffer on its way; the callback gets it back. */
struct chunk {
	QUIC_BUFFER buffer;
	uint8_t data[CHUNK];
};

/** Sends the next part of an end's stream, its end with the last one. */
static void send_next(struct end *end)
{
	struct chunk *chunk = malloc(sizeof *chunk);
	const uint64_t left = end->size - end->sent;
	QUIC_SEND_FLAGS flags = QUIC_SEND_FLAG_NONE;

	CHECK(chunk);
	chunk->buffer.Buffer = chunk->data;
	chunk->buffer.Length = (uint32_t)(left < CHUNK ? left : CHUNK);
	for (uint32_t i = 0; i < chunk->buffer.Length; i++)
		chunk->data[i] = byte_at(end->out_base, end->sent + i);
	if (end->sent == 0)
		flags |= QUIC_SEND_FLAG_START;
	if (end->early)
		flags |= QUIC_SEND_FLAG_ALLOW_0_RTT;
	end->sent += chunk->buffer.Length;
	if (end->sent == end->size)
		flags |= QUIC_SEND_FLAG_FIN;
	if (QUIC_FAILED(end->pair->api->StreamSend(end->stream, &chunk->buffer, 1, flags, chunk)))
		free(chunk);
}

static void receive(struct end *end, const QUIC_STREAM_EVENT *event)
{
	for (uint32_t i = 0; i < event->RECEIVE.BufferCount; i++) {
		const QUIC_BUFFER *buffer = &event->RECEIVE.Buffers[i];

		for (uint32_t k = 0; k < buffer->Length && !end->side.wrong_bytes; k++) {
			end->side.wrong_bytes = buffer->Buffer[k] != byte_at(end->in_base, end->side.received);
			end->side.received += !end->side.wrong_bytes;
		}
	}
	if (event->RECEIVE.Flags & QUIC_RECEIVE_FLAG_0_RTT)
		end->side.early = true;
	if (event->RECEIVE.Flags & QUIC_RECEIVE_FLAG_FIN)
		end->side.finished = true;
}

static QUIC_STATUS on_stream(HQUIC stream, void *context, QUIC_STREAM_EVENT *event)
{
	struct end *end = context;
	struct quic_pair *pair = end->pair;

	pthread_mutex_lock(&pair->lock);
	switch (event->Type) {
	case QUIC_STREAM_EVENT_RECEIVE:
		receive(end, event);
		break;
	case QUIC_STREAM_EVENT_SEND_COMPLETE:
		free(event->SEND_COMPLETE.ClientContext);
		if (!event->SEND_COMPLETE.Canceled && end->sent < end->size)
			send_next(end);
		break;
	case QUIC_STREAM_EVENT_SHUTDOWN_COMPLETE:
		end->stream = NULL;
		pair->api->StreamClose(stream);
		break;
	default:
		break;
	}
	pthread_cond_broadcast(&pair->changed);
	pthread_mutex_unlock(&pair->lock);
	return QUIC_STATUS_SUCCESS;
}

static void note_statistics(struct end *end)
{
	QUIC_STATISTICS_V2 statistics;
	uint32_t size = sizeof statistics;

	if (QUIC_FAILED(end->pair->api->GetParam(end->connection, QUIC_PARAM_CONN_STATISTICS_V2, &size, &statistics)))
		return;
	end->side.key_updates = statistics.KeyUpdateCount;
	end->side.lost = statistics.SendSuspectedLostPackets;
}

static void keep_ticket(struct quic_pair *pair, const QUIC_CONNECTION_EVENT *event)
{
	free(pair->ticket);
	pair->ticket_size = event->RESUMPTION_TICKET_RECEIVED.ResumptionTicketLength;
	pair->ticket = malloc(pair->ticket_size);
	CHECK(pair->ticket);
	memcpy(pair->ticket, event->RESUMPTION_TICKET_RECEIVED.ResumptionTicket, pair->ticket_size);
}

static QUIC_STATUS on_connection(HQUIC connection, void *context, QUIC_CONNECTION_EVENT *event)
{
	struct end *end = context;
	struct quic_pair *pair = end->pair;

	pthread_mutex_lock(&pair->lock);
	switch (event->Type) {
	case QUIC_CONNECTION_EVENT_CONNECTED:
		end->side.connected = true;
		end->side.resumed = event->CONNECTED.SessionResumed;
		if (end == &pair->server)
			pair->api->ConnectionSendResumptionTicket(connection, QUIC_SEND_RESUMPTION_FLAG_NONE, 0, NULL);
		break;
	case QUIC_CONNECTION_EVENT_PEER_STREAM_STARTED:
		end->stream = event->PEER_STREAM_STARTED.Stream;
		pair->api->SetCallbackHandler(end->stream, (void *)(uintptr_t)on_stream, end);
		send_next(end);
		break;
	case QUIC_CONNECTION_EVENT_RESUMPTION_TICKET_RECEIVED:
		keep_ticket(pair, event);
		break;
	case QUIC_CONNECTION_EVENT_SHUTDOWN_INITIATED_BY_TRANSPORT:
		end->side.status = event->SHUTDOWN_INITIATED_BY_TRANSPORT.Status;
		break;
	case QUIC_CONNECTION_EVENT_SHUTDOWN_INITIATED_BY_PEER:
		end->side.clean = event->SHUTDOWN_INITIATED_BY_PEER.ErrorCode == 0;
		break;
	case QUIC_CONNECTION_EVENT_SHUTDOWN_COMPLETE:
		note_statistics(end);
		end->side.over = true;
		/* Not PeerAcknowledgedShutdown: msquic waits for the acknowledgement for two round trips only. */
		if (end == &pair->client)
			end->side.clean = event->SHUTDOWN_COMPLETE.HandshakeCompleted;
		end->connection = NULL;
		pair->api->ConnectionClose(connection);
		break;
	default:
		break;
	}
	pthread_cond_broadcast(&pair->changed);
	pthread_mutex_unlock(&pair->lock);
	return QUIC_STATUS_SUCCESS;
}

static QUIC_STATUS on_listener(HQUIC listener, void *context, QUIC_LISTENER_EVENT *event)
{
	struct quic_pair *pair = context;

	(void)listener;
	if (event->Type != QUIC_LISTENER_EVENT_NEW_CONNECTION)
		return QUIC_STATUS_SUCCESS;
	pair->server.connection = event->NEW_CONNECTION.Connection;
	pair->api->SetCallbackHandler(pair->server.connection, (void *)(uintptr_t)on_connection, &pair->server);
	return pair->api->ConnectionSetConfiguration(pair->server.connection, pair->server_config);
}

static HQUIC make_config(struct quic_pair *pair, const QUIC_CREDENTIAL_CONFIG *credential)
{
	QUIC_SETTINGS settings = {.PeerBidiStreamCount = 4, .IdleTimeoutMs = 20000};
	HQUIC config = NULL;

	settings.ServerResumptionLevel = QUIC_SERVER_RESUME_AND_ZERORTT;
	settings.IsSet.PeerBidiStreamCount = settings.IsSet.IdleTimeoutMs = settings.IsSet.ServerResumptionLevel = 1;
	CHECK_EQ(pair->api->ConfigurationOpen(pair->registration, &alpn, 1, &settings, sizeof settings, NULL, &config), 0);
	CHECK_EQ(pair->api->ConfigurationLoadCredential(config, credential), 0);
	return config;
}

static HQUIC client_config(struct quic_pair *pair, const char *authority)
{
	const QUIC_CREDENTIAL_CONFIG credential = {
		.Type = QUIC_CREDENTIAL_TYPE_NONE,
		.Flags = QUIC_CREDENTIAL_FLAG_CLIENT | QUIC_CREDENTIAL_FLAG_SET_CA_CERTIFICATE_FILE |
			 QUIC_CREDENTIAL_FLAG_USE_TLS_BUILTIN_CERTIFICATE_VALIDATION,
		.CaCertificateFile = authority,
	};

	return make_config(pair, &credential);
}

struct quic_pair *quic_pair_new(void)
{
	const char *cert = check_text("%s/cert.pem", check_folder()), *key = check_text("%s/key.pem", check_folder());
	const char *other = check_text("%s/other.pem", check_folder()), *unused = check_text("%s/o.pem", check_folder());
	const QUIC_REGISTRATION_CONFIG registration = {"test", QUIC_EXECUTION_PROFILE_LOW_LATENCY};
	QUIC_CERTIFICATE_FILE files = {key, cert};
	const QUIC_CREDENTIAL_CONFIG credential = {.Type = QUIC_CREDENTIAL_TYPE_CERTIFICATE_FILE,
						   .CertificateFile = &files};
	struct quic_pair *pair = calloc(1, sizeof *pair);
	QUIC_ADDR address = {0};
	uint32_t size = sizeof address;

	CHECK(pair);
	CHECK(certificate_make(cert, key) && certificate_make(other, unused));
	pthread_mutex_init(&pair->lock, NULL);
	pthread_cond_init(&pair->changed, NULL);
	const void *table = NULL;
	CHECK_EQ(MsQuicOpenVersion(QUIC_API_VERSION_2, &table), 0);
	pair->api = table;
	CHECK_EQ(pair->api->RegistrationOpen(&registration, &pair->registration), 0);
	pair->server_config = make_config(pair, &credential);
	pair->client_config = client_config(pair, cert);
	pair->wary_config = client_config(pair, other);
	CHECK_EQ(pair->api->ListenerOpen(pair->registration, on_listener, pair, &pair->listener), 0);
	CHECK(QuicAddrFromString("127.0.0.1", 0, &address));
	CHECK_EQ(pair->api->ListenerStart(pair->listener, &alpn, 1, &address), 0);
	CHECK_EQ(pair->api->GetParam(pair->listener, QUIC_PARAM_LISTENER_LOCAL_ADDRESS, &size, &address), 0);
	pair->port = QuicAddrGetPort(&address);
	return pair;
}

/** Waits until `done` holds; the lock is held. Fails the test when that takes too long. */
static void wait_for(struct quic_pair *pair, bool (*done)(const struct quic_pair *), const char *what)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SECONDS;
	while (!done(pair)) {
		if (pthread_cond_timedwait(&pair->changed, &pair->lock, &until) == ETIMEDOUT)
			FAIL("no end of waiting for %s: client %llu, server %llu bytes", what,
			     (unsigned long long)pair->client.side.received, (unsigned long long)pair->server.side.received);
	}
}

static bool exchanged(const struct quic_pair *pair)
{
	return pair->client.side.over || (pair->client.side.finished && pair->server.side.finished && pair->ticket);
}

static bool both_over(const struct quic_pair *pair)
{
	return pair->client.side.over && (pair->server.side.over || !pair->server.connection);
}

/** Asks for new keys now and then while bytes flow; msquic refuses until the last change is confirmed. */
static void update_keys(struct quic_pair *pair, unsigned times)
{
	const struct timespec pause = {.tv_nsec = 2000000};

	for (unsigned done = 0, tries = 0; done < times && tries < 5000; tries++) {
		pthread_mutex_lock(&pair->lock);
		const HQUIC connection = pair->client.connection;
		pthread_mutex_unlock(&pair->lock);
		if (!connection)
			return;
		if (QUIC_SUCCEEDED(pair->api->SetParam(connection, QUIC_PARAM_CONN_FORCE_KEY_UPDATE, 0, NULL)))
			done++;
		nanosleep(&pause, NULL);
	}
}

void quic_pair_run(struct quic_pair *pair, const struct quic_plan *plan, struct quic_side *client,
		   struct quic_side *server)
{
	const QUIC_API_TABLE *api = pair->api;
	struct udp_proxy *proxy = NULL;
	uint16_t port = pair->port;
	HQUIC connection, stream;

	pair->client = (struct end){.pair = pair, .size = plan->size, .out_base = 3, .in_base = 77, .early = plan->early};
	pair->server = (struct end){.pair = pair, .size = plan->size, .out_base = 77, .in_base = 3};
	if (plan->loss)
		proxy = udp_proxy_start(pair->port, plan->loss, 20261121, &port);
	CHECK_EQ(api->ConnectionOpen(pair->registration, on_connection, &pair->client, &connection), 0);
	pair->client.connection = connection;
	if (plan->resume) {
		CHECK(pair->ticket);
		CHECK_EQ(api->SetParam(connection, QUIC_PARAM_CONN_RESUMPTION_TICKET, pair->ticket_size, pair->ticket), 0);
	}
	CHECK_EQ(api->StreamOpen(connection, QUIC_STREAM_OPEN_FLAG_NONE, on_stream, &pair->client, &stream), 0);
	free(pair->ticket);
	pair->ticket = NULL;
	pthread_mutex_lock(&pair->lock);
	pair->client.stream = stream;
	send_next(&pair->client);
	pthread_mutex_unlock(&pair->lock);
	const HQUIC config = plan->wrong_authority ? pair->wary_config : pair->client_config;
	CHECK(QUIC_SUCCEEDED(api->ConnectionStart(connection, config, QUIC_ADDRESS_FAMILY_INET, "127.0.0.1", port)));
	update_keys(pair, plan->key_updates);

	pthread_mutex_lock(&pair->lock);
	wait_for(pair, exchanged, "the bytes");
	const bool alive = pair->client.connection != NULL;
	pthread_mutex_unlock(&pair->lock);
	/* A lost CONNECTION_CLOSE is only sent again when the other side still sends (RFC 9000, 10.2.1): whether the end
	 * is clean would be left to chance. */
	if (proxy)
		udp_proxy_mend(proxy);
	if (alive)
		api->ConnectionShutdown(connection, QUIC_CONNECTION_SHUTDOWN_FLAG_NONE, 0);
	pthread_mutex_lock(&pair->lock);
	wait_for(pair, both_over, "the end of the connection");
	*client = pair->client.side;
	*server = pair->server.side;
	pthread_mutex_unlock(&pair->lock);
	if (proxy) {
		unsigned passed, lost;

		udp_proxy_end(proxy, &passed, &lost);
		check_note("%u packets passed, %u were lost", passed, lost);
		CHECK(lost > 0);
	}
}

void quic_pair_del(struct quic_pair *pair)
{
	pair->api->ListenerClose(pair->listener);
	pair->api->ConfigurationClose(pair->server_config);
	pair->api->ConfigurationClose(pair->client_config);
	pair->api->ConfigurationClose(pair->wary_config);
	pair->api->RegistrationClose(pair->registration);
	MsQuicClose(pair->api);
	pthread_cond_destroy(&pair->changed);
	pthread_mutex_destroy(&pair->lock);
	free(pair->ticket);
	free(pair);
}
