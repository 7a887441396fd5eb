// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;

/// What the edge shall do for a session. Those with an id are answered by the method of Session named with them.
public sealed interface Effect {
  /// Write this frame: the answer to a request, or news. The edge stamps the time.
  record Reply(ServerFrame frame) implements Effect {
  }

  /// Judge the token: `Session.checked`.
  record CheckToken(long id, String token) implements Effect {
  }

  /// Tell the key service who is here: `Session.signedIn` or `Session.signInFailed`.
  record SignIn(long id, SignInCall question) implements Effect {
  }

  /// From now on the connection is this user's: hints may come.
  record Ready(Uid uid) implements Effect {
  }

  /// Ask on the bus: `Session.answered` or `Session.failed`.
  record Ask<Q extends Message, A extends Message>(long id, Call<Q, A> call, Q question) implements Effect {
  }

  /// Find out under which epoch this user may send: `Session.placed` or `Session.placeFailed`. Named is the epoch
  /// that the client named, or 0; the current epoch is known to be at least `atLeast`.
  record Place(ByteString conversation, long named, long atLeast) implements Effect {
  }

  /// Store the message: `Session.appended` or `Session.appendFailed`.
  record Append(long id, AppendCall question) implements Effect {
  }

  /// Look at the signature, if this is one of those that are looked at, then store the message: `Session.forged`, or as
  /// with Append.
  record AppendSealed(long id, AppendCall question, Signed signed) implements Effect {
  }

  /// A sealed message was refused with the code of this number, for the metrics.
  record CountRefused(int code) implements Effect {
  }

  /// Read one page that fits a frame: `Session.read` or `Session.failed`.
  record ReadPage(long id, Fetch request) implements Effect {
  }

  /// Begin these subscriptions and say how each went: `Session.subscribed`.
  record Subscribe(long id, List<Cursor> cursors) implements Effect {
  }

  /// The answer to a Subscribe is written: let the log flow.
  record Begin(List<ByteString> conversations) implements Effect {
  }

  record Unsubscribe(List<ByteString> conversations) implements Effect {
  }

  /// The last effect of a session.
  record Close(CloseCode code) implements Effect {
  }
}
