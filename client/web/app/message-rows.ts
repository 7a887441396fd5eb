// SPDX-License-Identifier: Apache-2.0
import type { ChangeEntry, Content, Entry, MemberChange, Uid } from "../src/index.ts";
import { icon, make, paintAvatar, type Row } from "./dom.ts";
import type { Names } from "./names.ts";
import type { Outgoing, Room } from "./room.ts";
import { dayKeyOf, dayOf, timeOf, wholeTimeOf } from "./times.ts";

/** One message, stored or on its way, before it is known how it sits among its neighbours. */
interface Said {
  readonly key: string;
  readonly uid: Uid;
  readonly ms: number;
  readonly content: Content;
  readonly mark: Outgoing["mark"];
  readonly why: string | undefined;
}

type Item =
  | { readonly kind: "said"; readonly said: Said }
  | { readonly kind: "note"; readonly key: string; readonly ms: number | undefined; readonly text: string };

const GROUP_WITHIN_MS = 5 * 60_000;
const UNSUPPORTED = "Unsupported message";

export interface Looks {
  readonly me: Uid;
  readonly names: Names;
  readonly retry: (key: string) => void;
  readonly discard: (key: string) => void;
}

/** What a conversation looks like: days, notes, and messages grouped by who wrote them. */
export function messageRows(room: Room, looks: Looks): Row[] {
  const items: Item[] = [
    ...room.entries.map((entry) => itemOf(entry, room, looks)),
    ...room.outgoing.map((outgoing): Item => ({ kind: "said", said: saidOf(outgoing, looks.me) })),
  ];
  const rows: Row[] = [];
  let day = "";
  items.forEach((item, i) => {
    const ms = item.kind === "said" ? item.said.ms : item.ms;
    const before = items[i - 1];
    let newDay = false;
    if (ms !== undefined && dayKeyOf(ms) !== day) {
      day = dayKeyOf(ms);
      newDay = true;
      const label = dayOf(ms);
      rows.push({ key: `day ${day}`, looks: label, build: () => make("li", "day", make("span", "", label)) });
    }
    if (item.kind === "note") {
      rows.push({ key: item.key, looks: item.text, build: () => make("li", "note", item.text) });
      return;
    }
    const first = newDay || !together(before, item);
    const last = !together(item, items[i + 1]);
    rows.push(rowOf(item.said, first, last, looks));
  });
  return rows;
}

export function textOf(content: Content): string {
  return content.kind === "text" ? content.text : UNSUPPORTED;
}

function together(one: Item | undefined, next: Item | undefined): boolean {
  return (
    one?.kind === "said" &&
    next?.kind === "said" &&
    one.said.uid === next.said.uid &&
    next.said.ms - one.said.ms < GROUP_WITHIN_MS &&
    dayKeyOf(one.said.ms) === dayKeyOf(next.said.ms)
  );
}

function itemOf(entry: Entry, room: Room, { me, names }: Looks): Item {
  switch (entry.kind) {
    case "message": {
      const { msgId: key, uid, receivedMs: ms } = entry;
      return {
        kind: "said",
        said: { key, uid, ms, content: room.contentOf(entry), mark: "sent", why: undefined },
      };
    }
    case "change":
      return { kind: "note", key: `seq ${entry.seq}`, ms: entry.receivedMs, text: noteOf(entry, me, names) };
    case "gap": {
      const text =
        entry.reason === "not yours"
          ? "Messages from before you could read are not shown"
          : "Messages here have expired or were erased";
      return { kind: "note", key: `seq ${entry.seq}`, ms: undefined, text };
    }
  }
}

function saidOf({ msgId: key, text, writtenMs: ms, mark, why }: Outgoing, uid: Uid): Said {
  return { key, uid, ms, content: { kind: "text", text }, mark, why };
}

function noteOf(entry: ChangeEntry, me: Uid, names: Names): string {
  const who = (uid: Uid) => (uid === me ? "you" : names.of(uid));
  const sentence = ({ what, uid, by }: MemberChange): string => {
    switch (what) {
      case "created":
        return `${who(by)} started the conversation`;
      case "added":
        return `${who(by)} added ${who(uid)}`;
      case "joined":
        return `${who(uid)} joined by the link`;
      case "removed":
        return `${who(by)} removed ${who(uid)}`;
      case "left":
        return `${who(uid)} left`;
      case "unknown":
        return "the members changed";
    }
  };
  // A creation names every first member; saying it once is enough.
  const texts = [...new Set(entry.changes.map(sentence))].join(", ");
  return texts.charAt(0).toUpperCase() + texts.slice(1);
}

function rowOf(said: Said, first: boolean, last: boolean, looks: Looks): Row {
  const { me, names } = looks;
  const own = said.uid === me;
  const name = own ? "You" : names.of(said.uid);
  const stored = said.mark === "sent";
  return {
    key: `message ${said.key}`,
    looks: [name, first, last, said.mark, said.why, timeOf(said.ms)].join("\n"),
    build: () => {
      const text = make(
        "p",
        said.content.kind === "text" ? "text" : "text unsupported",
        textOf(said.content),
      );
      text.dir = "auto";
      const bubble = make("div", "bubble", make("span", first && !own ? "sender" : "hidden", name), text);
      const column = make("div", "column", bubble);
      if (last || !stored) {
        column.append(metaOf(said, own, looks));
      }
      const row = make(
        "li",
        `message${own ? " own" : ""}${first ? " first" : ""}${last ? " last" : ""} ${said.mark}`,
      );
      if (!own) {
        const avatar = make("span", "");
        paintAvatar(avatar, name);
        avatar.classList.toggle("unseen", !last);
        row.append(avatar);
      }
      row.append(column);
      return row;
    },
  };
}

function metaOf(said: Said, own: boolean, { retry, discard }: Looks): HTMLElement {
  const time = make("time", "", timeOf(said.ms));
  time.dateTime = new Date(said.ms).toISOString();
  time.title = wholeTimeOf(said.ms);
  const meta = make("div", "meta", time);
  if (!own) {
    return meta;
  }
  const words = { sending: "Sending", sent: "Sent", failed: "Not sent" }[said.mark];
  meta.append(make("span", `mark ${said.mark}`, icon(said.mark), words));
  if (said.mark === "failed") {
    const press = (label: string, act: (key: string) => void) => {
      const pressed = make("button", "again", label);
      pressed.type = "button";
      pressed.addEventListener("click", () => act(said.key));
      return pressed;
    };
    meta.title = said.why ?? "";
    meta.append(press("Try again", retry), press("Discard", discard));
  }
  return meta;
}
