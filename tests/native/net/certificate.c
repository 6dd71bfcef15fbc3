/* SPDX-License-Identifier: MIT */
#include "net/certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static bool extend(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	const bool ok = extension && X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

static bool fill(X509 *cert, EVP_PKEY *key)
{
	enum { DAY = 24 * 60 * 60 };
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_set_version(cert, X509_VERSION_3) && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) && X509_gmtime_adj(X509_getm_notAfter(cert), DAY) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0) &&
	       X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) &&
	       extend(cert, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
	       extend(cert, NID_basic_constraints, "critical,CA:TRUE") && X509_sign(cert, key, EVP_sha256());
}

bool certificate_make(const char *cert_file, const char *key_file)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	FILE *cert_out = fopen(cert_file, "w"), *key_out = fopen(key_file, "w");
	bool ok = key && cert && cert_out && key_out && fill(cert, key) && PEM_write_X509(cert_out, cert) &&
		  PEM_write_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL);

	if (cert_out && fclose(cert_out) != 0)
		ok = false;
	if (key_out && fclose(key_out) != 0)
		ok = false;
	X509_free(cert);
	EVP_PKEY_free(key);
	return ok;
}
