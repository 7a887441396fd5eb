// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// A way to one port that can be cut and mended: while it is cut, connections stay and nothing comes through. A sieve
/// may keep back some of what goes there.
final class Strand implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final @Nullable Sieve sieve;
  private volatile CountDownLatch open = new CountDownLatch(0);

  Strand(int target, @Nullable Sieve sieve) throws IOException {
    this.target = target;
    this.sieve = sieve;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void cut() {
    open = new CountDownLatch(1);
  }

  void mend() {
    open.countDown();
  }

  @Override
  public void close() throws IOException {
    mend();
    server.close();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        Thread.ofVirtual().start(() -> join(near));
      } catch (IOException _) {
        // Closed.
      }
    }
  }

  private void join(Socket near) {
    try {
      open.await();
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      Thread.ofVirtual().start(() -> pump(far, near));
      if (sieve == null) {
        pump(near, far);
      } else {
        sift(near, far, sieve);
      }
    } catch (IOException _) {
      end(near);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] bytes = new byte[64 * 1024];
    try (from; to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        open.await();
        out.write(bytes, 0, read);
      }
    } catch (IOException _) {
      // Either end is gone, and with it this way.
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void sift(Socket from, Socket to, Sieve through) {
    try (from; to) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(from.getInputStream()));
      DataOutputStream out = new DataOutputStream(new BufferedOutputStream(to.getOutputStream()));
      while (true) {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        open.await();
        if (through.passes(frame)) {
          out.writeInt(frame.length);
          out.write(frame);
          out.flush();
        }
      }
    } catch (IOException _) {
      // Either end is gone, and with it this way.
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // It is gone all the same.
    }
  }
}
