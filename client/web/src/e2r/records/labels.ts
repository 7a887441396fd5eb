// SPDX-License-Identifier: Apache-2.0
import type { Bytes } from "../../ids.ts";

/** What each signature is made for: a signature under one name is none under another. */
export type SignatureName =
  "account" | "account-cont" | "dev-pop" | "genesis" | "epoch" | "grant" | "msg" | "self" | "auth";

/** LBL of the spec: a name behind its length, so that no label is the beginning of another. */
export function lbl(name: string): Bytes {
  const label = new Uint8Array(1 + name.length);
  label[0] = name.length;
  for (let i = 0; i < name.length; i++) {
    label[1 + i] = name.charCodeAt(i);
  }
  return label;
}
