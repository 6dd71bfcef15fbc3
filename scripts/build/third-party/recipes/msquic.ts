import { defines, type RecipeFor } from "../recipe.ts";

const core = `ack_tracker api bbr binding configuration congestion_control connection connection_pool crypto crypto_tls cubic
  datagram frame library listener lookup loss_detection mtu_discovery operation packet packet_builder packet_space
  partition path range recv_buffer registration send send_buffer sent_packet_metadata settings sliding_window_extremum
  stream stream_recv stream_send stream_set timer_wheel version_neg worker`;

const platform = `certificates_posix cgroup crypt crypt_openssl datapath_epoll datapath_linux datapath_raw_dummy
  datapath_unix datapath_xplat hashtable pcp platform_posix platform_worker selfsign_openssl storage_posix tls_quictls
  toeplitz`;

const files = (names: string) => names.split(/\s+/).map((name) => `${name}.c`);

/**
 * msquic: QUIC, with TLS by the OpenSSL above. It was written for quictls, another OpenSSL; the header that is included
 * before everything else gives it that interface. Left out is bin/linux/init.c, which would start the library when
 * libcore is loaded; MsQuicOpenVersion does so at first use.
 */
export const msquic: RecipeFor = () => ({
  name: "msquic",
  half: "net",
  unpack: ["src/inc", "src/core", "src/platform", "src/generated/common"],
  sources: [
    { from: "src/core", files: files(core) },
    { from: "src/platform", files: files(platform) },
  ],
  flags: [
    "-std=gnu11",
    "-fms-extensions",
    // No tracing; the features are those of Linux 4.18 with glibc 2.17 or musl.
    ...defines(`NDEBUG _GNU_SOURCE CX_PLATFORM_LINUX HAS_SENDMMSG HAS__SC_PHYS_PAGES HAS_SYSCONF QUIC_EVENTS_STUB
      QUIC_LOGS_STUB QUIC_SHARED_EPHEMERAL_WORKAROUND VER_BUILD_ID=0 VER_SUFFIX=-core`),
  ],
  force: ["libcore/src/quic/quictls.h"],
  include: ["src/core", "src/platform", "src/generated/common"],
  // Its version is in a resource file for Windows, between lines that are no C.
  generate: ({ read }) => ({
    "msquic_version.h": (read("src/inc/msquic.ver").match(/^#define VER_(MAJOR|MINOR|PATCH) .*$/gm) ?? [])
      .map((line) => `${line.replace("VER_", "MSQUIC_").trim()}\n`)
      .join(""),
  }),
  uses: ["openssl"],
  users: { include: ["src/inc"], flags: defines("QUIC_BUILD_STATIC CX_PLATFORM_LINUX") },
});
