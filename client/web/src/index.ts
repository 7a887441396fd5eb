// SPDX-License-Identifier: Apache-2.0
/** The SDK of e2relay for browsers and Node: one client per user and device. */
export { Client, type ClientListener, type ClientOptions } from "./client.ts";
export type { Socket, SocketMaker } from "./connection.ts";
export { type Content, decodeContent, encodeText } from "./content.ts";
export {
  Conversation,
  type ConversationInfo,
  type ConversationListener,
  type Member,
  type Receipt,
} from "./conversations.ts";
export { type AdviceName, DisconnectedError, RelayError } from "./errors.ts";
export {
  type ConversationId,
  type ConversationLink,
  type DeviceId,
  formatLink,
  type MsgId,
  newDeviceId,
  newMsgId,
  parseConversationId,
  parseDeviceId,
  parseLink,
  type TenantId,
  type Uid,
  uidOf,
} from "./ids.ts";
export type { ChangeEntry, Entry, GapEntry, MemberChange, MessageEntry } from "./messages.ts";
export type { ConnectionState, RelayOptions } from "./reconnect.ts";
