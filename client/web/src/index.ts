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
export {
  type Account,
  type BackupVersion,
  DerivedPassword,
  firstBackupVersion,
  makeBackup,
  newPasswordParameters,
  nextBackupVersion,
  openByPassword,
  openByRecoveryCode,
  type OpenedBackup,
  type PasswordParameters,
  versionForNewPassword,
} from "./e2r/backup.ts";
export type { Bundle, Generation } from "./e2r/bundle.ts";
export { decodeDescriptor, encodeDescriptor, type FileDescriptor } from "./e2r/descriptor.ts";
export { disclose, openDisclosed, type SealedMessage } from "./e2r/disclosure.ts";
export { enrolmentCode, isEnrolmentCode, type NewDevice } from "./e2r/enrolment.ts";
export { type Fault, FAULTS, type Reading } from "./e2r/fault.ts";
export {
  FileFaultError,
  type FilePlace,
  openFile,
  openWholeFile,
  type PlainFile,
  type SealedFile,
  sealedFileBytes,
  sealFile,
} from "./e2r/files.ts";
export {
  AlreadyKeptError,
  askToKeep,
  type DeviceKeys,
  indexedDbKeyStore,
  type KeyStore,
  memoryKeyStore,
} from "./e2r/key-store.ts";
export {
  AgreementKeys,
  type Fresh,
  generateAccountKeys,
  generateUserKeys,
  importAgreementKeys,
  importSigningKeys,
  type SealKey,
  SigningKeys,
} from "./e2r/keys.ts";
export { accountMaker, type MadeAccount, type ResetBy } from "./e2r/making/account.ts";
export {
  type ContactNews,
  meetContact,
  pinContact,
  type PinnedContact,
  verifiedContact,
} from "./e2r/making/contacts.ts";
export {
  type Actor,
  conversationMaker,
  type ConversationSettings,
  type EpochChange,
  type Granting,
  type MadeConversation,
  type MadeEpoch,
  type MadeGrant,
  type RosterMember,
} from "./e2r/making/conversation.ts";
export { type Arrival, DeviceChain, placeAfter } from "./e2r/making/device-chain.ts";
export {
  type DeviceOffer,
  type Login,
  newDevice,
  offerDevice,
  type OfferedAccount,
  signLogin,
  verifyLogin,
  verifyOffer,
} from "./e2r/making/devices.ts";
export {
  type ChainPlace,
  FIRST_PLACE,
  type MadeMessage,
  messageMaker,
  openMessage,
  type Sender,
} from "./e2r/making/messages.ts";
export {
  type Evidence,
  type History,
  openEpoch,
  openGrant,
  openHistory,
  type Opening,
  type Recipient,
  revealEpoch,
} from "./e2r/making/opening.ts";
export { openSelfBlob, selfMaker, type SelfOwner } from "./e2r/making/self-blobs.ts";
export { formatRecoveryCode, newRecoveryCode, parseRecoveryCode, recoveryAuth } from "./e2r/recovery-code.ts";
export {
  type AccountKind,
  type AccountRecord,
  type AccountStatement,
  type Continuity,
  decodeAccountRecord,
  type Device,
  encodeAccountRecord,
  encodeAccountStatement,
} from "./e2r/records/account.ts";
export { type BackupBlob, decodeBackupBlob } from "./e2r/records/backup.ts";
export {
  decodeEnvelope,
  encodeEnvelope,
  encodeHeader,
  type Envelope,
  type MessageHeader,
  type MessageType,
  readUpToOf,
  targetOf,
} from "./e2r/records/envelope.ts";
export {
  decodeEpochRecord,
  encodeEpochRecord,
  encodeEpochStatement,
  type EpochReason,
  type EpochRecord,
  type EpochStatement,
  type RosterAccount,
  type RosterEntry,
  type RosterRole,
} from "./e2r/records/epoch.ts";
export {
  decodeGenesis,
  encodeGenesis,
  encodeGenesisStatement,
  type Genesis,
  type GenesisStatement,
} from "./e2r/records/genesis.ts";
export {
  decodeGrant,
  encodeGrant,
  encodeGrantStatement,
  type Grant,
  type GrantStatement,
} from "./e2r/records/grant.ts";
export {
  decodeSelfBlob,
  encodeSelfBlob,
  type SelfBlob,
  type SelfKind,
  type SelfStatement,
} from "./e2r/records/self.ts";
export { isSafetyQr, type Person, safetyNumber, safetyQr } from "./e2r/safety-number.ts";
export { Secret } from "./e2r/secret.ts";
export {
  type AccountChain,
  type AccountLink,
  type Accounts,
  extendAccountChain,
  linkAt,
  newest,
  type Reset,
  resetsInForce,
  verifyAccountChain,
  verifyAccountRecord,
} from "./e2r/verify/account-chain.ts";
export {
  entryOf,
  epochAt,
  type EpochChain,
  type EpochLink,
  extendEpochChain,
  newestEpoch,
  type Signer,
  startEpochChain,
} from "./e2r/verify/epoch-chain.ts";
export { verifyGrant } from "./e2r/verify/grants.ts";
export {
  accountHash,
  conversationIdOf,
  epochHash,
  genesisHash,
  grantHash,
  messageHash,
} from "./e2r/verify/hashes.ts";
export { type Disclosure, verifyDisclosure, verifyEnvelope } from "./e2r/verify/messages.ts";
export { verifySignature } from "./e2r/verify/signatures.ts";
export {
  type AccountWrap,
  type ConversationWrap,
  type DeviceWrap,
  newConversationSecret,
  openAccountKey,
  openConversationKey,
  openSelfKey,
  openUserKey,
  revealAccountKey,
  revealConversationKey,
  revealUserKey,
  type SelfWrap,
  wrapAccountKey,
  wrapConversationKey,
  wrapSelfKey,
  wrapUserKey,
} from "./e2r/wraps.ts";
export { type AdviceName, DisconnectedError, RelayError } from "./errors.ts";
export {
  type Bytes,
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
