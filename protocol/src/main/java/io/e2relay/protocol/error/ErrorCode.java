// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.error;

import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.wire.Advice;

/// Why a request was refused. Numbers are never reused; clients switch on the advice.
public enum ErrorCode {
  // The empty comments keep one constant per line: the formatter knows no better way.
  MALFORMED(100, Advice.ADVICE_FIX_CLIENT, "The frame is not a valid request."), //
  TOO_LARGE(101, Advice.ADVICE_FIX_CLIENT, "Larger than the limits in Welcome allow."), //
  HELLO_FIRST(102, Advice.ADVICE_FIX_CLIENT, "Say Hello before anything else, and only once."), //
  LIMIT_EXCEEDED(103, Advice.ADVICE_FIX_CLIENT, "More items than the limits in Welcome allow."), //
  UNSUPPORTED(104, Advice.ADVICE_FIX_CLIENT, "This service does not do that."), //
  TOKEN_INVALID(110, Advice.ADVICE_REAUTH, "The token is missing, forged, or not for this service."), //
  TOKEN_EXPIRED(111, Advice.ADVICE_REAUTH, "The token has expired."), //
  TOKEN_OTHER_USER(112, Advice.ADVICE_FIX_CLIENT, "The token belongs to another user than this connection."), //
  DEVICE_UNPROVEN(113, Advice.ADVICE_REAUTH, "Only for a device of the account that signed its login."), //
  DEVICE_IDLE(114, Advice.ADVICE_REAUTH, "The device was away too long: it is unlocked again before it comes back."), //
  BACKUP_REFUSED(116, Advice.ADVICE_GIVE_UP, "No such backup, or not the proof that opens it."), //
  BACKUP_LOCKED(117, Advice.ADVICE_REAUTH, "Too many wrong proofs: the password opens it no more."), //
  RECORD_REFUSED(120, Advice.ADVICE_FIX_CLIENT, "The record is not valid; the fault says why."), //
  PLAINTEXT_REJECTED(121, Advice.ADVICE_FIX_CLIENT, "Only sealed messages are stored in this conversation."), //
  RECORD_REQUIRED(122, Advice.ADVICE_FIX_CLIENT, "In encrypted conversations a signed record does that."), //
  NOT_A_MEMBER(200, Advice.ADVICE_GIVE_UP, "No such conversation, or not one of yours."), //
  MEMBER_PENDING(201, Advice.ADVICE_RETRY, "You have no key for this conversation yet."), //
  STALE_EPOCH(202, Advice.ADVICE_REFRESH_KEYS, "The conversation has moved on to a newer epoch."), //
  EPOCH_CLOSED(203, Advice.ADVICE_ROTATE, "The epoch is closed until somebody opens the next one."), //
  DUPLICATE_DIFFERS(204, Advice.ADVICE_FIX_CLIENT, "Another message was already stored under this msg_id."), //
  NOT_ALLOWED(205, Advice.ADVICE_GIVE_UP, "Your role does not permit this."), //
  ACCOUNT_MOVED(206, Advice.ADVICE_REFRESH_KEYS, "The account has another record at this place."), //
  BACKUP_MOVED(207, Advice.ADVICE_REFRESH_KEYS, "Another backup than the one this follows is there."), //
  OUT_OF_ORDER(208, Advice.ADVICE_RETRY, "The message of this device with the number before has not come."), //
  STALE_KEYS(209, Advice.ADVICE_REFRESH_KEYS, "Members have newer keys than the record names."), //
  EPOCH_MOVED(210, Advice.ADVICE_REFRESH_KEYS, "Another record opened this epoch."), //
  ROSTER_MISMATCH(211, Advice.ADVICE_REFRESH_KEYS, "The roster has other members than the conversation."), //
  UPGRADED(212, Advice.ADVICE_GIVE_UP, "The conversation goes on encrypted, as its successor."), //
  LAST_ADMIN(213, Advice.ADVICE_FIX_CLIENT, "Make somebody else an admin first."), //
  TOO_FAST(300, Advice.ADVICE_RETRY, "Too many requests; wait."), //
  TOO_MANY_IN_FLIGHT(301, Advice.ADVICE_RETRY, "Too many requests are still unanswered; wait for replies."), //
  UNAVAILABLE(500, Advice.ADVICE_RETRY, "Cannot be done right now; nothing may be concluded about the request.");

  private final int number;
  private final Advice advice;
  private final String meaning;

  ErrorCode(int number, Advice advice, String meaning) {
    this.number = number;
    this.advice = advice;
    this.meaning = meaning;
  }

  public int number() {
    return number;
  }

  public Advice advice() {
    return advice;
  }

  public String meaning() {
    return meaning;
  }

  /// This code as an answer on the bus.
  public Refusal refusal() {
    return Refusal.newBuilder().setCode(number).build();
  }

  /// The code of a refusal; a number that this release does not know is a service that cannot be used right now.
  public static ErrorCode of(Refusal refusal) {
    for (ErrorCode code : values()) {
      if (code.number == refusal.getCode()) {
        return code;
      }
    }
    return UNAVAILABLE;
  }
}
