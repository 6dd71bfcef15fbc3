/* SPDX-License-Identifier: MIT */
/* The one function of a map that knows what opens a URL. */
#include "core.h"
#if CORE_NET
#include "http/reader_http.h"
#endif
#include "io/map.h"

int32_t core_map_add(core_map *map, const uint8_t *path, uint64_t path_len, const uint8_t *url, uint64_t url_len,
		     core_remote *remote)
{
#if CORE_NET
	struct opener *opener;
	char *shown;
	int32_t rc = http_opener_new(&opener, url, url_len, remote, &shown);

	return rc != 0 ? rc : map_add(map, path, path_len, opener, shown);
#else
	(void)map;
	(void)path;
	(void)path_len;
	(void)url;
	(void)url_len;
	(void)remote;
	return CORE_EUNSUPPORTED;
#endif
}
