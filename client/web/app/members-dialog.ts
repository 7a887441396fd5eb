// SPDX-License-Identifier: Apache-2.0
import type { Client, Conversation } from "../src/index.ts";
import { box, button, dialog, form, input, make, paintAvatar, Rows, say } from "./dom.ts";
import type { Names } from "./names.ts";

/** Who is in a conversation; add somebody, or leave. */
export class MembersDialog {
  readonly #client: Client;
  readonly #names: Names;
  readonly #rows = new Rows(box("members-list"));
  readonly #dialog = dialog("members-dialog");
  readonly #off = new AbortController();
  #conversation: Conversation | undefined;

  constructor(client: Client, names: Names, problem: (error: unknown) => void) {
    this.#client = client;
    this.#names = names;
    const { signal } = this.#off;
    button("members-close").addEventListener("click", () => this.#dialog.close(), { signal });
    button("leave").addEventListener("click", () => void this.#leave().catch(problem), { signal });
    const add = (event: SubmitEvent) => {
      event.preventDefault();
      void this.#add();
    };
    form("add-form").addEventListener("submit", add, { signal });
  }

  show(conversation: Conversation): void {
    this.#conversation = conversation;
    input("add-name").value = "";
    say(box("add-error"), undefined);
    this.draw();
    this.#dialog.showModal();
  }

  draw(): void {
    const conversation = this.#conversation;
    if (conversation === undefined) {
      return;
    }
    const me = this.#client.me?.uid;
    const rows = conversation.info.members.map(({ uid, admin }) => {
      const name = this.#names.of(uid);
      const about = [uid === me ? "you" : "", admin ? "admin" : ""].filter((word) => word !== "").join(", ");
      return {
        key: uid,
        looks: `${name} ${about}`,
        build: () => {
          const avatar = make("span", "");
          paintAvatar(avatar, name);
          return make("li", "person", avatar, make("strong", "", name), make("span", "hint", about));
        },
      };
    });
    this.#rows.show(rows);
  }

  close(): void {
    this.#off.abort();
    this.#dialog.close();
    this.#rows.show([]);
  }

  async #add(): Promise<void> {
    const name = input("add-name");
    try {
      const uid = await this.#client.user(name.value.trim());
      this.#names.know(uid, name.value.trim());
      await this.#conversation?.addMembers([uid]);
      name.value = "";
      say(box("add-error"), undefined);
      this.draw();
    } catch (error) {
      say(box("add-error"), (error as Error).message);
    }
  }

  async #leave(): Promise<void> {
    if (this.#conversation !== undefined) {
      this.#dialog.close();
      await this.#client.leave(this.#conversation);
    }
  }
}
