// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A WebSocket by hand, for what no decent client does.
final class RawSocket implements AutoCloseable {
  /// A frame of the server.
  record Frame(int opcode, ByteString payload) {
    int closeCode() {
      if (opcode != 8) {
        throw new AssertionError("not a close frame but opcode " + opcode);
      }
      return ((payload.byteAt(0) & 0xff) << 8) | (payload.byteAt(1) & 0xff);
    }
  }

  private final SSLSocket socket;
  private final DataInputStream in;

  RawSocket(TestNode node, String subprotocol) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem = Files.newInputStream(node.certificate.certFile())) {
      trusted.setCertificateEntry("relay", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", node.port);
    socket.setSoTimeout(TestClient.DEADLINE_SECONDS * 1_000);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    write("""
        GET /v1/connect HTTP/1.1
        Host: localhost:%d
        Connection: Upgrade
        Upgrade: websocket
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Protocol: %s

        """.formatted(node.port, subprotocol).replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    if (head.indexOf("HTTP/1.1 101") != 0) {
      throw new IOException(head.toString());
    }
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  void frame(int first, byte[] payload) throws IOException {
    byte[] header = payload.length < 126
        ? new byte[]{(byte) first, (byte) (0x80 | payload.length), 0, 0, 0, 0}
        : new byte[]{(byte) first, (byte) (0x80 | 127), 0, 0, 0, 0, (byte) (payload.length >> 24),
            (byte) (payload.length >> 16), (byte) (payload.length >> 8), (byte) payload.length, 0, 0, 0, 0};
    write(header);
    // The mask is zero, so the payload is itself.
    write(payload);
  }

  Frame read() throws IOException {
    int opcode = in.readUnsignedByte() & 0x0f;
    long length = in.readUnsignedByte();
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    return new Frame(opcode, ByteString.copyFrom(payload));
  }

  int closeCode() throws IOException {
    Frame frame = read();
    while (frame.opcode() != 8) {
      frame = read();
    }
    return frame.closeCode();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
