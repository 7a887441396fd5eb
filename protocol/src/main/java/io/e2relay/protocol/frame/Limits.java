// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

/// What a client frame may hold, whatever is configured; docs/PROTOCOL.md repeats every one of these.
public final class Limits {
  /// A frame once Welcome has been sent, in bytes.
  public static final int FRAME_BYTES_MAX = 512 * 1024;
  /// A frame before Welcome, in bytes.
  public static final int FRAME_BYTES_BEFORE_WELCOME_MAX = 16 * 1024;
  /// The body of one message, in bytes; at least one.
  public static final int BODY_BYTES_MAX = 66 * 1024;
  /// Uids named in one request.
  public static final int MEMBERS_PER_REQUEST_MAX = 1_000;
  /// Conversations named in one Subscribe or Unsubscribe.
  public static final int CURSORS_PER_REQUEST_MAX = 1_000;
  /// Accounts named in one GetAccounts: about as many as one answer can tell of.
  public static final int ACCOUNTS_PER_REQUEST_MAX = 500;
  /// Kinds named in one GetSelf.
  public static final int SELF_KINDS_PER_REQUEST_MAX = 16;
  /// A token, in characters (UTF-16 units).
  public static final int TOKEN_CHARS_MAX = 8_192;
  /// The name and release of a client, in characters (UTF-16 units).
  public static final int CLIENT_CHARS_MAX = 64;
  /// A seq or an epoch: the largest whole number that every JavaScript client can count with.
  public static final long SEQ_MAX = (1L << 53) - 1;
  /// Fields in one frame that this release does not know; they are ignored.
  public static final int UNKNOWN_FIELDS_MAX = 32;
  /// How deep a JSON frame may nest.
  public static final int JSON_DEPTH_MAX = 16;

  private Limits() {
  }
}
