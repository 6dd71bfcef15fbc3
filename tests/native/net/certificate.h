/* SPDX-License-Identifier: MIT */
/* Certificates for tests, made on the spot. */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <stdbool.h>

/**
 * Writes a new P-256 key and a certificate for localhost, 127.0.0.1 and ::1 that it signed itself, both as PEM; good
 * for two days. The certificate serves as its own authority. False when a file cannot be written.
 */
bool certificate_make(const char *cert_file, const char *key_file);

#endif
