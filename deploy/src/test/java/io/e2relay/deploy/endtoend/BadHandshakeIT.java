// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Limits;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.ServerFrame;
import io.vertx.core.http.UpgradeRejectedException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a hostile or broken connection gets: its exact code; beside each stands the same without the fault.
final class BadHandshakeIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private static final TestIssuer STRANGER = new TestIssuer();

  @Test
  void a_token_is_refused_unless_the_issuer_signed_it_for_now() {
    assertHelloRefused("", ErrorCode.TOKEN_INVALID, CloseCode.TOKEN_REFUSED);
    assertHelloRefused(SERVICE.issuer().expired("alice"), ErrorCode.TOKEN_EXPIRED, CloseCode.TOKEN_EXPIRED);
    assertHelloRefused(STRANGER.token("alice"), ErrorCode.TOKEN_INVALID, CloseCode.TOKEN_REFUSED);
    assertHelloRefused(SERVICE.issuer().unsigned("alice"), ErrorCode.TOKEN_INVALID, CloseCode.TOKEN_REFUSED);
    try (RawSocket control = SERVICE.welcomed("alice")) {
      assertTrue(control.isOpen());
    }
    Shown.line("bad_token kinds=none,expired,foreign,unsigned control=welcomed");
  }

  @Test
  void an_unknown_subprotocol_is_refused_at_the_upgrade() {
    assertUpgradeRefused(400, "e2r.v0.pb", null);
    assertUpgradeRefused(400, null, null);
    RawSocket.open(SERVICE.url(), SERVICE.ca(), "e2r.v1.json", null).close();
    Shown.line("bad_subprotocol kinds=unknown,none status=400 control=upgraded");
  }

  @Test
  void a_foreign_origin_is_refused_at_the_upgrade() {
    assertUpgradeRefused(403, "e2r.v1.pb", "https://elsewhere.example");
    String own = "https://" + SERVICE.url().getHost() + ":" + SERVICE.url().getPort();
    RawSocket.open(SERVICE.url(), SERVICE.ca(), "e2r.v1.pb", own).close();
    Shown.line("foreign_origin status=403 control=upgraded");
  }

  @Test
  void nothing_is_done_before_hello() {
    try (RawSocket socket = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      assertEquals(ErrorCode.HELLO_FIRST.number(), socket.ask(list()).getError().getCode());
      assertEquals(CloseCode.PROTOCOL.number(), socket.closeCode());
    }
    try (RawSocket control = SERVICE.welcomed("alice")) {
      assertTrue(control.ask(list()).hasConversationPage());
    }
    Shown.line("frame_before_hello code=HELLO_FIRST close=4500 control=answered");
  }

  @Test
  void a_frame_above_the_limit_closes_the_socket() {
    try (RawSocket socket = SERVICE.welcomed("alice"); RawSocket control = SERVICE.welcomed("alice")) {
      control.send(padded(list().setId(1_000), Limits.FRAME_BYTES_MAX));
      assertTrue(control.next(frame -> frame.getReplyTo() == 1_000).hasConversationPage());
      socket.send(padded(list().setId(1_000), Limits.FRAME_BYTES_MAX + 1));
      assertEquals(CloseCode.TOO_LARGE.number(), socket.closeCode());
    }
    Shown.line("oversize_frame bytes=%d close=4501 control_bytes=%d".formatted(Limits.FRAME_BYTES_MAX + 1,
        Limits.FRAME_BYTES_MAX));
  }

  @Test
  void garbage_is_refused_and_then_hung_up_on() {
    try (RawSocket socket = SERVICE.welcomed("alice")) {
      byte[] garbage = "this is no frame".getBytes(StandardCharsets.US_ASCII);
      socket.send(garbage);
      assertEquals(ErrorCode.MALFORMED.number(), socket.next(ServerFrame::hasError).getError().getCode());
      assertTrue(socket.ask(list()).hasConversationPage(), "one mistake is forgiven");
      socket.send(garbage);
      socket.send(garbage);
      assertEquals(CloseCode.PROTOCOL.number(), socket.closeCode());
    }
    Shown.line("garbage code=MALFORMED forgiven=1 close=4500 control=answered");
  }

  private static void assertHelloRefused(String token, ErrorCode code, CloseCode close) {
    try (RawSocket socket = RawSocket.open(SERVICE.url(), SERVICE.ca())) {
      ServerFrame answer = socket.ask(ClientFrame.newBuilder()
          .setHello(Hello.newBuilder().setToken(token).setDeviceId(RawSocket.random(16)).setClient("raw")));
      assertEquals(code.number(), answer.getError().getCode(), answer.getError().getName());
      assertEquals(close.number(), socket.closeCode());
    }
  }

  private static void assertUpgradeRefused(int status, @Nullable String subprotocol, @Nullable String origin) {
    UpgradeRejectedException refused = assertThrows(UpgradeRejectedException.class,
        () -> RawSocket.open(SERVICE.url(), SERVICE.ca(), subprotocol, origin));
    assertEquals(status, refused.getStatus());
  }

  private static ClientFrame.Builder list() {
    return ClientFrame.newBuilder().setListConversations(ListConversations.getDefaultInstance());
  }

  /// The frame, filled up to this many bytes with a field that no release knows (number 2047), which is passed over.
  private static byte[] padded(ClientFrame.Builder request, int size) {
    ByteString frame = request.build().toByteString();
    int padding = size - frame.size() - 5;
    byte[] head = {(byte) 0xfa, 0x7f, (byte) ((padding & 0x7f) | 0x80), (byte) (((padding >> 7) & 0x7f) | 0x80),
        (byte) (padding >> 14)};
    return frame.concat(ByteString.copyFrom(head)).concat(ByteString.copyFrom(new byte[padding])).toByteArray();
  }
}
