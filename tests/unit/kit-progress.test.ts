// Progress as text, and when it is shown.
import { describe, expect, test } from "bun:test";
import { Progress, progressForm, type ProgressForm } from "../../cli/kit/progress.ts";
import { clock, progressLine, progressRecord } from "../../cli/kit/progress-line.ts";

const GiB = 2 ** 30;

describe("one line", () => {
  const pace = { bytes: 1.5 * GiB, total: 4 * GiB, rate: 800 * 2 ** 20, eta: 3.2, entries: 12_345, entriesTotal: 0 };

  test("says share, bytes, rate, time to go and count", () => {
    expect(progressLine(pace, 80)).toBe(" 37%  1.5 GiB of 4.0 GiB  800 MiB/s  ETA 0:04  12,345 entries");
    expect(progressLine({ bytes: 2048, total: 0, rate: 0, entries: 1, entriesTotal: 0 }, 80)).toBe("2.0 KiB  1 entry");
  });

  test("fits, leaving out the end first", () => {
    expect(progressLine(pace, 50)).toBe(" 37%  1.5 GiB of 4.0 GiB  800 MiB/s  ETA 0:04");
    expect(progressLine(pace, 30)).toBe(" 37%  1.5 GiB of 4.0 GiB");
    for (let columns = 0; columns < 70; columns++) expect(progressLine(pace, columns).length).toBeLessThanOrEqual(columns);
  });

  test("never claims more than all", () => expect(progressLine({ ...pace, bytes: 5 * GiB }, 80)).toStartWith("100%"));

  test("clock", () => expect([0, 4.1, 59.5, 3599, 3600, 1e9].map(clock)).toEqual(["0:00", "0:05", "1:00", "59:59", "1:00:00", "99:59:59"]));

  test("as a record", () => {
    expect(JSON.parse(progressRecord(pace))).toEqual({ v: 1, type: "progress", bytes: 1.5 * GiB, total: 4 * GiB, rate: 838_860_800, eta: 3.2, entries: 12_345 });
    expect(JSON.parse(progressRecord({ bytes: 0, total: 0, rate: 0, entries: 0, entriesTotal: 0 }))).toEqual({ v: 1, type: "progress", bytes: 0, rate: 0, entries: 0 });
  });
});

test.each<["auto" | "always" | "json" | "never", boolean, boolean, ProgressForm]>([
  ["auto", true, false, "line"],
  ["auto", true, true, "none"],
  ["auto", false, false, "none"],
  ["always", true, false, "line"],
  ["always", true, true, "lines"],
  ["always", false, false, "lines"],
  ["json", true, false, "json"],
  ["json", false, false, "json"],
  ["never", true, false, "none"],
])("--progress=%s, terminal %p, dumb %p: %s", (when, terminal, dumb, form) => expect(progressForm(when, terminal, dumb)).toBe(form));

describe("shown", () => {
  function target(start: number) {
    const texts: string[] = [];
    return { texts, at: start, write: (text: string) => void texts.push(text), columns: () => 80, now: () => 0 };
  }

  test("drawn, cleared for other text, and taken away at the end", async () => {
    const to = target(0);
    let now = 100;
    const progress = new Progress("line", { ...to, now: () => now });
    {
      using _ = progress.start(() => ({ bytes: 2 ** 20, total: 2 ** 21, entries: 3, entriesTotal: 0 }));
      await Bun.sleep(20);
      expect(to.texts).toEqual(["\r 50%  1.0 MiB of 2.0 MiB  3 entries\x1b[K"]);
      progress.clear();
      progress.clear();
      expect(to.texts.slice(1)).toEqual(["\r\x1b[K"]);
      now = 1100;
      for (let i = 0; i < 256; i++) progress.poll();
      expect(to.texts.slice(2)).toEqual(["\r 50%  1.0 MiB of 2.0 MiB  1.0 MiB/s  ETA 0:01  3 entries\x1b[K"]);
    }
    expect(to.texts.slice(3)).toEqual(["\r\x1b[K"]);
    await Bun.sleep(20);
    expect(to.texts).toHaveLength(4);
  });

  test("records end with one about the end; nothing is written where nothing is wanted", async () => {
    const json = target(0);
    using_(new Progress("json", json));
    expect(json.texts.map((text) => JSON.parse(text).bytes)).toEqual([7]);
    const none = target(0);
    using_(new Progress("none", none));
    expect(none.texts).toEqual([]);
  });

  function using_(progress: Progress): void {
    using _ = progress.start(() => ({ bytes: 7, total: 7, entries: 1, entriesTotal: 1 }));
  }
});
