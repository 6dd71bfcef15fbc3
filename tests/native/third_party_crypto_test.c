/* SPDX-License-Identifier: MIT */
/* libsodium against published vectors: the pieces that encryption will stand on. */
#include "check.h"

#include <sodium.h>
#include <string.h>

static void hex_is(const uint8_t *have, size_t size, const char *want)
{
	char text[513];

	CHECK(size <= 256);
	CHECK_TEXT(sodium_bin2hex(text, sizeof text, have, size), want);
}

static size_t from_hex(uint8_t *out, size_t cap, const char *hex)
{
	size_t size = 0;

	CHECK_EQ(sodium_hex2bin(out, cap, hex, strlen(hex), NULL, &size, NULL), 0);
	return size;
}

/* draft-irtf-cfrg-aegis-aead, test vectors 1: sixteen zero bytes, no additional data, 256-bit tag. */
static void aegis(void)
{
	uint8_t key[32], nonce[32], sealed[48], zeros[16] = {0}, opened[16];
	unsigned long long size;

	CHECK(sodium_init() >= 0);
	from_hex(key, sizeof key, "1001000000000000000000000000000000000000000000000000000000000000");
	from_hex(nonce, sizeof nonce, "1000020000000000000000000000000000000000000000000000000000000000");
	CHECK_EQ(crypto_aead_aegis256_encrypt(sealed, &size, zeros, 16, NULL, 0, NULL, nonce, key), 0);
	CHECK_EQ(size, 48);
	hex_is(sealed, 48,
	       "754fc3d8c973246dcc6d741412a4b236"
	       "1181a1d18091082bf0266f66297d167d2e68b845f61a3b0527d31fc7b7b89f13");
	CHECK_EQ(crypto_aead_aegis256_decrypt(opened, &size, NULL, sealed, 48, NULL, 0, nonce, key), 0);
	CHECK(size == 16 && memcmp(opened, zeros, 16) == 0);
	sealed[3] ^= 1;
	CHECK(crypto_aead_aegis256_decrypt(opened, &size, NULL, sealed, 48, NULL, 0, nonce, key) != 0);

	from_hex(key, sizeof key, "10010000000000000000000000000000");
	from_hex(nonce, sizeof nonce, "10000200000000000000000000000000");
	CHECK_EQ(crypto_aead_aegis128l_encrypt(sealed, &size, zeros, 16, NULL, 0, NULL, nonce, key), 0);
	hex_is(sealed, 48,
	       "c1c0e58bd913006feba00f4b3cc3594e"
	       "25835bfbb21632176cf03840687cb968cace4617af1bd0f7d064c639a5c79ee4");
}

/* RFC 5869, A.1. */
static void hkdf(void)
{
	uint8_t ikm[22], salt[16], info[16], prk[crypto_kdf_hkdf_sha256_KEYBYTES], okm[42];

	CHECK(sodium_init() >= 0);
	memset(ikm, 0x0b, sizeof ikm);
	const size_t salt_size = from_hex(salt, sizeof salt, "000102030405060708090a0b0c");
	const size_t info_size = from_hex(info, sizeof info, "f0f1f2f3f4f5f6f7f8f9");
	CHECK_EQ(crypto_kdf_hkdf_sha256_extract(prk, salt, salt_size, ikm, sizeof ikm), 0);
	hex_is(prk, sizeof prk, "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
	CHECK_EQ(crypto_kdf_hkdf_sha256_expand(okm, sizeof okm, (const char *)info, info_size, prk), 0);
	hex_is(okm, sizeof okm,
	       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

/* RFC 7693, appendix A; RFC 7748, 5.2; RFC 8032, 7.1 test 2. */
static void primitives(void)
{
	uint8_t hash[64], scalar[32], point[32], shared[32], seed[32], pk[32], sk[64], signature[64];
	const uint8_t message[] = {0x72};

	CHECK(sodium_init() >= 0);
	CHECK_EQ(crypto_generichash(hash, 64, (const uint8_t *)"abc", 3, NULL, 0), 0);
	hex_is(hash, 64,
	       "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
	       "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
	from_hex(scalar, 32, "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
	from_hex(point, 32, "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
	CHECK_EQ(crypto_scalarmult(shared, scalar, point), 0);
	hex_is(shared, 32, "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
	from_hex(seed, 32, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
	CHECK_EQ(crypto_sign_seed_keypair(pk, sk, seed), 0);
	hex_is(pk, 32, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
	CHECK_EQ(crypto_sign_detached(signature, NULL, message, 1, sk), 0);
	hex_is(signature, 64,
	       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	       "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
	CHECK_EQ(crypto_sign_verify_detached(signature, message, 1, pk), 0);
}

int main(void)
{
	TEST("AEGIS", aegis);
	TEST("HKDF", hkdf);
	TEST("BLAKE2b, X25519, Ed25519", primitives);
	return check_end();
}
