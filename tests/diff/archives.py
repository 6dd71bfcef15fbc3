# Writes an archive that a seed determines, reads it again and prints what is in it, as JSON:
# archives.py tar FORMAT[:COMPRESSION] SEED PATH, archives.py zip METHOD[:pipe] SEED PATH
import io, json, os, random, sys, tarfile, zipfile, hashlib
what, how, seed, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
r = random.Random(seed)
parts = ["a", "b.txt", "with space", "\u00e9t\u00e9", "\u65e5\u672c", "x" * 60, "y" * 101, "-dash", "..dots", "new\nline", "tab\t", "back\\slash", "'", "~", "!"]
def name():
    return "/".join(r.choice(parts) for _ in range(r.randint(1, 4)))
def data():
    return r.choice([b"", b"x", b"text " * r.randint(1, 4000), r.randbytes(r.randint(1, 70000)), bytes(r.randint(1, 100000))])
files, links, used = {}, {}, set()
def free(n):
    up = n.split("/")
    return n not in used and not any("/".join(up[:i]) in files or "/".join(up[:i]) in links for i in range(1, len(up))) and not any(u.startswith(n + "/") for u in used)
for _ in range(r.randint(1, 40)):
    n = name()
    if not free(n): continue
    used.add(n)
    if what == "tar" and files and r.random() < 0.25: links[n] = (r.choice(["hard", "soft"]), r.choice(sorted(files)))
    else: files[n] = data()
if what == "tar":
    fmt, _, packer = how.partition(":")
    with tarfile.open(path, "w:" + packer, format={"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}[fmt]) as t:
        modes = {}
        for n in list(files) + list(links):
            # A format cannot hold each name; what leads to one that was left out goes with it.
            if n not in files and n not in links: continue
            i = tarfile.TarInfo(n)
            i.mtime = r.randint(0, 2**31) + (r.random() if fmt == "pax" else 0)
            i.mode = modes.setdefault(links[n][1] if n in links and links[n][0] == "hard" else n, r.choice([0o644, 0o755, 0o600]))
            if n in links:
                kind, to = links[n]
                i.type = tarfile.LNKTYPE if kind == "hard" else tarfile.SYMTYPE
                i.linkname = to
                try: t.addfile(i)
                except ValueError: links.pop(n)
            else:
                i.size = len(files[n])
                try: t.addfile(i, io.BytesIO(files[n]))
                except ValueError:
                    files.pop(n)
                    for l in [l for l in links if links[l][1] == n]: links.pop(l)
else:
    method = {"stored": 0, "deflated": 8, "bzip2": 12}[how.split(":")[0]]
    class Pipe(io.RawIOBase):
        def __init__(self, f): self.f = f
        def writable(self): return True
        def write(self, b): return self.f.write(b)
    with open(path, "wb") as f:
        piped = how.endswith(":pipe")
        with zipfile.ZipFile(Pipe(f) if piped else f, "w", method) as z:
            for n in files:
                with z.open(n, "w", force_zip64=r.random() < 0.3) as e: e.write(files[n])
# What another reader makes of it.
seen = {}
if what == "tar":
    with tarfile.open(path) as t:
        for m in t:
            if m.issym(): seen[m.name] = ["symlink", m.linkname]
            else: seen[m.name] = ["file", hashlib.sha256(t.extractfile(m).read()).hexdigest()]
else:
    with zipfile.ZipFile(path) as z:
        for m in z.infolist(): seen[m.filename] = ["file", hashlib.sha256(z.read(m)).hexdigest()]
json.dump(seen, sys.stdout)
