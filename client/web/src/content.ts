// SPDX-License-Identifier: Apache-2.0

/**
 * What the body of a message in an open conversation holds: a JSON object in UTF-8 with a "kind". There is one kind so
 * far: {"kind":"text","text":"…"}. Whatever else somebody sends is content that this release does not know.
 */
export type Content = { readonly kind: "text"; readonly text: string } | { readonly kind: "unsupported" };

const UNSUPPORTED: Content = { kind: "unsupported" };

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ kind: "text", text }));
}

export function decodeContent(body: Uint8Array): Content {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return UNSUPPORTED;
  }
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "text") {
    return UNSUPPORTED;
  }
  return "text" in value && typeof value.text === "string" ? { kind: "text", text: value.text } : UNSUPPORTED;
}
