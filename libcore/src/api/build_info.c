/* SPDX-License-Identifier: MIT */
#include "api/build_info.h"

#include "base/cpu.h"
#include "core.h"

#include <archive.h>
#include <blake3.h>
#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <pcre2.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#if CORE_NET
#include <curl/curl.h>
#include <msquic_version.h>
#include <nghttp2/nghttp2.h>
#include <nghttp3/nghttp3.h>
#include <openssl/crypto.h>
#endif

#ifndef CORE_VERSION
#define CORE_VERSION "0.0.0"
#endif

/** Text that is being written. */
struct out {
	char *text;
	size_t cap;
	size_t len;
};

static void put(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct out *out, const char *format, ...)
{
	const size_t room = out->cap - out->len;
	va_list args;

	va_start(args, format);
	const int n = vsnprintf(out->text + out->len, room, format, args);
	va_end(args);
	if (n > 0)
		out->len += (size_t)n < room ? (size_t)n : room - 1;
}

/** `text` up to the first of `ends`: some libraries say when they were released too. */
static void put_version(struct out *out, const char *name, const char *text, const char *ends)
{
	put(out, "%s=%.*s\n", name, (int)strcspn(text, ends), text);
}

/** A version in one number, with two or three decimal digits for each part. */
static void put_number(struct out *out, const char *name, unsigned number, unsigned base)
{
	put(out, "%s=%u.%u.%u\n", name, number / base / base, number / base % base, number % base);
}

static void put_file_half(struct out *out)
{
	char pcre2[64] = "";

	put(out, "zlib-ng=%s\n", ZLIBNG_VERSION);
	put_version(out, "bzip2", BZ2_bzlibVersion(), ",");
	put_version(out, "xz", lzma_version_string(), "");
	put_version(out, "zstd", ZSTD_versionString(), "");
	put_version(out, "lz4", LZ4_versionString(), "");
	put_number(out, "libarchive", (unsigned)archive_version_number(), 1000);
	put_version(out, "libsodium", sodium_version_string(), "");
	if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof pcre2)
		pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
	put_version(out, "pcre2", pcre2, " ");
	put_version(out, "utf8proc", utf8proc_version(), "");
	put_version(out, "blake3", blake3_version(), "");
	put_number(out, "xxhash", XXH_versionNumber(), 100);
}

#if CORE_NET
static void put_net_half(struct out *out)
{
	put_version(out, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING), "");
	put_version(out, "nghttp2", nghttp2_version(0)->version_str, "");
	put_version(out, "curl", curl_version_info(CURLVERSION_NOW)->version, "-");
	put_version(out, "nghttp3", nghttp3_version(0)->version_str, "");
	/* Asking msquic itself would start its threads. */
	put(out, "msquic=%d.%d.%d\n", MSQUIC_MAJOR, MSQUIC_MINOR, MSQUIC_PATCH);
}
#endif

size_t build_info(char *text, size_t cap)
{
	struct out out = {.text = text, .cap = cap};

	put(&out, "version=%s\nabi=%d\ncompiler=%s\n", CORE_VERSION, CORE_ABI_VERSION, __VERSION__);
	put(&out, "half=%s\nsimd=%s\n", CORE_NET ? "net" : "file", cpu_level_name(cpu_level()));
	put_file_half(&out);
#if CORE_NET
	put_net_half(&out);
#endif
	return out.len;
}
