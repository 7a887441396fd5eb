// SPDX-License-Identifier: Apache-2.0
// The reference page: sign in, then chat. Everything people wrote is shown as text, never as markup.
import { type ConversationLink, parseLink } from "../src/index.ts";
import { Chat } from "./chat.ts";
import { box, button, byId, dialog, form, input, say } from "./dom.ts";
import { forget, type Identity, remembered, signIn, signInWith } from "./identity.ts";

const LEAD = "Choose a name to start a conversation, or to join one by its link.";
const INVITED = "You are invited to a conversation. Choose a name to join it.";

let chat: Chat | undefined;
let invitation: ConversationLink | undefined;

/** Takes a link out of the address; it stands in the fragment, which is never sent to a server. */
function takeInvitation(): void {
  if (!location.hash.startsWith("#join=")) {
    return;
  }
  invitation = parseLink(location.hash.slice("#join=".length));
  history.replaceState(null, "", location.pathname);
  if (invitation === undefined) {
    say(box("sign-in-error"), "The link in the address is not complete. Ask for it again.");
  }
}

function showSignIn(why?: string): void {
  chat = undefined;
  box("sign-in-lead").textContent = invitation === undefined ? LEAD : INVITED;
  if (why !== undefined) {
    say(box("sign-in-error"), why);
  }
  box("sign-in").hidden = false;
  input("name").focus();
}

function enter(identity: Identity): void {
  box("sign-in").hidden = true;
  say(box("sign-in-error"), undefined);
  form("token-form").hidden = true;
  form("name-form").hidden = false;
  box("sign-in-lead").hidden = false;
  byId("token", HTMLTextAreaElement).value = "";
  chat = new Chat(identity, (why) => {
    forget();
    showSignIn(why);
  });
  chat.start();
  followInvitation();
}

function followInvitation(): void {
  if (chat !== undefined && invitation !== undefined) {
    const link = invitation;
    invitation = undefined;
    void chat.join(link);
  }
}

async function chooseName(): Promise<void> {
  const submit = form("name-form").querySelector("button");
  const name = input("name").value.trim();
  if (name === "" || submit === null) {
    return;
  }
  submit.disabled = true;
  const answer = await signIn(name);
  submit.disabled = false;
  switch (answer.kind) {
    case "identity":
      enter(answer.identity);
      return;
    case "no issuer":
      say(box("sign-in-error"), undefined);
      box("sign-in-lead").hidden = true;
      form("name-form").hidden = true;
      form("token-form").hidden = false;
      byId("token", HTMLTextAreaElement).focus();
      return;
    case "refused":
      say(box("sign-in-error"), answer.why);
      return;
  }
}

function pasteToken(): void {
  const identity = signInWith(byId("token", HTMLTextAreaElement).value.trim());
  if (identity === undefined) {
    say(box("sign-in-error"), "This is not a token: it names nobody.");
  } else {
    enter(identity);
  }
}

/** The link itself, or an address that ends with it. */
function joinByHand(): void {
  const text = input("link").value.trim();
  const link = parseLink(
    text.slice(text.lastIndexOf("#join=") + (text.includes("#join=") ? "#join=".length : 1)),
  );
  say(box("join-error"), link === undefined ? "This is not a link to a conversation." : undefined);
  if (link !== undefined) {
    dialog("join-dialog").close();
    void chat?.join(link);
  }
}

function onSubmit(id: string, act: () => void): void {
  form(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

onSubmit("name-form", () => void chooseName());
onSubmit("token-form", pasteToken);
onSubmit("join-form", joinByHand);
button("join").addEventListener("click", () => {
  input("link").value = "";
  say(box("join-error"), undefined);
  dialog("join-dialog").showModal();
});
button("join-cancel").addEventListener("click", () => dialog("join-dialog").close());
window.addEventListener("hashchange", () => {
  takeInvitation();
  followInvitation();
});

takeInvitation();
const identity = remembered();
if (identity === undefined) {
  showSignIn();
} else {
  enter(identity);
}
