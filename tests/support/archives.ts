// Archives byte by byte, so that they can be wrong in one chosen place.
import { deflateRawSync } from "node:zlib";

/** What stands in an archive. */
export interface Member {
  name: string | Uint8Array;
  /** What a file holds; empty where it is missing. */
  data?: string | Uint8Array;
  /** A symbolic link's target, or a hard link's. */
  link?: string | Uint8Array;
  /** A letter of the tar format: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 directory, 6 FIFO. */
  type?: "0" | "1" | "2" | "3" | "4" | "5" | "6";
  mode?: number;
  uid?: number;
  gid?: number;
  /** Seconds since 1970. */
  mtime?: number;
  /** ZIP: the name of the local header, where it is to be another one than the directory's. */
  localName?: string;
  /** ZIP: not compressed. */
  stored?: boolean;
  /** ZIP: the size, CRC or flags that the headers are to claim. */
  claims?: { size?: number; crc?: number; flags?: number };
}

const bytesOf = (data: string | Uint8Array = "") => (typeof data === "string" ? Buffer.from(data) : Buffer.from(data));

function octal(block: Buffer, at: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
}

function tarHeader(member: Member, size: number): Buffer {
  const block = Buffer.alloc(512);
  const name = bytesOf(member.name);
  // Longer names are split at a slash.
  const cut = name.length > 100 ? name.indexOf(0x2f, name.length - 101) : -1;
  if (name.length - cut - 1 > 100 || cut > 155) throw new Error("the name is too long");
  name.copy(block, 0, cut + 1);
  name.copy(block, 345, 0, Math.max(cut, 0));
  octal(block, 100, 8, member.mode ?? (member.type === "5" ? 0o755 : 0o644));
  octal(block, 108, 8, member.uid ?? 0);
  octal(block, 116, 8, member.gid ?? 0);
  octal(block, 124, 12, size);
  octal(block, 136, 12, member.mtime ?? 1_700_000_000);
  block.write("        ", 148);
  block.write(member.type ?? "0", 156);
  bytesOf(member.link).copy(block, 157);
  block.write("ustar\x0000", 257, "latin1");
  octal(block, 148, 7, block.reduce((sum, byte) => sum + byte, 0));
  block[155] = 0x20;
  return block;
}

/** A tar archive in the ustar format (POSIX.1-1988), members in the given order, two zero blocks at its end. */
export function tar(members: readonly Member[], end = 1024): Buffer {
  const parts = members.flatMap((member) => {
    const data = bytesOf(member.data);
    return [tarHeader(member, data.length), data, Buffer.alloc(-data.length & 511)];
  });
  return Buffer.concat([...parts, Buffer.alloc(end)]);
}

/** A ZIP archive (APPNOTE 6.3.10) without data descriptors; symbolic links and modes as Unix tools store them. */
export function zip(members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const data = member.link === undefined ? bytesOf(member.data) : bytesOf(member.link);
    const packed = member.stored ? data : deflateRawSync(data);
    const name = bytesOf(member.name);
    const localName = member.localName === undefined ? name : Buffer.from(member.localName);
    const { size = data.length, crc = Bun.hash.crc32(data), flags = 0x800 } = member.claims ?? {};
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(member.stored ? 0 : 8, 4);
    common.writeUInt16LE(0x6000, 6);
    common.writeUInt16LE(0x58a1, 8);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(localName.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, localName, packed]);
    common.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    const kind = member.link !== undefined ? 0o120000 : name.at(-1) === 0x2f ? 0o040000 : 0o100000;
    tail.writeUInt32LE(((kind | (member.mode ?? 0o644)) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, tail, name]));
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}
