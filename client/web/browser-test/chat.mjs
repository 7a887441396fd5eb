// SPDX-License-Identifier: Apache-2.0
// Two people chat on the reference page, in a real browser, doing only what people can do. Usage:
//   node chat.mjs <address of the page> <folder for screenshots>
// Prints one line of JSON; ends with 1 when something is not as it should be.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "./find-chromium.mjs";

const NOT_ENCRYPTED = "Not encrypted: the service can read this conversation";
const MARKUP = "<img src=x onerror=alert(1)>";
const WIDE = { width: 1200, height: 800 };
const PHONE = { width: 390, height: 844 };
const WITHIN_MS = 20_000;

const address = process.argv[2] ?? process.env.E2RELAY_PAGE;
const folder = process.argv[3] ?? process.env.E2RELAY_SCREENSHOTS;
if (!address || !folder) {
  console.error("usage: node chat.mjs <address of the page> <folder for screenshots>");
  process.exit(2);
}

const complaints = [];
const done = [];
const screenshots = [];
const people = [];

function expect(fact, otherwise) {
  if (!fact) {
    throw new Error(otherwise);
  }
}

/** One person: a browser profile of their own, with one tab in which nothing may go wrong. */
async function person(browser, name, permissions = []) {
  const context = await browser.newContext({
    // The service's certificate comes from a development authority that this browser does not know.
    ignoreHTTPSErrors: true,
    viewport: WIDE,
    colorScheme: "light",
    // Pictures are of what is, not of what is on its way there.
    reducedMotion: "reduce",
    locale: "en-GB",
    permissions,
  });
  context.setDefaultTimeout(WITHIN_MS);
  const page = await context.newPage();
  page.on("console", (message) => {
    // Violations of the content security policy come as errors too.
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(`${name}: console: ${message.text()}`);
    }
  });
  const loading = new Set();
  page.on("request", (request) => loading.add(request.url().split("#")[0]));
  for (const end of ["requestfinished", "requestfailed"]) {
    page.on(end, (request) => loading.delete(request.url().split("#")[0]));
  }
  page.on("pageerror", (error) => complaints.push(`${name}: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`${name}: a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const someone = {
    name,
    page,
    loading,
    log: page.getByRole("log", { name: "Messages" }),
    write: page.getByRole("textbox", { name: "Message" }),
    async signIn() {
      await page.getByLabel("Your name").fill(name);
      await page.keyboard.press("Enter");
      await page.getByText("Online", { exact: true }).waitFor();
    },
    async say(text) {
      await this.write.fill(text);
      await this.write.press("Enter");
    },
    async sees(text) {
      await this.log.getByText(text, { exact: true }).waitFor();
    },
    async shows(name) {
      await page.getByRole("heading", { name, exact: true }).waitFor();
    },
  };
  people.push(someone);
  return someone;
}

async function step(what, act) {
  try {
    const result = await act();
    done.push(what);
    return result;
  } catch (error) {
    throw new Error(`${what}: ${error.message}`);
  }
}

async function picture(page, name) {
  const path = join(folder, name);
  await page.screenshot({ path });
  screenshots.push(name);
}

async function wholeStory(browser) {
  const alice = await person(browser, "alice", ["clipboard-read", "clipboard-write"]);
  const bob = await person(browser, "bob");

  await step("alice chooses a name and is online", async () => {
    await alice.page.goto(address);
    await alice.signIn();
  });
  const link = await step("alice starts a conversation and copies its link", async () => {
    await alice.page.getByRole("button", { name: "New conversation" }).click();
    await alice.page.getByText(NOT_ENCRYPTED).waitFor();
    await alice.page.getByRole("button", { name: "Copy link" }).click();
    await alice.page.getByRole("button", { name: "Link copied" }).waitFor();
    await alice.write.focus();
    await alice.page.keyboard.press("Control+V");
    const pasted = await alice.write.inputValue();
    await alice.write.fill("");
    expect(pasted.startsWith(`${new URL(address).origin}/#join=`), `no link was copied: ${pasted}`);
    return pasted;
  });
  await step("bob opens the link, chooses a name and joins", async () => {
    await bob.page.goto(link);
    await bob.page.getByText("You are invited to a conversation").waitFor();
    await bob.signIn();
    await bob.shows("alice");
    await bob.page.getByText(NOT_ENCRYPTED).waitFor();
    await alice.shows("bob");
  });

  const said = [
    [alice, "Hi Bob! Did the link work?"],
    [bob, "It did, here I am!"],
    [bob, "Nothing to install, just the page."],
    [alice, "That is the idea. I will send the notes from this morning:"],
    [alice, "1. one socket per device\n2. the log is the truth\n3. what is lost on the way is read again"],
    [bob, "Naïve question: does this go through, too? " + MARKUP],
    [alice, MARKUP],
    [bob, "It does. As text, as it should."],
  ];
  await step("both see each other's messages live", async () => {
    for (const [from, text] of said) {
      await from.say(text);
      await alice.sees(text);
      await bob.sees(text);
    }
  });
  await step("markup is text for both", async () => {
    for (const { log } of [alice, bob]) {
      expect((await log.getByRole("img").count()) === 0, "an image came out of a message");
    }
  });
  await step("bob loads the page again and sees the history, each message once and in order", async () => {
    await bob.page.reload();
    await bob.shows("alice");
    await bob.sees(said.at(-1)[1]);
    const shown = await bob.log.getByRole("listitem").getByRole("paragraph").allInnerTexts();
    const wanted = said.map(([, text]) => text);
    expect(JSON.stringify(shown) === JSON.stringify(wanted), `bob sees ${JSON.stringify(shown)}`);
  });
  await step("what comes after the history is live again", async () => {
    const text = "See you at three, then.";
    await alice.say(text);
    await bob.sees(text);
    await alice.log.getByText("Sent", { exact: true }).last().waitFor();
  });
  await step("the page fits its windows", async () => {
    await alice.page.getByRole("button", { name: "Copy link" }).waitFor();
    await picture(alice.page, "page-light.png");
    await alice.page.emulateMedia({ colorScheme: "dark" });
    await picture(alice.page, "page-dark.png");
    await bob.page.setViewportSize(PHONE);
    const tooWide = await bob.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(!tooWide, "the page is wider than a phone");
    await bob.page.getByText(NOT_ENCRYPTED).waitFor();
    await picture(bob.page, "page-phone.png");
    await bob.page.getByRole("button", { name: "Back to conversations" }).click();
    await bob.page.getByRole("navigation", { name: "Conversations" }).getByRole("button").first().waitFor();
    await picture(bob.page, "page-phone-list.png");
  });
  await step("nothing was complained about", () => expect(complaints.length === 0, complaints.join("; ")));
}

mkdirSync(folder, { recursive: true });
const { executable, args } = await findChromium();
const { chromium } = await import("playwright-core");
const browser = await chromium.launch({
  executablePath: executable,
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    ...args,
  ],
});
let failure;
try {
  await wholeStory(browser);
} catch (error) {
  failure = error.message;
  for (const { name, page, loading } of people) {
    complaints.push(...[...loading].map((url) => `${name}: still loading ${url}`));
    // Of a page that may not even answer: what can be seen helps, and what cannot is no second failure.
    await picture(page, `failure-${name}.png`).catch((error) => complaints.push(`${name}: ${error.message}`));
  }
}
const version = browser.version();
await browser.close();
console.log(
  JSON.stringify({ ok: failure === undefined, browser: version, done, screenshots, complaints, failure }),
);
process.exitCode = failure === undefined ? 0 : 1;
